// Makes the package: node build.mjs <engine's folder> <text decoders' folder> <extras' folder> [package folder]
//
// The folders hold what `wasm-bindgen --target web` made: footlight_web.js and footlight_web_bg.wasm, and likewise
// footlight_web_text and footlight_web_extras.

import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = resolve(HERE, '../..');

/** What rustc emits and every browser with MSE in workers understands; the module's own section of it is stripped. */
const WASM_FEATURES = [
  'bulk-memory',
  'bulk-memory-opt',
  'sign-ext',
  'nontrapping-float-to-int',
  'mutable-globals',
  'reference-types',
  'multivalue',
];

/** Takes the white space out of style sheets in template literals, which minifiers leave alone. */
const minifyStyles = {
  name: 'minify-styles',
  setup(bundle) {
    bundle.onLoad({ filter: /[/\\]style\.ts$/ }, ({ path }) => {
      const squeeze = (css) => css.replace(/\s+/g, ' ').replace(/ ?([{};,]) ?/g, '$1').replace(/: /g, ':').trim();
      const source = readFileSync(path, 'utf8').replace(/`([^`]*)`/g, (_, css) => `\`${squeeze(css)}\``);
      return { contents: source, loader: 'ts' };
    });
  },
};

function fail(message) {
  console.error(`build.mjs: ${message}`);
  process.exit(1);
}

async function scripts(glue, textGlue, extrasGlue, out) {
  await build({
    absWorkingDir: HERE,
    entryPoints: {
      footlight: 'ts/index.ts',
      'footlight-worker': 'ts/worker.ts',
      'footlight-text': 'ts/text.ts',
      'footlight-extras': 'ts/extras.ts',
    },
    outdir: out,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    alias: { 'footlight-wasm': glue, 'footlight-text-wasm': textGlue, 'footlight-extras-wasm': extrasGlue },
    // Loaded when there is text to read, or when a page asks.
    external: ['./footlight-text.js', './footlight-extras.js'],
    plugins: [minifyStyles],
    logLevel: 'warning',
  });
}

function optimize(input, output) {
  const tool = join(HERE, 'node_modules/binaryen/bin/wasm-opt');
  const features = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  const flags = ['-Oz', '--strip-debug', '--strip-producers', '--strip-target-features', ...features];
  const { status } = spawnSync(process.execPath, [tool, input, '-o', output, ...flags], { stdio: 'inherit' });
  if (status !== 0) fail('wasm-opt failed');
}

function manifest(version) {
  const { name, description, license, type } = version;
  return {
    name,
    version: version.version,
    description,
    license,
    type,
    main: './footlight.js',
    types: './footlight.d.ts',
    exports: {
      '.': { types: './footlight.d.ts', default: './footlight.js' },
      './footlight-worker.js': './footlight-worker.js',
      './footlight-text.js': './footlight-text.js',
      './footlight-extras.js': './footlight-extras.js',
      './footlight_web_bg.wasm': './footlight_web_bg.wasm',
      './footlight_web_text_bg.wasm': './footlight_web_text_bg.wasm',
      './footlight_web_extras_bg.wasm': './footlight_web_extras_bg.wasm',
      './package.json': './package.json',
    },
    // Importing it defines the custom element.
    sideEffects: ['./footlight.js', './footlight-worker.js'],
    files: ['*.js', '*.wasm', '*.d.ts'],
    keywords: ['dash', 'mse', 'player', 'streaming', 'video', 'wasm'],
  };
}

const [engine, text, extras, target] = process.argv.slice(2);
if (!extras) fail('usage: node build.mjs <engine\'s folder> <text decoders\' folder> <extras\' folder> [package folder]');
const NAMES = ['footlight_web', 'footlight_web_text', 'footlight_web_extras'];
const files = [engine, text, extras].map((folder, at) => ({
  glue: resolve(folder, `${NAMES[at]}.js`),
  wasm: resolve(folder, `${NAMES[at]}_bg.wasm`),
}));
for (const file of files.flatMap(({ glue, wasm }) => [glue, wasm])) {
  if (!existsSync(file)) fail(`${file} is missing: run wasm-bindgen first`);
}
const out = resolve(target ?? join(ROOT, 'target/npm/footlight-player'));

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await scripts(...files.map(({ glue }) => glue), out);
files.forEach(({ wasm }, at) => optimize(wasm, join(out, `${NAMES[at]}_bg.wasm`)));
const own = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8'));
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest(own), null, 2)}\n`);
for (const name of ['footlight.d.ts', 'presentation.d.ts', 'README.md']) copyFileSync(join(HERE, name), join(out, name));
copyFileSync(join(ROOT, 'LICENSE'), join(out, 'LICENSE'));
