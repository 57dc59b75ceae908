// Live channels over minutes: near the edge, back in the time-shift buffer, at low latency, over breaks and losses.

import assert from 'node:assert/strict';
import { appRoot, at, openApp, playing, see } from '../lib/app.mjs';
import { suite } from '../lib/harness.mjs';
import { clickPlay, countEvents, eventsOf, openPlayer, waitState } from '../lib/player.mjs';

/** Segments of the channels, in seconds. */
const SEGMENT = 2;
/** A test's length, with what it takes to start and to settle. */
const MINUTES = { timeout: 180_000 };

/** Opens a channel and presses play. */
async function watch(frame, channel, query = {}) {
  const backend = await frame.backend();
  const page = await openPlayer(frame, backend, { src: backend.live(channel, query) });
  await page.waitFor(() => globalThis.loadResult !== 'pending', { what: 'load() settles' });
  assert.equal(await page.evaluate(() => globalThis.loadResult), 'loaded');
  await clickPlay(page);
  await waitState(page, 'playing');
  return { backend, page };
}

/** Plays on for so many seconds of media; what happened meanwhile. The page's clock is the machine's, as the channel's is. */
async function playFor(page, seconds) {
  const from = await page.evaluate(() => ({ at: performance.now(), position: video.currentTime, clock: clock.length }));
  await page.waitFor(([start, by]) => video.currentTime > start + by, {
    argument: [from.position, seconds],
    deadline: seconds * 1000 * 1.3 + 15_000,
    what: `${seconds} s more`,
  });
  const facts = await page.evaluate((since) => ({
    clock: clock.slice(since.clock),
    took: (performance.now() - since.at) / 1000,
    behind: Date.now() / 1000 - video.currentTime,
    timeline: player.timeline,
  }), from);
  facts.clock.reduce((before, now) => {
    assert.ok(now[1] >= before[1] - 0.001, `the clock went back: ${before} then ${now}`);
    return now;
  });
  assert.deepEqual(await eventsOf(page, 'error'), [], 'no errors');
  const waits = facts.clock.slice(1).map(([now], at) => now - facts.clock[at][0]);
  return { ...facts, longest: Math.max(...waits) / 1000, stalls: await countEvents(page, 'stall') };
}

function percentile(values, part) {
  return [...values].sort((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * part))];
}

suite('live', { concurrency: 3 }, (add) => {
  for (const addressing of ['number', 'time', 'timeline']) {
    add(`a minute near the edge, addressed by ${addressing}`, async (frame, t) => {
      const { page } = await watch(frame, 'tidewater', { addressing });
      const { behind, timeline, longest, stalls } = await playFor(page, 60);
      assert.ok(timeline.live && timeline.seekable.end - timeline.seekable.start > 40, JSON.stringify(timeline));
      // Starting takes a while, and what is lost then is not made up for.
      assert.ok(behind > timeline.targetLatency - SEGMENT && behind < timeline.targetLatency + 3 * SEGMENT, `${behind} s behind, ${timeline.targetLatency} wanted`);
      assert.ok(longest < 1, `the clock stood for ${longest} s`);
      t.diagnostic(`${behind.toFixed(1)} s behind, ${stalls} stalls`);
    }, MINUTES);
  }

  add('back to the start of the time-shift buffer, and live again', async (frame) => {
    const { page } = await watch(frame, 'tidewater', { addressing: 'time', tsb: 120 });
    await playFor(page, 3);
    const target = await page.evaluate(() => {
      const wanted = player.timeline.seekable.start + 10;
      player.seek(wanted);
      return wanted;
    });
    await page.waitFor((wanted) => player.state === 'playing' && Math.abs(video.currentTime - wanted) < 5, {
      argument: target,
      what: 'it plays where it was sent',
    });
    const { behind } = await playFor(page, 5);
    assert.ok(behind > 90, `${behind} s behind`);
    await page.evaluate(() => player.goLive());
    await page.waitFor(() => player.state === 'playing' && Date.now() / 1000 - video.currentTime < player.timeline.targetLatency + 6, {
      what: 'it is live again',
    });
    await playFor(page, 5);
  }, MINUTES);

  for (const [name, query] of [['number', {}], ['time', { addressing: 'time' }]]) {
    add(`two seconds behind, addressed by ${name}`, async (frame, t) => {
      const { page } = await watch(frame, 'now', query);
      await page.waitFor(() => Math.abs(Date.now() / 1000 - video.currentTime - 2) < 0.5, {
        deadline: 75_000,
        what: 'the latency aimed at',
      });
      await page.evaluate(() => {
        globalThis.latencies = [];
        const look = () => {
          latencies.push(Date.now() / 1000 - video.currentTime);
          requestAnimationFrame(look);
        };
        look();
      });
      const { stalls, longest } = await playFor(page, 40);
      const latencies = await page.evaluate(() => latencies);
      const mean = latencies.reduce((sum, one) => sum + one, 0) / latencies.length;
      const p95 = percentile(latencies, 0.95);
      t.diagnostic(`latency: mean ${mean.toFixed(2)} s, p95 ${p95.toFixed(2)} s, ${stalls} stalls, longest wait ${longest.toFixed(2)} s`);
      assert.ok(Math.abs(mean - 2) <= 0.5, `a mean latency of ${mean} s`);
    }, MINUTES);
  }

  add('ad breaks of odd length pass', async (frame, t) => {
    const { page } = await watch(frame, 'tidewater', { ads: 24, addressing: 'timeline' });
    const { longest, took } = await playFor(page, 60);
    assert.ok(took < 66, `60 s took ${took} s`);
    t.diagnostic(`the clock stood for ${longest.toFixed(2)} s at most`);
  }, MINUTES);

  add('every seventh segment is lost', async (frame, t) => {
    const { backend, page } = await watch(frame, 'tidewater', { loss: '404:7' });
    const { stalls, longest } = await playFor(page, 45);
    const lost = (await backend.requests()).filter(({ path, status }) => path.startsWith('/live/') && status === 404);
    assert.ok(lost.length > 0, 'segments were lost');
    t.diagnostic(`${lost.length} answers of 404, ${stalls} stalls, the clock stood for ${longest.toFixed(2)} s at most`);
  }, MINUTES);

  add('an encoder that restarts', async (frame, t) => {
    const { page } = await watch(frame, 'tidewater', { restart: 30, addressing: 'time' });
    const { longest } = await playFor(page, 50);
    t.diagnostic(`the clock stood for ${longest.toFixed(2)} s at most`);
  }, MINUTES);

  add('the first location hangs', async (frame) => {
    const { page } = await watch(frame, 'tidewater', { hang: 1 });
    await playFor(page, 20);
  }, MINUTES);
});

suite('live in the app', { root: appRoot, keys: true }, (add) => {
  add('a channel from the home page: back, over again, and live', async (frame) => {
    const { page } = await openApp(frame);
    await see(page, at('channel-one'));
    await page.click(at('channel-one'));
    await playing(page);
    const edge = (wanted) => page.waitFor((value) =>
      document.querySelector('[data-testid="player-live"]')?.dataset.edge === value, {
      argument: wanted,
      what: wanted === 'true' ? 'the badge is red' : 'the badge is grey',
    });
    await edge('true');
    await page.evaluate(() => document.querySelector('[data-testid="player-seek"]').focus());
    await page.press('Home');
    await edge('false');
    await see(page, at('player-behind'));
    const spoken = await page.evaluate(() =>
      document.querySelector('[data-testid="player-seek"]').getAttribute('aria-valuetext'));
    assert.match(spoken, /behind live$/);
    await page.click(at('player-go-live'));
    await edge('true');
    // Programmes are ten minutes long.
    await page.click(at('player-start-over'));
    await page.waitFor(() => __footlight.state === 'playing' && __footlight.currentTime % 600 < 15, {
      what: 'it plays from the start',
    });
    await page.press('g');
    await edge('true');
  }, MINUTES);

  add('the low-latency channel shows its latency', async (frame) => {
    const { page } = await openApp(frame, '/watch/now');
    await playing(page);
    await page.waitFor(() => /^[0-9]+\.[0-9] s$/.test(document.querySelector('[data-testid="player-latency"]')?.textContent ?? ''), {
      what: 'the latency',
    });
    await page.press('i');
    await see(page, at('stats-panel'));
  }, MINUTES);
});
