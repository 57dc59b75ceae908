// How fast manifests are parsed, beside other players in the same Chromium: `cargo xtask bench manifest`.
//
//   node bench/manifest.mjs [further runs]
//
// Each player and manifest gets a fresh browser. "Cold" is the first manifest that a page parses, as for most viewers;
// "best" the fastest of some more; "peak" by how much the page's process grew while it parsed the first (Linux only).

import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';
import { BINDGEN, CHROMIUM, ROOT, need } from '../lib/paths.mjs';
import { day, periods } from './manifests.mjs';

const RUNS = Number(process.argv[2] ?? 7);
const PLAYERS = ['Footlight', 'Shaka Player', 'dash.js', 'rx-player'];
const MANIFESTS = {
  '24 h, 6 renditions, irregular SegmentTimelines, no two alike': day(false),
  '24 h, 6 renditions, irregular SegmentTimelines, all alike': day(true),
  '500 periods, the same renditions in each': periods(true),
  '500 periods, no two renditions alike': periods(false),
};
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--js-flags=--expose-gc'];
const DEADLINE_MS = 120_000;
const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.html': 'text/html' };
const FOLDERS = { bindgen: BINDGEN, npm: join(ROOT, 'e2e/node_modules'), bench: join(ROOT, 'e2e/bench') };

/** Serves the players, and the manifest of the moment. */
function serve(state) {
  return createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname === '/') return response.setHeader('content-type', 'text/html').end('<!doctype html>');
    if (pathname === '/manifest.mpd') return response.setHeader('content-type', 'application/dash+xml').end(state.manifest);
    const [, folder, ...rest] = normalize(pathname).split('/');
    const file = FOLDERS[folder] && join(FOLDERS[folder], ...rest);
    // Modules name each other without endings, as bundlers allow.
    for (const ending of ['', '.js', '/index.js']) {
      if (!file || !existsSync(file + ending) || !statSync(file + ending).isFile()) continue;
      if (ending) return response.writeHead(302, { location: pathname + ending }).end();
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
      return createReadStream(file).pipe(response);
    }
    return response.writeHead(404).end();
  });
}

/** Bytes of memory that the browser's page processes have. */
function resident(pids) {
  const of = (pid) => {
    try {
      return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
    } catch {
      return 0;
    }
  };
  return pids.reduce((sum, pid) => sum + of(pid), 0);
}

/** Runs something, and tells by how much the page's memory grew at most while it ran; not known but on Linux. */
async function watched(browser, page, run) {
  if (process.platform !== 'linux') return { result: await run() };
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  await page.evaluate(() => globalThis.gc());
  const before = resident(pids);
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, resident(pids));
  }, 2);
  const result = await run();
  clearInterval(timer);
  return { result, peak: Math.max(most, resident(pids)) - before };
}

async function measure(player, origin) {
  const browser = await chromium.launch({ executablePath: need(CHROMIUM, '`apt-get install chromium` brings it'), args: FLAGS });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(DEADLINE_MS);
    await page.goto(`${origin}/`);
    await page.evaluate(async ([name, url]) => {
      const { PARSERS } = await import('/bench/parsers.mjs');
      const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
      globalThis.parseOnce = await PARSERS[name](url, bytes);
    }, [player, `${origin}/manifest.mpd`]);
    const run = () => page.evaluate(() => globalThis.parseOnce());
    const { result: cold, peak } = await watched(browser, page, run);
    let best = Infinity;
    for (let at = 0; at < RUNS; at += 1) best = Math.min(best, await run());
    return { cold, peak, best };
  } finally {
    await browser.close();
  }
}

function row(cells) {
  const [name, ...numbers] = cells;
  return `  ${name.padEnd(14)}${numbers.map((cell) => String(cell).padStart(12)).join('')}`;
}

async function main() {
  need(join(BINDGEN, 'footlight_web_bg.wasm'), '`cargo xtask wasm player` makes it');
  const state = {};
  const server = serve(state);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  for (const [name, text] of Object.entries(MANIFESTS)) {
    state.manifest = text;
    console.log(`${name}: ${(text.length / 1e6).toFixed(1)} MB`);
    console.log(row(['', 'cold, ms', 'MB/s', 'times', 'best, ms', 'MB/s', 'times', 'peak, MB']));
    let ours;
    for (const player of PLAYERS) {
      const result = await measure(player, origin);
      ours ??= result;
      const speed = (ms) => [ms.toFixed(1), (text.length / 1e3 / ms).toFixed(0)];
      const cells = [...speed(result.cold), (result.cold / ours.cold).toFixed(1)];
      cells.push(...speed(result.best), (result.best / ours.best).toFixed(1));
      console.log(row([player, ...cells, result.peak === undefined ? '-' : (result.peak / 1e6).toFixed(0)]));
    }
  }
  server.close();
}

await main();
