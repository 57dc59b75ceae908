import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, manualTasks, settle } from './support/bundle.mjs';
import { FakeMediaSource } from './support/fake-mse.mjs';

const { Session } = await load('session.ts');

const unwanted = async () => assert.fail('not asked for');

/** A session over an engine that notes what it is told and does what the test wants. */
function harness(wishes = {}) {
  const { text = unwanted, extras = unwanted, recorder = unwanted, record = false, manifest = [], mse = 'main' } = wishes;
  const { on = {}, clock = () => 1000 } = wishes;
  const inputs = [];
  const posted = [];
  const walls = [];
  const engine = { deadline: Infinity, host: null, depth: 0 };
  const known = {
    timeout: () => engine.deadline,
    stats: (now) => ({ position: now, requests: { count: 2 } }),
    manifest: () => manifest,
    thumbnail: (position) => ({ x: position }),
  };
  const make = (host) => {
    engine.host = host;
    return new Proxy(known, {
      get: (_, name) =>
        known[name] ??
        ((now, ...args) => {
          assert.equal(engine.depth, 0, `${name} inside another input`);
          engine.depth += 1;
          if (name === 'handle_wall_clock') walls.push(...args);
          else inputs.push([name, ...args]);
          try {
            on[name]?.(engine.host, ...args);
          } finally {
            engine.depth -= 1;
          }
        }),
    });
  };
  const tasks = manualTasks();
  const respond = async () => new Response(new Uint8Array(5), { headers: { 'content-length': '5' } });
  const post = (message) => posted.push(message);
  const made = { seed: 7, algorithm: 'ours', bandwidth: 0 };
  const modules = { text, extras, recorder };
  const options = { ...made, ...modules, mse, record, clock, fetch: respond, coalescer: tasks.make };
  const session = new Session(make, post, options);
  return { session, engine, inputs, posted, walls };
}

test('messages become inputs, in order', () => {
  const { session, inputs, posted, walls } = harness();
  session.receive(['set_preferences', ['en'], ['fr'], true]);
  session.receive(['generation', 3]);
  session.receive(['load', 'http://x/m.mpd', NaN]);
  session.receive(['select_text', -1]);
  assert.deepEqual(inputs, [
    ['set_preferences', ['en'], ['fr'], true],
    ['load', 'http://x/m.mpd', NaN],
    ['select_text', -1],
  ]);
  assert.deepEqual(posted, [['generation', 3]]);
  assert.ok(walls.length === 1 && Math.abs(walls[0] - Date.now()) < 60_000, 'a load begins with what time it is');
});

test('what happens inside an input waits until it is done', async () => {
  globalThis.MediaSource = undefined;
  const { session, inputs } = harness({
    mse: 'worker',
    on: {
      load: (host) => host.probeSupport(['video/mp4']),
      play: (host) => host.openSink([0], ['video/mp4'], 10),
    },
  });
  session.receive(['load', 'http://x/m.mpd', NaN]);
  session.receive(['play']);
  await settle(1);
  assert.deepEqual(inputs.map(([name]) => name), ['load', 'handle_support', 'play', 'handle_sink_failed']);
});

test('a request goes through, and its body to a sink on the page', async () => {
  const { session, inputs, posted } = harness({
    on: {
      load: (host) => host.fetch(4, 'http://x/s', 0, 4, 'video', 0),
      handle_end: (host, request) => {
        host.openSink(new Uint32Array([0]), ['video/mp4'], 10);
        host.append(0, request, 0, Infinity, false, 0, 0, Infinity);
        host.release(request);
      },
    },
  });
  session.receive(['load', 'http://x/m.mpd', NaN]);
  await settle();
  assert.deepEqual(inputs.map(([name]) => name), ['load', 'handle_head', 'handle_chunk', 'handle_end']);
  const body = posted.find(([name]) => name === 'body');
  assert.deepEqual([body[1], body[2].byteLength], [4, 5]);
  const sink = posted.filter(([name]) => name === 'sink').map(([, epoch, method]) => [epoch, method]);
  assert.deepEqual(sink, [[1, 'open'], [1, 'append'], [1, 'release']]);
  session.receive(['answer', 1, 'handle_append_done', 0, new Float64Array([0, 2])]);
  session.receive(['answer', 0, 'handle_append_done', 0, new Float64Array(0)]);
  assert.deepEqual(inputs.slice(4), [['handle_append_done', 0, new Float64Array([0, 2])]]);
});

test('text is read from bodies that are here, and shown by number', async () => {
  const read = [];
  const decoder = {
    init: (data) => read.push(['init', data.byteLength]),
    decode(data, ...times) {
      read.push(['decode', data.byteLength, ...times]);
      return [{ start: 1, end: 2, text: 'hey', image: null }];
    },
    free() {},
  };
  const { session, inputs, posted } = harness({
    text: async () => (format) => (read.push(format), decoder),
    on: {
      load: (host) => ['init', 'video'].forEach((kind, at) => host.fetch(at + 1, 'http://x/s', -1, -1, kind, 0)),
      handle_end: (host, request) => {
        if (request !== 2) return;
        host.decodeText(2, 5, 'cea608', 1, 1, false, 0, 0, Infinity);
        host.release(2);
      },
      handle_text_decoded: (host) => {
        host.cues(new Uint32Array([1]));
        host.forgetCues(new Uint32Array([1]));
        host.cues(new Uint32Array([1]));
      },
    },
  });
  session.receive(['load', 'http://x/m.mpd', NaN]);
  await settle();
  assert.deepEqual(read, ['cea608:1', ['init', 5], ['decode', 5, 0, 0, Infinity]]);
  assert.deepEqual(inputs.at(-1), ['handle_text_decoded', 2, 1, new Float64Array([1, 2])]);
  const told = posted.filter(([name]) => name === 'event').map(([, name, { cues }]) => [name, cues.map((cue) => cue.text)]);
  assert.deepEqual(told, [['cuechange', ['hey']], ['cuechange', []]]);
});

test('observations of an earlier sink are not about this one', () => {
  const { session, inputs } = harness({ on: { play: (host) => host.openSink([0], ['video/mp4'], 10) } });
  session.receive(['play']);
  session.receive(['observed', 0, 'handle_playback', 9, 1, 0, 4, 0, 0]);
  session.receive(['observed', 1, 'handle_playback', 1, 1, 0, 4, 0, 0]);
  assert.deepEqual(inputs.slice(1), [['handle_playback', 1, 1, 0, 4, 0, 0]]);
});

test('a sink in the worker gives its handle away, and is detached when closed', () => {
  globalThis.MediaSource = FakeMediaSource;
  const { session, posted } = harness({
    mse: 'worker',
    on: { load: (host) => host.openSink([0], ['video/mp4'], 10), unload: (host) => host.closeSink() },
  });
  session.receive(['load', 'http://x/m.mpd', NaN]);
  session.receive(['unload']);
  assert.deepEqual(posted.map(([name, , epoch]) => [name, epoch]), [['attach', 1], ['detach', undefined]]);
});

test('rates say which commands they know of', () => {
  const { session, posted } = harness({ on: { play: (host) => host.setRate(1), pause: (host) => host.setRate(0) } });
  session.receive(['play']);
  session.receive(['pause']);
  assert.deepEqual(posted, [['rate', 1, 1], ['rate', 0, 2]]);
});

test('one timer wakes the engine, however often it changes its mind', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  const { session, engine, inputs } = harness({
    clock: () => now,
    on: { handle_timeout: () => (engine.deadline = now < engine.deadline ? engine.deadline : Infinity) },
  });
  const woken = () => inputs.filter(([name]) => name === 'handle_timeout').length;
  engine.deadline = 500;
  session.receive(['play']);
  engine.deadline = 100.2;
  session.receive(['play']);
  session.receive(['play']);
  now = 99.9;
  t.mock.timers.tick(100);
  assert.equal(woken(), 0);
  t.mock.timers.tick(1);
  assert.equal(woken(), 1, 'early by the engine\'s clock, which asks for the same moment again');
  now = 101;
  t.mock.timers.tick(1);
  assert.equal(woken(), 2);
  t.mock.timers.tick(10_000);
  assert.equal(woken(), 2);
});

test('questions are answered by number', () => {
  const { session, posted } = harness();
  session.receive(['query', 1, 'stats']);
  session.receive(['query', 2, 'thumbnail', 30]);
  assert.deepEqual(posted, [['result', 1, { position: 1000, requests: { count: 2 } }], ['result', 2, { x: 30 }]]);
});

test('an engine that throws is told of once, and asked nothing more', () => {
  const { session, inputs, posted } = harness({
    on: {
      seek: () => {
        throw new WebAssembly.RuntimeError('unreachable');
      },
    },
  });
  session.receive(['seek', 5]);
  session.receive(['play']);
  session.receive(['query', 1, 'stats']);
  assert.deepEqual(posted, [['crash', 'unreachable']]);
  assert.deepEqual(inputs, [['seek', 5]]);
});

test('what the manifest says is asked of the extras', async () => {
  const asked = [];
  const module = { presentation: (...args) => (asked.push(args), { id: 'm' }), diagnostics: () => assert.fail('told') };
  const manifest = ['http://y/m.mpd', '<MPD/>'];
  const { session, posted } = harness({ extras: async () => module, manifest });
  session.receive(['load', 'http://x/m.mpd', NaN]);
  session.receive(['query', 1, 'presentation']);
  session.receive(['query', 2, 'diagnostics']);
  await settle();
  assert.deepEqual(asked, [[manifest, 'http://x/m.mpd']]);
  const answers = posted.toSorted(([, one], [, other]) => one - other);
  assert.deepEqual(answers, [['result', 1, { id: 'm' }], ['refused', 2, 'extras', 'told']]);
});

test('before there is a manifest nothing is said about it', () => {
  const { session, posted } = harness();
  session.receive(['query', 1, 'presentation']);
  session.receive(['query', 2, 'diagnostics']);
  assert.deepEqual(posted, [['result', 1, null], ['result', 2, []]]);
});

test('a recording is made of what the engine was told, and when', async () => {
  let now = 5;
  const told = [];
  const recorder = async () => (made, notes) => {
    told.push(made.seed, ...notes.map(([method, at, args]) => [method, at, ...args]));
    return { data: new Uint8Array([1, 2, 3]), requests: 2 };
  };
  const { session, posted } = harness({ recorder, record: true, clock: () => now++ });
  session.receive(['set_preferences', ['en'], [], false]);
  session.receive(['load', 'http://x/m.mpd', NaN]);
  session.receive(['play']);
  session.receive(['query', 9, 'recording']);
  await settle();
  assert.deepEqual(posted.at(-1), ['result', 9, new Uint8Array([1, 2, 3])]);
  const [seed, wishes, clock, load, play, ...more] = told;
  assert.deepEqual([seed, wishes], [7, ['set_preferences', 5, ['en'], [], false]]);
  assert.equal(clock[0], 'handle_wall_clock');
  assert.deepEqual([load, play, more], [['load', 7, 'http://x/m.mpd', NaN], ['play', 8], []]);
});

test('a recording that is of another session is not given away', async () => {
  const recorder = async () => () => ({ data: new Uint8Array(1), requests: 3 });
  const { session, posted } = harness({ recorder, record: true });
  session.receive(['query', 1, 'recording']);
  await settle();
  assert.deepEqual(posted.at(-1), ['refused', 1, 'recording', '3 requests in it, 2 in the session']);
  const without = harness();
  without.session.receive(['query', 1, 'recording']);
  await settle();
  assert.deepEqual(without.posted.at(-1).slice(0, 3), ['refused', 1, 'recording']);
});
