// Cues on screen: WebVTT cue text as text nodes and a few elements, never as HTML.

import type { Cue } from '../footlight.d.ts';
import { make } from './dom.ts';

/** Tags that are shown as what they are; others only lose their brackets. */
const SHOWN: readonly string[] = ['b', 'i', 'u'];

const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: '\u00a0',
  lrm: '\u200e',
  rlm: '\u200f',
};

/** The text of a cue, with what its tags say about bold, italics and underlines. */
export function cueText(text: string): DocumentFragment {
  const root = document.createDocumentFragment();
  const open: (DocumentFragment | HTMLElement)[] = [root];
  for (const [token, closing, tag] of text.matchAll(/<(\/?)([a-z]*)[^>]*>|[^<]+|</gi)) {
    if (tag === undefined) {
      const plain = token.replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
      open.at(-1)!.append(plain);
    } else if (SHOWN.includes(tag)) {
      if (!closing) {
        const element = make(tag as 'b');
        open.at(-1)!.append(element);
        open.push(element);
      } else if (open.length > 1) {
        open.pop();
      }
    }
  }
  return root;
}

/** A cue's settings, as far as they say where it goes. */
export function cueStyle(settings: string): string {
  const found = new Map(settings.split(/\s+/).map((setting) => setting.split(':') as [string, string]));
  const line = found.get('line') ?? '';
  const align = /^(start|end|left|right)$/.exec(found.get('align') ?? '')?.[0] ?? 'center';
  const percent = /^(\d+(\.\d+)?)%/.exec(line);
  let style = `text-align:${align};`;
  // Lines are counted from the top, or from the bottom when negative; 5.33% is what WebVTT makes of one.
  if (percent) style += `position:absolute;left:0;right:0;top:min(${percent[1]}%,85%);`;
  else if (/^\d+/.test(line)) style += `position:absolute;left:0;right:0;top:min(${5.33 * parseInt(line, 10)}%,85%);`;
  return style;
}

/** Shows these cues in place of those before. */
export function showCues(container: HTMLElement, cues: readonly Cue[]): void {
  container.replaceChildren(
    ...cues.map((cue) => {
      const line = make('span', { part: 'cue' }, cueText(cue.text));
      const block = make('div', {}, line);
      block.style.cssText = cueStyle(cue.settings);
      return block;
    }),
  );
}
