// Where the things under test are: told by the environment, or where a build of this checkout puts them.

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const PAGES = join(ROOT, 'e2e/pages');
export const EXAMPLE = join(ROOT, 'bindings/web/example');
export const VECTORS = join(ROOT, 'player-core/engine/tests/vectors');
/** Screenshots and what is known of failures. */
export const OUT = join(ROOT, 'target/e2e');

const target = (...path) => join(ROOT, 'target', ...path);

/** The first of the places that is there, or else the first. */
function place(variable, ...defaults) {
  if (process.env[variable]) return resolve(process.env[variable]);
  return defaults.find((path) => existsSync(path)) ?? defaults[0];
}

export const BACKEND = place('FOOTLIGHT_BACKEND', target('debug/mock-backend'), target('release/mock-backend'));
export const PROBE = place('FOOTLIGHT_PROBE', target('debug/footlight-probe'), target('release/footlight-probe'));
export const DIST = place('FOOTLIGHT_DIST', target('web/dist'));
export const PLAYER = place('FOOTLIGHT_PLAYER', target('npm/footlight-player'));
export const MEDIA = place('FOOTLIGHT_MEDIA', join(ROOT, 'media'));
export const BINDGEN = place('FOOTLIGHT_BINDGEN', target('wasm-bindgen/footlight_web'));
export const RECORDER = place('FOOTLIGHT_RECORDER', target('wasm-bindgen/footlight_web_recorder'));
export const MEASURED = place('FOOTLIGHT_MEASURED', target('wasm-bindgen/footlight_web_measured'));
export const CHROMIUM = place('FOOTLIGHT_CHROMIUM', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome');
export const FIREFOX = place('FOOTLIGHT_FIREFOX', '/usr/bin/firefox-esr', '/usr/bin/firefox');
export const DESKTOP = place('FOOTLIGHT_DESKTOP', target('debug/footlight-desktop'));
export const BROWSERS = (process.env.FOOTLIGHT_BROWSERS ?? 'chromium,firefox').split(',').filter(Boolean);

/** Throws, saying what to do, when a thing that a test needs is not there. */
export function need(path, remedy) {
  if (!existsSync(path)) throw new Error(`${path} is not there: ${remedy}`);
  return path;
}
