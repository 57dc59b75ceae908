// What the engine is told, in order: what a recording is made of. Nothing is encoded while the session lasts.

import type { EngineInput } from './inputs.ts';

/** Notes hold no more bytes than this; a session that has more is recorded up to there. */
const MAX_BYTES = 16 << 20;
/** What a note weighs besides texts and bytes. */
const NOTE_BYTES = 100;

export type Note = readonly [method: EngineInput, now: number, args: readonly unknown[]];

export class FlightLog {
  readonly notes: Note[] = [];
  #room: number;

  constructor(room = MAX_BYTES) {
    this.#room = room;
  }

  /** Whether something did not fit. */
  get full(): boolean {
    return this.#room < 0;
  }

  add(method: EngineInput, now: number, args: readonly unknown[]): void {
    if (this.full) return;
    const kept = args.map((arg) => {
      this.#room -= typeof arg === 'string' ? arg.length : 0;
      if (!(arg instanceof Uint8Array || arg instanceof Float64Array)) return arg;
      this.#room -= arg.byteLength;
      // What is given away later is empty then.
      return arg.slice();
    });
    this.#room -= NOTE_BYTES;
    // The first that does not fit is the end: what comes after it would be another session.
    if (!this.full) this.notes.push([method, now, kept]);
  }
}
