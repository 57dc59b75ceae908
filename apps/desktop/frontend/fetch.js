// Requests to other places than this window are made by the program, which keeps media on disk. It runs before
// everything else, in the page and in the player's worker, which says what a request is for (`kind`).
(() => {
  const { address, token } = __HOST__;
  const native = globalThis.fetch.bind(globalThis);
  const isElsewhere = ({ protocol, origin, hostname }) =>
    /^https?:$/.test(protocol) && origin !== location.origin && hostname !== 'ipc.localhost' && hostname !== 'tauri.localhost';

  globalThis.fetch = async (input, init = {}, kind = '') => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    if (input instanceof Request || !isElsewhere(url)) return native(input, init);
    const { method = 'GET', signal, priority } = init;
    if (method !== 'GET' && method !== 'HEAD') throw new TypeError(`no ${method} from here`);
    const headers = Object.fromEntries(new Headers(init.headers));
    const answer = await native(address, {
      method: 'POST',
      cache: 'no-store',
      credentials: 'omit',
      signal,
      priority,
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ url: url.href, head: method === 'HEAD', headers, kind }),
    });
    const failure = answer.headers.get('footlight-failure');
    if (failure) throw new TypeError(failure);
    // What is relative to it must not be relative to the program.
    return Object.defineProperty(answer, 'url', { value: answer.headers.get('footlight-url') ?? url.href });
  };
})();
