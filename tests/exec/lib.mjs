// Lib: requests, by hand where half a request is wanted, and the end of a process.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';

export async function begin(server, flags = []) {
  await server.init('Exec', 'owner@example.com');
  await server.start(flags);
}

// {status, headers, text}
export function ask(server, method, path, { body, key = server.key, headers = {}, agent } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(server.base + path, {
      method,
      agent: agent ?? new http.Agent(),
      headers: {
        ...(key ? { 'x-api-key': key } : {}),
        ...(body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}),
        ...headers,
      },
    }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => { text += chunk; });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

let number = 0;
export function person() {
  number += 1;
  return JSON.stringify({ givenName: 'Ann', familyName: `No. ${number}`, email: `ann${number}@example.com` });
}

export function create(server, more = {}) {
  return ask(server, 'POST', '/v1/clients', { body: person(), ...more });
}

// A connection to write on by hand. answer() gives all that came until the peer closed.
export class Wire {
  constructor(server) {
    const { hostname, port } = new URL(server.base);
    this.socket = net.connect(Number(port), hostname);
    this.came = '';
    this.socket.setEncoding('utf8');
    this.socket.on('data', (chunk) => { this.came += chunk; });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => { this.socket.on('close', resolve); });
    this.connected = new Promise((resolve) => { this.socket.on('connect', resolve); });
  }

  async send(text) {
    await this.connected;
    await new Promise((resolve) => { this.socket.write(text, resolve); });
  }

  async answer() {
    await this.closed;
    return this.came;
  }
}

// The exit code, or the signal; fails when it takes longer.
export function ended(server, seconds = 40) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`still running after ${seconds} s\n${server.stderr}`)), seconds * 1000);
    const tell = () => { clearTimeout(late); resolve(server.process.exitCode ?? server.process.signalCode); };
    if (server.process.exitCode !== null || server.process.signalCode !== null) tell();
    else server.process.on('close', tell);
  });
}

export function pause(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}

// Until it holds, for what comes a moment later.
export async function until(what, holds, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(20)) if (await holds()) return;
  assert.fail(`in ${seconds} s: ${what}`);
}
