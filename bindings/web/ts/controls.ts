// The element's controls: native buttons, sliders and menus, so that keyboards and screen readers know them.

import type { FootlightPlayer } from './player.ts';
import { clock, icon, make } from './dom.ts';

const PLAY = 'M7 4v16l13-8z';
const PAUSE = 'M6 4h4v16H6zM14 4h4v16h-4z';
const LOUD = 'M3 9v6h4l5 5V4L7 9zM15 8v8a5 5 0 0 0 0-8z';
const SILENT = 'M3 9v6h4l5 5V4L7 9zM16 9.4 17.4 8l2.1 2.1L21.6 8 23 9.4 20.9 11.5 23 13.6 21.6 15l-2.1-2.1L17.4 15 16 13.6l2.1-2.1z';
const EXPAND = 'M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z';

/** The pointer rests this long before the controls hide. */
const IDLE_MS = 2500;
const STEP_SECONDS = 10;
const STEP_VOLUME = 0.1;

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly selected: boolean;
}

export class Controls {
  readonly bar = make('div', { part: 'controls', role: 'group', 'aria-label': 'Playback' });
  readonly #host: HTMLElement;
  readonly #box: HTMLElement;
  readonly #player: FootlightPlayer;
  readonly #play = this.#button(PLAY, 'Play', () => this.toggle());
  readonly #seek = make('input', { type: 'range', part: 'seek', min: '0', max: '0', step: 'any', 'aria-label': 'Seek' });
  readonly #time = make('span', { part: 'time' });
  readonly #mute = this.#button(LOUD, 'Mute', () => this.#toggleMute());
  readonly #volume = make('input', { type: 'range', part: 'volume', min: '0', max: '1', step: '0.05', 'aria-label': 'Volume' });
  readonly #text = this.#menu('Subtitles', (value) => this.#player.selectText(value ? Number(value) : null));
  readonly #audio = this.#menu('Audio', (value) => this.#player.selectAudio(Number(value)));
  readonly #quality = this.#menu('Quality', (value) => this.#player.selectRendition(value ? Number(value) : null));
  readonly #full = this.#button(EXPAND, 'Full screen', () => this.#toggleFull());
  #dragging = false;
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, box: HTMLElement, video: HTMLVideoElement, player: FootlightPlayer) {
    this.#host = host;
    this.#box = box;
    this.#player = player;
    const menus = [this.#text, this.#audio, this.#quality];
    this.bar.append(this.#seek, this.#play, this.#mute, this.#volume, this.#time, ...menus, this.#full);
    this.#full.hidden = !document.fullscreenEnabled;
    this.#seek.oninput = () => this.#drag();
    this.#seek.onchange = () => this.#drop();
    this.#volume.oninput = () => {
      player.volume = this.#volume.valueAsNumber;
      player.muted = false;
    };
    video.addEventListener('volumechange', () => this.#showVolume());
    video.addEventListener('progress', () => this.#showTime());
    video.onclick = () => this.toggle();
    box.onpointermove = () => this.#wake();
    player.addEventListener('timeupdate', () => this.#showTime());
    player.addEventListener('durationchange', () => this.#showTime());
    player.addEventListener('statechange', () => this.#showState());
    player.addEventListener('trackschange', () => this.#showTracks());
    this.#showTime();
    this.#showState();
    this.#showVolume();
    this.#showTracks();
  }

  toggle(): void {
    if (this.#player.paused || this.#player.state === 'ended') this.#player.play().catch(() => undefined);
    else this.#player.pause();
  }

  /** The keys that players have; those that a focused control has keep their meaning. */
  key(event: KeyboardEvent): void {
    const player = this.#player;
    const on = event.composedPath()[0];
    if (event.ctrlKey || event.altKey || event.metaKey || on instanceof HTMLSelectElement) return;
    const typing = on instanceof HTMLInputElement;
    const actions: Record<string, () => void> = {
      k: () => this.toggle(),
      m: () => this.#toggleMute(),
      f: () => this.#toggleFull(),
      c: () => this.#toggleText(),
      ArrowLeft: () => this.#step(-STEP_SECONDS),
      ArrowRight: () => this.#step(STEP_SECONDS),
    };
    if (!typing) {
      actions['ArrowUp'] = () => this.#louder(STEP_VOLUME);
      actions['ArrowDown'] = () => this.#louder(-STEP_VOLUME);
      actions['Home'] = () => player.seek(0);
      actions['End'] = () => player.seek(player.duration);
      if (!(on instanceof HTMLButtonElement)) actions[' '] = () => this.toggle();
    }
    if (typing && on !== this.#seek) {
      delete actions['ArrowLeft'];
      delete actions['ArrowRight'];
    }
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
    this.#wake();
  }

  close(): void {
    clearTimeout(this.#idle);
  }

  #button(path: string, label: string, action: () => void): HTMLButtonElement {
    const button = make('button', { type: 'button', part: 'button', 'aria-label': label, title: label }, icon(path));
    button.onclick = action;
    return button;
  }

  #menu(label: string, choose: (value: string) => void): HTMLSelectElement {
    const menu = make('select', { part: 'select', 'aria-label': label, title: label });
    menu.onchange = () => choose(menu.value);
    return menu;
  }

  #step(seconds: number): void {
    this.#player.seek(Math.max(0, this.#player.currentTime + seconds));
  }

  #louder(by: number): void {
    this.#player.volume = Math.min(1, Math.max(0, this.#player.volume + by));
  }

  #toggleMute(): void {
    this.#player.muted = !this.#player.muted;
  }

  #toggleFull(): void {
    const change = document.fullscreenElement ? document.exitFullscreen() : this.#host.requestFullscreen();
    change.catch(() => undefined);
  }

  #toggleText(): void {
    const { text } = this.#player.tracks;
    const shown = text.some((track) => track.selected);
    this.#player.selectText(shown ? null : (text[0]?.id ?? null));
  }

  /** While it is dragged the slider is the viewer's; the seek comes with the release. */
  #drag(): void {
    this.#dragging = true;
    this.#showTime();
  }

  #drop(): void {
    this.#dragging = false;
    this.#player.seek(this.#seek.valueAsNumber);
    this.#showTime();
  }

  #wake(): void {
    clearTimeout(this.#idle);
    this.#box.classList.remove('idle');
    if (this.#player.state === 'playing') this.#idle = setTimeout(() => this.#box.classList.add('idle'), IDLE_MS);
  }

  #showState(): void {
    const paused = this.#player.paused || this.#player.state === 'ended';
    relabel(this.#play, paused ? PLAY : PAUSE, paused ? 'Play' : 'Pause');
    this.#wake();
  }

  #showVolume(): void {
    const silent = this.#player.muted || this.#player.volume === 0;
    relabel(this.#mute, silent ? SILENT : LOUD, silent ? 'Unmute' : 'Mute');
    this.#volume.value = String(silent ? 0 : this.#player.volume);
  }

  #showTime(): void {
    const duration = this.#player.duration || 0;
    const time = this.#dragging ? this.#seek.valueAsNumber : this.#player.currentTime;
    const share = (seconds: number): string => `${duration ? ((100 * seconds) / duration).toFixed(2) : 0}%`;
    this.#seek.max = String(duration);
    if (!this.#dragging) this.#seek.value = String(time);
    const text = `${clock(time)} / ${clock(duration)}`;
    this.#seek.setAttribute('aria-valuetext', text);
    this.#time.textContent = text;
    const stops = this.#player.buffered.flatMap(({ start, end }) => [
      `transparent ${share(start)}`,
      `rgb(255 255 255/.4) ${share(start)} ${share(end)}`,
      `transparent ${share(end)}`,
    ]);
    const ranges = stops.length ? `linear-gradient(90deg,${stops.join()}) 0/100% 4px no-repeat` : 'none';
    this.#seek.style.cssText = `--played:${share(time)};--ranges:${ranges}`;
  }

  #showTracks(): void {
    const { audio, text, video, fixedRendition } = this.#player.tracks;
    const name = (track: { label: string; language: string; id: number }): string =>
      track.label || track.language || `Track ${track.id}`;
    const option = (track: { label: string; language: string; id: number; selected: boolean }): Choice => ({
      value: String(track.id),
      label: name(track),
      selected: track.selected,
    });
    fill(this.#audio, audio.length > 1 ? audio.map(option) : []);
    const none = { value: '', label: 'No subtitles', selected: !text.some((track) => track.selected) };
    fill(this.#text, text.length ? [none, ...text.map(option)] : []);
    const renditions = video.find((track) => track.selected)?.renditions ?? [];
    const qualities = renditions.map(({ id, height, bandwidth }) => ({
      value: String(id),
      label: height ? `${height}p` : `${Math.round(bandwidth / 1000)} kb/s`,
      selected: id === fixedRendition,
    }));
    const automatic = { value: '', label: 'Automatic', selected: fixedRendition === null };
    fill(this.#quality, renditions.length > 1 ? [automatic, ...qualities] : []);
  }
}

function relabel(button: HTMLButtonElement, path: string, label: string): void {
  if (button.title === label) return;
  button.title = label;
  button.setAttribute('aria-label', label);
  button.replaceChildren(icon(path));
}

/** Fills a menu, or hides it when there is nothing to choose. */
function fill(menu: HTMLSelectElement, choices: readonly Choice[]): void {
  menu.hidden = choices.length === 0;
  menu.replaceChildren(...choices.map(({ value, label, selected }) => new Option(label, value, selected, selected)));
}
