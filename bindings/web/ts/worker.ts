// The dedicated worker: loads the engine, then lives by messages.

import { initSync, Engine as WasmEngine } from 'footlight-wasm';
import type { Engine } from './engine.ts';
import type { LoadExtras } from './extras-host.ts';
import { type Numbered, named } from './inputs.ts';
import { compile } from './module.ts';
import type { LoadRecorder } from './recorder.ts';
import { Session } from './session.ts';
import type { LoadText } from './text-host.ts';

/** The first message: ['init', …]. */
export interface WorkerSetup {
  /** The WebAssembly module; by default the one beside this script. */
  wasm: string | null;
  mse: 'worker' | 'main';
  seed: number;
  credentials: RequestCredentials;
  algorithm: string;
  /** Whether the session is to be recorded. */
  record: boolean;
  /** Assumed before anything is measured, in bits per second; 0: the engine's own. */
  bandwidth: number;
}

interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;
const post = (message: unknown[], transfer?: Transferable[]): void => scope.postMessage(message, transfer ?? []);

async function start(setup: WorkerSetup): Promise<Session | null> {
  try {
    // Written so that bundlers see the file and take it along.
    const url = setup.wasm ?? new URL('./footlight_web_bg.wasm', import.meta.url);
    initSync(await compile(url, 'footlight_web_bg.wasm'));
    // Modules of their own, which the build puts beside this one.
    const text: LoadText = async () => (await import('./footlight-text.js')).loadText(setup.wasm);
    const extras: LoadExtras = async () => (await import('./footlight-extras.js')).loadExtras(setup.wasm);
    const recorder: LoadRecorder = async () => (await import('./footlight-recorder.js')).loadRecorder(setup.wasm);
    const options = { ...setup, text, extras, recorder };
    const { seed, algorithm, bandwidth } = setup;
    const make = (host: object): Engine =>
      named(new WasmEngine(host, seed, algorithm, bandwidth) as unknown as Numbered);
    return new Session(make, post, options);
  } catch (error) {
    post(['unavailable', error instanceof Error ? error.message : String(error)]);
    return null;
  }
}

type Message = [name: string, ...args: unknown[]];

let session: Session | null = null;
let early: Message[] | null = [];

scope.onmessage = ({ data }: MessageEvent<Message>): void => {
  if (session) session.receive(data);
  else if (data[0] !== 'init') early?.push(data);
  else {
    void start(data[1] as WorkerSetup).then((started) => {
      session = started;
      const waiting = early ?? [];
      early = null;
      for (const message of waiting) session?.receive(message);
    });
  }
};
