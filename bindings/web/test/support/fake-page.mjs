// As much of a page as the player touches.

import { setMaxListeners } from 'node:events';

// One signal for all listeners of a video is what the player has, and no leak.
setMaxListeners(0);

export class FakeVideo extends EventTarget {
  paused = true;
  ended = false;
  seeking = false;
  currentTime = 0;
  playbackRate = 1;
  readyState = 0;
  volume = 1;
  muted = false;
  clientWidth = 640;
  clientHeight = 360;
  src = '';
  srcObject = null;
  error = null;
  spans = [];
  /** What play() answers with. */
  refusal = null;
  listeners = 0;

  get buffered() {
    return { length: this.spans.length, start: (at) => this.spans[at][0], end: (at) => this.spans[at][1] };
  }

  addEventListener(name, listener, options) {
    this.listeners += 1;
    options?.signal?.addEventListener('abort', () => (this.listeners -= 1));
    super.addEventListener(name, listener, options);
  }

  play() {
    if (this.refusal) return Promise.reject(this.refusal);
    this.paused = false;
    return new Promise((resolve, reject) => (this.pending = { resolve, reject }));
  }

  pause() {
    this.paused = true;
    this.pending?.reject(new DOMException('interrupted', 'AbortError'));
  }

  load() {}

  removeAttribute() {
    this.src = '';
  }

  getVideoPlaybackQuality() {
    return { totalVideoFrames: 50, droppedVideoFrames: 2 };
  }

  say(...names) {
    for (const name of names) this.dispatchEvent(new Event(name));
  }
}

/** Workers made by the page under test, newest last. */
export const workers = [];

export class FakeWorker {
  sent = [];
  terminated = false;
  onmessage = null;
  onerror = null;

  constructor(url, options) {
    this.url = String(url);
    this.options = options;
    workers.push(this);
  }

  postMessage(message) {
    this.sent.push(message);
  }

  terminate() {
    this.terminated = true;
  }

  /** What the worker says. */
  say(...message) {
    this.onmessage?.({ data: message });
  }

  /** The names of what was sent, the setup left out. */
  names() {
    return this.sent.map(([name]) => name).filter((name) => name !== 'init' && name !== 'set_preferences');
  }
}

export class FakeResizeObserver {
  static live = 0;

  observe() {
    FakeResizeObserver.live += 1;
  }

  disconnect() {
    FakeResizeObserver.live -= 1;
  }
}

export function installPage() {
  workers.length = 0;
  const document = new EventTarget();
  document.baseURI = 'http://page.test/';
  document.visibilityState = 'visible';
  const window = new EventTarget();
  window.devicePixelRatio = 2;
  const page = {
    document,
    window,
    location: { origin: 'http://page.test' },
    Worker: FakeWorker,
    ResizeObserver: FakeResizeObserver,
    MediaSource: class MediaSource {
      static canConstructInDedicatedWorker = true;
    },
  };
  Object.assign(globalThis, page);
  globalThis.navigator ??= {};
  navigator.onLine = true;
  return page;
}
