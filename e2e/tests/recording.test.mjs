// Sessions that leave the browser: what is saved is played again by the engine of a program, to the same answers.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appRoot, at, openApp, playing, see } from '../lib/app.mjs';
import { suite } from '../lib/harness.mjs';
import { PROBE, need } from '../lib/paths.mjs';
import { clickPlay, openPlayer, playsOn, waitEvent } from '../lib/player.mjs';

/** What the probe says of a recording. */
function replay(bytes) {
  need(PROBE, '`cargo build -p footlight-probe` makes it');
  const folder = mkdtempSync(join(tmpdir(), 'footlight-'));
  try {
    const file = join(folder, 'session.flr');
    writeFileSync(file, bytes);
    const { status, stdout, stderr } = spawnSync(PROBE, ['replay', file], { encoding: 'utf8' });
    return { status, told: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Bytes of the page, as node has them. */
const bytesOf = async (page, give) => Buffer.from(await page.evaluate(give), 'base64');

suite('recordings', { concurrency: 2 }, (add) => {
  add('a session is played again by a program', async (frame) => {
    const backend = await frame.backend();
    const src = `${backend.manifest('tidewater', 'timeline', { duration: 12 })}&token=hush`;
    const page = await openPlayer(frame, backend, { src, options: { record: true } });
    await clickPlay(page);
    await playsOn(page, 1);
    await page.evaluate(() => player.seek(7));
    await page.waitFor(() => video.currentTime > 7.5, { what: 'it plays on from 7 s' });
    await page.evaluate(() => player.selectText(player.tracks.text[0].id));
    await waitEvent(page, 'ended');
    const recording = await bytesOf(page, async () => {
      const bytes = await player.recording();
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    });
    assert.equal(recording.subarray(0, 3).toString(), 'FLR');
    assert.ok(!recording.includes('hush'), 'no query is in it');
    assert.ok(recording.length < 100_000, `${recording.length} bytes`);
    const { status, told } = replay(recording);
    assert.equal(status, 0, told);
    assert.match(told, /ended/i);
    recording[recording.length - 1] ^= 1;
    assert.notEqual(replay(recording).status, 0, 'other answers than recorded are noticed');
  });

  add('a player that was not asked to record has no recording', async (frame) => {
    const backend = await frame.backend();
    const page = await openPlayer(frame, backend, { src: backend.manifest('tidewater', 'number', { duration: 4 }) });
    const code = await page.evaluate(() => player.recording().catch((error) => error.code));
    assert.equal(code, 'recording.unavailable');
  });

});

suite('recordings in the app', { root: appRoot, keys: true }, (add) => {
  add('the stats panel saves it', async (frame) => {
    const { page } = await openApp(frame, '/watch/tidewater?duration=30');
    await playing(page);
    await page.evaluate(() => {
      const make = URL.createObjectURL;
      URL.createObjectURL = (blob) => {
        globalThis.saved = blob;
        return make.call(URL, blob);
      };
    });
    await page.press('i');
    await see(page, at('stats-panel'));
    await page.click(at('save-session'));
    await page.waitFor(() => /^Saved/.test(document.querySelector('.save-session [role="status"]').textContent), {
      what: 'it says so',
    });
    const recording = await bytesOf(page, async () => {
      const bytes = new Uint8Array(await globalThis.saved.arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    });
    const { status, told } = replay(recording);
    assert.equal(status, 0, told);
  });
});
