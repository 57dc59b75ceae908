// The text decoders: a module of its own (../web-text), fetched when a viewer first wants text.

import { CueDecoder, initSync } from 'footlight-text-wasm';
import type { Cue, CueSpan } from '../footlight.d.ts';
import { compile } from './module.ts';
import type { Decode } from './text-host.ts';

/** A cue as the module writes it. */
type Written = Omit<Cue, 'text' | 'image' | 'id' | 'forced'> & {
  readonly id?: string;
  readonly forced?: boolean;
  readonly mime?: string;
  /** The number of its picture. */
  readonly image?: number;
};

/** Loads the module, from beside the engine's where that is elsewhere. */
export async function loadText(engine: string | null): Promise<(format: string) => Decode> {
  // Written so that bundlers see the file and take it along.
  const url = engine
    ? new URL('footlight_web_text_bg.wasm', engine)
    : new URL('./footlight_web_text_bg.wasm', import.meta.url);
  initSync(await compile(url, 'footlight_web_text_bg.wasm'));
  return decoder;
}

function decoder(format: string): Decode {
  const text = new CueDecoder(format);
  return {
    init: (data) => text.init(data),
    decode(data, offset, start, end) {
      const cues = JSON.parse(text.decode(data, offset, start, end)) as Written[];
      return cues.map(({ mime, image, ...cue }) => ({
        ...cue,
        id: cue.id ?? '',
        forced: cue.forced ?? false,
        text: cue.lines.map(plain).join('\n'),
        image: mime && image !== undefined ? { mime, data: text.image(image) } : null,
      }));
    },
    free: () => text.free(),
  };
}

const plain = (line: readonly CueSpan[]): string => line.map((span) => span.text ?? '').join('');
