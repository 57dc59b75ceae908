import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './support/bundle.mjs';

const { named } = await load('inputs.ts');

test('an input is its number, the time, what is no number, and its numbers in order', () => {
  const calls = [];
  const note = (name) => (...args) => calls.push([name, ...args]);
  const engine = named({ numbers: note('numbers'), text: note('text'), times: note('times'), bytes: note('bytes') });
  const [data, times] = [Uint8Array.of(1), Float64Array.of(0, 2)];
  engine.handle_data(1, 9, data);
  engine.handle_chunk(2, 9, 100, true);
  engine.handle_head(3, 9, 200, -1, 'http://x/a', NaN);
  engine.handle_append_failed(4, 1, 0, times);
  engine.handle_sink_failed(5, '');
  engine.play(6);
  assert.deepEqual(calls, [
    ['bytes', 1, 1, data, 9],
    ['numbers', 4, 2, 9, 100, true],
    ['text', 22, 3, 'http://x/a', 9, 200, -1, NaN],
    ['times', 27, 4, times, 1, 0],
    ['text', 25, 5, ''],
    ['numbers', 13, 6],
  ]);
});
