// The flight recorder: a module of its own (../web-recorder), fetched when a page asks for the recording of its session.

import { Engine as Recorder, initSync } from 'footlight-recorder-wasm';
import type { Note } from './flight-log.ts';
import { named, type Numbered } from './inputs.ts';
import { compile } from './module.ts';

/** What the session's engine was made with. */
export interface Made {
  readonly seed: number;
  readonly algorithm: string;
  readonly bandwidth: number;
}

/** A recording, and how many requests its engine made. */
export type Record = (made: Made, notes: readonly Note[]) => { data: Uint8Array<ArrayBuffer>; requests: number };
export type LoadRecorder = () => Promise<Record>;

/** Loads the module, from beside the engine's where that is elsewhere. */
export async function loadRecorder(engine: string | null): Promise<Record> {
  // Written so that bundlers see the file and take it along.
  const url = engine
    ? new URL('footlight_web_recorder_bg.wasm', engine)
    : new URL('./footlight_web_recorder_bg.wasm', import.meta.url);
  initSync(await compile(url, 'footlight_web_recorder_bg.wasm'));
  return record;
}

function record({ seed, algorithm, bandwidth }: Made, notes: readonly Note[]): ReturnType<Record> {
  const recorder = new Recorder(seed, algorithm, bandwidth);
  const engine = named(recorder as unknown as Numbered) as unknown as { [method: string]: (...args: unknown[]) => void };
  for (const [method, now, args] of notes) engine[method]!(now, ...args);
  const told = { data: recorder.take() as Uint8Array<ArrayBuffer>, requests: recorder.requests(notes.at(-1)?.[1] ?? 0) };
  recorder.free();
  return told;
}
