// The boundary between this host and the engine (src/lib.rs, src/inputs.rs). `now` is in milliseconds of the worker's
// performance.now(), media times are in seconds, tracks are 0 (video) and 1 (audio).

import type { EngineInput } from './inputs.ts';

/** Where an append goes: timestamp offset, and start and end of the append window, in seconds. */
export type Place = [timestampOffset: number, windowStart: number, windowEnd: number];

/** Flags of `fetch`. */
export const FETCH_INSPECT = 1;
export const FETCH_HEAD = 2;
export const FETCH_CHUNKED = 4;
export const FETCH_BOXES = 8;

/** The header field for what a manifest wants with requests (ISO/IEC 23009-1, I.3). */
export const QUERY_HEADER = 'MPEG-DASH-Param';

/** What the engine asks of its host. None of these may throw, nor call the engine back before returning. */
export interface EngineHost {
  /** Both range ends -1: the whole resource. `header` is for the field `QUERY_HEADER`, when not empty. */
  fetch(
    request: number,
    url: string,
    rangeStart: number,
    rangeEnd: number,
    kind: string,
    flags: number,
    header: string,
  ): void;
  /** No further input about the request may follow. */
  cancel(request: number): void;
  /** The request's body will not be needed again. */
  release(request: number): void;
  probeSupport(types: string[]): void;
  openSink(tracks: ArrayLike<number>, types: string[], duration: number): void;
  changeType(track: number, type: string): void;
  /** The bytes from `from` up to `to` of a body, or of what has arrived of it; Infinity: up to its end. */
  append(track: number, request: number, from: number, to: number, reset: boolean, ...place: Place): void;
  remove(track: number, start: number, end: number): void;
  setDuration(seconds: number): void;
  endOfStream(): void;
  closeSink(): void;
  seek(position: number): void;
  /** 0: pause. */
  setRate(rate: number): void;
  /**
   * Reads cues out of a body that is here: `number` is its channel or service, `init` the request of its initialization
   * segment, -1 for none. `forcedOnly`: of cues, those that are shown where subtitles are off.
   */
  decodeText(
    request: number,
    track: number,
    format: string,
    number: number,
    init: number,
    forcedOnly: boolean,
    timestampOffset: number,
    windowStart: number,
    windowEnd: number,
  ): void;
  /** These are on screen. */
  cues(ids: ArrayLike<number>): void;
  /** These will not be shown again. */
  forgetCues(ids: ArrayLike<number>): void;
  event(name: string, detail: unknown): void;
}

/** What happened, for the engine. Every method but a few takes the time first; the session adds it. */
export interface Engine {
  handle_timeout(now: number): void;
  timeout(): number;
  stats(now: number): object;
  thumbnail(position: number): object | null;
  /** Its address and text, then of each remote element the address asked for, the one that answered and the text. */
  manifest(): string[];
}

/** Kinds of `handle_failed`. */
export const FAILED_NETWORK = 0;
export const FAILED_TRUNCATED = 2;

/** Reasons of `handle_append_failed`. */
export const APPEND_QUOTA = 0;
export const APPEND_OTHER = 1;

/** Flags of `handle_playback`. */
export const FLAG_PAUSED = 1;
export const FLAG_SEEKING = 2;
export const FLAG_ENDED = 4;

/** Flags of `handle_environment`. */
export const FLAG_VISIBLE = 1;
export const FLAG_ONLINE = 2;
export const FLAG_SAVE_DATA = 4;
export const FLAG_LOW_POWER = 8;

/** Reports an input to the engine; dropped when `live` says so by the time the engine takes it. */
export type Report = (live: () => boolean, method: EngineInput, ...args: unknown[]) => void;
