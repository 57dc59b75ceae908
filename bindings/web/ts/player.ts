// The JavaScript API: commands to the engine in the worker, and its events as DOM events.

import type {
  Cue,
  Limits,
  LoadOptions,
  PlayerError,
  PlayerEventMap,
  PlayerOptions,
  PlayerState,
  Stats,
  TextStyle,
  Thumbnail,
  TimeRange,
  Timeline,
  Tracks,
} from '../footlight.d.ts';
import type { Diagnostic, Presentation } from '../presentation.d.ts';
import { CueView } from './cues.ts';
import type { EngineInput } from './inputs.ts';
import { PlaybackError, crashed, deferred, notLoaded, notToBeHad, superseded, unavailable, unsupported } from './errors.ts';
import type { Deferred } from './errors.ts';
import { Link } from './link.ts';
import { Screen } from './screen.ts';
import { MseSink, mediaSourceClass } from './sink-mse.ts';
import type { SinkMethod } from './sink.ts';
import { noteThroughput, rememberedThroughput } from './wishes.ts';

const NO_TRACKS: Tracks = { video: [], audio: [], text: [], thumbnails: false, fixedRendition: null };

const NO_TIMELINE: Timeline = {
  live: false,
  seekable: { start: 0, end: 0 },
  edge: null,
  latency: null,
  targetLatency: null,
  wallClockAtZero: null,
};

/** States in which a seek is on its way. */
const UNSETTLED: readonly PlayerState[] = ['loading', 'seeking', 'buffering'];

type SinkCalls = Record<string, (...args: unknown[]) => void>;

export interface FootlightPlayer {
  addEventListener<K extends keyof PlayerEventMap>(
    type: K,
    listener: (this: FootlightPlayer, event: PlayerEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

export class FootlightPlayer extends EventTarget {
  readonly #options: PlayerOptions;
  readonly #mse: 'worker' | 'main';
  readonly #screen: Screen;
  readonly #queries = new Map<number, Deferred<unknown>>();
  /** Bodies kept for the page's own sink. */
  readonly #bodies = new Map<number, Uint8Array<ArrayBuffer>>();
  #link: Link | null = null;
  #sink: MseSink | null = null;
  #sinkEpoch = 0;
  #running = false;
  #destroyed = false;
  #lastQuery = 0;
  /** Loads and unloads asked for, and the last that the engine is known to have heard of. */
  #generation = 0;
  #heard = 0;
  #url: string | null = null;
  #loading: Deferred<void> | null = null;
  /** What ended playback, until something else is tried. */
  #error: PlaybackError | null = null;
  #state: PlayerState = 'idle';
  #duration = NaN;
  #rate = 1;
  #tracks = NO_TRACKS;
  #timeline = NO_TIMELINE;
  #cues: readonly Cue[] = [];
  #textStyle: TextStyle = {};
  #textContainer: HTMLElement | null = null;
  #view: CueView | null = null;
  readonly #note: (bandwidth: number) => void;

  constructor(options: PlayerOptions = {}) {
    super();
    this.#options = options;
    const inWorkers = (mediaSourceClass() as { canConstructInDedicatedWorker?: boolean } | undefined)
      ?.canConstructInDedicatedWorker;
    this.#mse = options.mse !== 'main' && inWorkers ? 'worker' : 'main';
    this.#screen = new Screen({
      send: (name, ...args) => this.#link?.send(name, ...args),
      moved: () => this.#emit('timeupdate', { currentTime: this.currentTime }),
    });
    this.#note = options.remember === false ? () => undefined : noteThroughput();
    this.limits = options.limits ?? {};
    // Now, so that the engine is there by the time of a load.
    this.#start();
  }

  attach(video: HTMLVideoElement): void {
    if (this.#destroyed || video === this.#screen.video) return;
    const position = this.currentTime;
    // A source belongs to one element: another needs another.
    const again = this.#screen.active && this.#screen.video && this.#url;
    this.#screen.attach(video);
    this.attachText(this.#textContainer);
    if (again) this.#reload(position);
  }

  attachText(container: HTMLElement | null): void {
    this.#view?.close();
    this.#textContainer = container;
    const { video } = this.#screen;
    this.#view = container && video ? new CueView(container, video, this.#textStyle) : null;
    this.#view?.show(this.#cues);
  }

  get textStyle(): TextStyle {
    return this.#textStyle;
  }

  set textStyle(style: TextStyle) {
    this.#textStyle = { ...style };
    if (this.#view) this.#view.style = this.#textStyle;
  }

  load(url: string, options: LoadOptions = {}): Promise<void> {
    const loading = deferred<void>();
    this.#supersede();
    if (this.#destroyed) {
      loading.reject(superseded());
      return loading.promise;
    }
    this.#loading = loading;
    this.#url = new URL(url, document.baseURI).href;
    this.#reset();
    this.#screen.begin(options.startTime);
    this.#start();
    if (!this.#link) {
      this.#fail(unsupported());
      return loading.promise;
    }
    this.#setState('loading');
    this.#send('generation', this.#generation);
    this.#send('load', this.#url, options.startTime ?? NaN);
    return loading.promise;
  }

  play(): Promise<void> {
    if (this.#error || !this.#url || !this.#link) return Promise.reject(this.#error ?? notLoaded());
    return this.#screen.play();
  }

  pause(): void {
    this.#screen.pause();
  }

  goLive(): void {
    this.#send('go_live');
  }

  seek(seconds: number): void {
    if (this.#url && Number.isFinite(seconds)) this.#screen.aim(seconds);
  }

  get state(): PlayerState {
    return this.#state;
  }

  get currentTime(): number {
    return this.#screen.position;
  }

  get duration(): number {
    return this.#duration;
  }

  get timeline(): Timeline {
    return this.#timeline;
  }

  get paused(): boolean {
    return !this.#screen.wanted;
  }

  get buffered(): TimeRange[] {
    const buffered = this.#screen.video?.buffered;
    return Array.from({ length: buffered?.length ?? 0 }, (_, at) => ({
      start: buffered!.start(at),
      end: buffered!.end(at),
    }));
  }

  get playbackRate(): number {
    return this.#rate;
  }

  set playbackRate(rate: number) {
    this.#rate = rate;
    this.#send('set_rate', rate);
  }

  get volume(): number {
    return this.#screen.volume;
  }

  set volume(volume: number) {
    this.#screen.volume = volume;
  }

  get muted(): boolean {
    return this.#screen.muted;
  }

  set muted(muted: boolean) {
    this.#screen.muted = muted;
  }

  get limits(): Limits {
    return this.#screen.wishes.limits;
  }

  set limits(limits: Limits) {
    this.#screen.wishes.limits = limits;
  }

  get tracks(): Tracks {
    return this.#tracks;
  }

  selectAudio(id: number): void {
    this.#send('select_audio', id);
  }

  selectText(id: number | null): void {
    this.#send('select_text', id ?? -1);
  }

  selectRendition(id: number | null): void {
    this.#send('select_rendition', id ?? -1);
  }

  thumbnailAt(seconds: number): Promise<Thumbnail | null> {
    return this.#query<Thumbnail | null>('thumbnail', seconds);
  }

  presentation(): Promise<Presentation | null> {
    return this.#query<Presentation | null>('presentation');
  }

  diagnostics(): Promise<Diagnostic[]> {
    return this.#query<Diagnostic[]>('diagnostics');
  }

  recording(): Promise<Uint8Array> {
    return this.#query<Uint8Array>('recording');
  }

  async stats(): Promise<Stats> {
    const known = await this.#query<Partial<Stats>>('stats');
    const { decoded, dropped } = this.#screen.frames;
    return {
      ...known,
      decodedFrames: decoded,
      droppedFrames: dropped,
      firstFrameMs: this.#screen.firstFrameMs,
      mse: this.#mse,
    } as Stats;
  }

  retry(): void {
    if (!this.#url || this.#destroyed) return;
    this.#error = null;
    if (this.#link) this.#send('retry');
    else this.#reload(this.currentTime);
  }

  unload(): void {
    this.#supersede();
    this.#url = null;
    this.#reset();
    this.#screen.begin(undefined);
    this.#send('generation', this.#generation);
    this.#send('unload');
    this.#setState('idle');
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.unload();
    this.#destroyed = true;
    this.#stop(superseded());
    this.attachText(null);
    this.#screen.close();
  }

  /** Makes a worker with an engine, where there is none and there can be one. */
  #start(): void {
    if (this.#link || this.#destroyed) return;
    if (typeof Worker === 'undefined' || typeof WebAssembly === 'undefined' || !mediaSourceClass()) return;
    const { base, seed, credentials = 'omit', preferences = {}, algorithm = '', remember = true } = this.#options;
    this.#running = false;
    this.#link = new Link({
      base,
      mse: this.#mse,
      seed: seed ?? Math.floor(Math.random() * 2 ** 32),
      credentials,
      algorithm,
      record: this.#options.record === true,
      bandwidth: this.#options.initialBandwidth ?? (remember ? rememberedThroughput() : 0),
      message: (name, args) => this.#receive(name, args),
      failed: (message) => this.#lost(message),
    });
    const { audioLanguages = [], textLanguages = [], textEnabled = false } = preferences;
    this.#send('set_preferences', [...audioLanguages], [...textLanguages], textEnabled);
    if (this.#rate !== 1) this.#send('set_rate', this.#rate);
    if (this.#mse === 'main') this.#sink = this.#makeSink();
    this.#screen.restart();
  }

  #stop(reason: PlaybackError): void {
    this.#link?.close();
    this.#link = null;
    this.#sink?.close();
    this.#sink = null;
    this.#bodies.clear();
    this.#screen.clearSource();
    for (const query of this.#queries.values()) query.reject(reason);
    this.#queries.clear();
  }

  #makeSink(): MseSink {
    const answer = (method: EngineInput, ...args: unknown[]): void =>
      this.#send('answer', this.#sinkEpoch, method, ...args);
    return new MseSink(answer, {
      body: (request) => this.#bodies.get(request),
      release: (request) => void this.#bodies.delete(request),
      attach: (source) => this.#screen.setSource(source, this.#sinkEpoch),
      detach: () => this.#screen.clearSource(),
    });
  }

  /** Loads what was loaded, with a new engine where the old one is gone. */
  #reload(position: number): void {
    const url = this.#url;
    const playing = this.#screen.wanted;
    if (!url) return;
    // Its failure is told by an event.
    this.load(url, { startTime: position }).catch(() => undefined);
    if (playing) this.#screen.play().catch(() => undefined);
  }

  #supersede(): void {
    this.#generation += 1;
    this.#loading?.reject(superseded());
    this.#loading = null;
  }

  #reset(): void {
    this.#tracks = NO_TRACKS;
    this.#timeline = NO_TIMELINE;
    this.#duration = NaN;
    this.#show([]);
  }

  #send(name: string, ...args: unknown[]): void {
    this.#link?.send(name, ...args);
  }

  #query<T>(name: string, ...args: unknown[]): Promise<T> {
    if (!this.#link) return Promise.reject(notLoaded());
    const answer = deferred<unknown>();
    this.#lastQuery += 1;
    this.#queries.set(this.#lastQuery, answer);
    this.#send('query', this.#lastQuery, name, ...args);
    return answer.promise as Promise<T>;
  }

  #receive(name: string, args: unknown[]): void {
    this.#running = true;
    const first = args[0] as number;
    // What was said before the engine heard of the last load is about the one before it.
    const current = this.#heard === this.#generation;
    if (name === 'generation') this.#heard = first;
    else if (name === 'attach') this.#screen.setSource(args[0] as MediaSourceHandle, args[1] as number);
    else if (name === 'detach') this.#screen.clearSource();
    else if (name === 'body') this.#bodies.set(first, args[1] as Uint8Array<ArrayBuffer>);
    else if (name === 'sink') this.#drive(first, args[1] as SinkMethod, args.slice(2));
    else if (name === 'result') this.#answered(first)?.resolve(args[1]);
    else if (name === 'refused') this.#answered(first)?.reject(notToBeHad(args[1] as string, args[2] as string));
    else if (name === 'crash') this.#lost(args[0] as string);
    else if (name === 'unavailable') this.#down(unavailable(args[0] as string));
    else if (!current) return;
    else if (name === 'seek') this.#screen.seek(first);
    else if (name === 'rate') this.#screen.setRate(first, args[1] as number);
    else if (name === 'event') this.#happened(args[0] as string, args[1]);
  }

  #drive(epoch: number, method: SinkMethod, args: unknown[]): void {
    this.#sinkEpoch = epoch;
    (this.#sink as unknown as SinkCalls | null)?.[method]?.(...args);
  }

  #answered(id: number): Deferred<unknown> | undefined {
    const query = this.#queries.get(id);
    this.#queries.delete(id);
    return query;
  }

  /** Something the engine tells the world. */
  #happened(name: string, detail: unknown): void {
    const facts = (detail ?? {}) as Record<string, never>;
    if (name === 'statechange') this.#setState(facts['state']!);
    else if (name === 'loaded') {
      this.#loading?.resolve();
      this.#loading = null;
    } else if (name === 'error') this.#fail(new PlaybackError(detail as PlayerError));
    else if (name === 'warning') this.#emit(name, new PlaybackError(detail as PlayerError));
    else if (name === 'cuechange') this.#show(facts['cues'] ?? []);
    else {
      if (name === 'presentationchange') {
        this.#url = facts['url']!;
        this.#reset();
      }
      if (name === 'trackschange') this.#tracks = facts['tracks'] ?? NO_TRACKS;
      if (name === 'timelinechange') this.#timeline = detail as Timeline;
      if (name === 'decision') this.#note(facts['throughput'] ?? 0);
      if (name === 'durationchange') this.#duration = facts['duration'] ?? NaN;
      this.#emit(name, detail);
    }
  }

  #show(cues: readonly Cue[]): void {
    this.#cues = cues;
    this.#view?.show(cues);
    this.#emit('cuechange', { cues });
  }

  #setState(state: PlayerState): void {
    if (!UNSETTLED.includes(state) && state !== 'error') this.#screen.settle();
    if (state === this.#state) return;
    if (state !== 'error') this.#error = null;
    this.#state = state;
    this.#emit('statechange', { state });
  }

  #lost(message: string): void {
    this.#down((this.#running ? crashed : unavailable)(message));
  }

  /** The engine is gone; retry() makes another. */
  #down(error: PlaybackError): void {
    const position = this.currentTime;
    this.#stop(error);
    // Where to go on, now that the element has forgotten.
    this.#screen.target = position;
    this.#fail(error);
  }

  #fail(error: PlaybackError): void {
    this.#loading?.reject(error);
    this.#loading = null;
    this.#screen.interrupt(error);
    this.#error = error;
    this.#setState('error');
    this.#emit('error', error);
  }

  #emit(type: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
