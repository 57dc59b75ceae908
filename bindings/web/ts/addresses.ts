// What a page is told of addresses.

/** The manifest's parts, without what the page does not know of the addresses: queries that redirects brought. */
export function withoutQueries([url = '', text = '', ...answers]: string[], given: unknown): string[] {
  const bare = (of: string): string => of.replace(/[?#].*/s, '');
  return [url === given ? url : bare(url), text, ...answers.map((part, at) => (at % 3 === 1 ? bare(part) : part))];
}
