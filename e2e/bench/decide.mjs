// How long the default rule takes for a decision, in the WebAssembly that browsers get: `cargo xtask bench abr`.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MEASURED, need } from '../lib/paths.mjs';

const MODULE = join(MEASURED, 'footlight_web_measured_bg.wasm');
/** Few at a time, so that some runs have the core for themselves. */
const COUNT = 200;
const RUNS = 60;

need(MODULE, '`cargo xtask bench abr` makes it');
const glue = await import(pathToFileURL(join(MEASURED, 'footlight_web_measured.js')).href);
await glue.default({ module_or_path: readFileSync(MODULE) });

const runs = Array.from({ length: RUNS }, () => {
  const start = performance.now();
  glue.decide(COUNT);
  return ((performance.now() - start) * 1000) / COUNT;
});
const best = Math.min(...runs);
console.log(`a decision: ${best.toFixed(1)} us, ${Math.round(1e6 / best)} a second (the first ${COUNT}: ${runs[0].toFixed(1)} us each)`);
