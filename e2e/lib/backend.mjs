// The mock backend as a child process, and the admin of its edges.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { BACKEND, MEDIA, need } from './paths.mjs';

const READY_MS = 30_000;
const END_MS = 10_000;

/** Backends that run, so that none outlives this process. */
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** What it says on standard output when it is ready: its addresses. */
async function readiness(child) {
  let text = '';
  let log = '';
  child.stderr.on('data', (chunk) => {
    log = (log + chunk).slice(-4000);
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), READY_MS);
  try {
    for await (const chunk of child.stdout) {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) return JSON.parse(text.slice(0, end));
    }
  } finally {
    clearTimeout(deadline);
  }
  throw new Error(`mock-backend ended before it was ready:\n${log}`);
}

/** A CDN edge and what it can be told to do. */
export class Edge {
  constructor(url, letter) {
    this.url = url;
    this.id = `edge-${letter}`;
  }

  async #call(method, path, body) {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(this.url + path, init);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  /** Replaces what it does to its answers: `bandwidth_kbps`, `trace`, `latency_ms`, `fail_rate`, `match`… */
  async shape(shaping) {
    await this.#call('PUT', '/admin/shaping', shaping);
  }

  async clear() {
    await this.#call('DELETE', '/admin/shaping');
  }

  /** What it was asked for, oldest first. */
  async requests() {
    return (await this.#call('GET', '/admin/requests')).json();
  }

  async forget() {
    await this.#call('DELETE', '/admin/requests');
  }
}

export class Backend {
  #child;

  constructor(child, { gateway, edges }) {
    this.#child = child;
    this.gateway = gateway;
    this.edges = edges.map((url, at) => new Edge(url, String.fromCharCode(97 + at)));
  }

  /** On free ports. Media is not cached unless asked, so that every play goes over the (shaped) network. */
  static async start({ webRoot, mediaMaxAge = 0 } = {}) {
    need(BACKEND, '`cargo build -p mock-backend` makes it');
    need(MEDIA, 'it is part of the repository');
    const flags = ['--port', '0', '--edge-ports', '0,0', '--media', MEDIA, '--media-max-age', String(mediaMaxAge), '--grace', '0'];
    if (webRoot) flags.push('--web-root', webRoot);
    const child = spawn(BACKEND, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    child.once('exit', () => running.delete(child));
    return new Backend(child, await readiness(child));
  }

  /** The address of a manifest; `query` may have `duration`, `baseurls`, `sidx`. */
  manifest(title, variant, query = {}) {
    return `${this.edges[0].url}/media/${title}/${variant}/manifest.mpd?${new URLSearchParams(query)}`;
  }

  /** The address of a live manifest; `mock-backend/README.md` has the parameters. */
  live(channel, query = {}) {
    return `${this.edges[0].url}/live/${channel}/manifest.mpd?${new URLSearchParams(query)}`;
  }

  /** What all edges were asked for, each entry with its edge's id. */
  async requests() {
    const lists = this.edges.map(async (edge) =>
      (await edge.requests()).map((entry) => ({ ...entry, edge: edge.id })));
    return (await Promise.all(lists)).flat().sort((one, other) => one.at_ms - other.at_ms);
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    await ended;
    clearTimeout(deadline);
  }
}
