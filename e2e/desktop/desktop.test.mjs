// The desktop app in a real window: it browses, plays through the program's own requests, and remembers.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { at, picture, playing, see } from '../lib/app.mjs';
import { Backend } from '../lib/backend.mjs';
import { DESKTOP, DIST, OUT, need } from '../lib/paths.mjs';
import { Desktop, Window, until } from '../lib/webdriver.mjs';

const TITLE = 'tidewater';

describe('desktop', { timeout: 240_000 }, () => {
  let desktop;
  let backend;
  let folder;
  let window;
  /** What other starts of the program must know. */
  let token;

  const options = () => ['--data', folder, '--gateway', backend.gateway, '--web', DIST];
  const open = async (...more) => {
    window = await Window.open(desktop, DESKTOP, [...options(), ...more]);
    return window;
  };
  const path = () => window.evaluate(() => location.pathname);
  const log = () => readFileSync(join(folder, 'logs/footlight.log'), 'utf8');
  const media = async () => (await backend.requests()).filter(({ path: asked }) => asked.endsWith('.m4s'));

  before(async () => {
    need(DESKTOP, '`cargo build -p footlight-desktop --features window` makes it');
    need(join(DIST, 'index.html'), '`cargo xtask web` makes it');
    folder = mkdtempSync(join(tmpdir(), 'footlight-desktop-'));
    desktop = await Desktop.start();
    backend = await Backend.start({ mediaMaxAge: 600 });
  });
  after(async () => {
    await window?.kill();
    await backend?.stop();
    await desktop?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const add = (what, run) =>
    test(what, async () => {
      try {
        await run();
      } catch (error) {
        const shot = join(OUT, 'failures', `desktop-${what.replace(/\W+/g, '-')}.png`);
        await window?.screenshot(shot).then(() => (error.message += `\nscreenshot: ${shot}`), () => undefined);
        error.message += `\n${log().split('\n').slice(-15).join('\n')}`;
        throw error;
      }
    });

  add('it shows what there is, and says what the webview can do', async () => {
    await open();
    await see(window, at('home-hero'));
    await picture(window, 'desktop-home', 1280);
    const about = await until(() => log().match(/WebKitGTK [\d.]+ · .*/)?.[0], 'what the webview can do, in the log');
    assert.match(about, /MediaSource .*H\.264.*AAC/);
    await window.click(`a[href="/title/${TITLE}"]`);
    await see(window, at('title-play'));
    await picture(window, 'desktop-title', 1280);
  });

  add('it plays, through the program', async () => {
    await window.click(at('title-play'));
    await playing(window, 2);
    assert.equal(await path(), `/watch/${TITLE}`);
    const asked = await media();
    assert.ok(asked.length > 0);
    const cached = readdirSync(join(folder, 'cache')).filter((name) => !name.startsWith('.'));
    assert.ok(cached.length > 0, 'media is on disk');
    const elsewhere = await window.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /\/v1\/(?!images)|\.mpd|\.m4s/.test(name)));
    assert.deepEqual(elsewhere, [], 'the webview asks for none of it');
    await picture(window, 'desktop-player', 1280);
  });

  add('it seeks', async () => {
    await window.evaluate(() => __footlight.seek(60));
    await window.waitFor(() => __footlight.state === 'playing' && __footlight.currentTime > 60.5, { what: 'it plays on there' });
    await window.press('j');
    await window.waitFor(() => __footlight.currentTime < 58 && __footlight.state === 'playing', { what: 'ten seconds back' });
  });

  add('media keys reach it, and the system knows what plays', async () => {
    const from = await window.evaluate(() => __footlight.currentTime);
    await playing(window, from + 1);
    const names = desktop.call('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus.ListNames');
    const name = names.match(/org\.mpris\.MediaPlayer2\.\S+/)?.[0];
    assert.ok(name, names);
    const player = (method, ...args) => desktop.call(name, '/org/mpris/MediaPlayer2', method, ...args);
    const told = player('org.freedesktop.DBus.Properties.GetAll', 'string:org.mpris.MediaPlayer2.Player');
    assert.match(told, /Playing[^]*xesam:title\s+variant\s+Tidewater/);
    player('org.mpris.MediaPlayer2.Player.Pause');
    await window.waitFor(() => __footlight.paused && document.querySelector('video').paused, { what: 'it pauses' });
    player('org.mpris.MediaPlayer2.Player.Play');
    await window.waitFor(() => __footlight.state === 'playing' && !__footlight.paused, { what: 'it plays again' });
  });

  add('it fills the screen', async () => {
    await window.press('f');
    await window.waitFor(() => document.fullscreenElement, { what: 'full screen' });
    await window.press('f');
    await window.waitFor(() => !document.fullscreenElement, { what: 'the window again' });
  });

  add('the stats panel says what the webview can do', async () => {
    await window.press('i');
    await see(window, at('stats-platform'));
    assert.match(await window.evaluate((of) => document.querySelector(of).textContent, at('stats-platform')), /WebKitGTK/);
    await picture(window, 'desktop-stats', 1280);
    await window.click(at('save-session'));
    const file = join(folder, 'downloads/footlight-session.flr');
    await until(() => existsSync(file) && readFileSync(file).length > 1000, 'the session in a file');
    assert.equal(readFileSync(file).subarray(0, 3).toString(), 'FLR');
    await window.press('i');
  });

  add('a second start shows its link in the first window, and ends', async () => {
    const second = spawnSync(DESKTOP, [...options(), 'footlight://search?q=night'], { env: desktop.environment, timeout: 20_000 });
    assert.equal(second.status, 0, String(second.stderr));
    ({ token } = JSON.parse(readFileSync(join(folder, 'data/instance.json'), 'utf8')));
    await window.waitFor(() => location.pathname === '/search' && location.search === '?q=night', { what: 'the search page' });
    await window.evaluate(() => footlightShell.open('/watch/tidewater'));
    await playing(window, 50);
  });

  add('it goes on the next time where it was left, however it ended', async () => {
    const left = await window.evaluate(() => __footlight.currentTime);
    assert.ok(left > 50, `${left}`);
    await window.close();
    const before = await media();
    await open(`footlight://watch/${TITLE}`);
    await playing(window, left - 15);
    assert.ok((await window.evaluate(() => __footlight.currentTime)) < left + 30);
    // Back to what was seen before: it comes from the disk.
    await window.evaluate(() => __footlight.seek(60));
    await window.waitFor(() => __footlight.state === 'playing' && __footlight.currentTime > 61, { what: 'it plays there' });
    // What was given up half-way is not kept.
    const seen = new Set(before.filter(({ outcome }) => outcome === 'complete').map(({ path: asked }) => asked));
    const again = (await media()).slice(before.length).filter(({ path: asked }) => seen.has(asked));
    assert.deepEqual(again.map(({ path: asked }) => asked), []);
    await window.close();
  });

  add('logs are without secrets', () => {
    assert.ok(token.length >= 64 && !log().includes(token));
    assert.doesNotMatch(log(), /Bearer|\?\w+=/);
  });
});
