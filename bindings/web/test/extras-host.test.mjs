import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load, settle } from './support/bundle.mjs';

const { ExtrasHost } = await load('extras-host.ts');
const { withoutQueries } = await load('addresses.ts');

const SCTE35 = 'urn:scte:scte35:2013:bin';
const ID3 = 'https://aomedia.org/emsg/ID3';

/** A host whose module comes when the test says so. */
function harness() {
  const told = [];
  const loads = [];
  const host = new ExtrasHost(
    () => new Promise((resolve, reject) => loads.push({ come: () => resolve(module), fail: () => reject(new Error('404')) })),
    ({ id, payload }) => told.push([id, payload]),
  );
  const module = { presentation: (parts) => parts.length, payload: ({ scheme }) => `of ${scheme}` };
  return { host, told, loads, event: (id, scheme) => host.event({ id, scheme }) };
}

test('events that nothing decodes are told at once, and load nothing', () => {
  const { told, loads, event } = harness();
  event(1, 'urn:x');
  event(2, 'urn:mpeg:dash:event:2012');
  assert.deepEqual([told, loads.length], [[[1, null], [2, null]], 0]);
});

test('events wait for the module, and keep their order', async () => {
  const { told, loads, event } = harness();
  event(1, SCTE35);
  event(2, 'urn:x');
  event(3, ID3);
  await settle();
  assert.deepEqual([told, loads.length], [[], 1]);
  loads[0].come();
  await settle();
  const decoded = [[1, `of ${SCTE35}`], [2, null], [3, `of ${ID3}`]];
  assert.deepEqual(told, decoded);
  event(4, SCTE35);
  event(5, 'urn:x');
  await settle();
  assert.deepEqual([told.slice(3), loads.length], [[[4, `of ${SCTE35}`], [5, null]], 1]);
});

test('a module that cannot be had costs one try, and a page may try again', async () => {
  const { host, told, loads, event } = harness();
  event(1, SCTE35);
  loads[0].fail();
  await settle();
  event(2, SCTE35);
  assert.deepEqual([told, loads.length], [[[1, null], [2, null]], 1]);
  const asked = host.ask('presentation', ['a', 'b']);
  loads[1].come();
  assert.equal(await asked, 2);
});

test('events do not wait for ever', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { told, event } = harness();
  event(1, SCTE35);
  t.mock.timers.tick(5000);
  await settle();
  assert.deepEqual(told, [[1, null]]);
});

test('what waits is forgotten with its presentation', async () => {
  const { host, told, loads, event } = harness();
  event(1, SCTE35);
  host.forget();
  loads[0].come();
  await settle();
  assert.deepEqual(told, []);
});

test('addresses come without queries that the page did not give', () => {
  const parts = ['http://y/m.mpd?secret', '<MPD a="?"/>', 'http://y/p.xml?q', 'http://z/p.xml?secret', '<Period/>'];
  const bare = ['http://y/m.mpd', '<MPD a="?"/>', 'http://y/p.xml?q', 'http://z/p.xml', '<Period/>'];
  assert.deepEqual(withoutQueries(parts, 'http://x/m.mpd'), bare);
  assert.deepEqual(withoutQueries(parts, parts[0]), [parts[0], ...bare.slice(1)]);
});

test('the declared types have what the module writes', () => {
  const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
  const declared = new Map();
  for (const [, name, body] of read('../presentation.d.ts').matchAll(/^export interface (\w+).*?\{\n(.*?)^\}/gms)) {
    declared.set(name, [...body.matchAll(/^ {2}readonly (\w+)/gm)].map(([, field]) => field).filter((field) => field !== 'type'));
  }
  let compared = 0;
  for (const file of ['model.rs', 'payload.rs']) {
    const source = read(`../../web-extras/src/${file}`);
    for (const [, all] of source.matchAll(/^fields! \{\n(.*?)^\}/gms)) {
      for (const [, name, list] of all.matchAll(/^ {4}(\w+) \{(.*?)\}/gms)) {
        const fields = list.split(',').map((field) => camel(field.trim().split(' ')[0])).filter(Boolean);
        assert.deepEqual(declared.get(name), fields, `${name} of ${file}`);
        compared += 1;
      }
    }
  }
  assert.ok(compared > 45, `only ${compared} compared`);
  const written = read('../../web-extras/src/model.rs').match(/all!\((.*?)\);/s)[1];
  const fields = written.split(',').map((field) => camel(field.trim())).filter(Boolean);
  assert.deepEqual(declared.get('Representation'), [...fields, 'maxPlayoutRate', 'segments']);
});
