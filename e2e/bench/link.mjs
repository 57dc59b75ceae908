// A slow link as an HTTP proxy: one bottleneck for everything a browser asks for, workers and media included.

import http from 'node:http';

/** What is sent at a time: small enough for transfers at the same time to share the link fairly. */
const QUANTUM = 8 * 1024;
/** What a request and an answer's head weigh, roughly, besides their bodies. */
const HEAD_BYTES = 400;

const until = (time) => new Promise((done) => setTimeout(done, Math.max(0, time - performance.now())));

export class Link {
  #server;
  #agent = new http.Agent({ keepAlive: true });
  #free = 0;
  /** What went through: `{ url, status, bytes, from, to }` in milliseconds of `performance.now()`. */
  transfers = [];

  /** `kbps` kilobits a second down, and `rtt` milliseconds before an answer begins. */
  constructor({ kbps, rtt }) {
    this.kbps = kbps;
    this.rtt = rtt;
    this.#server = http.createServer((request, response) => {
      this.#forward(request, response).catch(() => response.destroy());
    });
  }

  /** Listens on a free port, and gives the proxy's address. */
  async open() {
    await new Promise((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  async close() {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** Takes the link for some bytes, and waits until the last of them is through. */
  #send(bytes) {
    this.#free = Math.max(this.#free, performance.now()) + (bytes * 8) / this.kbps;
    return until(this.#free);
  }

  async #forward(request, response) {
    const { method, url, headers } = request;
    const transfer = { url, method, status: 0, bytes: 0, from: performance.now(), to: Infinity };
    this.transfers.push(transfer);
    await until(transfer.from + this.rtt);
    const answer = await new Promise((done, failed) => {
      request.pipe(http.request(url, { method, headers, agent: this.#agent }, done).once('error', failed));
    });
    transfer.status = answer.statusCode;
    transfer.bytes += HEAD_BYTES;
    await this.#send(HEAD_BYTES);
    response.writeHead(answer.statusCode, answer.headers);
    for await (const chunk of answer) {
      for (let at = 0; at < chunk.length; at += QUANTUM) {
        const part = chunk.subarray(at, at + QUANTUM);
        await this.#send(part.length);
        if (response.destroyed) return answer.destroy();
        transfer.bytes += part.length;
        response.write(part);
      }
    }
    response.end();
    transfer.to = performance.now();
  }
}
