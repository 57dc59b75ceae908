// The test page's player, as tests speak of it.

import assert from 'node:assert/strict';

/** Opens the test page; what `options` has besides size goes into its address. */
export async function openPlayer(frame, backend, { src, hold, options, width = 480, height = 270 } = {}) {
  const page = await frame.page({ width: Math.max(640, width), height: height + 120 });
  const query = new URLSearchParams({ width, height });
  if (src) query.set('src', src);
  if (hold) query.set('hold', '');
  if (options) query.set('options', JSON.stringify(options));
  await page.goto(`${backend.gateway}/player.html?${query}`);
  await page.waitFor(() => globalThis.ready, { what: 'the player module runs' });
  return page;
}

/** A real click on the page's button. */
export async function clickPlay(page) {
  await page.click('#play');
}

export function waitState(page, state, deadline) {
  return page.waitFor((wanted) => player.state === wanted, { argument: state, deadline, what: `state ${state}` });
}

/** Waits until the clock has moved on by so many seconds of media from where it is. */
export async function playsOn(page, seconds = 1, deadline = 15_000) {
  const from = await page.evaluate(() => video.currentTime);
  await page.waitFor(([start, by]) => player.state === 'playing' && video.currentTime > start + by, {
    argument: [from, seconds],
    deadline,
    what: `${seconds} s more than ${from.toFixed(2)} s`,
  });
}

export function waitEvent(page, name, deadline) {
  return page.waitFor((wanted) => events.find((event) => event.name === wanted), {
    argument: name,
    deadline,
    what: `event ${name}`,
  });
}

export function countEvents(page, name) {
  return page.evaluate((wanted) => events.filter((event) => event.name === wanted).length, name);
}

export function eventsOf(page, name) {
  return page.evaluate((wanted) => events.filter((event) => event.name === wanted), name);
}

/** From a click to the end, with a clock that moved all the way: what every presentation must do. */
export async function playThrough(page, duration, { hole = 0, deadline } = {}) {
  await page.waitFor(() => globalThis.loadResult !== 'pending', { what: 'load() settles' });
  assert.equal(await page.evaluate(() => globalThis.loadResult), 'loaded');
  await clickPlay(page);
  await waitEvent(page, 'ended', deadline ?? duration * 1000 + 25_000);
  const facts = await page.evaluate(() => ({
    clock,
    duration: player.duration,
    state: player.state,
    position: video.currentTime,
    played: Array.from({ length: video.played.length }, (_, at) => [video.played.start(at), video.played.end(at)]),
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    errors: events.filter(({ name }) => name === 'error' || name === 'play-rejected'),
    stalls: events.filter(({ name, detail }) => name === 'stall' && detail.stalled).length,
  }));
  assert.deepEqual(facts.errors, [], 'no errors');
  assert.equal(facts.state, 'ended');
  within(facts.duration, duration, 0.15, 'duration');
  within(facts.position, duration, 0.25, 'the position at the end');
  facts.clock.reduce((before, now) => {
    assert.ok(now[1] >= before[1] - 0.001, `the clock went back: ${before} then ${now}`);
    return now;
  });
  const played = facts.played.reduce((sum, [start, end]) => sum + end - start, 0);
  within(played, duration - hole, 0.6, 'seconds played');
  moved(facts.clock, duration - hole);
  assert.ok(facts.frames > (duration - hole) * 25 * 0.8, `only ${facts.frames} frames for ${duration - hole} s`);
  return facts;
}

/** The clock took as long as media time says, and was seen on its way. */
function moved(clock, seconds) {
  const start = clock.findIndex(([, position]) => position > 0.05);
  const took = (clock.at(-1)[0] - clock[start][0]) / 1000;
  assert.ok(took > seconds * 0.85 - 0.5, `${seconds} s of media passed in ${took.toFixed(2)} s`);
  assert.ok(clock.length > seconds * 3, `the clock was seen at only ${clock.length} positions`);
}

export function within(value, wanted, tolerance, what) {
  assert.ok(Math.abs(value - wanted) <= tolerance, `${what}: ${value}, not ${wanted} (±${tolerance})`);
}

/** Workers end in their own time, after what ended them: waits for the last one's end (Chromium only). */
export async function noWorkers(page, deadline = 10_000) {
  const closed = page.raw.workers().map((worker) => new Promise((resolve) => worker.once('close', resolve)));
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`a worker is left after ${deadline} ms`)), deadline);
  });
  await Promise.race([Promise.all(closed), late]).finally(() => clearTimeout(timer));
}
