// Trouble: full disks, failing disks, floods. Nothing that was acknowledged is lost, and each answer says what to do.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ask, begin, create, ended, until } from './lib.mjs';

const SOUND = 0n;
const FULL = 1n;
const SYNCS_FAIL = 2n;

// A disk whose state the check sets (store/vfs.h).
class Disk {
  constructor(server) {
    this.path = join(server.folder, 'disk');
    writeFileSync(this.path, Buffer.alloc(16));
    server.env.FOYER_TEST_DISK = this.path;
  }

  set(state) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(state);
    writeSync(openSync(this.path, 'r+'), bytes, 0, 8, 0);
  }
}

async function ready(server) {
  const { status, text } = await ask(server, 'GET', '/readyz', { key: '' });
  return `${status} ${JSON.parse(text).status}`;
}

export const trouble = {
  async a_full_disk_refuses_writes_and_recovers(server) {
    const disk = new Disk(server);
    await begin(server);
    assert.equal((await create(server)).status, 200);
    disk.set(FULL);
    const refused = await create(server);
    assert.equal(refused.status, 507);
    assert.equal(JSON.parse(refused.text).code, 'disk_full');
    assert.ok(Number(refused.headers['retry-after']) > 0);
    assert.equal((await ask(server, 'GET', '/v1/clients')).status, 200);
    assert.equal(await ready(server), '200 disk_full');
    disk.set(SOUND);
    assert.equal((await create(server)).status, 200);
    assert.equal(await ready(server), '200 ready');
    assert.equal(await server.stop(), 0);
    await server.start();
    assert.equal(JSON.parse((await ask(server, 'GET', '/v1/clients')).text).data.length, 2);
  },

  async a_failed_sync_ends_the_server_with_a_word(server) {
    const disk = new Disk(server);
    await begin(server);
    assert.equal((await create(server)).status, 200);
    disk.set(SYNCS_FAIL);
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => create(server)));
    const told = answers.filter(({ status }) => status === 'fulfilled').map(({ value }) => value.status);
    assert.ok(told.every((status) => status === 503), String(told)); // none: a chore met the failure before them
    assert.equal(await ended(server), 1);
    assert.match(server.stderr, /fsync failed/);
    disk.set(SOUND);
    await server.start();
    assert.ok(JSON.parse((await ask(server, 'GET', '/v1/clients')).text).data.length >= 1);
    assert.equal((await create(server)).status, 200);
    assert.equal(await server.stop(), 0);
  },

  // ulimit -f: the kernel's SIGXFSZ would end a program that does not expect it.
  async a_file_that_may_not_grow_is_a_full_disk(server) {
    await server.init('Exec', 'owner@example.com');
    const program = process.env.FOYER_BIN ?? 'build/dev/foyer';
    server.stderr = '';
    server.process = spawn('bash', ['-c', 'ulimit -f 2048; exec "$0" "$@"', program, 'serve', '--data', server.data,
      '--listen', '127.0.0.1:0'], { env: server.env, stdio: ['ignore', 'pipe', 'pipe'] });
    server.process.stderr.on('data', (chunk) => { server.stderr += chunk; });
    server.base = await new Promise((resolve, reject) => {
      server.process.stdout.on('data', (chunk) => resolve(/listening on (\S+)/.exec(chunk)[1]));
      server.process.on('close', () => reject(new Error(`it ended\n${server.stderr}`)));
    });
    let refused;
    for (let i = 0; i < 200 && !refused; i++) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => create(server)));
      refused = answers.find(({ status }) => status !== 200);
    }
    assert.ok([503, 507].includes(refused?.status), JSON.stringify(refused));
    assert.equal((await ask(server, 'GET', '/v1/clients?limit=1')).status, 200);
  },

  async a_peer_that_hangs_up_ends_nothing(server) {
    await begin(server);
    for (let i = 0; i < 20; i++) {
      const hung = ask(server, 'GET', '/v1/clients').catch(() => {});
      const controller = create(server).catch(() => {});
      await Promise.race([hung, controller]);
    }
    const child = spawn('bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${new URL(server.base).port};`
      + 'for i in 1 2 3 4 5 6 7 8; do printf "GET /metrics HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n" >&3; done; exec 3>&-']);
    await new Promise((resolve) => { child.on('close', resolve); });
    assert.equal((await ask(server, 'GET', '/v1/clients')).status, 200);
    assert.equal(await server.stop(), 0);
  },

  async who_asks_too_often_is_told_when_to_come_back(server) {
    server.env.FOYER_RATE_LIMIT_PER_KEY = '2';
    server.env.FOYER_RATE_LIMIT_BURST = '5';
    await begin(server);
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(server, 'GET', '/v1/clients')));
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length >= 5, String(answers.map(({ status }) => status)));
    assert.equal(refused[0].headers['retry-after'], '1');
    assert.equal(refused[0].headers['ratelimit-policy'], '"requests";q=5;w=3');
    assert.match(refused[0].headers.ratelimit, /^"requests";r=0;t=\d+$/);
    assert.equal((await ask(server, 'GET', '/healthz', { key: '' })).status, 200); // never limited
  },

  async a_flood_of_sign_ins_is_bounded_and_reads_go_on(server) {
    server.env.FOYER_PASSWORD_COST = 'interactive';
    await begin(server, ['--password-workers', '1']);
    const body = JSON.stringify({ email: 'owner@example.com', password: 'not the right one' });
    const flood = Array.from({ length: 150 }, () => ask(server, 'POST', '/v1/auth/login', { body, key: '' }));
    await until('the queue of passwords fills', async () => {
      const { text } = await ask(server, 'GET', '/metrics', { key: '' });
      return Number(/queue="passwords"\} (\d+)/.exec(text)[1]) > 20;
    });
    const read = await ask(server, 'GET', '/v1/clients');
    assert.equal(read.status, 200);
    const answers = await Promise.all(flood);
    const busy = answers.filter(({ status }) => status === 503);
    assert.ok(busy.length > 0);
    assert.ok(busy.every(({ text, headers }) => JSON.parse(text).code === 'busy' && headers['retry-after'] === '1'));
    assert.ok(answers.every(({ status }) => [401, 429, 503].includes(status)));
    assert.equal(await server.stop(), 0);
  },
};
