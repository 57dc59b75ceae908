// The engine's inputs by name. The engine takes them by number: a call of its own for each would be much to load.

import type { Engine } from './engine.ts';

/** In the order of src/inputs.rs. */
const INPUTS = [
  'handle_boxes',
  'handle_data',
  'handle_support',
  'handle_end',
  'handle_chunk',
  'handle_failed',
  'handle_playback',
  'handle_environment',
  'handle_wall_clock',
  'handle_sink_opened',
  'handle_timeout',
  'unload',
  'retry',
  'play',
  'pause',
  'seek',
  'go_live',
  'set_rate',
  'select_audio',
  'select_text',
  'select_rendition',
  'load',
  'handle_head',
  'handle_text_failed',
  'handle_media_error',
  'handle_sink_failed',
  'handle_append_done',
  'handle_append_failed',
  'handle_remove_done',
  'handle_text_decoded',
] as const;

/** Names of the engine's inputs; with each goes the time first. */
export type EngineInput = (typeof INPUTS)[number] | 'set_preferences';

/** The engine as WebAssembly has it. */
export interface Numbered {
  numbers(input: number, now: number, ...numbers: number[]): void;
  text(input: number, now: number, text: string, ...numbers: number[]): void;
  times(input: number, now: number, times: Float64Array, ...numbers: number[]): void;
  bytes(input: number, now: number, data: Uint8Array, ...numbers: number[]): void;
}

/** Gives an engine a method for each input. */
export function named(engine: Numbered): Engine {
  const method = (input: number) => (now: number, ...args: unknown[]) => {
    const isData = (arg: unknown): boolean => typeof arg === 'string' || typeof arg === 'object';
    const numbers = args.filter((arg) => !isData(arg)) as number[];
    const data = args.find(isData);
    if (typeof data === 'string') engine.text(input, now, data, ...numbers);
    else if (data instanceof Float64Array) engine.times(input, now, data, ...numbers);
    else if (data) engine.bytes(input, now, data as Uint8Array, ...numbers);
    else engine.numbers(input, now, ...numbers);
  };
  const methods = INPUTS.map((name, input) => [name, method(input)] as const);
  return Object.assign(engine as unknown as Engine, Object.fromEntries(methods));
}
