// Wire: a connection that sends bytes as it is told and takes answers apart, strictly.
import { connect } from 'node:net';

const PATIENCE = process.env.FOYER_SANITIZER ? 60_000 : 15_000;

export const wait = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

export class Wire {
  static open(base, options = {}) {
    const { hostname, port } = new URL(base);
    const wire = new Wire();
    wire.got = Buffer.alloc(0);
    wire.isEnded = false;
    wire.error = null;
    wire.wakers = [];
    wire.socket = connect({ host: hostname.replace(/[[\]]/g, ''), port: Number(port), allowHalfOpen: true, ...options });
    wire.socket.setNoDelay(true);
    wire.socket.on('data', (chunk) => { wire.got = Buffer.concat([wire.got, chunk]); wire.wake(); });
    wire.socket.on('end', () => { wire.isEnded = true; wire.wake(); });
    wire.socket.on('close', () => { wire.isEnded = true; wire.wake(); });
    wire.socket.on('error', (error) => { wire.error = error; wire.isEnded = true; wire.wake(); });
    return new Promise((resolve, reject) => {
      wire.socket.once('connect', () => resolve(wire));
      wire.socket.once('error', reject);
    });
  }

  wake() {
    for (const waker of this.wakers.splice(0)) waker();
  }

  // Until test() is true, the other side has ended, or patience is over.
  async until(test, patience = PATIENCE) {
    const end = Date.now() + patience;
    while (!test() && !this.isEnded && Date.now() < end) {
      await new Promise((resolve) => {
        const late = setTimeout(resolve, end - Date.now());
        this.wakers.push(() => { clearTimeout(late); resolve(); });
      });
    }
    return test();
  }

  write(bytes) {
    return new Promise((resolve) => {
      if (this.socket.destroyed || this.socket.writableEnded) resolve();
      else this.socket.write(bytes, () => resolve());
    });
  }

  // In pieces, each a segment of its own. Ends early when the other side has.
  async writePieces(bytes, size) {
    for (let at = 0; at < bytes.length && !this.isEnded; at += size) {
      await this.write(bytes.subarray(at, at + size));
      await new Promise(setImmediate);
    }
  }

  // One answer: { status, headers (lower case), body, raw }. null: none came.
  async answer(method = 'GET', patience = PATIENCE) {
    await this.until(() => this.got.includes('\r\n\r\n'), patience);
    const end = this.got.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const head = this.got.subarray(0, end + 4).toString('latin1');
    const [line, ...lines] = head.slice(0, -4).split('\r\n');
    const match = /^HTTP\/1\.1 (\d{3}) [A-Za-z ]+$/.exec(line);
    if (!match) throw new Error(`no status line: ${JSON.stringify(line)}`);
    const headers = {};
    for (const each of lines) {
      const colon = each.indexOf(': ');
      if (colon < 1) throw new Error(`no header line: ${JSON.stringify(each)}`);
      headers[each.slice(0, colon).toLowerCase()] = each.slice(colon + 2);
    }
    const status = Number(match[1]);
    const isEmpty = method === 'HEAD' || status === 204 || status === 304 || status < 200;
    const length = Number(headers['content-length'] ?? 0);
    if (!isEmpty && headers['content-length'] === undefined) throw new Error(`no Content-Length: ${head}`);
    const size = end + 4 + (isEmpty ? 0 : length);
    if (!(await this.until(() => this.got.length >= size, patience))) throw new Error(`half an answer: ${this.got}`);
    const body = this.got.subarray(end + 4, size).toString();
    this.got = this.got.subarray(size);
    return { status, headers, body, raw: head.toLowerCase() + body };
  }

  // The other side has sent its FIN (or the connection is gone), and nothing more came before.
  async hasEnded(patience = PATIENCE) {
    await this.until(() => false, patience);
    return this.isEnded && this.got.length === 0 && this.error === null;
  }

  close() {
    this.socket.destroy();
  }
}

export const get = (path, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
export const post = (path, body, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`;
