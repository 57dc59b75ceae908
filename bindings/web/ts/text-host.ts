// Text for the engine, in the worker: segments to cues, in order, by a module that is loaded for the first of them. The
// engine knows cues by number and says which of them are on screen.

import type { Cue } from '../footlight.d.ts';
import type { EngineInput } from './inputs.ts';

/** The decoder of one track. */
export interface Decode {
  init(data: Uint8Array): void;
  decode(data: Uint8Array, offset: number, start: number, end: number): Cue[];
  free(): void;
}

export type LoadText = () => Promise<(format: string) => Decode>;

type Tell = (method: EngineInput, ...args: unknown[]) => void;

interface Job {
  readonly request: number;
  readonly track: number;
  readonly format: string;
  readonly data: Uint8Array | undefined;
  readonly init: { readonly request: number; readonly data: Uint8Array | undefined } | null;
  /** Cues that are not forced are left out. */
  readonly forcedOnly: boolean;
  readonly times: readonly [offset: number, start: number, end: number];
}

export class TextHost {
  readonly #tell: Tell;
  readonly #load: LoadText;
  readonly #cues = new Map<number, Cue>();
  /** Cues by what they are: segments repeat those that span their border. */
  readonly #known = new Map<string, number>();
  #next = 1;
  #queue: Promise<void> = Promise.resolve();
  #make: Promise<(format: string) => Decode> | null = null;
  #decoder: Decode | null = null;
  #track = '';
  #init = -1;
  #dead = false;

  constructor(tell: Tell, load: LoadText) {
    this.#tell = tell;
    this.#load = load;
  }

  /** Decodes when all before it is done. */
  decode(job: Job): void {
    this.#queue = this.#queue.then(() => this.#run(job));
  }

  /** The cues of these numbers. */
  get(ids: ArrayLike<number>): Cue[] {
    return Array.from(ids, (id) => this.#cues.get(id)).filter((cue) => cue !== undefined);
  }

  forget(ids: ArrayLike<number>): void {
    const gone = new Set(Array.from(ids));
    for (const id of gone) this.#cues.delete(id);
    for (const [key, id] of this.#known) if (gone.has(id)) this.#known.delete(key);
  }

  close(): void {
    this.#dead = true;
    this.#decoder?.free();
    this.#decoder = null;
    this.#cues.clear();
    this.#known.clear();
  }

  async #run({ request, track, format, data, init, forcedOnly, times }: Job): Promise<void> {
    try {
      this.#make ??= this.#load();
      const make = await this.#make;
      if (this.#dead) return;
      const name = `${track} ${format}`;
      if (!this.#decoder || this.#track !== name) {
        this.#decoder?.free();
        this.#decoder = make(format);
        this.#track = name;
        this.#init = -1;
      }
      if (init && init.request !== this.#init) {
        if (!init.data) throw new Error('text.no-init: the initialization segment is gone');
        this.#decoder.init(init.data);
        this.#init = init.request;
      }
      if (!data) throw new Error('text.gone: the segment is gone');
      const cues = this.#decoder.decode(data, ...times);
      this.#file(request, forcedOnly ? cues.filter(({ forced }) => forced) : cues);
    } catch (error) {
      // Another segment may fetch the module after all.
      if (!this.#decoder) this.#make = null;
      if (!this.#dead) this.#tell('handle_text_failed', request, error instanceof Error ? error.message : String(error));
    }
  }

  #file(request: number, cues: Cue[]): void {
    const first = this.#next;
    const spans: number[] = [];
    for (const cue of cues) {
      const key = JSON.stringify({ ...cue, image: cue.image?.data.length });
      if (this.#known.has(key)) continue;
      this.#known.set(key, this.#next);
      this.#cues.set(this.#next, cue);
      this.#next += 1;
      spans.push(cue.start, cue.end);
    }
    this.#tell('handle_text_decoded', request, first, new Float64Array(spans));
  }
}
