// Makes the package: node build.mjs <engine's folder> <text decoders' folder> <extras' folder> <recorder's folder> [package folder]
//
// The folders hold what `wasm-bindgen --target web` made: footlight_web.js and footlight_web_bg.wasm, and likewise
// footlight_web_text, footlight_web_extras and footlight_web_recorder.

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

/** Rewrites wasm-bindgen's glue for the names that its module was given. */
const renamed = (glues) => ({
  name: 'renamed',
  setup(bundle) {
    bundle.onLoad({ filter: /footlight_web\w*\.js$/ }, ({ path }) => {
      const names = glues.get(path);
      return names && { contents: rename(readFileSync(path, 'utf8'), names), loader: 'js' };
    });
  },
});

/** A name that is not where it is expected must not be passed over: the module would not start. */
function rename(glue, { imports, exports }) {
  const replace = (text, pattern, short) => {
    if (!pattern.test(text)) fail(`the glue does not have ${pattern}`);
    return text.replace(pattern, () => `${short}:`);
  };
  // wasm-opt calls the only module of imports so.
  const placed = replace(glue, /"\.\/\w+_bg\.js":/, 'a');
  const told = imports.reduce((text, [, name, short]) => replace(text, new RegExp(`\\b${name}:`), short), placed);
  const shorts = new Map(exports);
  return told.replace(/\bwasm\.(\w+)/g, (_, name) => `wasm.${shorts.get(name) ?? fail(`the module has no ${name}`)}`);
}

async function scripts([glue, textGlue, extrasGlue, recorderGlue], names, out) {
  await build({
    absWorkingDir: HERE,
    entryPoints: {
      footlight: 'ts/index.ts',
      'footlight-worker': 'ts/worker.ts',
      'footlight-text': 'ts/text.ts',
      'footlight-extras': 'ts/extras.ts',
      'footlight-recorder': 'ts/recorder.ts',
    },
    outdir: out,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'none',
    alias: {
      'footlight-wasm': glue,
      'footlight-text-wasm': textGlue,
      'footlight-extras-wasm': extrasGlue,
      'footlight-recorder-wasm': recorderGlue,
    },
    // Loaded when there is text to read, or when a page asks.
    external: ['./footlight-text.js', './footlight-extras.js', './footlight-recorder.js'],
    plugins: [minifyStyles, renamed(names)],
    logLevel: 'warning',
  });
}

/** Makes the module small; gives back the short names of what it imports and exports. */
function optimize(input, output) {
  const tool = join(HERE, 'node_modules/binaryen/bin/wasm-opt');
  const features = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  // The linker puts the stack first, growing down: nothing is at the lowest addresses but its far end, and what would get
  // there overflows it anyway.
  const passes = ['-Oz', '-Oz', '--low-memory-unused'];
  const names = ['--minify-imports-and-exports-and-modules'];
  const flags = [...passes, ...names, '--strip-debug', '--strip-producers', '--strip-target-features', ...features];
  const stdio = ['ignore', 'pipe', 'inherit'];
  const { status, stdout } = spawnSync(process.execPath, [tool, input, '-o', output, ...flags], { stdio });
  if (status !== 0) fail('wasm-opt failed');
  return JSON.parse(stdout);
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
      './footlight-recorder.js': './footlight-recorder.js',
      './footlight_web_bg.wasm': './footlight_web_bg.wasm',
      './footlight_web_text_bg.wasm': './footlight_web_text_bg.wasm',
      './footlight_web_extras_bg.wasm': './footlight_web_extras_bg.wasm',
      './footlight_web_recorder_bg.wasm': './footlight_web_recorder_bg.wasm',
      './package.json': './package.json',
    },
    // Importing it defines the custom element.
    sideEffects: ['./footlight.js', './footlight-worker.js'],
    files: ['*.js', '*.wasm', '*.d.ts'],
    keywords: ['dash', 'mse', 'player', 'streaming', 'video', 'wasm'],
  };
}

const [engine, text, extras, recorder, target] = process.argv.slice(2);
if (!recorder) fail('usage: node build.mjs <engine\'s folder> <text decoders\' folder> <extras\' folder> <recorder\'s folder> [package folder]');
const NAMES = ['footlight_web', 'footlight_web_text', 'footlight_web_extras', 'footlight_web_recorder'];
const files = [engine, text, extras, recorder].map((folder, at) => ({
  glue: resolve(folder, `${NAMES[at]}.js`),
  wasm: resolve(folder, `${NAMES[at]}_bg.wasm`),
}));
for (const file of files.flatMap(({ glue, wasm }) => [glue, wasm])) {
  if (!existsSync(file)) fail(`${file} is missing: run wasm-bindgen first`);
}
const out = resolve(target ?? join(ROOT, 'target/npm/footlight-player'));

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const names = new Map(files.map(({ glue, wasm }, at) => [glue, optimize(wasm, join(out, `${NAMES[at]}_bg.wasm`))]));
await scripts(files.map(({ glue }) => glue), names, out);
const own = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8'));
writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest(own), null, 2)}\n`);
for (const name of ['footlight.d.ts', 'presentation.d.ts', 'README.md']) copyFileSync(join(HERE, name), join(out, name));
copyFileSync(join(ROOT, 'LICENSE'), join(out, 'LICENSE'));
