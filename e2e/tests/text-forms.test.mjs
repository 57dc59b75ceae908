// Subtitles and captions in every form that services send, on demand and live: the right words at the right times.

import assert from 'node:assert/strict';
import { suite } from '../lib/harness.mjs';
import { clickPlay, eventsOf, openPlayer, playsOn, waitState } from '../lib/player.mjs';

/** The titles' loops, in seconds. */
const LOOP = 16;
/** So near to where words change, in seconds, either are right: clocks and pictures go in steps. */
const NEAR = 0.4;

/** What a title says: [start, end, words], of one loop. */
async function script(backend, title, language) {
  const url = `${backend.edges[0].url}/media/${title}/number/text-${language}.vtt?duration=${LOOP}`;
  const text = await (await fetch(url)).text();
  const seconds = (stamp) => stamp.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return text.split('\n\n').filter((block) => block.includes('-->')).map((block) => {
    const [times, ...lines] = block.split('\n');
    const [start, end] = times.split(' --> ').map((stamp) => seconds(stamp.split(' ')[0]));
    return [start, end, bare(lines.join('').replace(/<[^>]*>/g, ''))];
  });
}

/** Words without what depends on how lines are broken and quoted. */
const bare = (text) => text.replace(/[\s\u00a0]/g, '').replaceAll('\u2019', "'");

/** Runs on the page: draws text over the picture, and notes what is drawn when. */
function watchText() {
  const overlay = document.createElement('div');
  overlay.id = 'overlay';
  overlay.style.cssText = `position:absolute;left:0;top:0;width:${video.width}px;height:${video.height}px`;
  document.body.append(overlay);
  player.attachText(overlay);
  globalThis.drawn = [];
  const look = () => {
    const image = overlay.querySelector('img');
    drawn.push([video.currentTime, overlay.textContent, image?.naturalWidth ?? 0, player.state === 'playing' && !video.seeking]);
    requestAnimationFrame(look);
  };
  look();
}

/** Chooses a text track by language and label or kind. */
function choose(page, wanted) {
  return page.evaluate(({ language, label, kind }) => {
    const fits = (track) => track.language === language && (!label || track.label.endsWith(label)) && (!kind || track.kind === kind);
    const found = player.tracks.text.filter(fits);
    if (found.length !== 1) throw new Error(`${found.length} of ${JSON.stringify(player.tracks.text)}`);
    const begin = () => (drawn.length = 0);
    // What is on screen goes first.
    const gone = ({ detail }) => {
      if (detail.cues.length) return;
      begin();
      player.removeEventListener('cuechange', gone);
    };
    if (document.querySelector('#overlay').textContent) player.addEventListener('cuechange', gone);
    begin();
    player.selectText(found[0].id);
  }, wanted);
}

/** Waits until words have changed a few times, and checks that from the first change on they were right all the time. */
async function checkWords(page, words, what) {
  await page.waitFor(() => {
    const seen = drawn.map(([, text]) => text).filter((text, at, all) => text !== all[at - 1]);
    return seen.filter(Boolean).length > 3;
  }, { deadline: 30_000, what: `${what}: words that change` });
  const samples = await page.evaluate(() => drawn);
  // The first ones may have been chosen in their midst: captions know no more than what was sent since.
  const start = samples.find(([, text]) => text)[1];
  const first = samples.findIndex(([, text], at) => text && text !== start && at > 0);
  const wrong = samples.slice(first).filter(([time, text, , playing]) => {
    const at = ((time % LOOP) + LOOP) % LOOP;
    if (!playing || words.some(([start, end]) => Math.abs(at - start) < NEAR || Math.abs(at - end) < NEAR) || at > LOOP - NEAR) return false;
    const expected = words.find(([start, end]) => start <= at && at < end)?.[2] ?? '';
    return text.replace(/[\s\u00a0]/g, '').replaceAll('\u2019', "'") !== expected;
  });
  const told = wrong.slice(0, 5).map(([time, text]) => `${time.toFixed(2)} "${text}"`);
  assert.equal(wrong.length, 0, `${what}: ${wrong.length} of ${samples.length - first} wrong: ${told}`);
}

async function open(frame, backend, src, options) {
  const page = await openPlayer(frame, backend, { src, options });
  await page.waitFor(() => globalThis.loadResult !== 'pending', { what: 'load() settles' });
  assert.equal(await page.evaluate(() => globalThis.loadResult), 'loaded');
  await page.evaluate(watchText);
  await clickPlay(page);
  await waitState(page, 'playing');
  return page;
}

async function noComplaints(page) {
  assert.deepEqual(await eventsOf(page, 'error'), []);
  assert.deepEqual(await eventsOf(page, 'warning'), []);
}

/** All forms but pictures, and what is to be chosen for each. */
const FORMS = [
  ['wvtt', { language: 'en', label: '(wvtt)' }],
  ['stpp', { language: 'fr', label: '(stpp)' }],
  ['cea608', { language: 'en', kind: 'captions' }],
  ['cea708', { language: 'fr', kind: 'captions' }],
];

async function checkForms(page, backend, forms) {
  const scripts = { en: await script(backend, 'tidewater', 'en'), fr: await script(backend, 'tidewater', 'fr') };
  for (const [form, wanted] of forms) {
    await choose(page, wanted);
    await checkWords(page, scripts[wanted.language], form);
  }
}

async function checkPictures(page) {
  await choose(page, { language: 'en', label: '(image)' });
  await page.waitFor(() => drawn.some(([, , width]) => width === 64), { what: 'a picture' });
  const pictures = await page.evaluate(() => events.findLast(({ name }) => name === 'cuechange').detail.cues.map((cue) => cue.image?.mime));
  assert.deepEqual(pictures, ['image/png']);
  const box = await page.evaluate(() => {
    const { top, bottom } = document.querySelector('#overlay img').getBoundingClientRect();
    return [top / video.height, bottom / video.height];
  });
  assert.ok(Math.abs(box[0] - 0.75) < 0.01 && Math.abs(box[1] - 0.95) < 0.01, `where its region is: ${box}`);
}

suite('text in every form', { concurrency: 3 }, (add) => {
  add('on demand', async (frame) => {
    const backend = await frame.backend();
    const query = { duration: 300, text: 'ttml,wvtt,stpp,image,cea608,cea708' };
    const page = await open(frame, backend, backend.manifest('tidewater', 'number', query));
    await checkForms(page, backend, [['ttml', { language: 'en', label: '(ttml)' }], ...FORMS]);
    await checkPictures(page);
    // Elsewhere, captions come from where they are sent, and nothing of before is left.
    await choose(page, FORMS[2][1]);
    await page.evaluate(() => {
      player.seek(200);
      drawn.length = 0;
    });
    await page.waitFor(() => player.state === 'playing' && video.currentTime > 200, { what: 'it plays elsewhere' });
    await page.evaluate(() => (drawn.length = 0));
    await checkWords(page, await script(backend, 'tidewater', 'en'), 'cea608 after a seek');
    await noComplaints(page);
  });

  add('live', async (frame) => {
    const backend = await frame.backend();
    const query = { addressing: 'time', text: 'wvtt,stpp,image,cea608,cea708', thumbs: 1 };
    const page = await open(frame, backend, backend.live('tidewater', query));
    await checkForms(page, backend, FORMS);
    await checkPictures(page);
    await noComplaints(page);
  });

  add('live, two seconds behind', async (frame) => {
    const backend = await frame.backend();
    const page = await open(frame, backend, backend.live('tidewater', { ll: 1, text: 'wvtt,stpp,cea608,cea708' }));
    await checkForms(page, backend, FORMS);
    await noComplaints(page);
  });

  add('forced subtitles show while subtitles are off', async (frame) => {
    const backend = await frame.backend();
    const options = { preferences: { audioLanguages: ['fr'] } };
    const query = { duration: 60, text: 'forced,vtt' };
    const page = await open(frame, backend, backend.manifest('tidewater', 'number', query), options);
    const [gull] = (await script(backend, 'tidewater', 'fr')).filter(([, , words]) => words.startsWith('('));
    await page.evaluate((to) => player.seek(to), gull[0] - 1);
    await page.waitFor(() => document.querySelector('#overlay').textContent.startsWith('(Une mouette'), { what: 'what is forced' });
    await page.waitFor(() => document.querySelector('#overlay').textContent === '', { what: 'nothing after it' });
    await playsOn(page, 2);
    assert.equal(await page.evaluate(() => document.querySelector('#overlay').textContent), '');
    await noComplaints(page);
  });

  add('what is forced among the rest shows while subtitles are off', async (frame) => {
    const backend = await frame.backend();
    const page = await open(frame, backend, backend.manifest('tidewater', 'number', { duration: 60, text: 'stpp' }));
    const [gull] = (await script(backend, 'tidewater', 'en')).filter(([, , words]) => words.startsWith('('));
    await page.waitFor(() => document.querySelector('#overlay').textContent === '(A gull calls, far off)', { what: 'what is forced' });
    await page.waitFor((end) => video.currentTime > end + 1, { argument: gull[1], what: 'the next cue' });
    const words = await page.evaluate(() => [...new Set(drawn.map(([, text]) => text))]);
    assert.deepEqual(words, ['', '(A gull calls, far off)']);
    await checkForms(page, backend, FORMS.slice(1, 2));
    await noComplaints(page);
  });
});
