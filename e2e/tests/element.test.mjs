// <footlight-player> on a plain page.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { suite, webRoot } from '../lib/harness.mjs';
import { EXAMPLE } from '../lib/paths.mjs';
import { noWorkers } from '../lib/player.mjs';

const root = () => webRoot({ example: EXAMPLE });

async function open(frame, attributes = {}, { variant = 'number', duration = 60 } = {}) {
  const backend = await frame.backend();
  const page = await frame.page();
  const src = backend.manifest('tidewater', variant, { duration });
  const query = new URLSearchParams({ src, controls: '', ...attributes });
  await page.goto(`${backend.gateway}/element.html?${query}`);
  await page.waitFor(() => globalThis.element?.player, { what: 'the element to be defined' });
  return { backend, page };
}

const state = (page, wanted) =>
  page.waitFor((name) => element.player.state === name, { argument: wanted, what: `state ${wanted}` });
const moves = (page, past) =>
  page.waitFor((from) => element.player.state === 'playing' && element.video.currentTime > from, {
    argument: past,
    what: `it plays past ${past} s`,
  });
/** Whether a part of the shadow tree is to be seen, and what it says. */
const part = (page, selector) =>
  page.evaluate((wanted) => {
    const found = element.shadowRoot.querySelector(wanted);
    return { shown: found?.checkVisibility() ?? false, text: found?.textContent, label: found?.getAttribute('aria-label') };
  }, selector);

suite('element', { concurrency: 2, keys: true, root }, (add, browser) => {
  add('plays and pauses by keyboard', async (frame) => {
    const { page } = await open(frame);
    await state(page, 'ready');
    assert.ok((await part(page, '[part=controls]')).shown, 'it has controls');
    await page.focus('footlight-player');
    await page.press('k');
    await moves(page, 0.5);
    assert.ok((await part(page, '[aria-label=Pause]')).shown, 'the button says what it does now');
    await page.press(' ');
    await state(page, 'paused');
    assert.ok((await part(page, '[aria-label=Play]')).shown);
    const before = await page.evaluate(() => element.player.currentTime);
    await page.press('ArrowRight');
    await page.waitFor((from) => Math.abs(element.player.currentTime - from - 10) < 0.5, { argument: before });
    await page.press('m');
    await page.waitFor(() => element.video.muted);
    await page.press('m');
    await page.waitFor(() => !element.video.muted);
    await page.press('c');
    await page.waitFor(() => element.shadowRoot.querySelector('[part=cues]').textContent.length > 5, { what: 'subtitles' });
    await page.press('Home');
    await page.waitFor(() => element.player.currentTime < 0.5);
    await page.press(' ');
    await moves(page, 0.5);
  });

  add('every control is reached by Tab, named, and works', async (frame) => {
    const { page } = await open(frame);
    await state(page, 'ready');
    await page.focus('footlight-player');
    const names = [];
    for (let tabs = 0; tabs < 12; tabs += 1) {
      await page.press('Tab');
      const name = await page.evaluate(() => {
        const { activeElement: active } = element.shadowRoot;
        return active ? (active.getAttribute('aria-label') ?? active.outerHTML) : document.activeElement.tagName;
      });
      names.push(name);
      if (name === 'Play') {
        await page.press('Enter');
        await moves(page, 0.2);
      }
    }
    assert.ok(!names.some((name) => name.startsWith('<')), `every stop has a name: ${names}`);
    for (const name of ['Seek', 'Play', 'Mute', 'Volume', 'Subtitles', 'Audio', 'Quality']) {
      assert.ok(names.includes(name), `${name} is reached: ${names}`);
    }
  });

  add('attributes: start-time, muted, autoplay, lang', async (frame) => {
    const { page } = await open(frame, { 'start-time': '30', muted: '', autoplay: '', lang: 'fr' });
    await moves(page, 30.5);
    const { muted, language } = await page.evaluate(() => ({
      muted: element.video.muted,
      language: element.player.tracks.audio.find(({ selected }) => selected).language,
    }));
    assert.equal(muted, true);
    assert.equal(language, 'fr');
  });

  add('an error is told, and trying again works', async (frame) => {
    const { page, backend } = await open(frame);
    await Promise.all(backend.edges.map((edge) => edge.shape({ fail_rate: 1, fail_status: 404 })));
    await page.evaluate((src) => {
      element.src = `${src}&again`;
    }, backend.manifest('tidewater', 'number', { duration: 20 }));
    await state(page, 'error');
    const panel = await part(page, '[part=error]');
    assert.ok(panel.shown);
    assert.match(panel.text, /cannot/i);
    const retry = await page.evaluate(() => {
      const button = element.shadowRoot.querySelector('[part=error] button');
      return button.checkVisibility();
    });
    assert.ok(retry, 'a 404 of a server may pass: trying again is offered');
    await Promise.all(backend.edges.map((edge) => edge.clear()));
    await page.evaluate(() => element.shadowRoot.querySelector('[part=error] button').focus());
    await page.press('Enter');
    await state(page, 'ready');
    assert.equal((await part(page, '[part=error]')).shown, false);
  });

  add('a malformed manifest is told, with nothing to try again', async (frame) => {
    const { page } = await open(frame, {}, { variant: 'broken' });
    await state(page, 'error');
    assert.ok((await part(page, '[part=error]')).shown);
    assert.equal((await part(page, '[part=error] button')).shown, false);
  });

  add('may be moved in the document, and leaves nothing when removed', async (frame) => {
    const { page } = await open(frame, { muted: '', autoplay: '' });
    await moves(page, 0.5);
    await page.evaluate(() => {
      globalThis.before = element.player;
      document.querySelector('#there').append(element);
    });
    assert.ok(await page.evaluate(() => element.player === before), 'still the same player');
    await page.evaluate(() => element.player.play());
    await moves(page, (await page.evaluate(() => element.video.currentTime)) + 0.5);
    await page.evaluate(() => element.remove());
    await page.waitFor(() => element.player === null && !element.video.srcObject && !element.video.getAttribute('src'));
    if (browser === 'chromium') await noWorkers(page);
  });

  if (existsSync(join(EXAMPLE, 'index.html'))) {
    add('the example page plays', async (frame) => {
      const backend = await frame.backend();
      const page = await frame.page();
      const src = backend.manifest('tidewater', 'number', { duration: 60 });
      await page.goto(`${backend.gateway}/example/index.html?${new URLSearchParams({ src })}`);
      await page.waitFor(() => document.querySelector('footlight-player')?.player, { what: 'the element' });
      await page.evaluate((url) => {
        globalThis.element = document.querySelector('footlight-player');
        if (element.src !== url) element.src = url;
      }, src);
      await state(page, 'ready');
      await page.focus('footlight-player');
      await page.press('k');
      await moves(page, 1);
    });
  }
});
