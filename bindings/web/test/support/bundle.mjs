// The sources as modules that node can run.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = dirname(fileURLToPath(import.meta.url));

/** Imports a module of `ts/`, freshly. */
export async function load(name) {
  const { outputFiles } = await build({
    entryPoints: [join(HERE, '../../ts', name)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    define: { 'import.meta.url': '"http://page.test/player/footlight.js"' },
    logLevel: 'silent',
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}

/** A coalescer whose tasks come when the test says so. */
export function manualTasks() {
  const asked = new Set();
  const make = (run) => ({
    schedule: () => void asked.add(run),
    close: () => void asked.delete(run),
  });
  const flush = () => {
    const due = [...asked];
    asked.clear();
    for (const run of due) run();
  };
  return { make, flush, asked };
}

/** Lets everything that waits for nothing but promises happen. */
export async function settle(turns = 20) {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
