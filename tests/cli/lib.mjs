// Lib: commands on a server's data folder, and the control socket by hand.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const program = process.env.FOYER_BIN ?? 'build/dev/foyer';

export async function init(server) {
  await server.init('Cli', 'owner@example.com', ['--demo']);
}

// Runs `foyer …ARGS --data DATA`; {code, stdout, stderr}.
export function foyer(server, ...args) {
  return server.command([...args, '--data', server.data]);
}

// The same, which must go well; what it printed.
export async function well(server, ...args) {
  const { code, stdout, stderr } = await foyer(server, ...args);
  assert.equal(code, 0, `foyer ${args.join(' ')}: ${stderr}`);
  return stdout;
}

export async function json(server, ...args) {
  return JSON.parse(await well(server, ...args, '--json'));
}

// Must fail and say so.
export async function fails(server, pattern, ...args) {
  const { code, stdout, stderr } = await foyer(server, ...args);
  assert.equal(code, 1, `foyer ${args.join(' ')}: ${stdout}${stderr}`);
  assert.match(stderr, pattern);
  return stderr;
}

export async function status(server, key, path = '/v1/clients') {
  const answer = await fetch(server.base + path, { headers: { 'x-api-key': key } });
  await answer.arrayBuffer();
  return answer.status;
}

export function pause(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}

export async function until(what, holds, seconds = 30) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(5)) if (await holds()) return;
  assert.fail(`in ${seconds} s: ${what}`);
}

// Makes the database so large that copying it takes a while.
export async function fatten(server, mib) {
  await promisify(execFile)('sqlite3', [join(server.data, 'foyer.db'),
    `CREATE TABLE fat (b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${mib})
     INSERT INTO fat SELECT zeroblob(1048576) FROM n`]);
}

// What a backup that was cut short might leave in a folder.
export function leftovers(folder) {
  return readdirSync(folder).filter((name) => name.includes('.tmp-'));
}

export function size(path) {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

export function frame(content, kind = 'q', length = Buffer.byteLength(content)) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length);
  head.write(kind, 4);
  return Buffer.concat([head, Buffer.from(content)]);
}

// Sends bytes to the control socket, and gives all that comes until it closes.
export function raw(server, bytes, { end = false } = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(join(server.data, 'control'));
    let came = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => { came += chunk; });
    socket.on('error', reject);
    socket.on('close', () => resolve(came));
    socket.on('connect', () => { if (end) socket.end(bytes); else socket.write(bytes); });
  });
}

// Runs a shell line with `$FOYER` and `$DATA`.
export function shell(server, line) {
  return new Promise((resolve) => {
    const env = { ...server.env, FOYER: program, DATA: server.data, FOLDER: server.folder };
    execFile('bash', ['-c', line], { env }, (error, stdout, stderr) => {
      resolve({ code: error ? (error.code ?? 1) : 0, stdout, stderr });
    });
  });
}
