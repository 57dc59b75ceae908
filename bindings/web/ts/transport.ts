// HTTP for the engine: fetch with streaming bodies. A body goes from the network into one buffer, which waits here for
// the sink; only bodies that the engine asked to look inside are handed to it.

import { BoxScanner } from './boxes.ts';
import {
  FAILED_NETWORK,
  FAILED_TRUNCATED,
  FETCH_BOXES,
  FETCH_CHUNKED,
  FETCH_HEAD,
  FETCH_INSPECT,
  QUERY_HEADER,
  type EngineHost,
  type Report,
} from './engine.ts';
import { nextTask, type Coalescer, type MakeCoalescer } from './task.ts';

/** No body may be larger. */
export const MAX_BODY_BYTES = 256 * 1024 * 1024;
/** The first buffer of a body whose length is not known. */
const FIRST_BUFFER_BYTES = 64 * 1024;
/** What the browser should fetch before media. */
const URGENT_KINDS: readonly string[] = ['manifest', 'init', 'index'];
/** Types that servers compress: their Content-Length may count compressed bytes, which CORS does not let us know. */
const COMPRESSIBLE = /^text\/|xml|json/i;

/** A shell's own `fetch` may want to know what a request is for. */
type Fetch = (url: string, init: RequestInit, kind: string) => Promise<Response>;

export interface TransportOptions {
  credentials?: RequestCredentials;
  fetch?: Fetch;
  coalescer?: MakeCoalescer;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** What has come of a body that is used while it comes; it is in pieces also when it is complete. */
interface Watched {
  readonly pieces: Bytes[];
  readonly scanner: BoxScanner;
}

class Exchange {
  readonly abort = new AbortController();
  readonly id: number;
  /** False from cancel or release on: nothing more may be reported. */
  live = true;
  body: Bytes | null = null;
  watched: Watched | null = null;
  /** A copy is given away: initialization segments are read again, by decoders of captions. */
  kept = false;
  /** Nothing more will come. */
  complete = false;
  /** Bytes that arrived and were not reported yet. */
  arrived = 0;

  constructor(id: number) {
    this.id = id;
  }
}

/** A problem with a body that the network did not notice. */
class BodyError extends Error {}

export class Transport {
  readonly #exchanges = new Map<number, Exchange>();
  readonly #report: Report;
  readonly #credentials: RequestCredentials;
  readonly #fetch: Fetch;
  readonly #progress: Coalescer;

  constructor(report: Report, options: TransportOptions = {}) {
    this.#report = report;
    this.#credentials = options.credentials ?? 'omit';
    this.#fetch = options.fetch ?? ((...request) => (fetch as Fetch)(...request));
    this.#progress = (options.coalescer ?? nextTask)(() => {
      for (const exchange of this.#exchanges.values()) this.#flush(exchange);
    });
  }

  fetch(...[request, url, rangeStart, rangeEnd, kind, flags, header]: Parameters<EngineHost['fetch']>): void {
    this.release(request);
    const exchange = new Exchange(request);
    exchange.kept = kind === 'init';
    this.#exchanges.set(request, exchange);
    const init: RequestInit = { credentials: this.#credentials, signal: exchange.abort.signal };
    const headers: Record<string, string> = (init.headers = {});
    if (rangeStart >= 0) headers['Range'] = `bytes=${rangeStart}-${rangeEnd >= 0 ? rangeEnd : ''}`;
    if (header) headers[QUERY_HEADER] = header;
    if (URGENT_KINDS.includes(kind)) init.priority = 'high';
    if (flags & FETCH_HEAD) init.method = 'HEAD';
    // What changes while it is used must not come from a cache.
    if (kind === 'time') init.cache = 'no-store';
    if (flags & (FETCH_CHUNKED | FETCH_BOXES)) {
      exchange.watched = { pieces: [], scanner: new BoxScanner() };
    }
    void this.#run(exchange, url, init, kind, (flags & FETCH_INSPECT) !== 0);
  }

  /** The bytes of a body from `from` up to `to`; of one that is still arriving only when it is asked for in pieces. */
  body(request: number, from = 0, to = Infinity): Bytes | undefined {
    const exchange = this.#exchanges.get(request);
    if (exchange?.watched) return slice(exchange.watched.pieces, from, to);
    return exchange?.body?.subarray(from, to) ?? undefined;
  }

  /** The same, the caller's from now on; what comes after it stays. */
  take(request: number, from = 0, to = Infinity): Bytes | undefined {
    const body = this.body(request, from, to);
    const exchange = this.#exchanges.get(request);
    if (!body || !exchange) return undefined;
    if (exchange.complete && to === Infinity && !exchange.kept) this.#exchanges.delete(request);
    // A piece may be a part of one that is still needed.
    return exchange.watched || exchange.kept ? body.slice() : body;
  }

  cancel(request: number): void {
    this.release(request);
  }

  release(request: number): void {
    const exchange = this.#exchanges.get(request);
    if (!exchange) return;
    this.#exchanges.delete(request);
    const finished = exchange.complete;
    exchange.live = false;
    exchange.body = null;
    exchange.watched = null;
    if (!finished) exchange.abort.abort();
  }

  close(): void {
    for (const request of [...this.#exchanges.keys()]) this.release(request);
    this.#progress.close();
  }

  async #run(exchange: Exchange, url: string, init: RequestInit, kind: string, inspect: boolean): Promise<void> {
    let failure = FAILED_NETWORK;
    try {
      const response = await this.#fetch(url, init, kind);
      if (!exchange.live) return;
      const length = contentLength(response.headers);
      const date = Date.parse(response.headers.get('date') ?? '');
      this.#tell(exchange, 'handle_head', response.status, length, response.url || url, date);
      // Answering the head may cancel.
      if (!exchange.live) return;
      if (length > MAX_BODY_BYTES) throw new BodyError('body over the limit');
      failure = FAILED_TRUNCATED;
      const received = inspect
        ? await this.#inspect(exchange, response)
        : exchange.watched
          ? await this.#collect(exchange, response, exchange.watched)
          : await this.#keep(exchange, response, length);
      if (!exchange.live) return;
      if (received < length && init.method !== 'HEAD' && lengthIsExact(response)) throw new BodyError('body shorter than its length');
      this.#flush(exchange);
      // Reporting progress may cancel, too.
      if (!exchange.live) return;
      exchange.complete = true;
      if (inspect) this.#exchanges.delete(exchange.id);
      this.#tell(exchange, 'handle_end');
    } catch {
      if (!exchange.live) return;
      this.#flush(exchange);
      if (!exchange.live) return;
      exchange.abort.abort();
      this.#exchanges.delete(exchange.id);
      this.#tell(exchange, 'handle_failed', failure);
    }
  }

  /** Reads the body piece by piece. */
  async #read(exchange: Exchange, response: Response, take: (piece: Bytes) => void): Promise<number> {
    const reader = response.body?.getReader();
    let received = 0;
    while (reader && exchange.live) {
      const { done, value } = await reader.read();
      if (done || !exchange.live) break;
      received = total(received, value.byteLength);
      take(value);
    }
    return received;
  }

  /** Hands the body to the engine as it comes. */
  #inspect(exchange: Exchange, response: Response): Promise<number> {
    return this.#read(exchange, response, (piece) => this.#tell(exchange, 'handle_data', piece));
  }

  /** Keeps the pieces, and looks into them. */
  #collect(exchange: Exchange, response: Response, { pieces, scanner }: Watched): Promise<number> {
    return this.#read(exchange, response, (piece) => {
      pieces.push(piece);
      const messages = scanner.push(piece);
      if (messages) this.#tell(exchange, 'handle_boxes', messages);
      exchange.arrived += piece.byteLength;
      // The end of a chunk is told at once: what comes next is not the network's doing.
      if (scanner.endsChunk) this.#flush(exchange);
      else this.#progress.schedule();
    });
  }

  /** Reads the body into one buffer. */
  async #keep(exchange: Exchange, response: Response, length: number): Promise<number> {
    const arrived = (received: number, more: number): number => {
      exchange.arrived += more;
      this.#progress.schedule();
      return total(received, more);
    };
    const capacity = length >= 0 ? length : FIRST_BUFFER_BYTES;
    const reader = response.body && byobReader(response.body);
    const body = !response.body
      ? new Uint8Array(0)
      : reader
        ? await readDirect(reader, capacity, arrived)
        : await readCopying(response.body.getReader(), capacity, arrived);
    if (exchange.live) exchange.body = body;
    return body.byteLength;
  }

  #flush(exchange: Exchange): void {
    const bytes = exchange.arrived;
    if (bytes === 0) return;
    exchange.arrived = 0;
    this.#tell(exchange, 'handle_chunk', bytes, exchange.watched?.scanner.endsChunk ?? false);
  }

  #tell(exchange: Exchange, method: Parameters<Report>[1], ...args: unknown[]): void {
    this.#report(() => exchange.live, method, exchange.id, ...args);
  }
}

type Arrived = (received: number, more: number) => number;

/** Reads into one buffer, of the right size when the length was right; nothing is copied then. */
async function readDirect(reader: ReadableStreamBYOBReader, capacity: number, arrived: Arrived): Promise<Bytes> {
  let buffer = new ArrayBuffer(capacity);
  let received = 0;
  for (;;) {
    const full = received === buffer.byteLength;
    // Where the end should be, one byte is asked for to see that it is.
    const { done, value } = await reader.read(full ? new Uint8Array(1) : new Uint8Array(buffer, received));
    if (full && value?.byteLength) {
      buffer = grown(buffer);
      new Uint8Array(buffer).set(value, received);
    } else if (!full) {
      // The stream has taken our buffer and gives it back as another.
      if (!value) throw new BodyError('body cancelled');
      buffer = value.buffer as ArrayBuffer;
    }
    if (done) return new Uint8Array(buffer, 0, received);
    received = arrived(received, value.byteLength);
  }
}

/** The same where the browser has no byte streams: one copy. */
async function readCopying(
  reader: ReadableStreamDefaultReader<Bytes>,
  capacity: number,
  arrived: Arrived,
): Promise<Bytes> {
  let buffer = new ArrayBuffer(capacity);
  let received = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(buffer, 0, received);
    const end = arrived(received, value.byteLength);
    while (end > buffer.byteLength) buffer = grown(buffer);
    new Uint8Array(buffer).set(value, received);
    received = end;
  }
}

/** What is between two bytes of pieces in a row; not copied where it is within one of them. */
function slice(pieces: readonly Bytes[], from: number, to: number): Bytes {
  const parts: Bytes[] = [];
  let start = 0;
  for (const piece of pieces) {
    const end = start + piece.byteLength;
    if (end > from && start < to) parts.push(piece.subarray(Math.max(from - start, 0), Math.min(to - start, piece.byteLength)));
    start = end;
  }
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

function total(received: number, more: number): number {
  if (received + more > MAX_BODY_BYTES) throw new BodyError('body over the limit');
  return received + more;
}

function byobReader(stream: ReadableStream): ReadableStreamBYOBReader | null {
  try {
    return stream.getReader({ mode: 'byob' });
  } catch {
    return null;
  }
}

function grown(buffer: ArrayBuffer): ArrayBuffer {
  const larger = new ArrayBuffer(Math.max(2 * buffer.byteLength, FIRST_BUFFER_BYTES));
  new Uint8Array(larger).set(new Uint8Array(buffer));
  return larger;
}

/** The length of the body as it will be read, -1 when that is not known. */
function contentLength(headers: Headers): number {
  const encoding = headers.get('content-encoding');
  const text = headers.get('content-length');
  if (text === null || !/^\d+$/.test(text) || (encoding !== null && encoding !== 'identity')) return -1;
  return Number(text);
}

/** Whether a body shorter than its Content-Length is one that was cut. */
function lengthIsExact(response: Response): boolean {
  return response.type !== 'cors' || !COMPRESSIBLE.test(response.headers.get('content-type') ?? '');
}
