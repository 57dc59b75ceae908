// Opens plain.html of a folder in a browser, and says what it found: node page.mjs <folder> <chromium>

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';

const DEADLINE_MS = 60_000;
const EXPECTED = 'element, network.status';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'];

const [folder, browser] = process.argv.slice(2);

function serve(found) {
  return createServer(async (request, response) => {
    if (request.method === 'POST') {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.end();
      found(body);
      return;
    }
    const path = normalize(new URL(request.url, 'http://localhost').pathname);
    try {
      const body = readFileSync(join(folder, path));
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
}

const profile = mkdtempSync(join(tmpdir(), 'footlight-package-'));
let server;
let child;
try {
  const result = await new Promise((found, failed) => {
    setTimeout(() => failed(new Error(`the page said nothing within ${DEADLINE_MS / 1000} s`)), DEADLINE_MS).unref();
    server = serve(found).listen(0, '127.0.0.1', () => {
      const url = `http://127.0.0.1:${server.address().port}/plain.html`;
      child = spawn(browser, [...FLAGS, `--user-data-dir=${profile}`, '--remote-debugging-port=0', url], { stdio: 'ignore' });
      child.once('error', failed);
      child.once('exit', () => failed(new Error('the browser ended too early')));
    });
  });
  if (result !== EXPECTED) throw new Error(`the page said "${result}", not "${EXPECTED}"`);
  console.log(result);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  server?.close();
  server?.closeAllConnections();
  if (child) {
    child.removeAllListeners('exit');
    const ended = new Promise((done) => child.once('exit', done));
    child.kill();
    await ended;
  }
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
