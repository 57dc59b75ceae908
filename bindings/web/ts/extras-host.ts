// What only the module of extras can tell: it is fetched when it is needed, and may not be there.

import type { TimedEvent } from '../footlight.d.ts';
import type { Diagnostic, EventPayload, Presentation } from '../presentation.d.ts';

/** The module. `parts`: see `manifest` of the engine; `given`: the address that the page gave. */
export interface Extras {
  presentation(parts: string[], given: unknown): Presentation;
  diagnostics(parts: string[], given: unknown): Diagnostic[];
  payload(event: Told): EventPayload | null;
}

export type LoadExtras = () => Promise<Extras>;

/** An event as the engine tells it. */
export type Told = Omit<TimedEvent, 'payload'>;

/** Schemes of what the module decodes: SCTE 35 and ID3. */
const DECODED = /^urn:scte:scte35:|^http:\/\/www\.id3\.org\/|\/emsg[-/]id3$/i;
/** Events do not wait longer for the module. */
const PATIENCE_MS = 5000;

export class ExtrasHost {
  readonly #load: LoadExtras;
  readonly #tell: (event: TimedEvent) => void;
  #module: Promise<Extras> | null = null;
  /** Events that wait for the module, and those behind them. */
  #queue: Told[] = [];
  /** It could not be had: events do not ask for it again. */
  #gone = false;

  constructor(load: LoadExtras, tell: (event: TimedEvent) => void) {
    this.#load = load;
    this.#tell = tell;
  }

  /** What the manifest says, or what is wrong with it. */
  async ask(what: 'presentation' | 'diagnostics', parts: string[], given: unknown): Promise<unknown> {
    return (await this.#fetch())[what](parts, given);
  }

  /** Tells an event, decoded where that can be, after those before it. */
  event(event: Told): void {
    const waits = this.#queue.length > 0;
    if (!waits && (this.#gone || !DECODED.test(event.scheme))) return this.#tell({ ...event, payload: null });
    this.#queue.push(event);
    if (waits) return;
    const late = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null));
    void Promise.race([this.#fetch(), late])
      .catch(() => null)
      .then((extras) => this.#flush(extras));
  }

  /** What waits is of a presentation that is no more. */
  forget(): void {
    this.#queue = [];
  }

  #flush(extras: Extras | null): void {
    this.#gone = !extras;
    for (const event of this.#queue.splice(0)) {
      const payload = extras && DECODED.test(event.scheme) ? extras.payload(event) : null;
      this.#tell({ ...event, payload });
    }
  }

  /** Another try may fetch it after all. */
  #fetch(): Promise<Extras> {
    this.#module ??= this.#load().catch((error: unknown) => {
      this.#module = null;
      throw error;
    });
    return this.#module;
  }
}
