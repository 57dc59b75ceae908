// What live services do besides being live: patches, clocks that are wrong, events that end, manifests that move, messages.

import assert from 'node:assert/strict';
import { suite } from '../lib/harness.mjs';
import { clickPlay, eventsOf, openPlayer, playsOn, waitEvent, waitState, within } from '../lib/player.mjs';

/** Opens a channel and presses play. */
async function watch(frame, query, channel = 'tidewater') {
  const backend = await frame.backend();
  const src = backend.live(channel, query);
  const page = await openPlayer(frame, backend, { src });
  await page.waitFor(() => globalThis.loadResult !== 'pending', { what: 'load() settles' });
  assert.equal(await page.evaluate(() => globalThis.loadResult), 'loaded');
  await clickPlay(page);
  await waitState(page, 'playing');
  return { backend, page, src };
}

/** Seconds behind the machine's clock. */
const behind = (page) => page.evaluate(() => Date.now() / 1000 - video.currentTime);

async function noErrors(page) {
  assert.deepEqual(await eventsOf(page, 'error'), []);
}

/** What an edge was asked for, without what is media. */
async function asked(backend) {
  const requests = await backend.requests();
  return requests.filter(({ path }) => /\.(mpd|mpp|json)$|^\/time\//.test(path));
}

/** The machine's clock in whole seconds, so many from now. */
const from = (seconds) => Math.floor(Date.now() / 1000) + seconds;

suite('live services', { concurrency: 3 }, (add) => {
  for (const addressing of ['number', 'time']) {
    add(`updates come as patches, addressed by ${addressing}`, async (frame) => {
      const query = { addressing, patch: 1, periods: 8, text: 'wvtt' };
      const { backend, page } = await watch(frame, query);
      await page.evaluate(() => player.selectText(player.tracks.text[0].id));
      await playsOn(page, 14, 40_000);
      await noErrors(page);
      assert.deepEqual(await eventsOf(page, 'warning'), []);
      const requests = await asked(backend);
      const patches = requests.filter(({ path, status }) => path.endsWith('.mpp') && status === 200);
      assert.ok(patches.length >= 2, `${patches.length} patches`);
      assert.equal(requests.filter(({ path }) => path.endsWith('.mpd')).length, 1, 'one whole manifest');
    });
  }

  add('a page is told what the manifest in force says, and what is wrong with it', async (frame) => {
    const { backend, page } = await watch(frame, { addressing: 'time', patch: 1, ll: 1 });
    const told = () => page.evaluate(() => player.presentation());
    const first = await told();
    assert.equal(first.dynamic, true);
    const [{ adaptationSets }] = first.periods;
    const kinds = new Set(adaptationSets.map(({ contentType }) => contentType));
    assert.ok(kinds.has('video') && kinds.has('audio'), [...kinds].join());
    const [{ segments }] = adaptationSets[0].representations;
    assert.ok(segments.count > 10 && segments.last.start > segments.first.start, JSON.stringify(segments));
    const manifest = new URL(backend.live('tidewater'));
    assert.equal(new URL(segments.initialization.url).pathname.split('/')[1], manifest.pathname.split('/')[1]);
    within(first.serviceDescriptions[0].latency[0].target, 2, 0, 'the latency that is wanted');
    await page.waitFor(async (before) => (await player.presentation()).publishTime > before, {
      argument: first.publishTime,
      what: 'a patched manifest',
    });
    const whole = (await asked(backend)).filter(({ path }) => path.endsWith('.mpd'));
    assert.equal(whole.length, 1, 'one whole manifest');
    assert.deepEqual(await page.evaluate(() => player.diagnostics()), []);
    await noErrors(page);
  });

  // The viewer's clock is minutes ahead or behind: what counts is the service's, however that is told.
  const clocks = [['iso', 180], ['xsdate', -240], ['head', 180], ['direct', -180], ['none', 300]];
  for (const [utc, ahead] of clocks) {
    add(`a clock that is off by ${ahead} s, UTCTiming ${utc}`, async (frame) => {
      const { backend, page } = await watch(frame, { utc, skew: ahead * 1000 });
      await playsOn(page, 3);
      const late = await behind(page);
      const { targetLatency, latency } = await page.evaluate(() => player.timeline);
      within(late + ahead, targetLatency, 4, 'seconds behind the service');
      within(latency, late + ahead, 1, 'the latency that is told');
      await noErrors(page);
      // Times in headers are whole seconds, and sound ends up to a frame after the picture.
      const early = (await backend.requests()).filter(({ status }) => status >= 400);
      assert.ok(early.length <= 8, `${early.length} asked for too early: ${JSON.stringify(early.at(-1))}`);
    });
  }

  for (const [what, query] of [
    ['an event ends', () => ({ start: from(-60), end: from(14) })],
    ['an event ends early', () => ({ addressing: 'time', start: from(-60), end: from(600), terminate: from(14) })],
    ['a low-latency event ends', () => ({ ll: 1, start: from(-60), end: from(14) })],
  ]) {
    add(what, async (frame) => {
      const made = query();
      const { page } = await watch(frame, made);
      await waitEvent(page, 'ended', 60_000);
      const length = Math.min(made.end, made.terminate ?? made.end) - made.start;
      const facts = await page.evaluate(() => ({ duration: player.duration, position: video.currentTime, live: player.timeline.live }));
      within(facts.position, length, 0.3, 'the position at the end');
      within(facts.duration, length, 0.15, 'the duration');
      assert.equal(facts.live, false);
      await noErrors(page);
      // It can be seen again.
      await page.evaluate(() => player.seek(5));
      await clickPlay(page);
      await page.waitFor(() => player.state === 'playing' && video.currentTime > 6 && video.currentTime < 12, { what: 'it plays again' });
    });
  }

  add('segment sequences, two seconds behind', async (frame, t) => {
    const { backend, page } = await watch(frame, { ll: 1, addressing: 'time', parts: 1, chunk: 400, text: 'wvtt' });
    await page.evaluate(() => player.selectText(player.tracks.text[0].id));
    await page.waitFor(() => Math.abs(Date.now() / 1000 - video.currentTime - 2) < 0.5, { deadline: 60_000, what: 'the latency aimed at' });
    await playsOn(page, 10, 30_000);
    within(await behind(page), 2, 0.7, 'seconds behind');
    await page.waitFor(() => document.querySelector('#cues').textContent.length > 3, { what: 'words' });
    await noErrors(page);
    const parts = (await backend.requests()).filter(({ path }) => /t-\d+-\d+\.m4s$/.test(path));
    const early = parts.filter(({ status }) => status >= 400);
    t.diagnostic(`${parts.length} parts, ${early.length} asked for too early`);
    assert.ok(parts.length > 40 && early.length < parts.length / 5, `${parts.length} parts, ${early.length} too early`);
  });

  add('events of the manifest and of segments arrive when their time has come', async (frame) => {
    const { page } = await watch(frame, { ads: 24, events: 'scte35', addressing: 'time' });
    const schemes = ['urn:scte:scte35:2013:bin', 'urn:scte:scte35:2014:xml+bin'];
    await page.waitFor((wanted) => {
      const told = events.filter(({ name }) => name === 'timedevent');
      return wanted.every((scheme) => told.some(({ detail }) => detail.scheme === scheme && detail.active));
    }, { argument: schemes, deadline: 60_000, what: 'both kinds of event' });
    const told = (await eventsOf(page, 'timedevent')).filter(({ detail }) => detail.active);
    for (const { position, detail } of told) {
      within(detail.start % 24, 0, 0.1, 'where breaks start');
      assert.ok(detail.end - detail.start > 10, `${JSON.stringify(detail)} is as long as its break`);
      // Those that were on already when playback began are told then.
      assert.ok(position > detail.start - 0.3 && position < detail.end, `told at ${position}: ${detail.start}`);
      assert.ok(detail.data.length > 10);
      const { type, command, descriptors } = detail.payload;
      assert.equal(type, 'scte35');
      const told = command.splice?.breakDuration?.duration ?? descriptors[0]?.event?.duration;
      within(told, detail.end - detail.start, 0.1, `the length that ${JSON.stringify(detail.payload)} tells`);
    }
    await noErrors(page);
  });

  add('a manifest that moves, segments that are late, a network of several edges that take turns', async (frame) => {
    const { backend, page, src } = await watch(frame, { location: 1, jitter: 1500, steering: 4, loss: '404:9', addressing: 'time' });
    await playsOn(page, 16, 45_000);
    await noErrors(page);
    const manifests = (await asked(backend)).filter(({ path }) => path.endsWith('.mpd'));
    const first = manifests.filter(({ query }) => !query?.includes('located'));
    assert.ok(manifests.length > 3, `${manifests.length} manifests of ${src}`);
    assert.equal(first.length, 1, 'the address that it moved from is asked once');
    assert.ok(first[0].status === 302 || first[0].status === 200, `${first[0].status}`);
  });
});
