// The web app's pages.

import assert from 'node:assert/strict';
import { suite } from '../lib/harness.mjs';
import { SCREENS, appRoot, at, gone, openApp, oversized, overflow, painted, picture, playing, see } from '../lib/app.mjs';

const path = (page) => page.evaluate(() => location.pathname + location.search);

suite('app', { concurrency: 2, keys: true, root: appRoot }, (add, browser) => {
  add('home shows hero and rows before anything of the player', async (frame) => {
    const { page } = await openApp(frame);
    await see(page, at('home-hero'));
    await see(page, '[data-testid^="card-"]');
    await painted(page);
    const facts = await page.evaluate(() => ({
      titles: ['tidewater', 'nightline', 'paperbirds'].filter((id) => document.querySelector(`[data-testid="card-${id}"]`)),
      rows: document.querySelectorAll('main h2').length,
      landmarks: ['header', 'main', 'nav'].map((name) => document.querySelectorAll(name).length),
      headings: [...document.querySelectorAll('h1')].map((heading) => heading.textContent),
      unnamed: [...document.querySelectorAll('a, button')].filter(
        (element) => !(element.getAttribute('aria-label') ?? element.textContent).trim(),
      ).length,
    }));
    assert.equal(facts.titles.length, 3);
    assert.ok(facts.rows >= 2, 'rows with names');
    assert.deepEqual(facts.landmarks, [1, 1, 1]);
    assert.equal(facts.headings.length, 1);
    assert.equal(facts.unnamed, 0, 'every link and button has a name');
    assert.deepEqual(page.requests.filter((url) => new URL(url).pathname.startsWith('/player/')), []);
  });

  add('search finds, counts, and says when there is nothing', async (frame) => {
    const { page } = await openApp(frame);
    await see(page, at('home-hero'));
    await page.click(at('nav-search'));
    await see(page, at('search-input'));
    await page.waitFor(() => document.activeElement?.dataset.testid === 'search-input', { what: 'focus in the field' });
    await page.type('nightl');
    await see(page, `${at('search-results')} ${at('card-nightline')}`);
    await page.waitFor(() => {
      const found = document.querySelectorAll('[data-testid="search-results"] [data-testid^="card-"]').length;
      const said = document.querySelector('[data-testid="search-count"]').textContent;
      return said === `${found} result${found === 1 ? '' : 's'}`;
    }, { what: 'the number of results is told' });
    assert.equal(await path(page), '/search?q=nightl');
    await page.type('zzz');
    await gone(page, at('search-results'));
    await page.waitFor(() => /nothing found/i.test(document.body.textContent));
    // The address alone leads there, too.
    await page.goto(`${new URL(await page.evaluate(() => location.href)).origin}/search?q=paper`);
    await see(page, at('card-paperbirds'));
  });

  add('from home to a title to the film and back, by clicks', async (frame) => {
    const { page } = await openApp(frame);
    await see(page, at('card-paperbirds'));
    await page.click(at('card-paperbirds'));
    await see(page, at('title-play'));
    assert.equal(await path(page), '/title/paperbirds');
    await page.click(at('title-play'));
    await playing(page);
    assert.equal(await path(page), '/watch/paperbirds');
    await page.moveMouse(300, 300);
    await page.click(at('player-back'));
    await see(page, at('title-play'));
    await page.waitFor(() => globalThis.__footlight === undefined, { what: 'the player to be gone' });
    await page.back();
    await see(page, at('home-hero'));
  });

  add('from home to the film by keyboard alone', async (frame) => {
    const { page } = await openApp(frame);
    await see(page, at('hero-play'));
    let focused = '';
    for (let tabs = 0; tabs < 12 && focused !== 'hero-play'; tabs += 1) {
      await page.press('Tab');
      focused = await page.evaluate(() => document.activeElement?.dataset.testid ?? '');
    }
    assert.equal(focused, 'hero-play');
    const outlined = await page.evaluate(() => {
      const { outlineStyle, boxShadow } = getComputedStyle(document.activeElement);
      return outlineStyle !== 'none' || boxShadow !== 'none';
    });
    assert.ok(outlined, 'the focus is to be seen');
    await page.press('Enter');
    await playing(page);
  });

  add('pages that are not there say so', async (frame) => {
    const { page, backend } = await openApp(frame, '/no/such/page');
    await see(page, at('not-found'));
    await page.goto(`${backend.gateway}/title/nobody`);
    await page.waitFor(() => /not here|not found|no such|isn’t/i.test(document.body.textContent));
  });

  for (const [width, size] of Object.entries(SCREENS)) {
    add(`looks right at ${width} px`, async (frame) => {
      const { page, backend } = await openApp(frame, '/', { size });
      await see(page, at('home-hero'));
      await painted(page);
      assert.ok((await overflow(page)) <= 0, 'home is no wider than the screen');
      assert.deepEqual(await oversized(page), [], 'images are sized for the screen');
      if (browser === 'chromium') await picture(page, 'home', width);
      for (const [name, where, element] of [
        ['title', '/title/tidewater', at('title-play')],
        ['search', '/search', '[data-testid^="card-"]'],
      ]) {
        await page.goto(backend.gateway + where);
        await see(page, element);
        await painted(page);
        assert.ok((await overflow(page)) <= 0, `${name} is no wider than the screen`);
        if (browser === 'chromium') await picture(page, name, width);
      }
    });
  }

  if (browser === 'chromium') {
    add('offline: says so, and comes back by itself', async (frame) => {
      const { page } = await openApp(frame);
      await see(page, at('home-hero'));
      await page.offline(true);
      await page.click(at('nav-search'));
      await see(page, at('search-input'));
      await page.type('tide');
      await page.waitFor(() => /offline|can’t be reached/i.test(document.body.textContent), {
        what: 'words about it',
      });
      await page.offline(false);
      await page.waitFor(() => {
        document.querySelector('[data-testid="page-retry"]')?.click();
        return document.querySelector('[data-testid="card-tidewater"]') !== null;
      }, { what: 'the results' });
    });
  }
});
