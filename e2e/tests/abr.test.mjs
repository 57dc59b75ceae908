// Which rendition: on a network that comes and goes, at a second visit, and where data is to be saved.

import assert from 'node:assert/strict';
import { suite } from '../lib/harness.mjs';
import { clickPlay, eventsOf, openPlayer, playsOn } from '../lib/player.mjs';

const TITLE = 'tidewater';
/** Seconds and kilobits per second: plenty for a moment, then next to nothing. */
const JAGGED = [[2, 3000], [18, 90], [3, 2000], [18, 100]];
const SECONDS = 72;

const chosen = async (page) =>
  (await eventsOf(page, 'decision')).map(({ detail }) => detail).filter(({ kind }) => kind === 'video');

async function open(frame, backend, options, shaping) {
  if (shaping) await Promise.all(backend.edges.map((edge) => edge.shape(shaping)));
  const src = backend.manifest(TITLE, 'number', { duration: SECONDS });
  const page = await openPlayer(frame, backend, { src, options, width: 1280, height: 720 });
  await page.waitFor(() => globalThis.loadResult === 'loaded', { what: 'load() settles' });
  return page;
}

/** Plays to the end: how long playback stood still after it had begun, and the mean bit rate of what was chosen. */
async function watched(frame, algorithm) {
  const backend = await frame.backend();
  const page = await open(frame, backend, { algorithm, initialBandwidth: 1e6 }, { trace: JAGGED, latency_ms: 40 });
  await clickPlay(page);
  await page.waitFor(() => player.state === 'ended', { deadline: 170_000, what: `the end, with ${algorithm}` });
  assert.deepEqual(await eventsOf(page, 'error'), []);
  const states = await eventsOf(page, 'statechange');
  const at = (state) => states.find(({ detail }) => detail.state === state).at;
  const waited = (at('ended') - at('playing')) / 1000 - SECONDS;
  const rates = (await chosen(page)).map(({ bandwidth }) => bandwidth);
  return { waited, kbps: rates.reduce((sum, rate) => sum + rate, 0) / rates.length / 1000 };
}

suite('rendition choice', { concurrency: 3, browsers: ['chromium'] }, (add) => {
  add('waits no longer than the throughput rule on a jagged network', async (frame, t) => {
    const [ours, throughput] = await Promise.all(['ours', 'throughput'].map((name) => watched(frame, name)));
    const told = ({ waited, kbps }) => `${waited.toFixed(1)} s of stalls, ${kbps.toFixed(0)} kb/s`;
    t.diagnostic(`ours ${told(ours)}; throughput ${told(throughput)}`);
    // Where in a burst each of them happens to ask is worth up to a second.
    assert.ok(ours.waited < throughput.waited + 1, `${told(ours)} against ${told(throughput)}`);
  }, { timeout: 200_000 });

  add('a second visit starts better than the first', async (frame) => {
    const backend = await frame.backend();
    const first = await open(frame, backend);
    await clickPlay(first);
    await playsOn(first, 2);
    const [before] = await chosen(first);
    // The same page again: another one would have another viewer's storage.
    await first.goto(await first.evaluate(() => location.href));
    await first.waitFor(() => globalThis.loadResult === 'loaded', { what: 'it is loaded again' });
    await clickPlay(first);
    await playsOn(first, 0.5);
    const [after] = await chosen(first);
    assert.ok(after.bandwidth > before.bandwidth, `${after.bandwidth} after ${before.bandwidth}`);
  });

  add('limits hold the picture down, and let it go', async (frame) => {
    const backend = await frame.backend();
    const page = await open(frame, backend, { limits: { saveData: true } });
    await clickPlay(page);
    await playsOn(page, 3);
    const saved = await chosen(page);
    assert.ok(saved.some(({ reason }) => reason === 'save-data'), JSON.stringify(saved.at(-1)));
    const largest = await page.evaluate(() => Math.max(...events.filter(({ name }) => name === 'resize').map((e) => e.detail.height)));
    assert.ok(largest <= 480, `${largest} lines`);
    await page.evaluate(() => { player.limits = {}; });
    await page.waitFor(() => video.videoHeight > 480, { deadline: 60_000, what: 'a larger picture' });
  });

  add('what was fetched small is played large when there is time, without a break', async (frame) => {
    const backend = await frame.backend();
    const page = await open(frame, backend, { limits: { maxHeight: 240 } });
    const buffered = () => page.evaluate(() => video.buffered.length && video.buffered.end(0));
    await page.waitFor(() => video.buffered.length > 0 && video.buffered.end(0) >= 28, { what: 'a full buffer' });
    const small = await buffered();
    await page.evaluate(() => { player.limits = {}; });
    await clickPlay(page);
    await page.waitFor(() => video.videoHeight > 240, { deadline: 60_000, what: 'a larger picture' });
    const [at, ranges] = await page.evaluate(() => [video.currentTime, video.buffered.length]);
    assert.ok(at < small - 4, `larger at ${at}, and small was fetched to ${small}`);
    assert.equal(ranges, 1);
    assert.ok((await chosen(page)).some(({ reason }) => reason === 'replaced'));
    // Over what was replaced and on, to what came after it.
    await page.waitFor((end) => video.currentTime > end, { argument: small + 3, deadline: 60_000, what: 'the rest of it' });
    const states = (await eventsOf(page, 'statechange')).map(({ detail }) => detail.state);
    assert.ok(!states.slice(states.indexOf('playing')).includes('buffering'), states.join(' '));
    assert.deepEqual(await eventsOf(page, 'error'), []);
  }, { timeout: 120_000 });
});
