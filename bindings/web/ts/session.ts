// The engine and what it is connected to, in the worker. Inputs are taken one at a time, in order; one timer wakes the
// engine. Nothing is decided here.

import type { Engine, EngineHost, Place } from './engine.ts';
import { ExtrasHost, type LoadExtras, type Told } from './extras-host.ts';
import { FlightLog } from './flight-log.ts';
import type { EngineInput } from './inputs.ts';
import { MseSink } from './sink-mse.ts';
import type { LoadRecorder, Made } from './recorder.ts';
import { RemoteSink, type Post, type Sink } from './sink.ts';
import { TextHost, type LoadText } from './text-host.ts';
import { Transport, type TransportOptions } from './transport.ts';

/** Timers take no more than this. */
const MAX_TIMER_MS = 0x7fffffff;
/** Whatever the engine wants, messages get their turn. */
const MIN_TIMER_MS = 1;

export interface SessionOptions extends TransportOptions, Made {
  mse: 'worker' | 'main';
  /** Brings the text decoders, when there is text. */
  text: LoadText;
  /** Brings what a page may ask for beside playing. */
  extras: LoadExtras;
  /** Brings the flight recorder, when a page asks for the recording. */
  recorder: LoadRecorder;
  /** Whether there is to be one. */
  record: boolean;
  /** Tests bring their own. */
  clock?: () => number;
}

interface Input {
  readonly live: () => boolean;
  readonly method: EngineInput;
  readonly args: unknown[];
}

type Methods = Record<string, (...args: unknown[]) => void>;

const always = (): boolean => true;

export class Session implements EngineHost {
  readonly #post: Post;
  readonly #transport: Transport;
  readonly #sink: Sink;
  readonly #text: TextHost;
  readonly #extras: ExtrasHost;
  readonly #options: SessionOptions;
  readonly #log: FlightLog | null;
  /** Bodies go to the page, where they are no more to be read. */
  readonly #givesAway: boolean;
  readonly #clock: () => number;
  readonly #inputs: Input[] = [];
  readonly #engine: Engine;
  #busy = false;
  #dead = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #deadline = Infinity;
  /** Sinks opened and closed so far. */
  #epoch = 0;
  /** Plays and pauses taken so far: the page knows by it which of the rates it hears of are old. */
  #commands = 0;
  /** What the page asked to load. */
  #given: unknown;

  constructor(make: (host: EngineHost) => Engine, post: Post, options: SessionOptions) {
    this.#post = post;
    this.#options = options;
    this.#log = options.record ? new FlightLog() : null;
    this.#clock = options.clock ?? (() => performance.now());
    this.#transport = new Transport((...report) => this.#take(...report), options);
    this.#sink = this.#makeSink(options.mse);
    this.#givesAway = options.mse === 'main';
    this.#text = new TextHost((...told) => this.#take(always, ...told), options.text);
    this.#extras = new ExtrasHost(options.extras, (event) => this.#post(['event', 'timedevent', event]));
    this.#engine = make(this);
  }

  /** Takes a message of the page: a name, and what belongs to it. */
  receive([name, ...args]: [name: string, ...args: unknown[]]): void {
    if (this.#dead) return;
    if (name === 'query') return this.#answer(args as [number, string, ...unknown[]]);
    if (name === 'answer') {
      const [epoch, method, ...rest] = args as [number, EngineInput, ...unknown[]];
      return (this.#sink as RemoteSink).answer(epoch, method, rest);
    }
    if (name === 'observed') {
      const [epoch, method, ...rest] = args as [number, EngineInput, ...unknown[]];
      return epoch === this.#epoch ? this.#take(always, method, ...rest) : undefined;
    }
    if (name === 'generation') return this.#post([name, ...args]);
    if (name === 'play' || name === 'pause') this.#commands += 1;
    if (name === 'load' || name === 'unload') {
      this.#given = args[0];
      this.#extras.forget();
    }
    if (name === 'load') this.#take(always, 'handle_wall_clock', Date.now());
    this.#take(always, name as EngineInput, ...args);
  }

  close(): void {
    this.#dead = true;
    clearTimeout(this.#timer);
    this.#transport.close();
    this.#text.close();
    this.#sink.close();
  }

  fetch(...request: Parameters<EngineHost['fetch']>): void {
    this.#transport.fetch(...request);
  }

  cancel(request: number): void {
    this.#transport.cancel(request);
    this.#sink.release(request);
  }

  release(request: number): void {
    this.#transport.release(request);
    this.#sink.release(request);
  }

  probeSupport(types: string[]): void {
    this.#sink.probe(types);
  }

  openSink(tracks: ArrayLike<number>, types: string[], duration: number): void {
    this.#epoch += 1;
    this.#sink.open(Array.from(tracks), types, duration);
  }

  changeType(track: number, type: string): void {
    this.#sink.changeType(track, type);
  }

  append(track: number, request: number, from: number, to: number, reset: boolean, ...place: Place): void {
    this.#sink.append(track, request, from, to, reset, ...place);
  }

  remove(track: number, start: number, end: number): void {
    this.#sink.remove(track, start, end);
  }

  setDuration(seconds: number): void {
    this.#sink.setDuration(seconds);
  }

  endOfStream(): void {
    this.#sink.endOfStream();
  }

  closeSink(): void {
    this.#epoch += 1;
    this.#sink.close();
  }

  seek(position: number): void {
    this.#post(['seek', position]);
  }

  setRate(rate: number): void {
    this.#post(['rate', rate, this.#commands]);
  }

  decodeText(
    request: number,
    track: number,
    name: string,
    number: number,
    init: number,
    forcedOnly: boolean,
    ...times: [offset: number, start: number, end: number]
  ): void {
    const format = number ? `${name}:${number}` : name;
    const body = (of: number): Uint8Array | undefined => {
      const data = this.#transport.body(of);
      return this.#givesAway ? data?.slice() : data;
    };
    const from = init < 0 ? null : { request: init, data: body(init) };
    this.#text.decode({ request, track, format, data: body(request), init: from, forcedOnly, times });
  }

  cues(ids: ArrayLike<number>): void {
    this.#post(['event', 'cuechange', { cues: this.#text.get(ids) }]);
  }

  forgetCues(ids: ArrayLike<number>): void {
    this.#text.forget(ids);
  }

  event(name: string, detail: unknown): void {
    if (name === 'timedevent') this.#extras.event(detail as Told);
    else this.#post(['event', name, detail]);
  }

  #makeSink(where: 'worker' | 'main'): Sink {
    const report = (method: EngineInput, ...args: unknown[]): void => {
      const epoch = this.#epoch;
      this.#take(() => epoch === this.#epoch || method === 'handle_support', method, ...args);
    };
    if (where === 'main') return new RemoteSink(report, this.#transport, this.#post);
    return new MseSink(report, {
      body: (request, from, to) => this.#transport.body(request, from, to),
      attach: (source) => {
        const { handle } = source as MediaSource & { handle: Transferable };
        this.#post(['attach', handle, this.#epoch], [handle]);
      },
      detach: () => this.#post(['detach']),
    });
  }

  /** Gives an input to the engine, now or when it is done with the one before. */
  #take(live: () => boolean, method: EngineInput, ...args: unknown[]): void {
    if (this.#dead) return;
    this.#inputs.push({ live, method, args });
    if (this.#busy) return;
    this.#busy = true;
    this.#guard(() => {
      for (let input; (input = this.#inputs.shift()); ) {
        if (!input.live()) continue;
        const now = this.#clock();
        this.#log?.add(input.method, now, input.args);
        (this.#engine as unknown as Methods)[input.method]!(now, ...input.args);
      }
      this.#arm();
    });
    this.#busy = false;
  }

  #arm(): void {
    const deadline = this.#engine.timeout();
    if (deadline === this.#deadline) return;
    this.#deadline = deadline;
    clearTimeout(this.#timer);
    if (deadline === Infinity) return;
    const wait = Math.ceil(deadline - this.#clock());
    this.#timer = setTimeout(() => this.#wake(), Math.min(Math.max(wait, MIN_TIMER_MS), MAX_TIMER_MS));
  }

  #wake(): void {
    // Armed anew afterwards, even for the same moment: timers may be early.
    this.#deadline = Infinity;
    this.#take(always, 'handle_timeout');
  }

  #answer([id, name, ...args]: [id: number, name: string, ...args: unknown[]]): void {
    let result: unknown = null;
    let asked: Promise<unknown> | undefined;
    this.#guard(() => {
      if (name === 'thumbnail') result = this.#engine.thumbnail(args[0] as number);
      if (name === 'stats') result = this.#engine.stats(this.#clock());
      if (name === 'presentation' || name === 'diagnostics') {
        const parts = this.#engine.manifest();
        if (parts.length) asked = this.#extras.ask(name, parts, this.#given);
        else if (name === 'diagnostics') result = [];
      }
      if (name === 'recording') asked = this.#record();
    });
    if (!asked) return this.#post(['result', id, result]);
    asked.then(
      (known) => this.#post(['result', id, known]),
      (error: Error) => this.#post(['refused', id, name === 'recording' ? name : 'extras', error.message]),
    );
  }

  async #record(): Promise<Uint8Array> {
    if (!this.#log) throw new Error('the player was made without `record`');
    const record = await this.#options.recorder();
    const { data, requests } = record(this.#options, this.#log.notes);
    const { count } = (this.#engine.stats(this.#clock()) as { requests: { count: number } }).requests;
    // Notes that were cut off are of a part of the session.
    if (requests !== count && !this.#log.full) throw new Error(`${requests} requests in it, ${count} in the session`);
    return data;
  }

  /** An engine that threw is broken, and so is what it is in the middle of. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#dead = true;
      this.#inputs.length = 0;
      clearTimeout(this.#timer);
      this.#transport.close();
      this.#post(['crash', error instanceof Error ? error.message : String(error)]);
    }
  }
}
