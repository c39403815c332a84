// Backups: made under load, cut short, onto full disks; restored whole, or not at all.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server } from '../stories/lib/server.mjs';
import { fails, fatten, foyer, init, json, leftovers, program, shell, size, status, until, well } from './lib.mjs';

const blank = Buffer.alloc(0);

async function create(server, number) {
  const answer = await fetch(`${server.base}/v1/clients`, {
    method: 'POST',
    headers: { 'x-api-key': server.key, 'content-type': 'application/json' },
    body: JSON.stringify({ givenName: 'Ann', familyName: `No. ${number}`, email: `ann${number}@example.com` }),
  });
  await answer.arrayBuffer();
  return answer.status === 200;
}

async function names(server) {
  const found = new Set();
  for (let token = ''; token !== undefined;) {
    const answer = await fetch(`${server.base}/v1/clients?limit=1000${token && `&nextToken=${encodeURIComponent(token)}`}`,
      { headers: { 'x-api-key': server.key } });
    const { data, nextToken } = await answer.json();
    for (const { familyName } of data) found.add(familyName);
    token = nextToken ?? undefined;
  }
  return found;
}

function restored(server, name) {
  const other = new Server();
  other.env = server.env;
  other.data = join(server.folder, name);
  other.key = server.key;
  return other;
}

export const backups = {
  async a_backup_under_load_is_one_moment_and_all_of_it(server) {
    await init(server);
    writeFileSync(join(server.data, 'scripts', 'mine.lua'), '-- Mine.\n');
    writeFileSync(join(server.data, 'files', 'upload'), Buffer.alloc(100_000, 7));
    await server.start();
    const acknowledged = new Set();
    let number = 0;
    let isOver = false;
    const load = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        number += 1;
        const mine = number;
        if (await create(server, mine)) acknowledged.add(`No. ${mine}`);
      }
    });
    await until('there is something', () => acknowledged.size > 50);
    const made = [];
    for (let i = 0; i < 3; i++) {
      const before = new Set(acknowledged);
      const path = join(server.folder, `${i}.tar`);
      made.push({ before, path, facts: await json(server, 'backup', path) });
    }
    isOver = true;
    await Promise.all(load);
    assert.equal(await server.stop(), 0);
    for (const [i, { before, path, facts }] of made.entries()) {
      assert.equal(statSync(path).mode & 0o777, 0o600);
      const other = restored(server, `restored${i}`);
      assert.equal((await json(other, 'restore', path)).commits, facts.commits);
      assert.match(await well(other, 'check'), /sound/); // counters, index and rows are of one moment
      await other.start();
      const there = await names(other);
      for (const name of before) assert.ok(there.has(name), `${name} was acknowledged before backup ${i}`);
      assert.equal(await other.stop(), 0);
      assert.deepEqual(other.read('server.key'), server.read('server.key'));
      assert.deepEqual(other.read('files/upload'), server.read('files/upload'));
      assert.deepEqual(other.read('scripts/mine.lua'), server.read('scripts/mine.lua'));
      other.process = undefined;
    }
    assert.deepEqual(leftovers(server.folder), []);
  },

  async a_backup_without_a_server_is_the_same(server) {
    await init(server);
    mkdirSync(join(server.folder, 'kept'));
    const { path, commits } = await json(server, 'backup', join(server.folder, 'kept'));
    assert.match(path, /kept\/foyer-\d{4}-\d\d-\d\d-\d{6}\.tar$/);
    const { stdout } = await server.command(['check', '--backup', path, '--json']);
    assert.deepEqual([JSON.parse(stdout).sound, JSON.parse(stdout).commits], [true, commits]);
    const { code } = await shell(server, `mkdir "$FOLDER/x" && cd "$FOLDER/x" && tar xf "${path}" && sha256sum --quiet -c SHA256SUMS`);
    assert.equal(code, 0);
    await server.start(['--data', join(server.folder, 'x')].slice(2)); // the original still serves
    assert.equal(await status(server, server.key), 200);
    const other = restored(server, 'x'); // what tar alone unpacked can be served
    await other.start();
    assert.equal(await status(other, server.key), 200);
    assert.equal(await other.stop(), 0);
  },

  async an_older_backup_is_replaced_and_nothing_else(server) {
    await init(server);
    const path = join(server.folder, 'daily.tar');
    await well(server, 'backup', path);
    await well(server, 'key', 'create', '--name', 'later');
    await well(server, 'backup', path);
    const other = restored(server, 'new');
    await well(other, 'restore', path);
    assert.equal((await json(other, 'key', 'list')).length, 2);
    writeFileSync(join(server.folder, 'letter'), 'Dear Ann');
    await fails(server, /is no backup of Foyer: name another/, 'backup', join(server.folder, 'letter'));
    assert.equal(readFileSync(join(server.folder, 'letter'), 'utf8'), 'Dear Ann');
    await fails(server, /lies in the data folder/, 'backup', join(server.data, 'b.tar'));
    await fails(server, /There is no folder|No such file/, 'backup', join(server.folder, 'nowhere', 'b.tar'));
  },

  async a_restore_overwrites_nothing(server) {
    await init(server);
    const path = join(server.folder, 'b.tar');
    await well(server, 'backup', path);
    const before = readFileSync(join(server.data, 'foyer.db'));
    await fails(server, /is not empty/, 'restore', path);
    await server.start();
    await fails(server, /is not empty/, 'restore', path);
    assert.equal(await status(server, server.key), 200);
    assert.equal(await server.stop(), 0);
    assert.ok(before.length > 0);
    mkdirSync(join(server.folder, 'empty'));
    chmodSync(join(server.folder, 'empty'), 0o755);
    const other = restored(server, 'empty');
    assert.match(await well(other, 'restore', path), /next: .*foyer serve --data/);
    assert.equal(statSync(other.data).mode & 0o777, 0o700);
  },

  async what_is_damaged_or_foreign_is_refused_and_leaves_nothing(server) {
    await init(server);
    const path = join(server.folder, 'b.tar');
    const bad = join(server.folder, 'bad.tar');
    await fails(server, /`-` is no place: name a file/, 'backup', '-');
    await fails(server, /`` is no place: name a file/, 'backup', '');
    await well(server, 'backup', path);
    const whole = readFileSync(path);
    const changed = (at) => { const copy = Buffer.from(whole); copy[at] ^= 1; return copy; };
    const cases = [
      [blank, /no backup of Foyer/],
      [Buffer.from('something else '.repeat(100)), /no backup of Foyer/],
      [whole.subarray(0, 700), /damaged/],
      [whole.subarray(0, 100_000), /damaged/],
      [whole.subarray(0, whole.length - 1024), /damaged/],
      [whole.subarray(0, whole.length - 600), /damaged/],
      [changed(200_000), /damaged/], // a page
      [changed(1024 + 3), /damaged/], // the name of foyer.db
      [changed(whole.length - 2048), /damaged/], // the sums
      [Buffer.concat([whole, whole]), null], // what follows its end is not looked at
    ];
    for (const [i, [bytes, pattern]] of cases.entries()) {
      writeFileSync(bad, bytes);
      const other = restored(server, `try${i}`);
      if (pattern) {
        await fails(other, pattern, 'restore', bad);
        assert.ok(!existsSync(other.data), `case ${i}: ${existsSync(other.data) && readdirSync(other.data)}`);
        assert.equal((await server.command(['check', '--backup', bad])).code, 1);
        const { code, stdout } = await server.command(['check', '--backup', bad, '--json']);
        assert.deepEqual([code, JSON.parse(stdout).sound], [1, false]);
        assert.match(JSON.parse(stdout).findings[0], pattern);
      } else {
        await well(other, 'restore', bad);
      }
    }
    await fails(restored(server, 'try'), /No such file/, 'restore', join(server.folder, 'missing.tar'));
  },

  async a_full_disk_leaves_no_half_backup_and_the_server_unharmed(server) {
    await init(server);
    await fatten(server, 24);
    const limited = (data) => shell(server, `ulimit -f 8192; "$FOYER" backup --data "${data}" "$FOLDER/b.tar"`);
    const { code, stderr } = await limited(server.data); // here
    assert.equal(code, 1);
    assert.match(stderr, /Cannot write .*free some space/);
    server.stderr = '';
    server.process = spawn('bash', ['-c', 'ulimit -f 8192; exec "$0" "$@"', program, 'serve', '--data', server.data,
      '--listen', '127.0.0.1:0'], { env: server.env, stdio: ['ignore', 'pipe', 'pipe'] });
    server.process.stderr.on('data', (chunk) => { server.stderr += chunk; });
    server.base = await new Promise((resolve) => {
      server.process.stdout.on('data', (chunk) => resolve(/listening on (\S+)/.exec(chunk)[1]));
    });
    await fails(server, /Cannot write .*free some space/, 'backup', join(server.folder, 'b.tar')); // the server
    assert.ok(await create(server, 1));
    assert.deepEqual(leftovers(server.folder), []);
    assert.ok(!existsSync(join(server.folder, 'b.tar')));
    assert.equal(await server.stop(), 0);
  },

  async a_killed_backup_leaves_nothing_of_that_name_and_the_server_goes_on(server) {
    await init(server);
    await fatten(server, 200);
    await server.start();
    const path = join(server.folder, 'b.tar');
    const child = spawn(program, ['backup', '--data', server.data, path], { env: server.env, stdio: 'ignore' });
    const copying = () => leftovers(server.folder).some((name) => size(join(server.folder, name)) > 1 << 20);
    await until('it copies', copying);
    child.kill('SIGKILL');
    await until('the copy is taken away', () => leftovers(server.folder).length === 0);
    assert.ok(await create(server, 1));
    const second = spawn(program, ['backup', '--data', server.data, path], { env: server.env, stdio: 'ignore' });
    await until('it copies', copying);
    await fails(server, /another backup is being made/, 'backup', join(server.folder, 'c.tar'));
    second.kill('SIGINT'); // Ctrl-C
    await until('it has cleaned up', () => leftovers(server.folder).length === 0);
    assert.ok(!existsSync(path));
    assert.equal(await server.stop(), 0);
  },

  async a_server_that_dies_or_ends_during_a_backup_is_told(server) {
    await init(server);
    await fatten(server, 200);
    for (const signal of ['SIGKILL', 'SIGTERM']) {
      await server.start();
      const path = join(server.folder, `${signal}.tar`);
      const backup = foyer(server, 'backup', path);
      await until('it copies', () => leftovers(server.folder).some((name) => size(join(server.folder, name)) > 1 << 20));
      server.process.kill(signal);
      const { code, stderr } = await backup;
      assert.equal(code, 1);
      assert.match(stderr, /ended before it answered|given up|is ending/);
      assert.ok(!existsSync(path));
      assert.deepEqual(leftovers(server.folder), []);
      await until('it has ended', () => server.process.exitCode !== null || server.process.signalCode !== null);
    }
  },
};
