// The web app, as tests speak of it.

import { join } from 'node:path';
import { DIST, OUT, need } from './paths.mjs';

/** The app's folder, served as it is. */
export const appRoot = () => need(join(DIST, 'index.html'), '`cargo xtask web` makes it') && DIST;

/** Screens that pictures are taken for: a laptop, a phone, a television. */
export const SCREENS = {
  1280: { width: 1280, height: 720 },
  360: { width: 360, height: 740 },
  3840: { width: 3840, height: 2160 },
};

export const at = (id) => `[data-testid="${id}"]`;

export async function openApp(frame, path = '/', { size = SCREENS[1280], backend } = {}) {
  backend ??= await frame.backend();
  const page = await frame.page(size);
  await page.goto(backend.gateway + path);
  return { backend, page };
}

export function see(page, selector, deadline) {
  const shown = (wanted) => {
    const element = document.querySelector(wanted);
    return element?.checkVisibility({ visibilityProperty: true }) === true;
  };
  return page.waitFor(shown, { argument: selector, deadline, what: `${selector} to be seen` });
}

export function gone(page, selector) {
  return page.waitFor((wanted) => !document.querySelector(wanted), { argument: selector, what: `${selector} to go` });
}

/** Waits until the player page plays; presses its button where the browser wanted a gesture first. */
export async function playing(page, past = 0.5) {
  await page.waitFor(() => globalThis.__footlight, { what: 'the player' });
  const outcome = await page.waitFor((wanted) => {
    if (document.querySelector('[data-testid="player-big-play"]')) return 'blocked';
    if (document.querySelector('[data-testid="player-error"]')) return 'error';
    return __footlight.state === 'playing' && __footlight.currentTime > wanted && 'playing';
  }, { argument: past, what: 'it plays' });
  if (outcome === 'error') throw new Error('the player shows an error');
  if (outcome === 'blocked') {
    await page.click(at('player-big-play'));
    await page.waitFor((wanted) => __footlight.state === 'playing' && __footlight.currentTime > wanted, {
      argument: past,
      what: 'it plays after the gesture',
    });
  }
}

/** Waits until the pictures on screen are there, decoded and drawn. */
export function painted(page) {
  return page.waitFor(async () => {
    const seen = [...document.images].filter((image) => {
      const { top, bottom, left, right, width } = image.getBoundingClientRect();
      return width > 0 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
    });
    if (!seen.every(({ complete, naturalWidth }) => complete && naturalWidth > 0)) return false;
    await Promise.all(seen.map((image) => image.decode()));
    for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
    return true;
  }, { what: 'the pictures' });
}

/** Waits until nothing moves any more that comes to an end by itself. */
export function settled(page) {
  return page.waitFor(() => {
    const ends = ({ effect }) => Number.isFinite(effect?.getComputedTiming().endTime ?? Infinity);
    return document.getAnimations().filter(ends).every(({ playState }) => playState !== 'running');
  }, { what: 'the end of animations' });
}

/** Waits until every plot of the stats panel has lines in colour over its grid. */
export function plotted(page) {
  return page.waitFor(() => {
    const plots = [...document.querySelectorAll('[data-testid="stats-panel"] canvas')];
    const coloured = (canvas) => {
      if (!canvas.width || !canvas.height) return 0;
      // A copy is looked at, so that the page's own stays where it is.
      const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height });
      const context = copy.getContext('2d', { willReadFrequently: true });
      context.drawImage(canvas, 0, 0);
      const { data } = context.getImageData(0, 0, copy.width, copy.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        const [red, green, blue, alpha] = data.subarray(at, at + 4);
        if (alpha > 100 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) count += 1;
      }
      return count;
    };
    return plots.length === 2 && plots.every((canvas) => coloured(canvas) > canvas.width / 20);
  }, { what: 'lines in both plots' });
}

export async function picture(page, name, width) {
  await painted(page);
  await settled(page);
  await page.screenshot(join(OUT, `${name}-${width}.png`));
}

/** How far the page is wider than the screen. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Images larger than they are drawn, though there is a smaller one that would do. */
export function oversized(page) {
  return page.evaluate(() => {
    const width = (url) => Number(url.match(/-(\d+)\.\w+$/)?.[1] ?? 0);
    return [...document.images]
      .filter((image) => image.srcset && image.complete && image.currentSrc)
      .map((image) => {
        const { width: w, height: h } = image.getBoundingClientRect();
        // They cover their boxes, and what is drawn is not known to the pixel before the layout.
        const drawn = 1.3 * devicePixelRatio * Math.max(w, (h * image.naturalWidth) / image.naturalHeight);
        const there = image.srcset.split(',').map((source) => parseInt(source.trim().split(' ').at(-1), 10));
        const enough = Math.min(...there.filter((one) => one >= drawn), Math.max(...there));
        return { url: image.currentSrc, took: width(image.currentSrc), enough };
      })
      .filter(({ took, enough }) => took > enough);
  });
}
