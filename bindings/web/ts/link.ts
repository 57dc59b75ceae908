// The worker as the page sees it.

import type { WorkerSetup } from './worker.ts';

const WORKER = 'footlight-worker.js';
const WASM = 'footlight_web_bg.wasm';

export interface LinkOptions extends Omit<WorkerSetup, 'wasm'> {
  base: string | undefined;
  /** A message has come: a name, and what belongs to it. */
  message(name: string, args: unknown[]): void;
  /** The worker could not be loaded, or failed beyond its own means. */
  failed(message: string): void;
}

export class Link {
  readonly #worker: Worker;
  #shim = '';

  constructor({ base, message, failed, ...setup }: LinkOptions) {
    const folder = base === undefined ? undefined : new URL(base.replace(/\/?$/, '/'), document.baseURI);
    this.#worker = this.#start(folder);
    this.#worker.onmessage = ({ data: [name, ...args] }: MessageEvent<[string, ...unknown[]]>) => {
      this.#forgetShim();
      message(name, args);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      failed(event.message || 'its script');
    };
    const wasm = folder ? new URL(WASM, folder).href : null;
    this.send('init', { wasm, ...setup } satisfies WorkerSetup);
  }

  send(name: string, ...args: unknown[]): void {
    this.#worker.postMessage([name, ...args]);
  }

  close(): void {
    this.#worker.onmessage = null;
    this.#worker.onerror = null;
    this.#worker.terminate();
    this.#forgetShim();
  }

  #start(folder: URL | undefined): Worker {
    const here = import.meta.url;
    // Written in one piece so that bundlers see the worker and take it along.
    if (!folder && !isElsewhere(here)) {
      return new Worker(new URL('./footlight-worker.js', import.meta.url), { type: 'module' });
    }
    const script = new URL(WORKER, folder ?? here);
    if (!isElsewhere(script.href)) return new Worker(script, { type: 'module' });
    // A worker's script must be of the page's own origin; what it imports need not.
    const source = new Blob([`import ${JSON.stringify(script.href)};`], { type: 'text/javascript' });
    this.#shim = URL.createObjectURL(source);
    return new Worker(this.#shim, { type: 'module' });
  }

  #forgetShim(): void {
    if (this.#shim) URL.revokeObjectURL(this.#shim);
    this.#shim = '';
  }
}

/** Whether a script is of another web origin. A bundler's `file:` is not. */
function isElsewhere(url: string): boolean {
  return /^https?:/.test(url) && new URL(url).origin !== location.origin;
}
