// The engine's errors, and the host's own few, as things that can be thrown.

import type { PlayerError } from '../footlight.d.ts';

type Facts = Pick<PlayerError, 'code'> & Partial<Omit<PlayerError, 'name' | 'stack' | 'cause'>>;

export class PlaybackError extends Error implements PlayerError {
  override readonly name = 'PlayerError';
  readonly code: string;
  readonly severity: PlayerError['severity'];
  readonly action: PlayerError['action'];
  declare readonly url?: string;
  declare readonly status?: number;

  constructor(facts: Facts) {
    super(facts.message || facts.code);
    this.code = facts.code;
    this.severity = facts.severity ?? 'fatal';
    this.action = facts.action ?? 'none';
    if (facts.url !== undefined) this.url = facts.url;
    if (facts.status !== undefined) this.status = facts.status;
  }
}

export const superseded = (): PlaybackError =>
  new PlaybackError({ code: 'load.superseded', severity: 'warning', message: 'another load or unload came first' });

export const unsupported = (): PlaybackError =>
  new PlaybackError({ code: 'platform.unsupported', message: 'this browser has no Media Source Extensions or workers' });

export const crashed = (message: string): PlaybackError =>
  new PlaybackError({ code: 'engine.crashed', action: 'retry', message: `the engine stopped: ${message}` });

export const unavailable = (message: string): PlaybackError =>
  new PlaybackError({ code: 'engine.unavailable', action: 'retry', message: `the engine did not load: ${message}` });

/** `what`: extras, recording. */
export const notToBeHad = (what: string, message: string): PlaybackError =>
  new PlaybackError({ code: `${what}.unavailable`, severity: 'warning', message: `${what}: ${message}` });

export const notLoaded = (): PlaybackError =>
  new PlaybackError({ code: 'state.not-loaded', severity: 'warning', message: 'nothing is loaded' });

/** What the web platform calls an interrupted play(). */
export const interrupted = (): DOMException => new DOMException('play() was interrupted', 'AbortError');

/** A promise and its ends. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(reason: unknown): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
