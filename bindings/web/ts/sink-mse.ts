// A MediaSource and its buffers. Every append, remove and open is answered, whatever happens to the element.

import { APPEND_OTHER, APPEND_QUOTA, type Place } from './engine.ts';
import type { Sink, SinkReport } from './sink.ts';

/** Later than any position, in seconds. */
const FAR = 2 ** 33;

type Body = Uint8Array<ArrayBuffer>;

/** What a MediaSource hangs from; the page's side of it. */
export interface SinkHost {
  /** The bytes of a request's body from `from` up to `to`, or the end. */
  body(request: number, from: number, to: number): Body | undefined;
  /** Gives the media element its source. */
  attach(source: MediaSource): void;
  /** Takes it away again. */
  detach(): void;
  release?(request: number): void;
}

type MediaSourceClass = typeof MediaSource;

/** MediaSource, or ManagedMediaSource where that is all there is. */
export function mediaSourceClass(): MediaSourceClass | undefined {
  const scope = globalThis as { MediaSource?: MediaSourceClass; ManagedMediaSource?: MediaSourceClass };
  return scope.MediaSource ?? scope.ManagedMediaSource;
}

interface Track {
  readonly buffer: SourceBuffer;
  pending: 'append' | 'remove' | null;
  failed: boolean;
  /** Its MediaSource has closed; whatever it says, nothing is under way. */
  lost: boolean;
}

interface Operation {
  /** Undefined: concerns all of them, and waits for all of them. */
  readonly track: Track | undefined;
  run(): void;
}

export class MseSink implements Sink {
  readonly #report: SinkReport;
  readonly #host: SinkHost;
  #source: MediaSource | null = null;
  #listeners = new AbortController();
  #tracks = new Map<number, Track>();
  #queue: Operation[] = [];

  constructor(report: SinkReport, host: SinkHost) {
    this.#report = report;
    this.#host = host;
  }

  probe(types: string[]): void {
    const supported = mediaSourceClass();
    this.#report('handle_support', Uint8Array.from(types, (type) => (supported?.isTypeSupported(type) ? 1 : 0)));
  }

  open(tracks: number[], types: string[], duration: number): void {
    this.close();
    try {
      const Source = mediaSourceClass();
      if (!Source) throw new Error('no MediaSource');
      const source = new Source();
      this.#source = source;
      const { signal } = this.#listeners;
      const fill = (): void => this.#fill(source, tracks, types, duration);
      source.addEventListener('sourceopen', fill, { once: true, signal });
      source.addEventListener('sourceclose', () => this.#lost(), { signal });
      this.#host.attach(source);
    } catch (error) {
      this.#fail(error);
    }
  }

  changeType(track: number, type: string): void {
    const target = this.#tracks.get(track);
    this.#enqueue(target, () => {
      try {
        if (!target?.buffer.changeType) throw new Error('no SourceBuffer.changeType');
        target.buffer.changeType(type);
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  append(track: number, request: number, from: number, to: number, reset: boolean, ...place: Place): void {
    const [timestampOffset, windowStart, windowEnd] = place;
    const target = this.#tracks.get(track);
    const start = Math.max(windowStart, 0) || 0;
    const end = windowEnd > start ? windowEnd : Infinity;
    this.#enqueue(target, () => {
      try {
        const body = this.#host.body(request, from, to);
        if (!body || !target) throw new Error('nothing to append');
        if (reset) target.buffer.abort();
        position(target.buffer, timestampOffset, start, end);
        target.buffer.appendBuffer(body);
        target.pending = 'append';
      } catch (error) {
        const reason = isQuota(error) ? APPEND_QUOTA : APPEND_OTHER;
        this.#later(() => this.#report('handle_append_failed', track, reason, ranges(target)));
      }
    });
  }

  remove(track: number, start: number, end: number): void {
    const target = this.#tracks.get(track);
    this.#enqueue(target, () => {
      try {
        if (!target) throw new Error('no such buffer');
        target.buffer.remove(Math.max(start, 0), end);
        target.pending = 'remove';
      } catch {
        // Nothing to remove, or nothing to remove it from: the ranges say which.
        this.#later(() => this.#report('handle_remove_done', track, ranges(target)));
      }
    });
  }

  setDuration(seconds: number): void {
    this.#enqueueAll((source) => {
      source.duration = seconds;
    });
  }

  endOfStream(): void {
    this.#enqueueAll((source) => {
      if (source.readyState === 'open') source.endOfStream();
    });
  }

  close(): void {
    const source = this.#source;
    if (!source) return;
    this.#listeners.abort();
    this.#listeners = new AbortController();
    this.#source = null;
    this.#queue = [];
    for (const { buffer } of this.#tracks.values()) {
      // Frees the memory now, rather than with the element. Not allowed in every state; then the element does it.
      quietly(() => buffer.abort());
      quietly(() => source.removeSourceBuffer(buffer));
    }
    this.#tracks.clear();
    this.#host.detach();
  }

  release(request: number): void {
    this.#host.release?.(request);
  }

  #fill(source: MediaSource, tracks: number[], types: string[], duration: number): void {
    try {
      if (duration > 0) source.duration = duration;
      // Without an end, elements hold seeks back to what is buffered (MSE, 3.14), which Firefox does.
      if (duration === Infinity) source.setLiveSeekableRange?.(0, FAR);
      tracks.forEach((id, at) => this.#tracks.set(id, this.#addTrack(source, id, types[at] ?? '')));
      this.#report('handle_sink_opened');
    } catch (error) {
      this.#fail(error);
    }
  }

  #addTrack(source: MediaSource, id: number, type: string): Track {
    const buffer = source.addSourceBuffer(type);
    if (buffer.mode !== 'segments') buffer.mode = 'segments';
    const track: Track = { buffer, pending: null, failed: false, lost: false };
    const { signal } = this.#listeners;
    const fail = (): void => {
      track.failed = true;
    };
    // Both are followed by updateend.
    buffer.addEventListener('error', fail, { signal });
    buffer.addEventListener('abort', fail, { signal });
    buffer.addEventListener('updateend', () => this.#settle(id, track), { signal });
    return track;
  }

  /** Answers what was under way. */
  #settle(id: number, track: Track): void {
    const { pending, failed } = track;
    track.pending = null;
    track.failed = false;
    if (pending === 'remove') this.#report('handle_remove_done', id, ranges(track));
    else if (pending && failed) this.#report('handle_append_failed', id, APPEND_OTHER, ranges(track));
    else if (pending) this.#report('handle_append_done', id, ranges(track));
    this.#pump();
  }

  /** The element has let go of the MediaSource: no buffer will say anything any more. */
  #lost(): void {
    for (const [id, track] of this.#tracks) {
      track.failed = true;
      track.lost = true;
      this.#settle(id, track);
    }
  }

  #enqueue(track: Track | undefined, run: () => void): void {
    this.#queue.push({ track, run });
    this.#pump();
  }

  #enqueueAll(change: (source: MediaSource) => void): void {
    const source = this.#source;
    if (!source) return;
    const run = (): void => quietly(() => change(source));
    this.#queue.push({ track: undefined, run });
    this.#pump();
  }

  /** Runs what can be run, in order for each buffer; what concerns all waits for all, and all for it. */
  #pump(): void {
    const waiting = new Set<Track>();
    const isBusy = (track: Track): boolean => waiting.has(track) || track.pending !== null || (track.buffer.updating && !track.lost);
    const rest: Operation[] = [];
    let blocked = false;
    const queue = this.#queue;
    for (const operation of queue) {
      const targets = operation.track ? [operation.track] : [...this.#tracks.values()];
      if (blocked || targets.some(isBusy)) {
        rest.push(operation);
        if (operation.track) waiting.add(operation.track);
        else blocked = true;
      } else {
        operation.run();
      }
    }
    // A failing operation may have closed the sink.
    if (this.#queue === queue) this.#queue = rest;
  }

  #fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#later(() => this.#report('handle_sink_failed', message));
  }

  /** After the engine's call has returned, unless the sink is another by then. */
  #later(run: () => void): void {
    const source = this.#source;
    queueMicrotask(() => {
      if (source === this.#source) run();
    });
  }
}

/** Puts the next append where it belongs. Only what differs is touched, and start stays before end at every moment. */
function position(buffer: SourceBuffer, timestampOffset: number, start: number, end: number): void {
  if (buffer.timestampOffset !== timestampOffset) {
    try {
      buffer.timestampOffset = timestampOffset;
    } catch {
      // The append before stopped inside a segment.
      buffer.abort();
      buffer.timestampOffset = timestampOffset;
    }
  }
  if (start >= buffer.appendWindowEnd && buffer.appendWindowEnd !== end) buffer.appendWindowEnd = end;
  if (buffer.appendWindowStart !== start) buffer.appendWindowStart = start;
  if (buffer.appendWindowEnd !== end) buffer.appendWindowEnd = end;
}

/** Starts and ends, by turns. */
function ranges(track: Track | undefined): Float64Array {
  try {
    const buffered = track?.buffer.buffered;
    const flat = new Float64Array((buffered?.length ?? 0) * 2);
    for (let at = 0; buffered && at < buffered.length; at += 1) {
      flat[2 * at] = buffered.start(at);
      flat[2 * at + 1] = buffered.end(at);
    }
    return flat;
  } catch {
    // No longer a buffer of its MediaSource.
    return new Float64Array(0);
  }
}

function isQuota(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // As documented where it is called.
  }
}
