// Subtitles of all formats, as they are drawn. The manifest and its text are made on the page.

import assert from 'node:assert/strict';
import { suite, webRoot } from '../lib/harness.mjs';
import { clickPlay, openPlayer, waitState } from '../lib/player.mjs';

/** Runs on the page: loads a title with text tracks of our own in place of its own, and draws text over the picture. */
async function load({ manifest }) {
  const bytes = (text) => new TextEncoder().encode(text);
  const words = (...numbers) => numbers.flatMap((number) => [number >>> 24, (number >> 16) & 255, (number >> 8) & 255, number & 255]);
  const joined = (...parts) => parts.flatMap((part) => Array.from(part));
  const box = (kind, ...parts) => joined(words(8 + joined(...parts).length), bytes(kind), ...parts);
  const zeros = (count) => new Array(count).fill(0);
  /** One fragment with one sample of 20 s, its initialization in front. */
  const file = (handler, codec, entry, sample) => {
    const stsd = box('stsd', words(0, 1), box(codec, zeros(8), entry));
    const mdia = box(
      'mdia',
      box('mdhd', words(0, 0, 0, 1000, 0, 0)),
      box('hdlr', zeros(8), bytes(handler), zeros(13)),
      box('minf', box('stbl', stsd)),
    );
    const trak = box('trak', box('tkhd', words(7, 0, 0, 1, 0, 0)), mdia);
    const traf = box('traf', box('tfhd', words(0x20000, 1)), box('tfdt', words(0, 0)), box('trun', words(0x300, 1, 20_000, sample.length)));
    return new Uint8Array(joined(box('moov', box('mvhd', zeros(100)), trak), box('moof', traf), box('mdat', sample)));
  };
  const ttml = `<tt xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling"><head><layout>
    <region xml:id="r" tts:origin="10% 10%" tts:extent="80% 20%" tts:textAlign="center"/></layout></head>
    <body><div><p region="r" begin="0s" end="18s" tts:color="#00ff00">In <span tts:fontStyle="italic">green</span>, above</p></div></body></tt>`;
  const wvtt = box('vttc', box('sttg', bytes('line:50% align:left')), box('payl', bytes('From <b>a box</b>')));
  const tracks = [
    ['text/vtt', '', 'en', bytes('WEBVTT\n\nSTYLE\n::cue(.loud) { color: #ff0000 }\n\n00:00.000 --> 00:18.000\nBelow, <c.loud>in red</c>')],
    ['application/ttml+xml', '', 'fr', bytes(ttml)],
    ['application/mp4', 'stpp.ttml.im1t', 'de', file('subt', 'stpp', [], bytes(ttml.replace('above', 'boxed')))],
    ['application/mp4', 'wvtt', 'es', file('text', 'wvtt', box('vttC', bytes('WEBVTT')), wvtt)],
  ];
  const sets = tracks.map(([mime, codecs, language, data]) => {
    const url = URL.createObjectURL(new Blob([data]));
    return `<AdaptationSet contentType="text" mimeType="${mime}" codecs="${codecs}" lang="${language}">
      <Representation id="text-${language}" bandwidth="1000"><BaseURL>${url}</BaseURL></Representation></AdaptationSet>`;
  });
  const original = await (await fetch(manifest)).text();
  const own = original.replace(/<AdaptationSet[^>]*contentType="text"[\s\S]*?<\/AdaptationSet>/g, '');
  const text = own.replace('</Period>', `${sets.join('')}</Period>`);
  const overlay = document.createElement('div');
  overlay.id = 'overlay';
  const { width, height, left, top } = video.getBoundingClientRect();
  overlay.style.cssText = `position:absolute;left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
  document.body.append(overlay);
  player.attachText(overlay);
  await player.load(URL.createObjectURL(new Blob([text], { type: 'application/dash+xml' })));
  return performance.getEntriesByType('resource').map(({ name }) => name);
}

/** Chooses a track, and says where its words are once they are drawn, in parts of the picture. */
async function drawn(page, language, words) {
  await page.evaluate((wanted) => {
    player.selectText(player.tracks.text.find((track) => track.language === wanted).id);
  }, language);
  await page.waitFor((wanted) => document.querySelector('#overlay').textContent === wanted, {
    argument: words,
    what: `"${words}" on screen`,
  });
  return page.evaluate(() => {
    const picture = video.getBoundingClientRect();
    return [...document.querySelectorAll('#overlay [part=cue]')].map((span) => {
      const { left, right, top, bottom } = span.getBoundingClientRect();
      const { color, fontStyle, fontWeight, fontSize } = getComputedStyle(span);
      return {
        text: span.textContent,
        color,
        fontStyle,
        fontWeight,
        size: parseFloat(fontSize) / picture.height,
        middle: ((left + right) / 2 - picture.left) / picture.width,
        top: (top - picture.top) / picture.height,
        bottom: (bottom - picture.top) / picture.height,
      };
    });
  });
}

suite('text', { concurrency: 2, root: () => webRoot() }, (add) => {
  add('of every format is drawn where and as it was authored', async (frame) => {
    const backend = await frame.backend();
    const page = await openPlayer(frame, backend, { hold: true });
    await page.evaluate(load, { manifest: backend.manifest('tidewater', 'number', { duration: 20 }) });
    await clickPlay(page);
    await waitState(page, 'playing');

    const [below, red] = await drawn(page, 'en', 'Below, in red');
    assert.deepEqual([below.color, red.color], ['rgb(255, 255, 255)', 'rgb(255, 0, 0)']);
    assert.ok(below.bottom > 0.85 && below.bottom < 1, `at the bottom: ${below.bottom}`);

    for (const [language, last] of [['fr', 'above'], ['de', 'boxed']]) {
      const [green, italic] = await drawn(page, language, `In green, ${last}`);
      assert.deepEqual([green.color, italic.fontStyle], ['rgb(0, 255, 0)', 'italic']);
      assert.ok(green.top > 0.08 && green.top < 0.15, `at the top of its region: ${green.top}`);
      assert.ok(Math.abs(green.size - 1 / 15) < 0.005, `a cell high: ${green.size}`);
    }

    const [left, bold] = await drawn(page, 'es', 'From a box');
    assert.ok(left.top > 0.48 && left.top < 0.55, `half way down: ${left.top}`);
    assert.ok(left.middle < 0.3 && bold.fontWeight === '700', `left: ${left.middle}`);

    await page.evaluate(() => (player.textStyle = { color: '#0000ff', scale: 2, position: 'bottom' }));
    const [, wanted] = await drawn(page, 'fr', 'In green, above');
    assert.equal(wanted.color, 'rgb(0, 0, 255)');
    assert.ok(wanted.bottom > 0.85 && Math.abs(wanted.size - 2 / 15) < 0.01, `${wanted.bottom} ${wanted.size}`);

    await page.evaluate(() => player.selectText(null));
    await page.waitFor(() => document.querySelector('#overlay').textContent === '', { what: 'nothing on screen' });
    const errors = await page.evaluate(() => events.filter(({ name }) => name === 'error' || name === 'warning'));
    assert.deepEqual(errors, []);
  });

  add('costs nothing before it is shown', async (frame) => {
    const backend = await frame.backend();
    const page = await openPlayer(frame, backend, { src: backend.manifest('tidewater', 'number', { duration: 20 }) });
    await clickPlay(page);
    await waitState(page, 'playing');
    const asked = async () => (await backend.requests()).filter(({ path }) => path.includes('.vtt')).length;
    assert.equal(await asked(), 0);
    await page.evaluate(() => player.selectText(player.tracks.text[0].id));
    await page.waitFor(() => document.querySelector('#cues').textContent.length > 3, { what: 'words' });
    assert.equal(await asked(), 1);
  });
});
