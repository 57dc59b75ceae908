// Recorded sessions: the engine's WebAssembly answers byte for byte what it answered natively.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { suite, webRoot } from '../lib/harness.mjs';
import { RECORDER, VECTORS, need } from '../lib/paths.mjs';

const names = readdirSync(VECTORS)
  .filter((file) => file.endsWith('.inputs'))
  .map((file) => basename(file, '.inputs'));

const MODULE = join(RECORDER, 'footlight_web_recorder_bg.wasm');

const read = (name) => readFileSync(join(VECTORS, name));

test('there are vectors', () => {
  assert.ok(names.length > 0);
  for (const name of names) assert.ok(existsSync(join(VECTORS, `${name}.outputs`)), name);
});

test('node', async () => {
  need(MODULE, '`cargo xtask wasm player` makes it');
  const glue = await import(pathToFileURL(join(RECORDER, 'footlight_web_recorder.js')).href);
  await glue.default({ module_or_path: readFileSync(MODULE) });
  for (const name of names) {
    const outputs = glue.replay(read(`${name}.inputs`));
    assert.ok(Buffer.from(outputs).equals(read(`${name}.outputs`)), `${name}: other outputs than recorded`);
  }
  assert.throws(() => glue.replay(new Uint8Array([1, 2, 3])), 'what is no recording is refused');
});

suite('vectors', { root: () => webRoot({ recorder: RECORDER, vectors: VECTORS }) }, (add) => {
  add('in the browser', async (frame) => {
    const backend = await frame.backend();
    const page = await frame.page();
    await page.goto(`${backend.gateway}/blank.html`);
    const wrong = await page.evaluate(async (vectors) => {
      const glue = await import('/recorder/footlight_web_recorder.js');
      await glue.default({ module_or_path: '/recorder/footlight_web_recorder_bg.wasm' });
      const bytes = async (name) => new Uint8Array(await (await fetch(`/vectors/${name}`)).arrayBuffer());
      const different = [];
      for (const name of vectors) {
        const outputs = glue.replay(await bytes(`${name}.inputs`));
        const expected = await bytes(`${name}.outputs`);
        const same = outputs.length === expected.length && outputs.every((byte, at) => byte === expected[at]);
        if (!same || expected.length === 0) different.push(name);
      }
      return different;
    }, names);
    assert.deepEqual(wrong, []);
  });
});
