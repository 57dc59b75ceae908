// What the engine's media goes into. One implementation drives a MediaSource, wherever that lives; the other forwards
// to it from a worker that cannot have one.

import type { Place } from './engine.ts';
import type { EngineInput } from './inputs.ts';
import type { Transport } from './transport.ts';

export interface Sink {
  probe(types: string[]): void;
  open(tracks: number[], types: string[], duration: number): void;
  changeType(track: number, type: string): void;
  append(track: number, request: number, from: number, to: number, reset: boolean, ...place: Place): void;
  remove(track: number, start: number, end: number): void;
  setDuration(seconds: number): void;
  endOfStream(): void;
  close(): void;
  release(request: number): void;
}

export type SinkMethod = keyof Sink;

/** How a sink answers. Answers to what came before a close or an open are never given after it. */
export type SinkReport = (method: EngineInput, ...args: unknown[]) => void;

/** Sends a message, giving away what is in `transfer`. */
export type Post = (message: unknown[], transfer?: Transferable[]) => void;

/** Forwards to a sink on the page. A body crosses once, without a copy, and stays there until its release; of one that is
 * appended while it arrives, the part that is appended. */
export class RemoteSink implements Sink {
  readonly #post: Post;
  readonly #transport: Transport;
  readonly #report: SinkReport;
  /** Bodies on the page, and from which byte on they are there. */
  readonly #sent = new Map<number, number>();
  /** Counts opens and closes, so that answers to an earlier sink are known for what they are. */
  #epoch = 0;

  constructor(report: SinkReport, transport: Transport, post: Post) {
    this.#report = report;
    this.#transport = transport;
    this.#post = post;
  }

  /** Takes an answer from the page. */
  answer(epoch: number, method: EngineInput, args: unknown[]): void {
    if (epoch === this.#epoch || method === 'handle_support') this.#report(method, ...args);
  }

  probe(types: string[]): void {
    this.#send('probe', types);
  }

  open(tracks: number[], types: string[], duration: number): void {
    this.#epoch += 1;
    this.#send('open', tracks, types, duration);
  }

  changeType(track: number, type: string): void {
    this.#send('changeType', track, type);
  }

  append(track: number, request: number, from: number, to: number, reset: boolean, ...place: Place): void {
    // The same again, after a sink that was full, is there already.
    if (this.#sent.get(request) !== from) {
      const body = this.#transport.take(request, from, to);
      if (body) {
        this.#sent.set(request, from);
        this.#post(['body', request, body], [body.buffer]);
      }
    }
    this.#send('append', track, request, from, to, reset, ...place);
  }

  remove(track: number, start: number, end: number): void {
    this.#send('remove', track, start, end);
  }

  setDuration(seconds: number): void {
    this.#send('setDuration', seconds);
  }

  endOfStream(): void {
    this.#send('endOfStream');
  }

  close(): void {
    this.#epoch += 1;
    this.#send('close');
  }

  release(request: number): void {
    if (this.#sent.delete(request)) this.#send('release', request);
  }

  #send(method: SinkMethod, ...args: unknown[]): void {
    this.#post(['sink', this.#epoch, method, ...args]);
  }
}
