import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { load, settle } from './support/bundle.mjs';
import { FakeMediaSource } from './support/fake-mse.mjs';

const { MseSink } = await load('sink-mse.ts');
const { RemoteSink } = await load('sink.ts');

let source;
let reports;
let bodies;
let sink;

beforeEach(() => {
  globalThis.MediaSource = FakeMediaSource;
  reports = [];
  bodies = new Map([1, 2, 3, 4].map((request) => [request, new Uint8Array(request * 10)]));
  sink = new MseSink((...report) => reports.push(report), {
    body: (request) => bodies.get(request),
    attach: (made) => (source = made),
    detach: () => (source = null),
  });
});

/** An open sink of video and audio; its two buffers. */
function opened() {
  sink.open([0, 1], ['video/mp4; codecs="avc1"', 'audio/mp4; codecs="mp4a"'], 60);
  source.open();
  assert.deepEqual(reports.splice(0), [['handle_sink_opened']]);
  assert.equal(source.duration, 60);
  source.log.length = 0;
  return source.buffers;
}

const list = (report) => report.map((part) => (part instanceof Float64Array ? [...part] : part));

test('support is probed', () => {
  sink.probe(['video/mp4; codecs="avc1"', 'video/mp4; codecs="hvc1"']);
  assert.deepEqual(reports, [['handle_support', Uint8Array.of(1, 0)]]);
});

test('an append is placed, done, and told with what is buffered', () => {
  const [video] = opened();
  sink.append(0, 2, 0, Infinity, false, 5, 0, Infinity);
  assert.deepEqual(source.log, [['timestampOffset', 5], ['append', 20]]);
  video.spans = [[5, 7]];
  video.finish();
  assert.deepEqual(reports.map(list), [['handle_append_done', 0, [5, 7]]]);
});

test('what does not change is not touched; the window never turns inside out', () => {
  const [video] = opened();
  const windows = [[0, 10], [10, 20], [20, Infinity], [0, 10], [5, 15], [15, 16]];
  for (const [start, end] of windows) {
    sink.append(0, 1, 0, Infinity, false, 0, start, end);
    video.finish();
    assert.deepEqual([video.appendWindowStart, video.appendWindowEnd], [start, end]);
  }
  assert.ok(reports.every(([method]) => method === 'handle_append_done'));
  source.log.length = 0;
  sink.append(0, 1, 0, Infinity, false, 0, 15, 16);
  assert.deepEqual(source.log, [['append', 10]]);
});

test('a full buffer and a refused body are told apart', async () => {
  const [video] = opened();
  video.refusal = new DOMException('full', 'QuotaExceededError');
  sink.append(0, 1, 0, Infinity, false, 0, 0, Infinity);
  assert.deepEqual(reports, [], 'not before the call has returned');
  await settle(1);
  assert.deepEqual(list(reports.pop()), ['handle_append_failed', 0, 0, []]);
  sink.append(0, 1, 0, Infinity, false, 0, 0, Infinity);
  video.finish('error');
  assert.deepEqual(list(reports.pop()), ['handle_append_failed', 0, 1, []]);
  sink.append(0, 99, 0, Infinity, false, 0, 0, Infinity);
  await settle(1);
  assert.deepEqual(list(reports.pop()), ['handle_append_failed', 0, 1, []]);
});

test('operations on a busy buffer wait their turn; other buffers do not', () => {
  const [video, audio] = opened();
  sink.append(0, 1, 0, Infinity, false, 0, 0, Infinity);
  sink.changeType(0, 'video/mp4; codecs="vp09"');
  sink.append(0, 2, 0, Infinity, false, 0, 0, Infinity);
  sink.append(1, 3, 0, Infinity, false, 0, 0, Infinity);
  assert.deepEqual(source.log, [['append', 10], ['append', 30]]);
  video.finish();
  assert.deepEqual(source.log.slice(2), [['changeType', 'video/mp4; codecs="vp09"'], ['append', 20]]);
  assert.ok(audio.updating);
});

test('duration and end of stream wait for all buffers, and later appends for them', () => {
  const [video, audio] = opened();
  sink.append(0, 1, 0, Infinity, false, 0, 0, Infinity);
  sink.append(1, 2, 0, Infinity, false, 0, 0, Infinity);
  sink.setDuration(50);
  sink.endOfStream();
  sink.append(0, 3, 0, Infinity, false, 0, 0, Infinity);
  video.finish();
  assert.equal(source.log.length, 2);
  audio.finish();
  assert.deepEqual(source.log.slice(2), [['duration', 50], ['endOfStream'], ['append', 30]]);
});

test('a removal is answered, also when there is nothing to remove', async () => {
  const [video] = opened();
  sink.remove(0, -1, 10);
  assert.deepEqual(source.log, [['remove', 0, 10]]);
  video.finish();
  sink.remove(0, 10, 10);
  await settle(1);
  assert.deepEqual(reports.map(list), [['handle_remove_done', 0, []], ['handle_remove_done', 0, []]]);
});

test('an element that lets go leaves no operation unanswered', async () => {
  opened();
  sink.append(0, 1, 0, Infinity, false, 0, 0, Infinity);
  sink.append(0, 2, 0, Infinity, false, 0, 0, Infinity);
  sink.remove(1, 0, 5);
  source.detach();
  await settle(1);
  const answers = reports.map(([method, track]) => `${method} ${track}`).sort();
  assert.deepEqual(answers, ['handle_append_failed 0', 'handle_append_failed 0', 'handle_remove_done 1']);
});

test('a type that cannot be opened or changed to fails the sink', async () => {
  sink.open([0], ['bad'], 60);
  source.open();
  await settle(1);
  assert.deepEqual(reports.splice(0), [['handle_sink_failed', 'no such type']]);
  const [video] = opened();
  video.changeType = undefined;
  sink.changeType(0, 'video/webm');
  await settle(1);
  assert.equal(reports[0][0], 'handle_sink_failed');
});

test('no MediaSource fails the sink', async () => {
  delete globalThis.MediaSource;
  sink.open([0], ['video/mp4'], 60);
  await settle(1);
  assert.equal(reports[0][0], 'handle_sink_failed');
});

test('a closed sink says nothing, and holds nothing', async () => {
  const [video] = opened();
  const before = source;
  sink.append(0, 1, 0, Infinity, false, 0, 0, Infinity);
  sink.append(0, 99, 0, Infinity, false, 0, 0, Infinity);
  sink.close();
  video.finish();
  before.detach();
  await settle(1);
  assert.deepEqual(reports, []);
  assert.deepEqual(before.buffers, []);
  assert.equal(source, null);
});

test('the forwarding sink sends a body once, gives it away, and drops answers to earlier sinks', () => {
  const posted = [];
  const answers = [];
  const kept = new Map([[7, new Uint8Array(30)]]);
  const transport = {
    take(request) {
      const body = kept.get(request);
      kept.delete(request);
      return body;
    },
  };
  const remote = new RemoteSink((...answer) => answers.push(answer), transport, (...post) => posted.push(post));
  remote.open([0], ['video/mp4'], 10);
  remote.append(0, 7, 0, Infinity, false, 0, 0, 5);
  remote.append(0, 7, 0, Infinity, false, 0, 5, 9);
  remote.release(7);
  remote.release(7);
  assert.deepEqual(posted.map(([message]) => message[0] === 'body' ? 'body' : message[2]), ['open', 'body', 'append', 'append', 'release']);
  const [[name, request, body], transfer] = posted[1];
  assert.deepEqual([name, request, transfer], ['body', 7, [body.buffer]]);
  remote.answer(1, 'handle_append_done', [0]);
  remote.close();
  remote.answer(1, 'handle_append_done', [0]);
  assert.deepEqual(answers, [['handle_append_done', 0]]);
});
