// HTTP for the engine: fetch with streaming bodies. A body goes from the network into one buffer, which waits here for
// the sink; only bodies that the engine asked to look inside are handed to it.

import { FAILED_NETWORK, FAILED_TRUNCATED, type Report } from './engine.ts';
import { nextTask, type Coalescer, type MakeCoalescer } from './task.ts';

/** No body may be larger. */
export const MAX_BODY_BYTES = 256 * 1024 * 1024;
/** The first buffer of a body whose length is not known. */
const FIRST_BUFFER_BYTES = 64 * 1024;
/** What the browser should fetch before media. */
const URGENT_KINDS: readonly string[] = ['manifest', 'init', 'index'];
/** Types that servers compress: their Content-Length may count compressed bytes, which CORS does not let us know. */
const COMPRESSIBLE = /^text\/|xml|json/i;

export interface TransportOptions {
  credentials?: RequestCredentials;
  fetch?: typeof fetch;
  coalescer?: MakeCoalescer;
}

type Bytes = Uint8Array<ArrayBuffer>;

class Exchange {
  readonly abort = new AbortController();
  readonly id: number;
  /** False from cancel or release on: nothing more may be reported. */
  live = true;
  body: Bytes | null = null;
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
  readonly #fetch: typeof fetch;
  readonly #progress: Coalescer;

  constructor(report: Report, options: TransportOptions = {}) {
    this.#report = report;
    this.#credentials = options.credentials ?? 'omit';
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init));
    this.#progress = (options.coalescer ?? nextTask)(() => {
      for (const exchange of this.#exchanges.values()) this.#flush(exchange);
    });
  }

  fetch(request: number, url: string, rangeStart: number, rangeEnd: number, kind: string, inspect: boolean): void {
    this.release(request);
    const exchange = new Exchange(request);
    this.#exchanges.set(request, exchange);
    const init: RequestInit = { credentials: this.#credentials, signal: exchange.abort.signal };
    if (rangeStart >= 0) init.headers = { Range: `bytes=${rangeStart}-${rangeEnd >= 0 ? rangeEnd : ''}` };
    if (URGENT_KINDS.includes(kind)) init.priority = 'high';
    void this.#run(exchange, url, init, inspect);
  }

  /** The whole body of a finished request. */
  body(request: number): Bytes | undefined {
    return this.#exchanges.get(request)?.body ?? undefined;
  }

  /** The whole body of a finished request, which is the caller's from now on. */
  take(request: number): Bytes | undefined {
    const body = this.body(request);
    if (body) this.#exchanges.delete(request);
    return body;
  }

  cancel(request: number): void {
    this.release(request);
  }

  release(request: number): void {
    const exchange = this.#exchanges.get(request);
    if (!exchange) return;
    this.#exchanges.delete(request);
    const finished = exchange.body !== null;
    exchange.live = false;
    exchange.body = null;
    if (!finished) exchange.abort.abort();
  }

  close(): void {
    for (const request of [...this.#exchanges.keys()]) this.release(request);
    this.#progress.close();
  }

  async #run(exchange: Exchange, url: string, init: RequestInit, inspect: boolean): Promise<void> {
    let failure = FAILED_NETWORK;
    try {
      const response = await this.#fetch(url, init);
      if (!exchange.live) return;
      const length = contentLength(response.headers);
      this.#tell(exchange, 'handle_head', response.status, length, response.url || url);
      // Answering the head may cancel.
      if (!exchange.live) return;
      if (length > MAX_BODY_BYTES) throw new BodyError('body over the limit');
      failure = FAILED_TRUNCATED;
      const received = inspect ? await this.#inspect(exchange, response) : await this.#keep(exchange, response, length);
      if (!exchange.live) return;
      if (received < length && lengthIsExact(response)) throw new BodyError('body shorter than its length');
      this.#flush(exchange);
      // Reporting progress may cancel, too.
      if (!exchange.live) return;
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

  /** Hands the body to the engine as it comes. */
  async #inspect(exchange: Exchange, response: Response): Promise<number> {
    const reader = response.body?.getReader();
    let received = 0;
    while (reader) {
      const { done, value } = await reader.read();
      if (done || !exchange.live) break;
      received = total(received, value.byteLength);
      this.#tell(exchange, 'handle_data', value);
      if (!exchange.live) break;
    }
    return received;
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
    this.#tell(exchange, 'handle_chunk', bytes);
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
