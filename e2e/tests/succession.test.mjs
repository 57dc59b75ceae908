// What manifests name besides their media: other places, other presentations, pictures to scan by.

import assert from 'node:assert/strict';
import { suite } from '../lib/harness.mjs';
import { clickPlay, eventsOf, openPlayer, playsOn, waitEvent, within } from '../lib/player.mjs';

const TITLE = 'tidewater';
/** The path of another manifest, seen from any of them. */
const beside = (title, variant, duration) => `/media/${title}/${variant}/manifest.mpd?duration=${duration}`;

async function open(frame, backend, src) {
  const page = await openPlayer(frame, backend, { src });
  await page.waitFor(() => globalThis.loadResult === 'loaded', { what: 'load() resolves' });
  await page.evaluate(() => {
    globalThis.changes = [];
    player.addEventListener('presentationchange', ({ detail }) => changes.push(detail));
  });
  return page;
}

/** Addresses of segments of the picture that all edges were asked for, in order. */
async function pictures(backend) {
  const requests = await backend.requests();
  return requests.filter(({ path }) => /\/video[^/]*\/(seg|t)-/.test(path));
}

suite('what manifests name', { concurrency: 3 }, (add) => {
  add('requests move to the location that the steering server prefers', async (frame) => {
    const backend = await frame.backend();
    const page = await open(frame, backend, backend.live(TITLE, { steering: 3, addressing: 'time' }));
    await clickPlay(page);
    const places = [];
    // The first turn may be that of the first answer, and another one needs another answer.
    while (places.length < 3) {
      places.push(await page.waitFor(async (before) => {
        const { serviceLocation } = await player.stats();
        return serviceLocation !== before && serviceLocation;
      }, { argument: places.at(-1), deadline: 25_000, what: `another location than ${places.at(-1)}` }));
    }
    assert.deepEqual(places.slice(0, 2).toSorted(), ['edge-a', 'edge-b']);
    assert.equal(places[2], places[0]);
    await playsOn(page, 1);
    const edges = (await pictures(backend)).map(({ edge }) => edge);
    assert.ok(edges.includes('edge-a') && edges.includes('edge-b'), edges.join());
    const asked = (await backend.requests()).filter(({ path }) => path.endsWith('/steering.json'));
    assert.ok(asked.length >= 2, `${asked.length} questions to the server`);
    assert.deepEqual(await eventsOf(page, 'error'), []);
  });

  add('at its end the next presentation plays', async (frame) => {
    const backend = await frame.backend();
    const chain = beside('paperbirds', 'timeline', 4);
    const page = await open(frame, backend, backend.manifest(TITLE, 'number', { duration: 4, chain }));
    await clickPlay(page);
    await page.waitFor(() => changes.length > 0, { what: 'presentationchange' });
    const [change] = await page.evaluate(() => changes);
    assert.equal(change.reason, 'chaining');
    assert.ok(change.url.endsWith(chain), change.url);
    await waitEvent(page, 'ended');
    const facts = await page.evaluate(() => ({ duration: player.duration, position: video.currentTime, all: changes.length }));
    within(facts.duration, 4, 0.1, 'the duration');
    within(facts.position, 4, 0.3, 'the position at the end');
    assert.equal(facts.all, 1);
    assert.deepEqual(await eventsOf(page, 'error'), []);
    assert.ok((await pictures(backend)).some(({ path }) => path.includes('/paperbirds/')));
  });

  add('instead of an error another presentation plays, at the same position', async (frame) => {
    const backend = await frame.backend();
    const fallback = [beside(TITLE, 'broken', 20), beside(TITLE, 'timeline', 20)].join(' ');
    const page = await open(frame, backend, backend.manifest(TITLE, 'missing', { duration: 20, fallback }));
    await clickPlay(page);
    await page.waitFor(() => changes.length > 1, { deadline: 30_000, what: 'the second presentationchange' });
    const all = await page.evaluate(() => changes.map(({ url, reason }) => [new URL(url).pathname.split('/')[3], reason]));
    assert.deepEqual(all, [['broken', 'fallback'], ['timeline', 'fallback']]);
    // What was there is four seconds; the new element's clock begins at zero until it is placed.
    await page.waitFor(() => player.state === 'playing' && video.currentTime > 3, { what: 'it plays where the other stopped' });
    const position = await page.evaluate(() => video.currentTime);
    await playsOn(page, 1);
    assert.ok(position < 6, `it goes on at ${position} s`);
    assert.deepEqual(await eventsOf(page, 'error'), []);
  });

  add('fast play shows the pictures that are there for it', async (frame) => {
    const backend = await frame.backend();
    const page = await open(frame, backend, backend.manifest(TITLE, 'number', { duration: 120, trick: 1 }));
    await clickPlay(page);
    await playsOn(page, 0.5);
    const heights = () => page.evaluate(() => player.tracks.video.flatMap(({ renditions }) => renditions.map((r) => r.height)));
    const main = Math.min(...(await heights()));
    await page.evaluate(() => { player.playbackRate = 4; });
    await page.waitFor((least) => video.videoHeight > 0 && video.videoHeight < least, {
      argument: main,
      deadline: 25_000,
      what: 'a smaller picture than any to watch',
    });
    const from = await page.evaluate(() => [performance.now(), video.currentTime]);
    await page.waitFor((start) => video.currentTime > start + 6, { argument: from[1], what: '6 s more' });
    const to = await page.evaluate(() => [performance.now(), video.currentTime]);
    const rate = ((to[1] - from[1]) * 1000) / (to[0] - from[0]);
    assert.ok(rate > 2, `only ${rate.toFixed(1)} seconds in a second`);
    await page.evaluate(() => { player.playbackRate = 1; });
    await page.waitFor((least) => video.videoHeight >= least, { argument: main, what: 'a picture to watch' });
    await playsOn(page, 1);
    assert.deepEqual(await eventsOf(page, 'error'), []);
  });
});
