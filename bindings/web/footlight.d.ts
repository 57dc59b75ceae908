/**
 * The public face of `footlight-player`. The host's own sources take their public types from here, and a type test
 * holds the implementation to it.
 */

import type { Diagnostic, EventPayload, Presentation } from './presentation.d.ts';

export type * from './presentation.d.ts';

/** What went wrong, as a stable code, and what can be done about it. */
export interface PlayerError extends Error {
  /** Stable and documented, such as `network.status` or `manifest.malformed`. */
  readonly code: string;
  /**
   * `fatal`: playback stopped, and would again. `recoverable`: playback stopped, and {@link FootlightPlayer.retry} may
   * bring it back. `warning`: playback goes on.
   */
  readonly severity: 'fatal' | 'recoverable' | 'warning';
  /** What to offer to the viewer. */
  readonly action: 'retry' | 'go-back' | 'check-network' | 'none';
  /** The address it is about, without its query. */
  readonly url?: string;
  /** The HTTP status it is about. */
  readonly status?: number;
}

/** What the player is doing. */
export type PlayerState =
  | 'idle'
  | 'loading'
  | 'ready'
  | 'playing'
  | 'paused'
  | 'buffering'
  | 'seeking'
  | 'ended'
  | 'error';

/** One encoding of a video track. */
export interface Rendition {
  readonly id: number;
  /** Bits per second. */
  readonly bandwidth: number;
  readonly width: number;
  readonly height: number;
  /** Frames per second; 0 when the manifest does not say. */
  readonly frameRate: number;
  readonly codecs: string;
  /** Whether this is the one being fetched. */
  readonly active: boolean;
}

/** A video track: one picture in several renditions. */
export interface VideoTrack {
  readonly id: number;
  readonly selected: boolean;
  readonly renditions: readonly Rendition[];
}

/** An audio track: a language, a commentary, a description. */
export interface AudioTrack {
  readonly id: number;
  /** BCP 47, as the manifest gives it. */
  readonly language: string;
  readonly label: string;
  readonly roles: readonly string[];
  readonly channels: number;
  readonly codecs: string;
  readonly selected: boolean;
}

/** A subtitle or caption track. */
export interface TextTrackInfo {
  readonly id: number;
  readonly language: string;
  readonly label: string;
  readonly roles: readonly string[];
  /** `forced` text belongs to the sound of its language. */
  readonly kind: 'subtitles' | 'captions' | 'forced';
  readonly selected: boolean;
}

/** What there is to choose from. */
export interface Tracks {
  readonly video: readonly VideoTrack[];
  readonly audio: readonly AudioTrack[];
  readonly text: readonly TextTrackInfo[];
  /** Whether {@link FootlightPlayer.thumbnailAt} has pictures. */
  readonly thumbnails: boolean;
  /** The rendition of {@link FootlightPlayer.selectRendition}; null when automatic. */
  readonly fixedRendition: number | null;
}

/** A span of media time in seconds. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** What there is to seek in. */
export interface Timeline {
  /** More is still to come. */
  readonly live: boolean;
  /** From the earliest position to the latest; live, both move on. */
  readonly seekable: TimeRange;
  /** The service's clock as a position; null when not live. */
  readonly edge: number | null;
  /** Seconds behind that clock; null when not live. */
  readonly latency: number | null;
  /** Seconds behind it that are aimed at; null when not live. */
  readonly targetLatency: number | null;
  /** The wall clock at position zero, in seconds since the Unix epoch; null when not live. */
  readonly wallClockAtZero: number | null;
}

/** An event of the manifest (`EventStream`) or of a segment (`emsg`). */
export interface TimedEvent {
  /** Whose kind of event it is, such as `urn:scte:scte35:2013:bin`. */
  readonly scheme: string;
  readonly value: string;
  /** Events of one scheme and value with the same id are the same event. */
  readonly id: number | null;
  /** Seconds of media time. */
  readonly start: number;
  /** Null when that is not known. */
  readonly end: number | null;
  /** The message: UTF-8 text, XML or binary, as the scheme has it. */
  readonly data: Uint8Array;
  /** The message of SCTE 35 and ID3 events, decoded; null where it is something else or cannot be. */
  readonly payload: EventPayload | null;
  /** The playhead has come to it; else it has left. */
  readonly active: boolean;
}

/** A piece of text or a picture, when it shows and where. Times and places are those of the file. */
export interface Cue extends TimeRange {
  /** What the file calls it; may be empty. */
  readonly id: string;
  /** Its text without any style, lines apart by newlines. Never to be used as HTML. */
  readonly text: string;
  readonly lines: readonly (readonly CueSpan[])[];
  readonly layout: CueLayout;
  /** A picture in place of text, as large as the layout's box. */
  readonly image: { readonly mime: string; readonly data: Uint8Array } | null;
  /** To be shown even where subtitles are off. */
  readonly forced: boolean;
}

/** A run of text in one style. What is not there is left to who draws it; colours are `#rrggbbaa`. */
export interface CueSpan {
  readonly text: string;
  readonly color?: string;
  readonly background?: string;
  /** Size of the type in percent of the picture's height. */
  readonly size?: number;
  /** Font families as CSS lists them. */
  readonly family?: string;
  readonly italic?: boolean;
  readonly bold?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly flash?: boolean;
  readonly edge?: 'outline' | 'shadow' | 'raised' | 'depressed';
  readonly edgeColor?: string;
  /** Who says it. */
  readonly voice?: string;
  /** What stands over it in small type. */
  readonly ruby?: string;
}

/** Where a cue goes: a box in percent of the picture, and how text stands in it. */
export interface CueLayout {
  /** Cues of one region follow each other in one box. */
  readonly region?: string;
  /** `stack`: at the bottom, over what is there; `line`: that many lines from the top, negative from the bottom. */
  readonly place: 'box' | 'stack' | 'line';
  readonly line?: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Where lines stand in the box. */
  readonly blockAlign: 'before' | 'center' | 'after';
  readonly textAlign: 'start' | 'center' | 'end' | 'left' | 'right' | 'justify';
  readonly writingMode: 'horizontal-tb' | 'vertical-rl' | 'vertical-lr';
  readonly direction?: 'auto' | 'ltr' | 'rtl';
  /** Top, right, bottom, left. */
  readonly padding?: readonly number[];
  readonly background?: string;
  /** Behind the block of text in the box. */
  readonly blockBackground?: string;
  readonly lineHeight?: number;
  readonly noWrap?: boolean;
  /** New lines push older ones out of the box. */
  readonly rollUp?: boolean;
  readonly layer?: number;
}

/** How a viewer wants text to look; what is not there stays as authored. */
export interface TextStyle {
  /** Times the authored size. */
  readonly scale?: number;
  /** CSS colours. */
  readonly color?: string;
  readonly background?: string;
  readonly edge?: 'none' | 'outline' | 'shadow' | 'raised' | 'depressed';
  /** Font families as CSS lists them. */
  readonly font?: string;
  readonly position?: 'authored' | 'bottom' | 'top';
}

/** A choice of rendition, and why it was made. */
export interface AbrDecision {
  /** When, in seconds since `load()`. */
  readonly time: number;
  readonly kind: 'video' | 'audio';
  /** The rendition chosen. */
  readonly id: number;
  readonly bandwidth: number;
  /** A code: `startup`, `throughput`, `buffer-low`, `manual`, `cap`, `limit`, `save-data`, `dropped-frames`… */
  readonly reason: string;
  /** The estimate it was made with, bits per second. */
  readonly throughput: number;
  /** The seconds ahead it was made with. */
  readonly buffer: number;
  /** Bits per second expected of the network: more than `low` in nine of ten cases, less than `high` likewise. */
  readonly forecast: { low: number; median: number; high: number } | null;
  /** The renditions planned for the four segments after this one. */
  readonly plan: readonly number[] | null;
}

/** What the player knows about how it is doing. */
export interface Stats {
  /** Seconds of media time. */
  readonly position: number;
  /** Seconds of video ahead. */
  readonly videoBuffer: number;
  /** Seconds of audio ahead. */
  readonly audioBuffer: number;
  /** Seconds the player wants ahead. */
  readonly bufferGoal: number;
  /** Estimate, bits per second. */
  readonly throughput: number;
  readonly rendition: { id: number; width: number; height: number; bandwidth: number } | null;
  /** The last choice of rendition. */
  readonly decision: AbrDecision | null;
  readonly droppedFrames: number;
  readonly decodedFrames: number;
  readonly requests: { count: number; bytes: number; failed: number };
  readonly stalls: number;
  /** Seconds behind the service's clock; null when not live. */
  readonly latency: number | null;
  /** Milliseconds from `load()` to the first frame; null until then. */
  readonly firstFrameMs: number | null;
  /** The service location (CDN) in use; empty while there is none. */
  readonly serviceLocation: string;
  /** Where the MediaSource lives. */
  readonly mse: 'worker' | 'main';
}

/** A picture of a moment: a part of a sheet of pictures. */
export interface Thumbnail {
  /** The sheet. */
  readonly url: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly sheetWidth: number;
  readonly sheetHeight: number;
}

/** Settings of a player, fixed when it is made. */
export interface PlayerOptions {
  /** The folder that holds `footlight-worker.js` and `footlight_web_bg.wasm`; by default this module's own. */
  base?: string;
  /** Makes every random choice (jitter) reproducible. */
  seed?: number;
  preferences?: {
    /** BCP 47 languages, the favourite first. */
    audioLanguages?: readonly string[];
    textLanguages?: readonly string[];
    /** Whether subtitles show from the start. */
    textEnabled?: boolean;
  };
  /** `main` keeps the MediaSource on the page even where workers can have one. */
  mse?: 'auto' | 'main';
  /** Cookies and credentials of manifest and media requests; `omit` by default. */
  credentials?: 'omit' | 'same-origin' | 'include';
  /** See {@link FootlightPlayer.limits}. */
  limits?: Limits;
  /** How renditions are chosen: the default plans ahead; `throughput` takes what the measured throughput carries. */
  algorithm?: 'ours' | 'throughput';
  /** Bits per second assumed before anything is measured; by default what the last visit measured. */
  initialBandwidth?: number;
  /** Whether measured throughput is kept in the page's storage for the next visit; by default it is. */
  remember?: boolean;
  /** Whether {@link FootlightPlayer.recording} is to be had: costs memory. */
  record?: boolean;
}

/** How large a picture may be chosen automatically; a rendition that the viewer picks is not held by it. */
export interface Limits {
  /** Lines, of the picture's shorter side. */
  maxHeight?: number;
  /** Bits per second. */
  maxBitrate?: number;
  /** No more than standard definition; by default as the platform says (`navigator.connection.saveData`). */
  saveData?: boolean;
}

/** Settings of one {@link FootlightPlayer.load}. */
export interface LoadOptions {
  /** Where to start, in seconds. */
  startTime?: number;
}

/** The player's events; each is a `CustomEvent` with this `detail`. */
export interface PlayerEventMap {
  statechange: CustomEvent<{ state: PlayerState }>;
  durationchange: CustomEvent<{ duration: number }>;
  /** What there is to seek in has changed; about once a second while a live presentation plays. */
  timelinechange: CustomEvent<Timeline>;
  /**
   * Another presentation is being loaded, since the manifest says so: instead of one that cannot be played, or after its
   * end. The speed, whether it plays and the languages in use stay; tracks and positions are of the new one.
   */
  presentationchange: CustomEvent<{ url: string; reason: 'fallback' | 'chaining' }>;
  /** The playhead came to a timed event, or left one whose end is known. */
  timedevent: CustomEvent<TimedEvent>;
  trackschange: CustomEvent<{ tracks: Tracks }>;
  renditionchange: CustomEvent<{
    kind: 'video' | 'audio';
    id: number;
    width: number;
    height: number;
    bandwidth: number;
    reason: string;
  }>;
  decision: CustomEvent<AbrDecision>;
  cuechange: CustomEvent<{ cues: readonly Cue[] }>;
  error: CustomEvent<PlayerError>;
  warning: CustomEvent<PlayerError>;
  timeupdate: CustomEvent<{ currentTime: number }>;
  /** Playback ran dry, or goes on after that. */
  stall: CustomEvent<{ stalled: boolean }>;
  ended: CustomEvent<Record<string, never>>;
}

/**
 * A player: give it a `<video>` and a manifest.
 *
 * ```js
 * const player = new FootlightPlayer();
 * player.attach(document.querySelector('video'));
 * await player.load('https://example.com/film/manifest.mpd');
 * await player.play();
 * ```
 */
export class FootlightPlayer extends EventTarget {
  constructor(options?: PlayerOptions);

  /** Plays in this element. Its `src` and `srcObject` are the player's from now on. */
  attach(video: HTMLVideoElement): void;
  /**
   * Draws text in this element, which lies over the video and is as large as it; null draws none. What covers the lower
   * edge of the video is told by the custom property `--footlight-cue-bottom`.
   */
  attachText(container: HTMLElement | null): void;
  /** How the viewer wants text to look. */
  textStyle: TextStyle;

  /**
   * Opens a presentation, paused, in place of the one before it. Resolves when its duration and tracks are known; rejects with
   * a {@link PlayerError}, of code `load.superseded` when another load, `unload()` or `destroy()` came first.
   */
  load(url: string, options?: LoadOptions): Promise<void>;

  /** Resolves when playback has begun. Rejects with `NotAllowedError` when the browser wants a gesture first. */
  play(): Promise<void>;
  pause(): void;
  seek(seconds: number): void;
  /** Goes to the live edge. Nothing where the presentation is not live. */
  goLive(): void;

  readonly state: PlayerState;
  /** Seconds; where a seek is going while it has not landed. */
  readonly currentTime: number;
  /** Seconds; NaN while not known. */
  readonly duration: number;
  /** What there is to seek in. */
  readonly timeline: Timeline;
  readonly paused: boolean;
  readonly buffered: TimeRange[];
  playbackRate: number;
  /** How large a picture may be chosen automatically. */
  limits: Limits;
  /** 0 to 1. */
  volume: number;
  muted: boolean;

  readonly tracks: Tracks;
  selectAudio(id: number): void;
  /** `null`: no subtitles. */
  selectText(id: number | null): void;
  /** `null`: automatic. */
  selectRendition(id: number | null): void;

  /** The picture of a moment, where the presentation has thumbnails. */
  thumbnailAt(seconds: number): Promise<Thumbnail | null>;
  stats(): Promise<Stats>;
  /**
   * All that the manifest in force says; null before it is there. Read anew for each call, by a module that is fetched for
   * the first. Rejects with `extras.unavailable` when that cannot be had.
   */
  presentation(): Promise<Presentation | null>;
  /** What is wrong with the manifest in force, in its order. Otherwise as {@link FootlightPlayer.presentation}. */
  diagnostics(): Promise<Diagnostic[]>;
  /**
   * The session since this player was made, as a recording that `footlight-probe replay` plays again: what the engine was told
   * and when, without media; query strings, which may hold secrets, are masked. Needs `record: true`. A session of which more
   * than 16 MB were told (manifests, mostly) is recorded up to there. Rejects with `recording.unavailable`.
   */
  recording(): Promise<Uint8Array>;

  /** Goes on after an error, from where it happened. */
  retry(): void;
  /** Lets go of the presentation; another can be loaded. */
  unload(): void;
  /** Lets go of everything, for good. */
  destroy(): void;

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
  removeEventListener<K extends keyof PlayerEventMap>(
    type: K,
    listener: (this: FootlightPlayer, event: PlayerEventMap[K]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

/**
 * `<footlight-player src controls>`: a player as an element, registered when this module is imported.
 *
 * Attributes: `src`, `controls`, `autoplay`, `muted`, `loop`, `poster`, `lang` (preferred language of sound and
 * subtitles), `start-time` (seconds). Parts for styling: `video`, `cues`, `cue`, `controls`, `button`, `seek`, `time`,
 * `volume`, `select`, `error`. Custom properties: `--footlight-accent`, `--footlight-text`, `--footlight-panel`,
 * `--footlight-cue-size`, `--footlight-cue-bottom`.
 */
export class FootlightPlayerElement extends HTMLElement {
  /** The player inside; null while the element is not in a document. */
  readonly player: FootlightPlayer | null;
  /** The video inside. */
  readonly video: HTMLVideoElement;
  src: string;
}

declare global {
  interface HTMLElementTagNameMap {
    'footlight-player': FootlightPlayerElement;
  }
}
