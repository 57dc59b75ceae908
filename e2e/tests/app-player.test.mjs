// The web app's player page.

import assert from 'node:assert/strict';
import { suite } from '../lib/harness.mjs';
import { SCREENS, appRoot, at, gone, openApp, overflow, picture, playing, plotted, see } from '../lib/app.mjs';
import { within } from '../lib/player.mjs';

const open = async (frame, query = 'duration=120', options = {}) => {
  const { page, backend } = await openApp(frame, `/watch/tidewater?${query}`, options);
  await playing(page);
  return { page, backend };
};

const position = (page) => page.evaluate(() => __footlight.currentTime);
const landed = (page, wanted, tolerance = 1.5) =>
  page.waitFor(([to, by]) => {
    const { state, currentTime } = __footlight;
    return (state === 'playing' || state === 'paused') && Math.abs(currentTime - to) < by;
  }, { argument: [wanted, tolerance], what: `position ${wanted}` });

/** A run of subtitle text on screen. */
const CAPTION = '[data-testid="player-captions"] [part="cue"]';

suite('app player', { concurrency: 2, keys: true, root: appRoot }, (add, browser) => {
  add('shortcuts', async (frame) => {
    const { page } = await open(frame);
    await page.press(' ');
    await page.waitFor(() => __footlight.state === 'paused', { what: 'space pauses' });
    const start = await position(page);
    await page.press('ArrowRight');
    await landed(page, start + 5, 0.5);
    await page.press('l');
    await landed(page, start + 15, 0.5);
    await page.press('j');
    await page.press('ArrowLeft');
    await landed(page, start, 0.5);
    await page.press('5');
    await landed(page, 60, 0.5);
    await page.press('k');
    await page.waitFor(() => __footlight.state === 'playing', { what: 'k plays' });
    await page.press('m');
    await page.waitFor(() => __footlight.muted, { what: 'm mutes' });
    await page.press('m');
    await page.waitFor(() => !__footlight.muted, { what: 'and unmutes' });
    const volume = await page.evaluate(() => __footlight.volume);
    await page.press('ArrowDown');
    await page.waitFor((before) => __footlight.volume < before, { argument: volume, what: 'arrow down: softer' });
    await page.press('.');
    await page.waitFor(() => __footlight.playbackRate > 1, { what: 'faster' });
    await page.press(',');
    await page.waitFor(() => __footlight.playbackRate === 1, { what: 'and slower' });
    await page.press('f');
    await page.waitFor(() => document.fullscreenElement, { what: 'f: full screen' });
    await page.press('f');
    await page.waitFor(() => !document.fullscreenElement, { what: 'and back' });
    await page.press('c');
    await page.waitFor(() => __footlight.tracks.text.some(({ selected }) => selected), { what: 'c: subtitles' });
    await see(page, CAPTION);
    await page.press('?');
    await page.waitFor(() => document.querySelector('[data-testid="player-help"]').open, { what: '?: help' });
    await page.press('Escape');
    await page.waitFor(() => !document.querySelector('[data-testid="player-help"]').open, { what: 'escape closes it' });
  });

  add('subtitles look as the viewer wants', async (frame) => {
    const { page } = await open(frame);
    await page.press('c');
    await see(page, CAPTION);
    await page.focus(at('player-text-style'));
    await page.press('Enter');
    await see(page, at('text-style-color'));
    const look = () => page.evaluate((selector) => {
      const { color, fontSize } = getComputedStyle(document.querySelector(selector) ?? document.body);
      return { color, size: parseFloat(fontSize) };
    }, CAPTION);
    const before = await look();
    await page.focus(at('text-style-color'));
    await page.press('ArrowDown');
    await page.press('ArrowDown');
    await page.focus(at('text-style-scale'));
    await page.press('End');
    await page.waitFor(() => __footlight.textStyle.scale === 2 && __footlight.textStyle.color, { what: 'the style' });
    await page.waitFor(
      ([selector, size]) => {
        const seen = document.querySelector(selector);
        return seen && parseFloat(getComputedStyle(seen).fontSize) > 1.5 * size;
      },
      { argument: [CAPTION, before.size], what: 'larger subtitles' },
    );
    await page.focus(at('text-style-reset'));
    await page.press('Enter');
    await page.waitFor(() => Object.keys(__footlight.textStyle).length === 0, { what: 'as authored' });
    await page.press('Escape');
    await page.waitFor(() => !document.querySelector('[data-testid="text-style"]').open, { what: 'the panel closes' });
  });

  add('menus by keyboard', async (frame) => {
    const { page } = await open(frame);
    const choose = async (menu, steps) => {
      await page.focus(at(`player-${menu}`));
      await page.press('Enter');
      await page.waitFor((kind) => document.activeElement?.dataset.testid?.startsWith(`menu-item-${kind}-`), {
        argument: menu,
        what: `focus in the menu ${menu}`,
      });
      for (const key of steps) await page.press(key);
      const id = await page.evaluate(() => document.activeElement.dataset.testid.split('-').at(-1));
      await page.press('Enter');
      await gone(page, '[role=menu]');
      await page.waitFor((wanted) => document.activeElement?.dataset.testid === wanted, {
        argument: `player-${menu}`,
        what: 'the focus back on the button',
      });
      return id;
    };
    await choose('quality', ['ArrowDown']);
    await page.waitFor(() => __footlight.limits.saveData && __footlight.tracks.fixedRendition === null, {
      what: 'automatic quality that saves data',
    });
    const quality = await choose('quality', ['End']);
    await page.waitFor((id) => __footlight.tracks.fixedRendition === Number(id), { argument: quality });
    const audio = await choose('audio', ['ArrowDown']);
    await page.waitFor((id) => __footlight.tracks.audio.find((track) => track.selected).id === Number(id), { argument: audio });
    const text = await choose('text', ['End']);
    await page.waitFor((id) => __footlight.tracks.text.find((track) => track.selected)?.id === Number(id), { argument: text });
    await see(page, CAPTION);
    await choose('text', ['Home']);
    await page.waitFor(() => !__footlight.tracks.text.some(({ selected }) => selected));
    await choose('quality', ['Home']);
    await page.waitFor(() => __footlight.tracks.fixedRendition === null);
    const speed = await choose('speed', ['End']);
    await page.waitFor((rate) => __footlight.playbackRate === Number(rate), { argument: speed });
    await page.focus(at('player-quality'));
    await page.press('Enter');
    await see(page, '[role=menu]');
    await page.press('Escape');
    await gone(page, '[role=menu]');
  });

  add('the stats panel draws its plots', async (frame) => {
    const { page } = await open(frame);
    await page.press('i');
    await see(page, at('stats-panel'));
    await plotted(page);
    await page.waitFor(() => document.querySelectorAll('[data-testid="stats-decisions"] li[data-reason]').length > 0);
    await page.press('i');
    await gone(page, at('stats-panel'));
  });

  add('the seek bar shows pictures, and seeks', async (frame) => {
    const { page } = await open(frame);
    await page.moveMouse(640, 300);
    await page.hover(at('player-seek'));
    await see(page, at('player-preview'));
    await page.waitFor(() => document.querySelector('[data-testid="player-preview"] .thumbnail')?.style.backgroundImage, {
      what: 'a picture in the preview',
    });
    await page.click(at('player-seek'));
    await landed(page, 60, 4);
    await page.focus(at('player-seek'));
    await page.press('Home');
    await landed(page, 0, 3);
    const text = await page.evaluate(() => document.querySelector('[data-testid="player-seek"]').getAttribute('aria-valuetext'));
    assert.match(text, /second.* of 2 minutes/);
  });

  add('the seek bar of a channel shows pictures', async (frame) => {
    const { page } = await openApp(frame, '/watch/one');
    await playing(page);
    await page.moveMouse(640, 300);
    await page.hover(at('player-seek'));
    await see(page, at('player-preview'));
    const sheet = await page.waitFor(() => {
      const image = document.querySelector('[data-testid="player-preview"] .thumbnail')?.style.backgroundImage;
      return image && image.slice(5, -2);
    }, { what: 'a picture in the preview' });
    const width = await page.evaluate((url) => new Promise((resolve, reject) => {
      const image = Object.assign(new Image(), { onload: () => resolve(image.naturalWidth), onerror: reject, src: url });
    }), sheet);
    assert.ok(width > 0, sheet);
  });

  add('goes on after a reload where it was', async (frame) => {
    const { page, backend } = await open(frame);
    await page.press('5');
    await landed(page, 60, 3);
    await page.press(' ');
    await page.waitFor(() => __footlight.state === 'paused');
    const left = await position(page);
    await page.reload();
    await playing(page, left - 0.5);
    within(await position(page), left, 4, 'where it goes on');
    await page.goto(backend.gateway);
    await see(page, at('resume-tidewater'));
    // What is heard and seen of it at home is what leads back to it.
    await page.click(at('resume-tidewater'));
    await playing(page, left - 6);
  });

  add('offers the next title near the end, and plays it', async (frame) => {
    const { page } = await open(frame, 'duration=40');
    await page.evaluate(() => __footlight.seek(34));
    await see(page, at('next-card'));
    await page.click(at('next-cancel'));
    await gone(page, at('next-card'));
    await page.evaluate(() => __footlight.seek(10));
    await landed(page, 10, 3);
    // The app has to have seen it: a card that was waved away comes back only after the playhead left the end.
    await page.waitFor(() => /^0:1/.test(document.querySelector('[data-testid="player-time"]').textContent), {
      what: 'the time on the page',
    });
    await page.evaluate(() => __footlight.seek(38.5));
    await page.waitFor(() => __footlight.state === 'ended', { what: 'the end' });
    await page.waitFor(() => document.activeElement?.dataset.testid === 'next-play', { what: 'the focus on what is next' });
    await page.press('Enter');
    await page.waitFor(() => /^\/watch\/(?!tidewater)/.test(location.pathname), { what: 'another title' });
    await playing(page);
  });

  add('a manifest that is not there: says so, and leads back', async (frame) => {
    const { page, backend } = await openApp(frame, '/title/tidewater');
    await see(page, at('title-play'));
    await page.goto(`${backend.gateway}/watch/tidewater?manifest=/media/nothing.mpd`);
    await see(page, at('player-error'), 30_000);
    const shown = await page.evaluate(() => {
      const panel = document.querySelector('[data-testid="player-error"]');
      return { code: panel.dataset.code, heading: panel.querySelector('h2').textContent, role: panel.getAttribute('role') };
    });
    assert.equal(shown.code, 'network.status');
    assert.equal(shown.role, 'alertdialog');
    assert.ok(shown.heading.length > 5);
    await page.waitFor(() => document.querySelector('[data-testid="player-error"]').contains(document.activeElement), {
      what: 'the focus in the dialog',
    });
    await page.click(at('error-back'));
    await see(page, at('title-play'));
  });

  add('an outage: says so, and retry goes on', async (frame) => {
    const { page, backend } = await open(frame);
    await Promise.all(backend.edges.map((edge) => edge.shape({ fail_rate: 1, fail_status: 404, match: 'seg-' })));
    await page.evaluate(() => __footlight.seek(90));
    await see(page, at('player-error'), 40_000);
    await Promise.all(backend.edges.map((edge) => edge.clear()));
    await page.click(at('error-retry'));
    await gone(page, at('player-error'));
    await landed(page, 90, 4);
  });

  if (browser === 'chromium') {
    add('offline: plays what it has, and says so', async (frame) => {
      const { page } = await open(frame);
      await page.offline(true);
      await page.waitFor(() => /offline/i.test(document.querySelector('[data-testid="player"]').textContent), {
        what: 'words about it',
      });
      const from = await position(page);
      await page.waitFor((before) => __footlight.currentTime > before + 1, { argument: from, what: 'it plays on' });
      await page.evaluate(() => __footlight.seek(100));
      await page.waitFor(() => __footlight.state !== 'playing');
      await page.offline(false);
      await page.waitFor(() => {
        document.querySelector('[data-testid="error-retry"]')?.click();
        return __footlight.state === 'playing' && __footlight.currentTime > 100;
      }, { deadline: 30_000, what: 'it plays where it was to go' });
    });
  }

  for (const [width, size] of Object.entries(SCREENS)) {
    add(`looks right at ${width} px`, async (frame) => {
      const { page, backend } = await open(frame, 'duration=120', { size });
      await page.press('c');
      await page.press('i');
      await see(page, at('stats-panel'));
      await plotted(page);
      if (browser === 'chromium') await picture(page, 'stats', width);
      await page.press('i');
      await page.press(' ');
      await page.waitFor(() => __footlight.state === 'paused');
      await see(page, at('player-play'));
      assert.ok((await overflow(page)) <= 0, 'the player is no wider than the screen');
      const outside = await page.evaluate(() =>
        [...document.querySelectorAll('.controls button, .controls [role=slider]')]
          .filter((element) => element.checkVisibility({ visibilityProperty: true }))
          .filter((element) => {
            const { left, right, top, bottom } = element.getBoundingClientRect();
            return left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1;
          })
          .map((element) => element.dataset.testid));
      assert.deepEqual(outside, [], 'every control is on the screen');
      if (browser === 'chromium') await picture(page, 'player', width);
      await page.focus(at('player-text-style'));
      await page.press('Enter');
      await see(page, at('text-style-reset'));
      assert.ok((await overflow(page)) <= 0, 'the panel is no wider than the screen');
      if (browser === 'chromium') await picture(page, 'text-style', width);
      await page.press('Escape');
      await page.goto(`${backend.gateway}/watch/tidewater?manifest=/media/nothing.mpd`);
      await see(page, at('player-error'), 30_000);
      assert.ok((await overflow(page)) <= 0, 'the error is no wider than the screen');
      if (browser === 'chromium') await picture(page, 'error', width);
    });
  }
});
