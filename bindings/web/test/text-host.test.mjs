import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, settle } from './support/bundle.mjs';

const { TextHost } = await load('text-host.ts');

function harness({ fail = 0 } = {}) {
  const told = [];
  const log = [];
  let loads = 0;
  const make = (format) => ({
    init: (data) => log.push(['init', ...data]),
    decode(data, offset, start, end) {
      log.push(['decode', format, ...data, offset, start, end]);
      if (data[0] === 0) throw new Error('text.malformed: zero');
      return Array.from(data, (at) => ({ start: at, end: at + 1, text: `${at}`, image: null, forced: at === 6 }));
    },
    free: () => log.push(['free', format]),
  });
  const host = new TextHost((...report) => told.push(report), async () => {
    loads += 1;
    if (loads <= fail) throw new Error('no network');
    return make;
  });
  const decode = (request, data, more = {}) =>
    host.decode({ request, track: 1, format: 'vtt', data: data && Uint8Array.from(data), init: null, forcedOnly: false, times: [0, 0, 9], ...more });
  return { host, told, log, decode, loads: () => loads };
}

const init = (request, ...data) => ({ request, data: Uint8Array.from(data) });

test('segments are decoded in order and cues have numbers', async () => {
  const { host, told, log, decode, loads } = harness();
  decode(1, [3, 5], { init: init(7, 42) });
  decode(2, [5, 8], { init: init(7, 42) });
  await settle();
  assert.deepEqual(told, [
    ['handle_text_decoded', 1, 1, new Float64Array([3, 4, 5, 6])],
    // The cue that the first segment had, too, is not told again.
    ['handle_text_decoded', 2, 3, new Float64Array([8, 9])],
  ]);
  assert.deepEqual(log.map(([name]) => name), ['init', 'decode', 'decode']);
  assert.deepEqual(host.get([1, 3, 9]).map((cue) => cue.text), ['3', '8']);
  host.forget([1]);
  assert.deepEqual(host.get([1, 3]).map((cue) => cue.text), ['8']);
  decode(3, [3]);
  await settle();
  assert.deepEqual(told.at(-1), ['handle_text_decoded', 3, 4, new Float64Array([3, 4])]);
  assert.equal(loads(), 1);
});

test('only what is forced', async () => {
  const { told, decode } = harness();
  decode(1, [5, 6], { forcedOnly: true });
  await settle();
  assert.deepEqual(told, [['handle_text_decoded', 1, 1, new Float64Array([6, 7])]]);
});

test('another track has another decoder, another rendition another init', async () => {
  const { log, decode } = harness();
  decode(1, [1], { init: init(7, 1) });
  decode(2, [2], { init: init(8, 2) });
  decode(3, [3], { track: 2, format: 'cea608:1', init: init(8, 2) });
  await settle();
  const seen = log.map(([name, first]) => [name, first]);
  assert.deepEqual(seen, [['init', 1], ['decode', 'vtt'], ['init', 2], ['decode', 'vtt'], ['free', 'vtt'], ['init', 2], ['decode', 'cea608:1']]);
});

test('what cannot be decoded is told, and costs only itself', async () => {
  const { told, decode } = harness();
  decode(1, [0]);
  decode(2, null);
  decode(3, [1]);
  await settle();
  assert.deepEqual(told[0], ['handle_text_failed', 1, 'text.malformed: zero']);
  assert.match(told[1][2], /^text\.gone/);
  assert.equal(told[2][0], 'handle_text_decoded');
});

test('a module that did not come is asked for again', async () => {
  const { told, decode, loads } = harness({ fail: 1 });
  decode(1, [1]);
  decode(2, [2]);
  await settle();
  assert.deepEqual(told.map(([name, request]) => [name, request]), [['handle_text_failed', 1], ['handle_text_decoded', 2]]);
  assert.equal(loads(), 2);
});

test('nothing is told after the end', async () => {
  const { host, told, log, decode } = harness();
  decode(1, [1]);
  host.close();
  await settle();
  assert.deepEqual([told, log], [[], []]);
});
