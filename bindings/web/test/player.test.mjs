import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { load, settle } from './support/bundle.mjs';
import { FakeResizeObserver, FakeVideo, installPage, workers } from './support/fake-page.mjs';

// One module for the whole file; it reads the page's globals when it is used.
installPage();
const { FootlightPlayer } = await load('player.ts');

let page;
let player;
let video;
let events;

const NAMES = ['statechange', 'error', 'warning', 'durationchange', 'trackschange', 'cuechange', 'ended', 'presentationchange'];

beforeEach(() => {
  page = installPage();
  player = new FootlightPlayer({ seed: 1 });
  video = new FakeVideo();
  events = [];
  for (const name of NAMES) player.addEventListener(name, ({ detail }) => events.push([name, detail]));
});

afterEach(() => player.destroy());

const worker = () => workers.at(-1);
const ofKind = (name) => events.filter(([kind]) => kind === name).map(([, detail]) => detail);

/** Loads, as far as the engine's first words. */
function begin(url = '/film.mpd', options) {
  const loading = player.load(url, options);
  const [, generation] = worker().sent.findLast(([name]) => name === 'generation');
  worker().say('generation', generation);
  return loading;
}

/** Loads, as far as playing. */
async function started() {
  player.attach(video);
  const loading = begin();
  worker().say('attach', { handle: true }, 1);
  worker().say('event', 'loaded', {});
  await loading;
  const playing = player.play();
  worker().say('rate', 1, 1);
  video.say('play', 'playing');
  await playing;
  worker().say('event', 'statechange', { state: 'playing' });
}

test('load resolves when duration and tracks are known', async () => {
  const loading = begin('/film.mpd?x=1', { startTime: 12 });
  assert.equal(player.state, 'loading');
  assert.equal(player.currentTime, 12);
  assert.deepEqual(worker().sent.at(-1), ['load', 'http://page.test/film.mpd?x=1', 12]);
  worker().say('event', 'durationchange', { duration: 60 });
  worker().say('event', 'trackschange', { tracks: { video: [], audio: [{ id: 1 }], text: [], thumbnails: true } });
  worker().say('event', 'loaded', {});
  await loading;
  assert.equal(player.duration, 60);
  assert.equal(player.tracks.audio[0].id, 1);
});

test('a load supersedes the one before, whose last words are not heard', async () => {
  const first = player.load('/a.mpd');
  const second = player.load('/b.mpd');
  await assert.rejects(first, { code: 'load.superseded' });
  worker().say('generation', 1);
  worker().say('event', 'error', { code: 'network.status', severity: 'fatal', action: 'retry' });
  worker().say('event', 'loaded', {});
  assert.deepEqual(ofKind('error'), []);
  worker().say('generation', 2);
  worker().say('event', 'loaded', {});
  await second;
});

test('an error ends load, play and state', async () => {
  const loading = begin();
  const playing = player.play();
  const facts = { code: 'network.status', severity: 'fatal', action: 'retry', message: 'no', url: 'http://x/', status: 404 };
  worker().say('event', 'error', facts);
  await assert.rejects(loading, facts);
  await assert.rejects(playing, { code: 'network.status' });
  assert.equal(player.state, 'error');
  assert.ok(ofKind('error')[0] instanceof Error);
  await assert.rejects(player.play(), { code: 'network.status' });
  player.retry();
  assert.equal(worker().sent.at(-1)[0], 'retry');
});

test('a warning changes nothing', () => {
  begin().catch(() => undefined);
  worker().say('event', 'warning', { code: 'network.status', severity: 'warning' });
  assert.equal(player.state, 'loading');
  assert.equal(ofKind('warning')[0].code, 'network.status');
});

test('play needs something to play', async () => {
  await assert.rejects(player.play(), { code: 'state.not-loaded' });
});

test('play goes to the element in the same turn, and to the engine', async () => {
  player.attach(video);
  begin().catch(() => undefined);
  worker().say('attach', { handle: true }, 1);
  assert.deepEqual(video.srcObject, { handle: true });
  const playing = player.play();
  assert.equal(video.paused, false);
  assert.equal(player.paused, false);
  assert.ok(worker().names().includes('play'));
  video.say('playing');
  await playing;
});

test('a browser that wants a gesture rejects play, and is no error', async () => {
  player.attach(video);
  begin().catch(() => undefined);
  worker().say('attach', { handle: true }, 1);
  video.refusal = new DOMException('gesture', 'NotAllowedError');
  await assert.rejects(player.play(), { name: 'NotAllowedError' });
  assert.deepEqual(worker().names().slice(-2), ['play', 'pause']);
  assert.equal(player.paused, true);
  assert.deepEqual(ofKind('error'), []);
});

test('a pause interrupts play', async () => {
  player.attach(video);
  begin().catch(() => undefined);
  const playing = player.play();
  player.pause();
  await assert.rejects(playing, { name: 'AbortError' });
});

test('a rate from before the last command is old', async () => {
  await started();
  player.pause();
  player.play().catch(() => undefined);
  worker().say('rate', 0, 2);
  assert.equal(video.paused, false);
  worker().say('rate', 1.5, 3);
  assert.deepEqual([video.paused, video.playbackRate], [false, 1.5]);
});

test('what media keys do to the element is a command', async () => {
  await started();
  video.pause();
  video.say('pause');
  assert.equal(worker().names().at(-1), 'pause');
  video.paused = false;
  video.say('play');
  assert.equal(worker().names().at(-1), 'play');
});

test('the pause at the end is none', async () => {
  await started();
  video.paused = true;
  video.ended = true;
  const before = worker().names().filter((name) => name === 'pause').length;
  video.say('pause', 'ended');
  assert.equal(worker().names().filter((name) => name === 'pause').length, before);
});

test('the position is where a seek goes until it lands', async () => {
  await started();
  video.currentTime = 3;
  player.seek(40);
  assert.deepEqual(worker().sent.at(-1), ['seek', 40]);
  assert.deepEqual([player.currentTime, video.currentTime], [40, 3]);
  worker().say('event', 'statechange', { state: 'seeking' });
  worker().say('seek', 40.5);
  assert.deepEqual([player.currentTime, video.currentTime], [40.5, 40.5]);
  video.seeking = true;
  video.say('seeking');
  video.currentTime = 40.6;
  assert.equal(player.currentTime, 40.5);
  video.seeking = false;
  video.say('seeked');
  assert.equal(player.currentTime, 40.6);
});

test('observations are coalesced, and name their sink', async () => {
  await started();
  await settle();
  const seen = () => worker().sent.filter(([name, , method]) => name === 'observed' && method === 'handle_playback');
  const before = seen().length;
  Object.assign(video, { currentTime: 7, seeking: true, readyState: 2, playbackRate: 2 });
  video.say('waiting', 'seeking', 'ratechange', 'timeupdate');
  await settle();
  assert.equal(seen().length, before + 1);
  assert.deepEqual(seen().at(-1), ['observed', 1, 'handle_playback', 7, 2, 2, 2, 50, 2]);
});

test('playback is observed at intervals while it runs, and only then', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  await started();
  await settle();
  const seen = () => worker().sent.filter(([name]) => name === 'observed').length;
  const before = seen();
  t.mock.timers.tick(250);
  await settle();
  assert.equal(seen(), before + 1);
  player.pause();
  video.say('pause');
  await settle();
  const paused = seen();
  t.mock.timers.tick(5000);
  await settle();
  assert.equal(seen(), paused);
});

test('the environment is in device pixels, and told when it changes', async () => {
  player.attach(video);
  await settle();
  assert.deepEqual(worker().sent.at(-1), ['handle_environment', 1280, 720, navigator.onLine ? 3 : 1, 0, 0]);
  page.document.visibilityState = 'hidden';
  page.document.dispatchEvent(new Event('visibilitychange'));
  page.window.dispatchEvent(new Event('offline'));
  await settle();
  const told = worker().sent.filter(([name]) => name === 'handle_environment');
  assert.equal(told.length, 2);
  assert.equal(told[1][3] & 1, 0);
});

test('a media error is the engine\'s to judge', async () => {
  await started();
  video.error = { code: 3, message: 'decode' };
  video.say('error');
  assert.deepEqual(worker().sent.at(-1), ['observed', 1, 'handle_media_error', 3, 'decode']);
});

test('stats are the engine\'s with what only the page knows', async () => {
  await started();
  video.say('loadeddata');
  const stats = player.stats();
  const [name, id, what] = worker().sent.at(-1);
  assert.deepEqual([name, what], ['query', 'stats']);
  worker().say('result', id, { position: 3, stalls: 1 });
  const { firstFrameMs, ...rest } = await stats;
  assert.deepEqual(rest, { position: 3, stalls: 1, decodedFrames: 50, droppedFrames: 2, mse: 'worker' });
  assert.equal(typeof firstFrameMs, 'number');
});

test('a crash is an error that retry mends, where it happened', async () => {
  await started();
  video.currentTime = 33;
  const stats = player.stats();
  const old = worker();
  old.say('crash', 'unreachable');
  await assert.rejects(stats, { code: 'engine.crashed' });
  assert.equal(old.terminated, true);
  assert.deepEqual([ofKind('error')[0].code, player.state, video.srcObject], ['engine.crashed', 'error', null]);
  assert.equal(player.currentTime, 33);
  player.retry();
  assert.notEqual(worker(), old);
  assert.deepEqual(worker().names().slice(0, 3), ['generation', 'load', 'play']);
  assert.deepEqual(worker().sent.find(([name]) => name === 'load'), ['load', 'http://page.test/film.mpd', 33]);
});

test('the presentation that follows is told, and is the one to load again', async () => {
  await started();
  worker().say('event', 'trackschange', { tracks: { video: [], audio: [{ id: 1 }], text: [], thumbnails: false } });
  const next = { url: 'http://page.test/next.mpd', reason: 'chaining' };
  worker().say('event', 'presentationchange', next);
  assert.deepEqual(ofKind('presentationchange'), [next]);
  assert.deepEqual([player.tracks.audio, player.duration], [[], NaN]);
  worker().say('crash', 'unreachable');
  player.retry();
  assert.equal(worker().sent.find(([name]) => name === 'load')[1], next.url);
});

test('a worker that does not load, or fails outside the engine, is an error', async () => {
  const loading = player.load('/film.mpd');
  worker().onerror({ preventDefault() {}, message: '' });
  await assert.rejects(loading, { code: 'engine.unavailable', action: 'retry' });
  const again = begin();
  worker().onerror({ preventDefault() {}, message: 'oops' });
  await assert.rejects(again, { code: 'engine.crashed' });
});

test('a browser without what it takes says so', async () => {
  delete globalThis.MediaSource;
  const bare = new FootlightPlayer();
  const codes = [];
  bare.addEventListener('error', ({ detail }) => codes.push(detail.code));
  await assert.rejects(bare.load('/film.mpd'), { code: 'platform.unsupported' });
  assert.deepEqual(codes, ['platform.unsupported']);
  bare.destroy();
});

test('another element means another source', async () => {
  await started();
  video.currentTime = 21;
  const other = new FakeVideo();
  player.attach(other);
  assert.equal(video.srcObject, null);
  assert.equal(video.listeners, 0);
  assert.deepEqual(worker().sent.findLast(([name]) => name === 'load'), ['load', 'http://page.test/film.mpd', 21]);
  assert.equal(worker().names().at(-1), 'play');
});

test('the MediaSource stays on the page where workers have none, or when asked to', () => {
  const setup = () => worker().sent[0][1];
  assert.equal(setup().mse, 'worker');
  new FootlightPlayer({ mse: 'main' }).destroy();
  assert.equal(setup().mse, 'main');
  page.MediaSource.canConstructInDedicatedWorker = false;
  globalThis.MediaSource = page.MediaSource;
  new FootlightPlayer().destroy();
  assert.equal(setup().mse, 'main');
});

test('the worker comes from the base; from elsewhere, by way of a script of our own', () => {
  assert.equal(worker().url, 'http://page.test/player/footlight-worker.js');
  assert.equal(worker().sent[0][1].wasm, null);
  new FootlightPlayer({ base: '/assets/player' }).destroy();
  assert.equal(worker().url, 'http://page.test/assets/player/footlight-worker.js');
  assert.equal(worker().sent[0][1].wasm, 'http://page.test/assets/player/footlight_web_bg.wasm');
  new FootlightPlayer({ base: 'https://cdn.test/p/' }).destroy();
  assert.match(worker().url, /^blob:/);
  assert.equal(worker().options.type, 'module');
});

test('destroy leaves nothing behind', async () => {
  await started();
  const loading = player.load('/other.mpd');
  player.destroy();
  player.destroy();
  await assert.rejects(loading, { code: 'load.superseded' });
  assert.equal(worker().terminated, true);
  assert.deepEqual([video.listeners, FakeResizeObserver.live, video.srcObject, video.src], [0, 0, null, '']);
  assert.equal(worker().onmessage, null);
  await assert.rejects(player.load('/film.mpd'), { code: 'load.superseded' });
  await assert.rejects(player.play(), { code: 'state.not-loaded' });
});

test('limits and the wish to save data are told with the environment', async () => {
  player.attach(video);
  player.limits = { maxHeight: 720, maxBitrate: 2e6, saveData: true };
  await settle();
  assert.deepEqual(worker().sent.at(-1).slice(3), [navigator.onLine ? 7 : 5, 720, 2e6]);
  player.limits = {};
  await settle();
  assert.deepEqual(worker().sent.at(-1).slice(3), [navigator.onLine ? 3 : 1, 0, 0]);
});

test('what the network gave is assumed of it on the next visit, unless that is not wanted', async (t) => {
  const kept = new Map();
  globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  t.after(() => delete globalThis.localStorage);
  const setup = () => worker().sent.find(([name]) => name === 'init')[1];
  begin().catch(() => undefined);
  worker().say('event', 'decision', { kind: 'video', throughput: 7654321.4 });
  player.destroy();
  player = new FootlightPlayer();
  assert.equal(setup().bandwidth, 7654321);
  player.destroy();
  player = new FootlightPlayer({ remember: false });
  assert.equal(setup().bandwidth, 0);
  player.destroy();
  player = new FootlightPlayer({ initialBandwidth: 1e6, algorithm: 'throughput' });
  assert.equal(setup().bandwidth, 1e6);
  assert.equal(setup().algorithm, 'throughput');
});
