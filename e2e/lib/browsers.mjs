// Chromium (over CDP) and Firefox (over WebDriver BiDi) behind one small interface.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { CHROMIUM, FIREFOX, need } from './paths.mjs';

/** How long a page may take for anything, unless told otherwise. */
export const DEADLINE_MS = 15_000;
/** How often a predicate is looked at. */
const POLL_MS = 25;
const SIZE = { width: 1280, height: 720 };

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const PREFERENCES = {
  // Nothing but what the page asks for.
  'app.update.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'extensions.systemAddon.update.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  // A mouse is there, as with a desktop that has a screen.
  'ui.primaryPointerCapabilities': 6,
  'ui.allPointerCapabilities': 6,
  // Several windows at once: those behind are as much in use as the one in front.
  'widget.windows.window_occlusion_tracking.enabled': false,
  'dom.min_background_timeout_value': 4,
};

/** What browsers say when a page was left while something ran in it. */
const LEFT = /context was destroyed|navigat|no such frame|Cannot find context|DiscardedBrowsingContext|frame got detached/i;

/** Runs in the page: looks until there is something, or the time is over. */
async function look({ source, argument, left, every }) {
  const predicate = (0, eval)(`(${source})`);
  const until = performance.now() + left;
  for (;;) {
    const value = await predicate(argument);
    if (value) return { value };
    if (performance.now() >= until) return null;
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** What both kinds of page have in common: what the page complained about, and waiting. */
class Page {
  /** Uncaught errors. */
  errors = [];
  /** console.error and console.warn. */
  complaints = [];
  /** Addresses of what was asked of the network, in order. */
  requests = [];

  constructor(raw) {
    this.raw = raw;
    raw.on('pageerror', (error) => this.errors.push(String(error?.stack ?? error)));
    raw.on('request', (request) => this.requests.push(request.url()));
    raw.on('console', (message) => {
      const type = message.type();
      if (type === 'error' || type === 'warn' || type === 'warning') this.complaints.push(message.text());
    });
  }

  /** Runs a function in the page. It sees nothing but its one argument. */
  evaluate(run, argument) {
    return this.raw.evaluate(run, argument);
  }

  /** Waits until a function in the page, perhaps an asynchronous one, gives something true, and returns that. */
  async waitFor(predicate, { argument, deadline = DEADLINE_MS, what = String(predicate) } = {}) {
    const until = performance.now() + deadline;
    for (;;) {
      const left = Math.max(until - performance.now(), 0);
      try {
        const found = await this.evaluate(look, { source: String(predicate), argument, left, every: POLL_MS });
        if (found) return found.value;
        throw new Error(`not within ${deadline} ms: ${what}`);
      } catch (error) {
        // The page has gone to another meanwhile: the question is put to that.
        if (!LEFT.test(error?.message) || left === 0) throw error;
      }
    }
  }

  /** A real click, once the element is there, visible and still. */
  async click(selector, { deadline = DEADLINE_MS } = {}) {
    await this.raw.locator(selector).setTimeout(deadline).click();
  }

  async hover(selector) {
    await this.raw.locator(selector).setTimeout(DEADLINE_MS).hover();
  }

  /** A real key press, by `KeyboardEvent.key`: `a`, ` `, `?`, `ArrowLeft`. */
  async press(key) {
    await this.raw.keyboard.press(key);
  }

  /** Gives the focus to an element, as the Tab key would. */
  async focus(selector) {
    await this.raw.focus(selector);
  }

  async type(text) {
    await this.raw.keyboard.type(text);
  }

  async moveMouse(x, y) {
    await this.raw.mouse.move(x, y);
  }

  async screenshot(path) {
    mkdirSync(dirname(path), { recursive: true });
    await this.raw.screenshot({ path });
  }

  async close() {
    await this.raw.close();
  }
}

class ChromiumPage extends Page {
  constructor(raw, context) {
    super(raw);
    this.context = context;
    raw.setDefaultTimeout(DEADLINE_MS);
  }

  async goto(url) {
    await this.raw.goto(url, { waitUntil: 'load' });
  }

  async back() {
    await this.raw.goBack();
  }

  async reload() {
    await this.raw.reload();
  }

  async resize(width, height) {
    await this.raw.setViewportSize({ width, height });
  }

  async click(selector, { deadline = DEADLINE_MS } = {}) {
    await this.raw.click(selector, { timeout: deadline });
  }

  async hover(selector) {
    await this.raw.hover(selector);
  }

  async offline(off) {
    await this.context.setOffline(off);
  }

  async close() {
    await this.context.close();
  }
}

class FirefoxPage extends Page {
  async goto(url) {
    await this.raw.goto(url, { waitUntil: 'load' });
  }

  async back() {
    await this.raw.goBack();
  }

  async reload() {
    await this.raw.reload();
  }

  async resize(width, height) {
    await this.raw.setViewport({ width, height });
  }
}

class Chromium {
  name = 'chromium';

  static async launch() {
    const { chromium } = await import('playwright-core');
    const executablePath = need(CHROMIUM, '`apt-get install chromium` brings it, FOOTLIGHT_CHROMIUM names another');
    const self = new Chromium();
    self.raw = await chromium.launch({ executablePath, headless: true, args: FLAGS });
    return self;
  }

  /** A page with a profile of its own. */
  async newPage(size = SIZE) {
    const context = await this.raw.newContext({ viewport: size });
    return new ChromiumPage(await context.newPage(), context);
  }

  async close() {
    await this.raw.close();
  }
}

class Firefox {
  name = 'firefox';

  static async launch() {
    const { default: puppeteer } = await import('puppeteer-core');
    const executablePath = need(FIREFOX, '`apt-get install firefox-esr` brings it, FOOTLIGHT_FIREFOX names another');
    const self = new Firefox();
    self.raw = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      headless: true,
      extraPrefsFirefox: PREFERENCES,
    });
    return self;
  }

  /** A page in a window of its own, which stays in use when there are others. */
  async newPage(size = SIZE) {
    const raw = await this.raw.newPage({ type: 'window' });
    raw.setDefaultTimeout(DEADLINE_MS);
    await raw.setViewport(size);
    return new FirefoxPage(raw);
  }

  async close() {
    await this.raw.close();
  }
}

const KINDS = { chromium: Chromium, firefox: Firefox };

/** Launches a browser by name, with a fresh profile. */
export function launch(name) {
  const kind = KINDS[name];
  if (!kind) throw new Error(`no browser is called ${name}; there are ${Object.keys(KINDS).join(' and ')}`);
  return kind.launch();
}
