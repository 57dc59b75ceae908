// The first frame, the main thread, and what is left behind.

import assert from 'node:assert/strict';
import { suite } from '../lib/harness.mjs';
import { clickPlay, eventsOf, noWorkers, openPlayer, playThrough, playsOn, waitState } from '../lib/player.mjs';

const TITLE = 'tidewater';
/** The main thread never blocks longer. */
const LONG_TASK_MS = 50;

const short = ({ path, query }) => path.split('/').slice(4).join('/') + (query && path.endsWith('.vtt') ? '?…' : '');

suite('start', {}, (add) => {
  add('the first frame, and the requests before it', async (frame, t) => {
    const backend = await frame.backend();
    const page = await openPlayer(frame, backend, { hold: true });
    // Titles of their own: what is still on its way of the first is not counted for the second.
    for (const [kind, title] of [['cold', 'tidewater'], ['warm', 'nightline']]) {
      const src = backend.manifest(title, 'number', { duration: 60, baseurls: 'a' });
      // The mark puts the page's clock and the edge's together.
      const mark = `${backend.edges[0].url}/media/${title}/number/mark`;
      await page.evaluate(async ([url, signal, cold]) => {
        if (cold) {
          player.destroy();
          const fresh = new FootlightPlayer();
          fresh.attach(video);
          globalThis.player = fresh;
        }
        await fetch(signal);
        await player.load(url);
      }, [src, mark, kind === 'cold']);
      await page.waitFor(async () => (await player.stats()).firstFrameMs !== null, { what: 'the first frame' });
      const { firstFrameMs } = await page.evaluate(() => player.stats());
      const all = (await backend.requests()).filter(({ path }) => path.includes(`/${title}/`));
      const marked = all.find(({ path }) => path.endsWith('/mark'));
      const before = all.filter((entry) => entry !== marked && entry.at_ms <= marked.at_ms + firstFrameMs);
      t.diagnostic(`${kind}: first frame ${firstFrameMs.toFixed(0)} ms after load(); ${before.length} requests before it: ${
        before.map(short).join(' ')}`);
      // In the order in which they reach the server: media may overtake what was asked for before them.
      const first = before.slice(0, 10).map(({ path }) => path);
      assert.match(first[0], /manifest\.mpd$/);
      assert.ok(first.slice(1).some((path) => /video.*init/.test(path)), 'the initialization segment is asked for at once');
      assert.ok(first.slice(1).some((path) => /audio.*seg-0*1\./.test(path)), 'so is the first of the sound');
      assert.ok(first.slice(1).some((path) => /video.*seg-0*1\./.test(path)), 'and of the picture');
      await page.evaluate(() => player.unload());
    }
  });
});

suite('main thread', { browsers: ['chromium'] }, (add) => {
  for (const mse of ['auto', 'main']) {
    add(`never blocks, mse: ${mse}`, async (frame, t) => {
      const backend = await frame.backend();
      const src = backend.manifest(TITLE, 'number', { duration: 8 });
      const page = await openPlayer(frame, backend, { src, options: { mse } });
      await playThrough(page, 8);
      assert.equal((await page.evaluate(() => player.stats())).mse, mse === 'main' ? 'main' : 'worker');
      const tasks = await page.evaluate(() => [...longTasks]);
      t.diagnostic(`long tasks: ${tasks.map(({ startTime, duration }) => `${duration} ms at ${startTime.toFixed(0)}`).join(', ') || 'none'}`);
      // The page's own start, before the player is there, is not the player's.
      assert.deepEqual(tasks.filter(({ duration }) => duration > LONG_TASK_MS), []);
      // A block would have been noticed: what a test runs is no task of the page, so a timer makes one.
      await page.evaluate(() => {
        setTimeout(() => {
          const until = performance.now() + 80;
          while (performance.now() < until);
        });
      });
      await page.waitFor((known) => longTasks.length > known, { argument: tasks.length, what: 'a long task of our own' });
    });
  }
});

suite('teardown', { concurrency: 2 }, (add, browser) => {
  const element = (page) =>
    page.evaluate(() => ({
      src: video.getAttribute('src'),
      object: video.srcObject,
      readyState: video.readyState,
      buffered: video.buffered.length,
    }));
  const empty = { src: null, object: null, readyState: 0, buffered: 0 };

  add('unload() leaves nothing, and another can be loaded', async (frame) => {
    const backend = await frame.backend();
    const page = await openPlayer(frame, backend, { src: backend.manifest(TITLE, 'number', { duration: 120 }) });
    await page.waitFor(() => globalThis.loadResult === 'loaded');
    await clickPlay(page);
    await playsOn(page, 0.5);
    // So slow that requests are under way.
    await Promise.all(backend.edges.map((edge) => edge.shape({ bandwidth_kbps: 50 })));
    await page.evaluate(() => player.seek(80));
    await waitState(page, 'seeking');
    await page.waitFor(async (url) => (await (await fetch(url)).json()).some(({ outcome }) => outcome === 'pending'), {
      argument: `${backend.edges[0].url}/admin/requests`,
      what: 'requests under way',
    });
    await page.evaluate(() => player.unload());
    assert.equal(await page.evaluate(() => player.state), 'idle');
    await page.waitFor(() => video.readyState === 0 && !video.srcObject && !video.getAttribute('src'));
    assert.deepEqual(await element(page), empty);
    await Promise.all(backend.edges.map((edge) => edge.clear()));
    const before = (await backend.requests()).filter(({ path }) => path.includes(TITLE)).length;
    await page.evaluate((url) => open(url), backend.manifest('nightline', 'number', { duration: 20 }));
    await clickPlay(page);
    await playsOn(page, 1);
    const requests = (await backend.requests()).filter(({ path }) => path.includes(TITLE));
    assert.equal(requests.length, before, 'nothing of the first title was asked for after that');
    assert.ok(requests.every(({ outcome }) => outcome !== 'pending'), 'nothing of it is under way');
    assert.deepEqual(await eventsOf(page, 'error'), []);
  });

  add('destroy() leaves nothing', async (frame) => {
    const backend = await frame.backend();
    const src = backend.manifest(TITLE, 'number', { duration: 60 });
    const page = await openPlayer(frame, backend, { src });
    await page.waitFor(() => globalThis.loadResult === 'loaded');
    await clickPlay(page);
    await playsOn(page, 0.5);
    const code = await page.evaluate(async (url) => {
      player.destroy();
      // And some that are destroyed at every stage of a load.
      for (const wait of ['nothing', 'loading', 'loaded']) {
        const other = new FootlightPlayer();
        other.attach(video);
        const loading = other.load(url).catch((error) => error.code);
        if (wait === 'loading') await new Promise(requestAnimationFrame);
        if (wait === 'loaded') await loading;
        other.destroy();
        if (wait === 'nothing' && (await loading) !== 'load.superseded') return 'load() of a destroyed player';
      }
      return player.load(url).then(() => 'loaded', (error) => error.code);
    }, src);
    assert.equal(code, 'load.superseded');
    assert.deepEqual(await element(page), empty);
    if (browser === 'chromium') await noWorkers(page);
  });
});
