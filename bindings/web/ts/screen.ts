// The page's side of playback: one video element. What it does is observed for the engine, and what the engine asks of
// it is done.

import { FLAG_ENDED, FLAG_ONLINE, FLAG_PAUSED, FLAG_SEEKING, FLAG_VISIBLE } from './engine.ts';
import { deferred, interrupted, type Deferred } from './errors.ts';
import { nextTask, type MakeCoalescer } from './task.ts';
import { Wishes } from './wishes.ts';

/** How often playback is observed while it runs. */
const OBSERVE_MS = 250;

const OBSERVED = [
  'play playing pause seeking seeked waiting stalled ratechange ended loadedmetadata loadeddata canplay timeupdate',
].flatMap((names) => names.split(' '));

type Source = MediaSource | MediaSourceHandle;

export interface ScreenOptions {
  /** Sends an input to the engine. */
  send(name: string, ...args: unknown[]): void;
  /** The position has changed. */
  moved(): void;
  coalescer?: MakeCoalescer;
}

export class Screen {
  video: HTMLVideoElement | null = null;
  /** Where a seek is going, while it has not landed. */
  target: number | null = null;
  firstFrameMs: number | null = null;

  readonly #send: ScreenOptions['send'];
  readonly #moved: () => void;
  readonly #observation;
  readonly #environment;
  readonly wishes = new Wishes(() => this.#environment.schedule());
  #listeners = new AbortController();
  #resizes: ResizeObserver | null = null;
  #interval: ReturnType<typeof setInterval> | undefined;
  #source: Source | null = null;
  /** Which sink the source is of: what is observed of it is said of no other. */
  #epoch = 0;
  #objectUrl = '';
  #rate = 1;
  #volume: number | null = null;
  #muted: boolean | null = null;
  /** Whether the element should be playing. */
  #wanted = false;
  /** Plays and pauses sent so far. */
  #commands = 0;
  #starting: Deferred<void> | null = null;
  /** Whether the target has been given to the element. */
  #landing = false;
  #loadedAt = 0;

  constructor(options: ScreenOptions) {
    const coalescer = options.coalescer ?? nextTask;
    this.#send = options.send;
    this.#moved = options.moved;
    this.#observation = coalescer(() => this.#observe());
    this.#environment = coalescer(() => this.#survey());
  }

  /** Whether a source is in use. */
  get active(): boolean {
    return this.#source !== null;
  }

  get wanted(): boolean {
    return this.#wanted;
  }

  get volume(): number {
    return this.video?.volume ?? this.#volume ?? 1;
  }

  set volume(volume: number) {
    this.#volume = volume;
    if (this.video) this.video.volume = volume;
  }

  get muted(): boolean {
    return this.video?.muted ?? this.#muted ?? false;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    if (this.video) this.video.muted = muted;
  }

  get position(): number {
    return this.target ?? this.video?.currentTime ?? 0;
  }

  get frames(): { decoded: number; dropped: number } {
    const quality = this.video?.getVideoPlaybackQuality?.();
    return { decoded: quality?.totalVideoFrames ?? 0, dropped: quality?.droppedVideoFrames ?? 0 };
  }

  attach(video: HTMLVideoElement): void {
    this.detach();
    this.video = video;
    video.preload = 'auto';
    if (this.#volume !== null) video.volume = this.#volume;
    if (this.#muted !== null) video.muted = this.#muted;
    const { signal } = this.#listeners;
    const listen = (target: EventTarget, names: readonly string[], listener: (event: Event) => void): void =>
      names.forEach((name) => target.addEventListener(name, listener, { signal }));
    listen(video, OBSERVED, (event) => this.#heard(event.type));
    listen(video, ['error'], () => this.#failed());
    const changed = (): void => this.#environment.schedule();
    listen(document, ['visibilitychange'], changed);
    listen(window, ['online', 'offline', 'resize'], changed);
    this.#resizes = new ResizeObserver(changed);
    this.#resizes.observe(video);
    this.wishes.listen(signal);
    changed();
    if (this.#source) this.#show();
  }

  /** Lets go of the element, and leaves nothing of ours in it. */
  detach(): void {
    this.#listeners.abort();
    this.#listeners = new AbortController();
    this.#resizes?.disconnect();
    this.#tick(false);
    if (this.video) this.clearSource();
    this.video = null;
  }

  /** A new presentation, paused: what was known of the one before is not true of it. */
  begin(startTime: number | undefined): void {
    if (this.#wanted) this.pause();
    this.#loadedAt = performance.now();
    this.firstFrameMs = null;
    this.target = startTime ?? null;
    this.#landing = false;
  }

  /** The engine is another; it has heard of nothing yet. */
  restart(): void {
    this.#commands = 0;
    this.#environment.schedule();
  }

  setSource(source: Source, epoch: number): void {
    this.#source = source;
    this.#epoch = epoch;
    if (this.video) this.#show();
  }

  clearSource(): void {
    if (!this.#source) return;
    this.#blank();
    this.#source = null;
  }

  /** Must be called in the viewer's gesture: browsers ask for one. */
  play(): Promise<void> {
    this.#command(true);
    this.#starting ??= deferred();
    const { promise } = this.#starting;
    this.#attempt();
    return promise;
  }

  pause(): void {
    this.#command(false);
    this.interrupt(interrupted());
    this.video?.pause();
  }

  /** Ends the wait of play(). */
  interrupt(reason: unknown): void {
    const starting = this.#starting;
    this.#starting = null;
    // Whoever does not listen is not to be told of it by the console.
    starting?.promise.catch(() => undefined);
    starting?.reject(reason);
  }

  /** Where the viewer wants to be; the engine takes it from there. */
  aim(seconds: number): void {
    this.target = seconds;
    this.#landing = false;
    this.#send('seek', seconds);
  }

  /** The engine has come to rest: an aim that it has not followed by now is none. */
  settle(): void {
    if (!this.#landing || !this.video?.seeking) this.target = null;
  }

  /** The engine seeks. */
  seek(position: number): void {
    this.target = position;
    this.#landing = true;
    if (this.video) this.video.currentTime = position;
  }

  /** The engine sets the rate; what it had not heard of then comes later. */
  setRate(rate: number, commands: number): void {
    const old = commands < this.#commands;
    if (rate > 0) {
      this.#rate = rate;
      if (this.video && this.video.playbackRate !== rate) this.video.playbackRate = rate;
      if (old) return;
      this.#wanted = true;
      if (this.video?.paused) this.#attempt();
    } else if (!old) {
      this.#wanted = false;
      this.video?.pause();
    }
  }

  close(): void {
    this.#wanted = false;
    this.interrupt(interrupted());
    this.detach();
    this.#source = null;
    this.#observation.close();
    this.#environment.close();
  }

  #command(wanted: boolean): void {
    this.#wanted = wanted;
    this.#commands += 1;
    this.#send(wanted ? 'play' : 'pause');
  }

  #attempt(): void {
    // With no source, or one that is being replaced, there will be another attempt.
    this.video?.play().then(
      () => this.#started(),
      (error: unknown) => {
        if (!(error instanceof Error) || error.name !== 'NotAllowedError' || !this.#wanted) return;
        this.#command(false);
        this.interrupt(error);
      },
    );
  }

  #started(): void {
    this.#starting?.resolve();
    this.#starting = null;
  }

  #heard(name: string): void {
    const { video } = this;
    if (!video || !this.#source) return;
    if (name === 'playing') this.#started();
    if (name === 'loadeddata') this.#firstFrame();
    if (name === 'seeked' && this.#landing && !video.seeking) this.target = null;
    if (name === 'ended') this.#wanted = false;
    // Media keys, picture in picture and the browser's own controls speak to the element: pass it on.
    else if (name === 'pause' && video.paused && this.#wanted && !video.ended) this.#command(false);
    else if (name === 'play' && !video.paused && !this.#wanted) this.#command(true);
    this.#tick(!video.paused && !video.ended);
    this.#observation.schedule();
    if (name === 'timeupdate' || name === 'seeking') this.#moved();
  }

  #firstFrame(): void {
    this.firstFrameMs ??= performance.now() - this.#loadedAt;
  }

  #failed(): void {
    const error = this.video?.error;
    if (error && this.#source) this.#send('observed', this.#epoch, 'handle_media_error', error.code, error.message);
  }

  /** Observes at intervals, or stops doing so. */
  #tick(run: boolean): void {
    if (run === (this.#interval !== undefined)) return;
    clearInterval(this.#interval);
    this.#interval = run ? setInterval(() => this.#observation.schedule(), OBSERVE_MS) : undefined;
  }

  #observe(): void {
    const { video, frames } = this;
    if (!video || !this.#source) return;
    const flags =
      (video.paused ? FLAG_PAUSED : 0) | (video.seeking ? FLAG_SEEKING : 0) | (video.ended ? FLAG_ENDED : 0);
    const seen = [video.currentTime, video.playbackRate, flags, video.readyState, frames.decoded, frames.dropped];
    this.#send('observed', this.#epoch, 'handle_playback', ...seen);
  }

  #survey(): void {
    const { video } = this;
    if (!video) return;
    const density = window.devicePixelRatio || 1;
    const width = Math.round(video.clientWidth * density);
    const height = Math.round(video.clientHeight * density);
    const visible = document.visibilityState === 'visible' ? FLAG_VISIBLE : 0;
    const flags = visible | (navigator.onLine ? FLAG_ONLINE : 0) | this.wishes.flags;
    const { maxHeight = 0, maxBitrate = 0 } = this.wishes.limits;
    this.#send('handle_environment', width, height, flags, maxHeight, maxBitrate);
  }

  /** Gives the element its source. */
  #show(): void {
    const { video } = this;
    const source = this.#source;
    if (!video || !source) return;
    this.#revoke();
    if (typeof MediaSource !== 'undefined' && source instanceof MediaSource) {
      this.#objectUrl = URL.createObjectURL(source);
      // The application's own would come before ours.
      if (video.srcObject) video.srcObject = null;
      video.src = this.#objectUrl;
      source.addEventListener('sourceopen', () => this.#revoke(), { once: true });
    } else {
      // A handle of a worker's MediaSource, or a ManagedMediaSource, which is not for remote playback.
      video.disableRemotePlayback = true;
      video.srcObject = source as MediaProvider;
    }
    // A new source sets it back.
    video.playbackRate = this.#rate;
    video.requestVideoFrameCallback?.(() => this.#firstFrame());
    if (this.#wanted) this.#attempt();
  }

  /** Takes its source away. */
  #blank(): void {
    const { video } = this;
    this.#revoke();
    this.#tick(false);
    if (!video) return;
    // Each of the two resets the element, which takes the browser a while: once is enough.
    if (video.srcObject) {
      video.srcObject = null;
    } else {
      video.removeAttribute('src');
      video.load();
    }
  }

  #revoke(): void {
    if (this.#objectUrl) URL.revokeObjectURL(this.#objectUrl);
    this.#objectUrl = '';
  }
}
