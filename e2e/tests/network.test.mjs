// Networks as they are: narrow for a while, one CDN edge gone, answers cut short.

import assert from 'node:assert/strict';
import { suite } from '../lib/harness.mjs';
import { clickPlay, eventsOf, openPlayer, playsOn, waitEvent, waitState, within } from '../lib/player.mjs';

const TITLE = 'tidewater';

async function open(frame, { duration = 120, variant = 'number', backend, ...rest } = {}) {
  backend ??= await frame.backend();
  const src = backend.manifest(TITLE, variant, { duration });
  const page = await openPlayer(frame, backend, { src, ...rest });
  await page.waitFor(() => globalThis.loadResult !== 'pending', { what: 'load() settles' });
  return { backend, page };
}

const shapeAll = (backend, shaping) => Promise.all(backend.edges.map((edge) => edge.shape(shaping)));
const clearAll = (backend) => Promise.all(backend.edges.map((edge) => edge.clear()));
const latest = (list) => list.at(-1);

suite('network', { concurrency: 3 }, (add) => {
  add('goes down with the bandwidth, and up again', async (frame, t) => {
    const backend = await frame.backend();
    await shapeAll(backend, { bandwidth_kbps: 2500 });
    const { page } = await open(frame, { backend, width: 1280, height: 720 });
    await clickPlay(page);
    await page.waitFor(() => video.videoHeight >= 540 && video.currentTime > 1, { what: 'a good picture at first' });
    await shapeAll(backend, { bandwidth_kbps: 320 });
    await page.waitFor(() => video.videoHeight > 0 && video.videoHeight <= 270, {
      deadline: 30_000,
      what: 'a small picture on screen while the bandwidth is small',
    });
    await clearAll(backend);
    await page.waitFor(() => video.videoHeight >= 540, { deadline: 30_000, what: 'a good picture again' });
    await playsOn(page, 0.5);
    assert.deepEqual(await eventsOf(page, 'error'), []);
    const decisions = (await eventsOf(page, 'decision')).filter(({ detail }) => detail.kind === 'video');
    assert.ok(decisions.every(({ detail }) => detail.reason), 'every decision has a reason');
    const heights = (await eventsOf(page, 'resize')).map(({ detail, position }) =>
      `${detail.height}p at ${position.toFixed(1)} s`);
    t.diagnostic(`${heights.join(', ')}; ${(await eventsOf(page, 'stall')).length / 2} stalls`);
  });

  add('goes on by the other edge when one fails', async (frame) => {
    const backend = await frame.backend();
    // Room for a few seconds of buffer, not for all of it.
    await shapeAll(backend, { bandwidth_kbps: 2500 });
    const { page } = await open(frame, { backend, width: 960, height: 540 });
    await clickPlay(page);
    await playsOn(page, 1);
    const { location, end } = await page.evaluate(async () => ({
      location: (await player.stats()).serviceLocation,
      end: player.buffered.at(-1).end,
    }));
    const used = backend.edges.find(({ id }) => id === location);
    const other = backend.edges.find(({ id }) => id !== location);
    assert.ok(used && other, `one of the edges is in use: ${location}`);
    assert.equal((await other.requests()).length, 0, 'the other edge is not in use');
    await used.shape({ fail_rate: 1 });
    await page.waitFor((past) => video.currentTime > past, {
      argument: end + 4,
      deadline: 40_000,
      what: `it plays past ${end} s, where the buffer ended`,
    });
    assert.ok((await other.requests()).some(({ status }) => status === 200), 'the other edge is asked');
    assert.deepEqual(await eventsOf(page, 'stall'), [], 'no stall');
    assert.deepEqual(await eventsOf(page, 'error'), []);
    const stats = await page.evaluate(() => player.stats());
    assert.equal(stats.serviceLocation, other.id);
    assert.ok(stats.requests.failed > 0, 'the failure is counted');
    const refused = (await used.requests()).filter(({ status }) => status === 503);
    assert.ok(refused.length <= 8, `an edge that fails is left alone: ${refused.length} requests`);
  });

  add('goes on when an edge cuts every answer short', async (frame) => {
    const { backend, page } = await open(frame);
    await backend.edges[0].shape({ fail_after_bytes: 2000, match: 'seg-' });
    await page.evaluate(() => player.seek(80));
    await clickPlay(page);
    await page.waitFor(() => player.state === 'playing' && video.currentTime > 81, { what: 'it plays at 80 s' });
    assert.deepEqual(await eventsOf(page, 'error'), []);
    const cut = (await backend.edges[0].requests()).filter(({ outcome }) => outcome === 'cut');
    assert.ok(cut.length > 0, 'answers were cut');
  });

  add('waits out an outage of both edges', async (frame) => {
    const { backend, page } = await open(frame, { duration: 60 });
    await shapeAll(backend, { fail_rate: 1, match: 'seg-0002' }); // 38 s to 58 s
    await clickPlay(page);
    await playsOn(page, 1);
    await page.evaluate(() => player.seek(40));
    await page.waitFor(() => events.some(({ name }) => name === 'warning'), { what: 'a warning' });
    await clearAll(backend);
    await page.waitFor(() => {
      if (player.state === 'error') player.retry();
      return player.state === 'playing' && video.currentTime > 41;
    }, { deadline: 30_000, what: 'it plays at 40 s' });
  });
});

suite('errors', { concurrency: 3 }, (add) => {
  /** What the page is told of a title that cannot be loaded. */
  const refused = async (page) => {
    await waitState(page, 'error', 30_000);
    const { detail } = latest(await eventsOf(page, 'error'));
    assert.equal(await page.evaluate(() => globalThis.loadResult), detail.code, 'load() rejects with the same');
    assert.ok(detail.message.length > 0);
    return detail;
  };

  add('a manifest that is not there', async (frame) => {
    const backend = await frame.backend();
    const src = `${backend.edges[0].url}/media/${TITLE}/number/nothing.mpd?token=secret`;
    const page = await openPlayer(frame, backend, { src });
    const error = await refused(page);
    assert.equal(error.code, 'network.status');
    assert.equal(error.status, 404);
    assert.ok(!error.url.includes('secret'), 'no query in reports');
    // Another title plays in the same player.
    await page.evaluate((url) => open(url), backend.manifest(TITLE, 'number', { duration: 20 }));
    await clickPlay(page);
    await playsOn(page, 1);
  });

  add('a server that is not there', async (frame) => {
    const backend = await frame.backend();
    const gone = await frame.backend();
    await gone.stop();
    const page = await openPlayer(frame, backend, { src: gone.manifest(TITLE, 'number') });
    const error = await refused(page);
    assert.equal(error.code, 'network.unreachable');
    assert.equal(error.action, 'check-network');
  });

  add('a manifest that is not well-formed', async (frame) => {
    const { page } = await open(frame, { variant: 'broken' });
    const error = await refused(page);
    assert.match(error.code, /^manifest\./);
    assert.equal(error.severity, 'fatal');
    assert.equal(error.action, 'go-back');
  });

  add('a manifest that fails for a while: retry() plays', async (frame) => {
    const backend = await frame.backend();
    await shapeAll(backend, { fail_rate: 1, match: 'manifest' });
    const { page } = await open(frame, { backend, duration: 20 });
    const error = await refused(page);
    assert.equal(error.status, 503);
    assert.equal(error.severity, 'recoverable');
    await clearAll(backend);
    await page.evaluate(() => player.retry());
    await waitState(page, 'ready');
    await clickPlay(page);
    await playsOn(page, 1);
  });

  for (const [variant, code] of [['missing', 'network.status'], ['truncated', 'network.truncated']]) {
    add(`segments ${variant}: what is there plays first`, async (frame) => {
      const { page } = await open(frame, { variant, duration: 20 });
      await clickPlay(page);
      const { detail, position } = await waitEvent(page, 'error', 40_000);
      assert.equal(detail.code, code);
      assert.notEqual(detail.severity, 'warning');
      within(position, 4, 0.5, 'where it stopped');
      const played = await page.evaluate(() => video.played.end(0));
      within(played, 4, 0.5, 'seconds played');
      await waitState(page, 'error');
      // What is before still plays.
      await page.evaluate(() => player.seek(0.5));
      await clickPlay(page);
      await page.waitFor(() => player.state === 'playing' && video.currentTime > 1 && video.currentTime < 3, {
        what: 'it plays from before',
      });
    });
  }

  add('a segment that is not there is passed over', async (frame) => {
    const backend = await frame.backend();
    await shapeAll(backend, { fail_rate: 1, fail_status: 404, match: 'seg-00003' });
    const { page } = await open(frame, { backend, duration: 10 });
    await clickPlay(page);
    await waitEvent(page, 'ended', 40_000);
    assert.deepEqual(await eventsOf(page, 'error'), []);
    const leaps = await page.evaluate(() => clock.map(([, at], index) => at - (clock[index - 1]?.[1] ?? at)).filter((by) => by > 1));
    assert.equal(leaps.length, 1, `one leap: ${leaps}`);
    within(leaps[0], 2, 0.5, 'as long as the segment');
  });
});
