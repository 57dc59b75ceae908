import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { load, manualTasks, settle } from './support/bundle.mjs';

const { Transport, MAX_BODY_BYTES } = await load('transport.ts');

/** A transport over a fake fetch; what it reports, as a list and as promises of what comes. */
function harness(respond, options = {}) {
  const reports = [];
  const waiting = [];
  const tasks = manualTasks();
  const calls = [];
  const transport = new Transport(
    (live, method, ...args) => {
      assert.ok(live(), `${method} after the request's end`);
      reports.push([method, ...args]);
      options.onReport?.(transport, method);
      for (const wait of waiting.splice(0)) wait();
    },
    {
      fetch: async (url, init) => {
        calls.push({ url, init });
        return respond(url, init);
      },
      coalescer: tasks.make,
      ...options,
    },
  );
  const until = async (...methods) => {
    while (!reports.some(([method]) => methods.includes(method))) await new Promise((wait) => waiting.push(wait));
    return reports;
  };
  return { transport, reports, until, tasks, calls };
}

const bytes = (length, from = 0) => Uint8Array.from({ length }, (_, at) => (at + from) % 251);

/** A response of these chunks, as a stream of bytes (read straight into our buffer) or not. */
function response(chunks, { length, byob = true, headers = {}, error = false, status = 200 } = {}) {
  const rest = [...chunks];
  const source = {
    pull(controller) {
      if (rest.length) controller.enqueue(rest.shift());
      else if (error) controller.error(new TypeError('connection lost'));
      else controller.close();
      if (byob && rest.length === 0 && !error) controller.byobRequest?.respond(0);
    },
  };
  const body = new ReadableStream(byob ? { type: 'bytes', ...source } : source);
  const known = length === undefined ? {} : { 'content-length': String(length) };
  return new Response(body, { status, headers: { ...known, ...headers } });
}

test('a fetch of a shell is told what the request is for, whenever it took the place of the browser\'s', async (t) => {
  const asked = [];
  const native = globalThis.fetch;
  t.after(() => (globalThis.fetch = native));
  const { transport, until } = harness(() => undefined, { fetch: undefined });
  globalThis.fetch = async (url, init, kind) => {
    asked.push([url, init.method, kind]);
    return response([bytes(3)], { length: 3 });
  };
  transport.fetch(1, 'http://x/init.mp4', -1, -1, 'init', 0);
  await until('handle_end');
  assert.deepEqual(asked, [['http://x/init.mp4', undefined, 'init']]);
});

for (const byob of [true, false]) {
  const kind = byob ? 'byte stream' : 'plain stream';

  test(`a body arrives whole in one buffer of its size (${kind})`, async () => {
    const { transport, until, reports } = harness(() => response([bytes(700), bytes(300, 700)], { length: 1000, byob }));
    transport.fetch(7, 'http://x/a', -1, -1, 'video', 0);
    await until('handle_end');
    assert.deepEqual(reports[0], ['handle_head', 7, 200, 1000, 'http://x/a', NaN]);
    assert.deepEqual(reports.slice(1), [['handle_chunk', 7, 1000, false], ['handle_end', 7]]);
    const body = transport.body(7);
    assert.deepEqual([...body], [...bytes(1000)]);
    assert.equal(body.buffer.byteLength, 1000, 'nothing was allocated beside it');
  });

  test(`a body of unknown length grows (${kind})`, async () => {
    const chunks = [bytes(50_000), bytes(50_000, 50_000), bytes(50_000, 100_000)];
    const { transport, until } = harness(() => response(chunks, { byob }));
    transport.fetch(1, 'http://x/a', -1, -1, 'video', 0);
    const [head] = await until('handle_end');
    assert.equal(head[3], -1);
    assert.deepEqual(Buffer.from(transport.body(1)), Buffer.from(bytes(150_000)));
  });

  test(`a body longer than its announced length is kept whole (${kind})`, async () => {
    const { transport, until } = harness(() => response([bytes(90)], { length: 40, byob }));
    transport.fetch(1, 'http://x/a', -1, -1, 'video', 0);
    await until('handle_end');
    assert.deepEqual([...transport.body(1)], [...bytes(90)]);
  });

  test(`a body shorter than its length is truncated (${kind})`, async () => {
    const { transport, until, reports } = harness(() => response([bytes(400)], { length: 1000, byob }));
    transport.fetch(1, 'http://x/a', -1, -1, 'video', 0);
    await until('handle_failed');
    assert.deepEqual(reports.slice(1), [['handle_chunk', 1, 400, false], ['handle_failed', 1, 2]]);
    assert.equal(transport.body(1), undefined);
  });

  test(`a network error inside a body is a truncation (${kind})`, async () => {
    const { transport, until, reports } = harness(() => response([bytes(400)], { length: 1000, byob, error: true }));
    transport.fetch(1, 'http://x/a', -1, -1, 'video', 0);
    await until('handle_failed');
    assert.deepEqual(reports.at(-1), ['handle_failed', 1, 2]);
  });
}

test('an empty body is a body', async () => {
  const { transport, until, reports } = harness(() => new Response(null, { status: 204 }));
  transport.fetch(1, 'http://x/a', -1, -1, 'video', 0);
  await until('handle_end');
  assert.equal(transport.body(1).byteLength, 0);
  assert.equal(reports.length, 2);
});

test('no response is a network failure', async () => {
  const { transport, until, reports } = harness(() => Promise.reject(new TypeError('failed to fetch')));
  transport.fetch(1, 'http://x/a', -1, -1, 'video', 0);
  await until('handle_failed');
  assert.deepEqual(reports, [['handle_failed', 1, 0]]);
});

test('what the engine looks inside comes to it, and is not kept', async () => {
  const { transport, until, reports } = harness(() => response([bytes(10), bytes(5, 10)], { length: 15 }));
  transport.fetch(1, 'http://x/m', -1, -1, 'manifest', 1);
  await until('handle_end');
  const data = reports.filter(([method]) => method === 'handle_data').flatMap(([, , chunk]) => [...chunk]);
  assert.deepEqual(data, [...bytes(15)]);
  assert.equal(transport.body(1), undefined);
});

test('ranges, what manifests want sent, priorities and credentials', async () => {
  const { transport, until, calls } = harness(() => response([], { status: 206 }));
  transport.fetch(1, 'http://x/a', 100, 199, 'init', 0);
  transport.fetch(2, 'http://x/a', 100, -1, 'video', 0);
  transport.fetch(3, 'http://x/a', -1, -1, 'audio', 0, 'a=b');
  await until('handle_end');
  assert.deepEqual(calls.map(({ init }) => [init.headers, init.priority, init.credentials]), [
    [{ Range: 'bytes=100-199' }, 'high', 'omit'],
    [{ Range: 'bytes=100-' }, undefined, 'omit'],
    [{ 'MPEG-DASH-Param': 'a=b' }, undefined, 'omit'],
  ]);
});

test('progress is reported once a task', async () => {
  let feed;
  const stream = new ReadableStream({ type: 'bytes', start: (controller) => void (feed = controller) });
  const { transport, until, reports, tasks } = harness(() => new Response(stream, { headers: { 'content-length': '30' } }));
  transport.fetch(1, 'http://x/a', -1, -1, 'video', 0);
  await until('handle_head');
  feed.enqueue(bytes(10));
  await settle();
  feed.enqueue(bytes(10, 10));
  await settle();
  assert.equal(reports.length, 1);
  tasks.flush();
  assert.deepEqual(reports[1], ['handle_chunk', 1, 20, false]);
  feed.enqueue(bytes(10, 20));
  feed.close();
  feed.byobRequest?.respond(0);
  await until('handle_end');
  assert.deepEqual(reports.slice(2), [['handle_chunk', 1, 10, false], ['handle_end', 1]]);
});

test('a cancelled request says nothing more, and is aborted', async () => {
  let aborted = false;
  const { transport, reports, until } = harness((_, { signal }) => {
    signal.addEventListener('abort', () => (aborted = true));
    return response([bytes(10)], { length: 1000, error: true });
  });
  transport.fetch(1, 'http://x/a', -1, -1, 'video', 0);
  transport.fetch(2, 'http://x/b', -1, -1, 'video', 0);
  transport.cancel(1);
  await until('handle_failed');
  assert.ok(aborted);
  assert.ok(reports.every(([, request]) => request === 2));
});

test('cancelling in answer to the head stops there', async () => {
  const { transport, reports, until } = harness(() => response([bytes(10)], { length: 10, status: 404 }), {
    onReport: (self, method) => method === 'handle_head' && self.cancel(1),
  });
  transport.fetch(1, 'http://x/a', -1, -1, 'video', 0);
  await until('handle_head');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(reports.length, 1);
});

test('bodies over the limit are refused', async () => {
  const { transport, reports, until } = harness(() => response([bytes(10)], { length: MAX_BODY_BYTES + 1 }));
  transport.fetch(1, 'http://x/a', -1, -1, 'video', 0);
  await until('handle_failed');
  assert.deepEqual(reports.at(-1), ['handle_failed', 1, 0]);
});

test('the length of an encoded body is not known', async () => {
  const { transport, reports, until } = harness(() =>
    response([bytes(10)], { length: 400, headers: { 'content-encoding': 'gzip' } }),
  );
  transport.fetch(1, 'http://x/a', -1, -1, 'manifest', 1);
  await until('handle_end');
  assert.equal(reports[0][3], -1);
});

test('an initialization segment is copied when it is given away, until it is released', async () => {
  const { transport, until } = harness(() => response([bytes(10)], { length: 10 }));
  transport.fetch(1, 'http://x/i', -1, -1, 'init', 0);
  await until('handle_end');
  const taken = transport.take(1);
  assert.equal(taken.byteLength, 10);
  assert.notEqual(transport.body(1).buffer, taken.buffer);
  transport.release(1);
  assert.equal(transport.body(1), undefined);
});

test('a finished body is given away once, and dropped on release', async () => {
  const { transport, until } = harness(() => response([bytes(10)], { length: 10 }));
  transport.fetch(1, 'http://x/a', -1, -1, 'video', 0);
  await until('handle_end');
  assert.equal(transport.take(1).byteLength, 10);
  assert.equal(transport.take(1), undefined);
  transport.fetch(2, 'http://x/a', -1, -1, 'video', 0);
  while (!transport.body(2)) await new Promise((resolve) => setImmediate(resolve));
  transport.release(2);
  assert.equal(transport.body(2), undefined);
});

test('over a real connection: whole, and cut', async (t) => {
  const server = createServer((request, answer) => {
    answer.writeHead(200, { 'content-length': 100_000 });
    if (request.url === '/whole') return answer.end(bytes(100_000));
    answer.write(bytes(1000));
    return setImmediate(() => answer.destroy());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const origin = `http://127.0.0.1:${server.address().port}`;
  const whole = harness(null, { fetch: (...args) => fetch(...args) });
  whole.transport.fetch(1, `${origin}/whole`, -1, -1, 'video', 0);
  await whole.until('handle_end', 'handle_failed');
  assert.deepEqual(Buffer.from(whole.transport.body(1)), Buffer.from(bytes(100_000)));
  const cut = harness(null, { fetch: (...args) => fetch(...args) });
  cut.transport.fetch(1, `${origin}/cut`, -1, -1, 'video', 0);
  await cut.until('handle_end', 'handle_failed');
  assert.equal(cut.reports.at(-1)[0], 'handle_failed');
});

/** A box of this type around a body. */
function box(type, body = []) {
  const whole = new Uint8Array(8 + body.length);
  new DataView(whole.buffer).setUint32(0, whole.length);
  whole.set(Buffer.from(type, 'latin1'), 4);
  whole.set(body, 8);
  return whole;
}

test('a body that is used while it arrives says where its chunks end, and what messages are in it', async () => {
  const emsg = box('emsg', bytes(40));
  const chunk = (seed) => Buffer.concat([box('moof', bytes(30, seed)), box('mdat', bytes(500, seed))]);
  const whole = Buffer.concat([box('styp'), emsg, chunk(1), box('prft', bytes(16)), chunk(2)]);
  // Cut in the middle of headers and of messages, and at the end of the first chunk.
  const first = 8 + emsg.length + chunk(1).length;
  const cuts = [0, 3, 11, 30, 70, first, first + 5, whole.length];
  const parts = cuts.slice(1).map((end, at) => Uint8Array.from(whole.subarray(cuts[at], end)));
  const { transport, until, reports } = harness(() => response(parts, { byob: false }));
  transport.fetch(1, 'http://x/a', -1, -1, 'video', 12);
  await until('handle_end');
  const messages = reports.filter(([name]) => name === 'handle_boxes').map(([, , data]) => Buffer.from(data).toString('latin1', 4, 8));
  assert.deepEqual(messages, ['emsg', 'prft']);
  const chunks = reports.filter(([name]) => name === 'handle_chunk').map(([, , length, ends]) => [length, ends]);
  assert.deepEqual(chunks, [[first, true], [whole.length - first, true]]);
  assert.deepEqual(Buffer.from(transport.body(1, 0, first)), whole.subarray(0, first));
  assert.deepEqual(Buffer.from(transport.body(1, 5, 40)), whole.subarray(5, 40));
  assert.deepEqual(Buffer.from(transport.body(1)), whole);
  const rest = transport.take(1, first);
  assert.deepEqual(Buffer.from(rest), whole.subarray(first));
  assert.equal(transport.body(1), undefined);
});

test('a head alone, with its date', async () => {
  const { transport, until, reports, calls } = harness(
    () => new Response(null, { headers: { date: 'Thu, 01 Jan 1970 00:01:00 GMT', 'content-length': '5000' } }),
  );
  transport.fetch(1, 'http://x/time', -1, -1, 'time', 3);
  await until('handle_end');
  assert.equal(calls[0].init.method, 'HEAD');
  assert.equal(calls[0].init.cache, 'no-store');
  assert.equal(reports[0].at(-1), 60_000);
});
