// gzip -9 and brotli -q 11, by the reference implementations that node carries.
//
//   node compress.mjs beside <file>…   writes <file>.gz and <file>.br
//   node compress.mjs sizes <file>…    prints [{"raw","gzip","brotli"}, …] in bytes

import { readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const gzip = (bytes) => gzipSync(bytes, { level: 9 });
const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });

const [task, ...files] = process.argv.slice(2);
const contents = files.map((file) => [file, readFileSync(file)]);
if (task === 'beside') {
  for (const [file, bytes] of contents) {
    writeFileSync(`${file}.gz`, gzip(bytes));
    writeFileSync(`${file}.br`, brotli(bytes));
  }
} else if (task === 'sizes') {
  const sizes = contents.map(([, bytes]) => ({
    raw: bytes.length,
    gzip: gzip(bytes).length,
    brotli: brotli(bytes).length,
  }));
  console.log(JSON.stringify(sizes));
} else {
  console.error(`compress.mjs: what is "${task}"?`);
  process.exit(2);
}
