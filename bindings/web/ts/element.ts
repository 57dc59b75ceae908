// <footlight-player>: the player as an element, with controls of its own.

import type { PlayerError } from '../footlight.d.ts';
import { Controls } from './controls.ts';
import { make } from './dom.ts';
import { FootlightPlayer } from './player.ts';
import { STYLE } from './style.ts';

/** States in which the viewer waits. */
const WAITING: readonly string[] = ['loading', 'buffering', 'seeking'];

let sheet: CSSStyleSheet | null = null;

export class FootlightPlayerElement extends HTMLElement {
  static readonly observedAttributes = ['src', 'controls', 'muted', 'poster'];

  readonly video = make('video', { part: 'video', playsinline: '', tabindex: '-1' });
  readonly #cues = make('div', { part: 'cues', 'aria-live': 'off' });
  readonly #wait = make('div', { class: 'wait', role: 'status', 'aria-label': 'Loading' });
  readonly #message = make('p');
  readonly #retry = make('button', { type: 'button', part: 'button' }, 'Try again');
  readonly #error = make('div', { part: 'error', role: 'alert' }, this.#message, this.#retry);
  readonly #box = make('div');
  #player: FootlightPlayer | null = null;
  #controls: Controls | null = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    sheet ??= new CSSStyleSheet();
    if (!sheet.cssRules.length) sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.#box.append(this.video, this.#cues, this.#wait, this.#error);
    this.#box.style.cssText = 'position:absolute;inset:0';
    root.append(this.#box);
    this.#wait.hidden = true;
    this.#error.hidden = true;
    this.#retry.onclick = () => {
      this.#error.hidden = true;
      this.#player?.retry();
    };
    this.addEventListener('keydown', (event) => this.#controls?.key(event));
  }

  get player(): FootlightPlayer | null {
    return this.#player;
  }

  get src(): string {
    return this.getAttribute('src') ?? '';
  }

  set src(url: string) {
    this.setAttribute('src', url);
  }

  connectedCallback(): void {
    // Moved within the document: still the same player.
    if (this.#player) return;
    if (!this.hasAttribute('tabindex')) this.tabIndex = 0;
    const languages = this.lang ? [this.lang] : [];
    const player = new FootlightPlayer({ preferences: { audioLanguages: languages, textLanguages: languages } });
    this.#player = player;
    player.addEventListener('statechange', ({ detail: { state } }) => {
      this.#wait.hidden = !WAITING.includes(state);
      if (state !== 'error') this.#error.hidden = true;
    });
    player.addEventListener('error', ({ detail }) => this.#showError(detail));
    player.addEventListener('ended', () => {
      if (this.hasAttribute('loop')) this.#play();
    });
    this.#controls = new Controls(this, this.#box, this.video, player);
    this.#box.append(this.#controls.bar);
    this.#reflect();
    player.attach(this.video);
    player.attachText(this.#cues);
    this.#load();
  }

  disconnectedCallback(): void {
    // An element that is moved leaves and comes back in one go.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#controls?.close();
      this.#controls?.bar.remove();
      this.#player?.destroy();
      this.#controls = null;
      this.#player = null;
    });
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.#player) return;
    if (name === 'src') this.#load();
    else this.#reflect();
  }

  #reflect(): void {
    if (this.#controls) this.#controls.bar.hidden = !this.hasAttribute('controls');
    this.video.muted = this.hasAttribute('muted');
    const poster = this.getAttribute('poster');
    if (poster === null) this.video.removeAttribute('poster');
    else this.video.poster = poster;
  }

  #load(): void {
    const player = this.#player;
    if (!player) return;
    if (!this.src) return player.unload();
    const start = parseFloat(this.getAttribute('start-time') ?? '');
    // Its failure comes as an event, too.
    player.load(this.src, Number.isFinite(start) ? { startTime: start } : {}).catch(() => undefined);
    if (this.hasAttribute('autoplay')) this.#play();
  }

  #play(): void {
    // Where the browser wants a gesture first, there is the play button.
    this.#player?.play().catch(() => undefined);
  }

  #showError(error: PlayerError): void {
    this.#message.textContent =
      error.action === 'check-network' ? 'Cannot reach the video. Check the connection.' : 'This video cannot be played.';
    this.#message.title = `${error.code}: ${error.message}`;
    this.#retry.hidden = error.action !== 'retry' && error.action !== 'check-network';
    this.#error.hidden = false;
  }
}
