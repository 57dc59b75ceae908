// A window of a program that carries WebKitGTK: a screen without a screen, WebKit's driver, and one interface like that of
// the browsers.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { DEADLINE_MS } from './browsers.mjs';

const START_MS = 30_000;
const END_MS = 10_000;
const POLL_MS = 25;
/** No answer of the driver takes longer. */
const CALL_MS = 60_000;
/** A script may take a little longer than what it waits for. */
const SLACK_MS = 15_000;
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const KEYS = { Enter: '\uE007', Escape: '\uE00C', ArrowLeft: '\uE012', ArrowRight: '\uE014', Tab: '\uE004' };

/** Programs that run, so that none outlives this process. */
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

function start(program, args, options) {
  const child = spawn(program, args, options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), END_MS);
  await ended;
  clearTimeout(late);
}

/** Looks until there is something. */
export async function until(look, what, deadline = START_MS) {
  const end = performance.now() + deadline;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`not within ${deadline} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const firstLine = async (stream) =>
  String((await once(stream, 'data', { signal: AbortSignal.timeout(START_MS) }))[0]).split('\n')[0];

/** A desktop in memory: a screen, and the bus on which its programs find each other. */
export class Desktop {
  static async start({ width = 1280, height = 800 } = {}) {
    const self = new Desktop();
    const args = ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'];
    self.screen = start('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    const display = `:${await firstLine(self.screen.stdio[3])}`;
    const bus = ['--session', '--nofork', '--print-address=1'];
    self.bus = start('dbus-daemon', bus, { stdio: ['ignore', 'pipe', 'ignore'] });
    const address = await firstLine(self.bus.stdout);
    /** The environment of programs that show something here. */
    self.environment = {
      ...process.env,
      DISPLAY: display,
      GDK_BACKEND: 'x11',
      WAYLAND_DISPLAY: '',
      DBUS_SESSION_BUS_ADDRESS: address,
      NO_AT_BRIDGE: '1',
    };
    return self;
  }

  /** Calls a method over the bus, and returns what it answers as text. */
  call(name, path, method, ...args) {
    const send = ['--session', '--print-reply=literal', `--dest=${name}`, path, method, ...args];
    return String(execFileSync('dbus-send', send, { env: this.environment }));
  }

  async close() {
    await stop(this.bus);
    await stop(this.screen);
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether a process is there; one that has ended and waits for its parent is not. */
function lives(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** A program's window under WebKit's driver. */
export class Window {
  #driver;
  #session;

  /** Starts a program that lets itself be driven, and waits for its page. */
  static async open(desktop, binary, args) {
    const self = new Window();
    const port = await freePort();
    self.base = `http://127.0.0.1:${port}`;
    const env = { ...desktop.environment, TAURI_WEBVIEW_AUTOMATION: 'true' };
    self.#driver = start('WebKitWebDriver', [`--port=${port}`], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    self.log = '';
    self.#driver.stderr.on('data', (chunk) => {
      self.log = (self.log + chunk).slice(-4000);
    });
    try {
      await until(() => fetch(`${self.base}/status`).then(({ ok }) => ok, () => false), 'the driver');
      const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary, args } } };
      const { sessionId } = await self.#call('POST', '/session', { capabilities });
      self.#session = `/session/${sessionId}`;
      await self.#call('POST', `${self.#session}/timeouts`, { script: DEADLINE_MS + SLACK_MS });
      const children = readFileSync(`/proc/${self.#driver.pid}/task/${self.#driver.pid}/children`, 'utf8');
      [self.pid] = children.trim().split(' ').map(Number);
      return self;
    } catch (error) {
      await self.kill();
      throw new Error(`${error.message}\n${self.log}`);
    }
  }

  async #call(method, path, body) {
    const signal = AbortSignal.timeout(CALL_MS);
    const init = body === undefined ? { method, signal } : { method, signal, body: JSON.stringify(body) };
    const response = await fetch(this.base + path, init);
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  }

  #ask(method, path, body) {
    return this.#call(method, this.#session + path, body);
  }

  /** Runs a function in the page. It sees nothing but its one argument. */
  async evaluate(run, argument = null) {
    const script = `const [argument, done] = arguments;
      (async () => (${run})(argument))().then((value) => done({ value }), (error) => done({ error: String(error) }));`;
    const { value, error } = await this.#ask('POST', '/execute/async', { script, args: [argument] });
    if (error) throw new Error(error);
    return value;
  }

  /** Waits until a function in the page gives something true, and returns that. */
  async waitFor(predicate, { argument = null, deadline = DEADLINE_MS, what = String(predicate) } = {}) {
    const script = `const [[argument, left, every], done] = arguments;
      (async () => {
        const until = performance.now() + left;
        for (;;) {
          const value = await (${predicate})(argument);
          if (value) return { value };
          if (performance.now() >= until) return { late: true };
          await new Promise((resolve) => setTimeout(resolve, every));
        }
      })().then(done, (error) => done({ error: String(error) }));`;
    const { value, error, late } = await this.#ask('POST', '/execute/async', { script, args: [[argument, deadline, POLL_MS]] });
    if (error) throw new Error(error);
    if (late) throw new Error(`not within ${deadline} ms: ${what}`);
    return value;
  }

  /** A real click, once the element is there. */
  async click(selector) {
    await this.waitFor((wanted) => document.querySelector(wanted)?.checkVisibility(), { argument: selector, what: selector });
    const { [ELEMENT]: id } = await this.#ask('POST', '/element', { using: 'css selector', value: selector });
    await this.#ask('POST', `/element/${id}/click`, {});
  }

  /** A real key press, by `KeyboardEvent.key`. */
  async press(key) {
    const value = KEYS[key] ?? key;
    const actions = ['keyDown', 'keyUp'].map((type) => ({ type, value }));
    await this.#ask('POST', '/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }

  async screenshot(path) {
    mkdirSync(dirname(path), { recursive: true });
    // What is drawn is what was there two frames ago.
    await this.evaluate(async () => {
      for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
    });
    writeFileSync(path, Buffer.from(await this.#ask('GET', '/screenshot'), 'base64'));
  }

  /** Ends the program at once, and waits for its end. */
  async close() {
    process.kill(this.pid, 'SIGTERM');
    await until(() => !lives(this.pid), 'the end of the program', END_MS);
    await this.kill();
  }

  /** Ends all of it, whatever its state. */
  async kill() {
    await stop(this.#driver);
    if (this.pid && lives(this.pid)) process.kill(this.pid, 'SIGKILL');
  }
}
