// What a first visit costs a phone: bytes, time to first paint, time to first frame.
//
//   node bench/web.mjs [runs]
//
// The network is a proxy that everything goes through, media and workers too; the main thread runs at a quarter of its
// speed. Numbers are medians, and only as steady as the machine.

import { chromium } from 'playwright-core';
import { Backend } from '../lib/backend.mjs';
import { CHROMIUM, DIST, need } from '../lib/paths.mjs';
import { Link } from './link.mjs';

const PHONE = { kbps: 1600, rtt: 150, slowdown: 4 };
const SCREEN = { viewport: { width: 360, height: 780 }, deviceScaleFactor: 3, isMobile: true, hasTouch: true };
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--autoplay-policy=no-user-gesture-required'];
const DEADLINE_MS = 90_000;
const TITLE = 'tidewater';
const RUNS = Number(process.argv[2] ?? 3);

/** Runs in the page before anything else: notes paints and the first frame of a video. */
function watch() {
  const marks = { firstFrame: undefined, largest: 0 };
  globalThis.__marks = marks;
  new PerformanceObserver((list) => {
    marks.largest = list.getEntries().at(-1).startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  document.addEventListener('loadedmetadata', ({ target }) => {
    target.requestVideoFrameCallback?.(() => (marks.firstFrame ??= performance.now()));
  }, true);
}

const path = ({ url }) => new URL(url).pathname;
const isPlayer = (transfer) => path(transfer).startsWith('/player/');
const isMedia = (transfer) => path(transfer).startsWith('/media/');
const sum = (transfers) => transfers.reduce((bytes, transfer) => bytes + transfer.bytes, 0);

async function quiet(page) {
  await page.waitForLoadState('networkidle', { timeout: DEADLINE_MS });
}

async function phone(browser) {
  const context = await browser.newContext(SCREEN);
  await context.addInitScript(watch);
  const page = await context.newPage();
  page.setDefaultTimeout(DEADLINE_MS);
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: PHONE.slowdown });
  return { context, page };
}

function paints(page) {
  return page.evaluate(() => ({
    first: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    largest: globalThis.__marks.largest,
  }));
}

function firstFrame(page) {
  return page.waitForFunction(() => globalThis.__marks.firstFrame).then((handle) => handle.jsonValue());
}

/** Home, then from there to the first frame. */
async function visit(browser, backend, link) {
  const { context, page } = await phone(browser);
  link.transfers.length = 0;
  await page.goto(`${backend.gateway}/`);
  await page.locator(`[data-testid="card-${TITLE}"]`).first().waitFor();
  await quiet(page);
  const home = [...link.transfers];
  const { first, largest } = await paints(page);
  const result = {
    'home: bytes until it is quiet': sum(home),
    'home: requests': home.length,
    'home: player bytes': sum(home.filter(isPlayer)),
    'home: first contentful paint, ms': first,
    'home: largest contentful paint, ms': largest,
  };
  await page.goto(`${backend.gateway}/title/${TITLE}`);
  const play = page.locator('[data-testid="title-play"]');
  await play.waitFor();
  await quiet(page);
  link.transfers.length = 0;
  const clicked = await page.evaluate(() => performance.now());
  await play.click();
  const frame = await firstFrame(page);
  result['title page, play: ms to the first frame'] = frame - clicked;
  result['title page, play: player bytes'] = sum(link.transfers.filter(isPlayer));
  result['title page, play: media bytes until then'] = sum(link.transfers.filter(isMedia));
  await context.close();
  return result;
}

/** A link to a film, opened with nothing cached. */
async function arrive(browser, backend, link) {
  const { context, page } = await phone(browser);
  link.transfers.length = 0;
  await page.goto(`${backend.gateway}/watch/${TITLE}`);
  const frame = await firstFrame(page);
  const { first } = await paints(page);
  const load = await page.evaluate(() => globalThis.__footlight?.stats());
  const transfers = [...link.transfers];
  await context.close();
  return {
    'watch page, cold: first contentful paint, ms': first,
    'watch page, cold: ms to the first frame': frame,
    'watch page, cold: load() to the first frame, ms': load?.firstFrameMs,
    'watch page, cold: bytes until then': sum(transfers),
    'watch page, cold: of them media': sum(transfers.filter(isMedia)),
    'watch page, cold: requests': transfers.length,
  };
}

function median(numbers) {
  const sorted = numbers.filter(Number.isFinite).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

async function main() {
  const backend = await Backend.start({ webRoot: need(DIST, '`cargo xtask web` makes it') });
  const link = new Link(PHONE);
  const server = await link.open();
  const executablePath = need(CHROMIUM, '`apt-get install chromium` brings it');
  // Without the bypass Chromium goes to its own machine directly.
  const browser = await chromium.launch({ executablePath, args: FLAGS, proxy: { server, bypass: '<-loopback>' } });
  try {
    const runs = [];
    for (let run = 0; run < RUNS; run += 1) {
      runs.push({ ...(await visit(browser, backend, link)), ...(await arrive(browser, backend, link)) });
    }
    console.log(`phone: ${PHONE.kbps} kbit/s, ${PHONE.rtt} ms, CPU slowed ${PHONE.slowdown} times; median of ${RUNS}`);
    for (const name of Object.keys(runs[0])) {
      const value = median(runs.map((run) => run[name]));
      console.log(`  ${name.padEnd(50)}${value === undefined ? '-' : Math.round(value).toLocaleString('en')}`.trimEnd());
    }
  } finally {
    await browser.close();
    await link.close();
    await backend.stop();
  }
}

await main();
