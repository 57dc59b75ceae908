// What a viewer does while something plays.

import assert from 'node:assert/strict';
import { suite } from '../lib/harness.mjs';
import {
  clickPlay,
  countEvents,
  eventsOf,
  openPlayer,
  playsOn,
  waitEvent,
  waitState,
  within,
} from '../lib/player.mjs';

const TITLE = 'tidewater';
/** Seconds of media in a segment. */
const SEGMENT = 2;

/** Long enough not to be buffered as a whole. */
async function playing(frame, { duration = 120, ...rest } = {}) {
  const backend = await frame.backend();
  const src = backend.manifest(TITLE, 'number', { duration });
  const page = await openPlayer(frame, backend, { src, ...rest });
  await page.waitFor(() => globalThis.loadResult === 'loaded', { what: 'load() resolves' });
  await clickPlay(page);
  await playsOn(page, 0.5);
  return { backend, page };
}

/** Seeks, and waits until a picture of there is on screen. */
async function seek(page, position) {
  await page.evaluate((seconds) => player.seek(seconds), position);
  await page.waitFor(([to]) => !video.seeking && video.readyState >= 2 && Math.abs(video.currentTime - to) < 3, {
    argument: [position],
    what: `a picture at ${position} s`,
  });
}

function landed(page, from) {
  return page.evaluate((index) => clock.slice(index).map(([, position]) => position), from);
}

async function noErrors(page) {
  assert.deepEqual(await eventsOf(page, 'error'), []);
}

const number = ({ path }) => Number(path.match(/seg-(\d+)/)?.[1] ?? NaN);
const fragments = (requests, of) => requests.filter(({ path }) => path.includes(`/${of}`) && number({ path }) > 0);

suite('control', { concurrency: 3 }, (add) => {
  add('seeks inside the buffer', async (frame) => {
    const { backend, page } = await playing(frame);
    await page.waitFor(() => player.buffered.some(({ end }) => end > 20), { what: '20 s buffered' });
    const from = await page.evaluate(() => clock.length);
    await seek(page, 15);
    const first = (await landed(page, from)).find((position) => position > 12);
    within(first, 15, 0.3, 'where the seek landed');
    await playsOn(page, 1);
    const asked = (await backend.requests()).filter(({ path }) => /seg-\d+/.test(path)).map(({ path }) => path);
    assert.equal(new Set(asked).size, asked.length, 'nothing that is buffered is fetched again');
    await noErrors(page);
  });

  add('seeks outside the buffer, forward and back', async (frame) => {
    const { backend, page } = await playing(frame);
    for (const to of [90.5, 60, 3.2]) {
      const from = await page.evaluate(() => clock.length);
      await seek(page, to);
      const first = (await landed(page, from)).find((position) => Math.abs(position - to) < 3);
      within(first, to, 0.3, 'where the seek landed');
      await playsOn(page, 1);
    }
    assert.equal(await countEvents(page, 'stall'), 0, 'a seek is no stall');
    const far = fragments(await backend.requests(), 'video').filter((entry) => number(entry) === 46);
    assert.equal(far.length, 1, 'the segment at 90 s');
    await noErrors(page);
  });

  add('seeks while paused, and stays paused', async (frame) => {
    const { page } = await playing(frame);
    await page.evaluate(() => player.pause());
    await waitState(page, 'paused');
    await seek(page, 70);
    await waitState(page, 'paused');
    const { paused, position } = await page.evaluate(() => ({ paused: video.paused, position: video.currentTime }));
    assert.equal(paused, true);
    within(position, 70, 0.1, 'the position');
    await clickPlay(page);
    await playsOn(page, 1);
    await noErrors(page);
  });

  add('seeks to the end, and plays again from the start', async (frame) => {
    const { page } = await playing(frame, { duration: 60 });
    await page.evaluate(() => player.seek(58.5));
    await waitEvent(page, 'ended');
    within(await page.evaluate(() => video.currentTime), 60, 0.25, 'the end');
    await clickPlay(page);
    await page.waitFor(() => player.state === 'playing' && video.currentTime > 0.5 && video.currentTime < 10, {
      what: 'it plays from the start',
    });
    await noErrors(page);
  });

  add('starts in the middle when asked', async (frame) => {
    const backend = await frame.backend();
    const page = await openPlayer(frame, backend, { hold: true });
    const src = backend.manifest(TITLE, 'timeline', { duration: 120 });
    await page.evaluate((url) => open(url, { startTime: 50 }), src);
    await clickPlay(page);
    await page.waitFor(() => video.currentTime > 50.5, { what: 'it plays at 50 s' });
    const all = await page.evaluate(() => clock.map(([, position]) => position));
    assert.ok(all.filter((position) => position > 0).every((position) => position > 49.9), 'nothing before 50 s');
    const first = fragments(await backend.requests(), '').every((entry) => number(entry) > 24);
    assert.ok(first, 'no segment from before the start is fetched');
    await noErrors(page);
  });

  add('switches the language of the sound', async (frame) => {
    const { backend, page } = await playing(frame);
    const { now, other } = await page.evaluate(() => ({
      now: player.tracks.audio.find(({ selected }) => selected),
      other: player.tracks.audio.find(({ selected }) => !selected),
    }));
    assert.notEqual(now.language, other.language);
    const before = await backend.requests();
    assert.equal(fragments(before, `audio-${other.language}`).length, 0, 'the other language is not fetched unasked');
    const position = await page.evaluate((id) => {
      player.selectAudio(id);
      return video.currentTime;
    }, other.id);
    await page.waitFor((id) => player.tracks.audio.find((track) => track.selected)?.id === id, {
      argument: other.id,
      what: 'the other track is selected',
    });
    await playsOn(page, 2);
    const fresh = fragments(await backend.requests(), `audio-${other.language}`);
    assert.ok(fresh.length > 0, 'the other language is fetched');
    const first = (number(fresh[0]) - 1) * SEGMENT;
    assert.ok(first <= position + 2 * SEGMENT, `it is heard from ${first} s on, not when the buffer of ${position} s ends`);
    await noErrors(page);
  });

  add('shows subtitles and takes them away', async (frame) => {
    const { backend, page } = await playing(frame);
    assert.equal(await page.evaluate(() => document.querySelector('#cues').textContent), '');
    const text = await page.evaluate(() => player.tracks.text.map(({ id, language }) => ({ id, language })));
    for (const { id, language } of text) {
      await page.evaluate((track) => player.selectText(track), id);
      const asked = async () => (await backend.requests()).some(({ path }) => path.includes(`text-${language}.vtt`));
      await page.waitFor((track) => player.tracks.text.find(({ selected }) => selected)?.id === track, {
        argument: id,
        what: 'the track is selected',
      });
      await seek(page, id === text[0].id ? 40.5 : 60.5);
      const words = language === 'en' ? 'Eight seconds|Back to the' : '[a-z]{4}';
      await page.waitFor((wanted) => new RegExp(wanted).test(document.querySelector('#cues').textContent), {
        argument: words,
        what: `words in ${language}`,
      });
      assert.ok(await asked(), `the file in ${language} was fetched`);
    }
    await page.evaluate(() => player.selectText(null));
    await page.waitFor(() => document.querySelector('#cues').textContent === '', { what: 'no words' });
    await playsOn(page, 1);
    assert.equal(await page.evaluate(() => player.tracks.text.some(({ selected }) => selected)), false);
    await noErrors(page);
  });

  add('keeps to a quality', async (frame) => {
    const { backend, page } = await playing(frame);
    const smallest = await page.evaluate(() => {
      const { renditions } = player.tracks.video.find(({ selected }) => selected);
      return [...renditions].sort((one, other) => one.bandwidth - other.bandwidth)[0];
    });
    await page.evaluate((id) => player.selectRendition(id), smallest.id);
    await page.waitFor((height) => video.videoHeight === height, {
      argument: smallest.height,
      what: 'the smallest rendition is on screen',
    });
    assert.equal(await page.evaluate(() => player.tracks.fixedRendition), smallest.id);
    await Promise.all(backend.edges.map((edge) => edge.forget()));
    await seek(page, 80);
    await playsOn(page, 1);
    const asked = fragments(await backend.requests(), 'video');
    assert.ok(asked.length > 0);
    assert.ok(asked.every(({ path }) => path.includes(`${smallest.height}p`)), 'nothing else is fetched');
    await page.evaluate(() => player.selectRendition(null));
    await seek(page, 30);
    await page.waitFor((height) => video.videoHeight > height, {
      argument: smallest.height,
      what: 'a better one when automatic',
    });
    assert.equal(await page.evaluate(() => player.tracks.fixedRendition), null);
    await noErrors(page);
  });

  add('plays faster, and keeps the rate over a seek', async (frame) => {
    const { page } = await playing(frame);
    await page.evaluate(() => {
      player.playbackRate = 2;
    });
    await page.waitFor(() => video.playbackRate === 2, { what: 'the element runs at twice the rate' });
    await seek(page, 80);
    await playsOn(page, 4);
    assert.equal(await page.evaluate(() => video.playbackRate), 2);
    await noErrors(page);
  });

  add('has pictures for the seek bar', async (frame) => {
    const { page } = await playing(frame);
    const picture = await page.evaluate(async () => {
      const thumbnail = await player.thumbnailAt(33);
      const image = new Image();
      image.src = thumbnail.url;
      await image.decode();
      return { ...thumbnail, naturalWidth: image.naturalWidth, naturalHeight: image.naturalHeight };
    });
    assert.equal(picture.sheetWidth, picture.naturalWidth);
    assert.equal(picture.sheetHeight, picture.naturalHeight);
    assert.ok(picture.x + picture.width <= picture.sheetWidth && picture.y + picture.height <= picture.sheetHeight);
  });
});
