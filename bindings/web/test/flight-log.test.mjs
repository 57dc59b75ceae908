// What is noted of a session.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './support/bundle.mjs';

const { FlightLog } = await load('flight-log.ts');

test('bytes stay as they were told', () => {
  const log = new FlightLog();
  const data = new Uint8Array([1, 2, 3]);
  log.add('handle_data', 1, [4, data]);
  structuredClone(data.buffer, { transfer: [data.buffer] });
  assert.equal(data.length, 0);
  assert.deepEqual(log.notes, [['handle_data', 1, [4, new Uint8Array([1, 2, 3])]]]);
});

test('there is an end to it, and nothing after that', () => {
  const log = new FlightLog(1000);
  log.add('load', 1, ['x'.repeat(300), NaN]);
  log.add('handle_data', 2, [1, new Uint8Array(600)]);
  assert.ok(log.full);
  log.add('play', 3, []);
  assert.deepEqual(log.notes.map(([method]) => method), ['load']);
});
