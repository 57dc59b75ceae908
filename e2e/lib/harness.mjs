// The frame of every test: a browser, a backend, a page, and what is told when it fails.

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Backend } from './backend.mjs';
import { launch } from './browsers.mjs';
import { BROWSERS, OUT, PAGES, PLAYER, need } from './paths.mjs';

export { Backend } from './backend.mjs';
export { launch } from './browsers.mjs';

/** No test may take longer. */
const TEST_MS = 120_000;
/** What browsers say of a request that failed, which many tests are about. */
const NETWORK_COMPLAINT = /Failed to load resource|Cross-Origin Request Blocked|NetworkError|net::ERR_/;

/** A folder to serve: the pages of these tests, the player's package under /player/, and whatever else. */
export function webRoot(extra = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'footlight-e2e-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  cpSync(PAGES, folder, { recursive: true });
  symlinkSync(need(PLAYER, 'bindings/web/build.mjs makes it'), join(folder, 'player'));
  for (const [name, path] of Object.entries(extra)) symlinkSync(path, join(folder, name));
  return folder;
}

async function tell(page, name) {
  const file = name.replace(/[^a-z0-9]+/gi, '-').toLowerCase();
  const lines = [];
  const state = await page.evaluate(() => globalThis.describe?.()).catch((error) => String(error));
  if (state) lines.push(`page: ${state}`);
  if (page.errors.length) lines.push(`errors: ${page.errors.join('\n  ')}`);
  if (page.complaints.length) lines.push(`console: ${page.complaints.slice(-10).join('\n  ')}`);
  mkdirSync(join(OUT, 'failures'), { recursive: true });
  const picture = join(OUT, 'failures', `${file}.png`);
  await page.screenshot(picture).then(() => lines.push(`screenshot: ${picture}`), () => undefined);
  return lines.join('\n');
}

/** Errors of the page that no test expects. */
function unexpected(page) {
  return [...page.errors, ...page.complaints.filter((text) => !NETWORK_COMPLAINT.test(text))];
}

class Frame {
  #pages = [];
  #backends = [];

  constructor(browser, root, name) {
    this.browser = browser;
    this.root = root;
    this.name = name;
  }

  /** A backend of this test's own. */
  async backend() {
    const backend = await Backend.start({ webRoot: this.root });
    this.#backends.push(backend);
    return backend;
  }

  async page(size) {
    const page = await this.browser.newPage(size);
    this.#pages.push(page);
    return page;
  }

  async failed(error) {
    for (const page of this.#pages) {
      const told = await tell(page, `${this.browser.name} ${this.name}`);
      if (error instanceof Error) error.message += `\n${told}`;
      else console.error(told);
    }
  }

  finish() {
    const found = this.#pages.flatMap(unexpected);
    if (found.length) throw new Error(`the page complained: ${found.join('\n')}`);
  }

  async close() {
    for (const page of this.#pages) await page.close().catch(() => undefined);
    for (const backend of this.#backends) await backend.stop();
  }
}

/**
 * Defines tests for each browser. `define(add, name)` calls `add(title, run, options)`; `run(frame, t)` has a frame
 * with `backend()` and `page()`, and all of it is closed afterwards. `keys`: the tests need the window in front, of which
 * Firefox has one, where every page of Chromium believes that it is there.
 */
export function suite(title, { concurrency = 1, keys = false, browsers = BROWSERS, root = webRoot }, define) {
  for (const name of browsers.filter((one) => BROWSERS.includes(one))) {
    const atOnce = keys && name === 'firefox' ? 1 : concurrency;
    describe(`${title}, ${name}`, { concurrency: atOnce }, () => {
      let browser;
      let folder;
      before(async () => {
        folder = root();
        browser = await launch(name);
      });
      after(() => browser?.close());
      const add = (what, run, options = {}) =>
        test(what, { timeout: TEST_MS, ...options }, async (t) => {
          const frame = new Frame(browser, folder, what);
          try {
            await run(frame, t);
            frame.finish();
          } catch (error) {
            await frame.failed(error);
            throw error;
          } finally {
            await frame.close();
          }
        });
      define(add, name);
    });
  }
}
