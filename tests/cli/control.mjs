// Control: commands beside a running server, and servers that are hung, dead, foreign or on their way.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fails, foyer, frame, init, json, pause, raw, status, until, well } from './lib.mjs';

const isRoot = process.getuid() === 0;
const NOBODY = 65534;

export const control = {
  async a_key_is_made_listed_and_revoked_beside_a_running_server(server) {
    await init(server);
    await server.start();
    const key = (await well(server, 'key', 'create', '--name', 'robot')).trim();
    assert.match(key, /^foyer_[\w-]{43}$/);
    assert.equal(await status(server, key), 200);
    const { id } = (await json(server, 'key', 'list')).find(({ name }) => name === 'robot');
    assert.match(await well(server, 'key', 'list'), new RegExp(`${id} +robot +never used`));
    assert.equal((await json(server, 'key', 'revoke', id)).revoked, true);
    assert.equal(await status(server, key), 401);
    await fails(server, /ID: There is no key of the id/, 'key', 'revoke', id);
    assert.equal((await json(server, 'key', 'list')).length, 1);
    assert.equal((await json(server, 'key', 'list', '--all')).length, 2);
    assert.equal(await server.stop(), 0);
    assert.ok(!existsSync(join(server.data, 'control')));
  },

  async the_same_is_done_without_a_server(server) {
    await init(server);
    const key = (await json(server, 'key', 'create', '--name', 'robot', '--scopes', 'view_clients')).apiKey;
    const { id } = (await json(server, 'key', 'list')).find(({ scopes }) => scopes?.[0] === 'view_clients');
    await server.start();
    assert.equal(await status(server, key), 200);
    await server.stop();
    assert.match(await well(server, 'key', 'revoke', id), /is revoked/);
    await server.start();
    assert.equal(await status(server, key), 401);
  },

  async mistakes_are_told_in_the_same_words_on_both_roads(server) {
    await init(server);
    const tell = async () => [
      await fails(server, /--scopes: There is no permission `fly`/, 'key', 'create', '--name', 'n', '--scopes', 'fly'),
      await fails(server, /--scopes: Cannot be empty/, 'key', 'create', '--name', 'n', '--scopes', ''),
      await fails(server, /--owner: Cannot be empty/, 'key', 'create', '--name', 'n', '--owner='),
      await fails(server, /--owner: Nobody of the staff has the address x@y\.zz/, 'key', 'create', '--name', 'n', '--owner', 'x@y.zz'),
      await fails(server, /--name/, 'key', 'create', '--name', ' '),
      await fails(server, /no id of a workspace/, 'key', 'list', '--workspace', 'here'),
      await fails(server, /action client\.fly/, 'explain', '--as', 'owner@example.com', '--action', 'client.fly'),
    ];
    const without = await tell();
    await server.start();
    assert.deepEqual(await tell(), without);
  },

  async many_commands_at_once_all_succeed(server) {
    await init(server);
    const make = () => Promise.all(Array.from({ length: 8 }, (_, i) => well(server, 'key', 'create', '--name', `k${i}`)));
    assert.equal(new Set(await make()).size, 8);
    await server.start();
    assert.equal(new Set(await make()).size, 8);
    assert.equal((await json(server, 'key', 'list')).length, 17);
  },

  async no_rule_is_asked(server) {
    await init(server);
    mkdirSync(join(server.data, 'scripts'), { recursive: true });
    writeFileSync(join(server.data, 'scripts', 'no.lua'),
      'local foyer = require("foyer")\nforeign_word = 1\n');
    await server.start();
    await fails(server, /no\.lua:2: /, 'script', 'reload');
    writeFileSync(join(server.data, 'scripts', 'no.lua'),
      'local foyer = require("foyer")\nfoyer.rule("client.list", function() error("oh") end)\n');
    await well(server, 'script', 'reload');
    assert.equal(await status(server, server.key), 503);
    await well(server, 'key', 'create', '--name', 'all the same');
  },

  async what_is_in_force_is_shown_and_asked(server) {
    await init(server);
    await server.start();
    const ask = () => json(server, 'explain', '--as', 'owner@example.com', '--action', 'client.list');
    const before = await ask();
    writeFileSync(join(server.data, 'scripts', 'mine.lua'), 'this is no Lua\n');
    const said = await fails(server, /mine\.lua:1: /, 'script', 'reload');
    assert.match(said, /stays in force/);
    const mine = (await json(server, 'script', 'list')).find(({ name }) => name === 'mine.lua');
    assert.equal(mine.inForce, false);
    assert.match(mine.report, /mine\.lua:1/);
    assert.equal((await ask()).verdict, before.verdict);
    writeFileSync(join(server.data, 'scripts', 'mine.lua'), '-- Mine.\nlocal foyer = require("foyer")\n'
      + 'foyer.rule("client.list", function() return foyer.deny("shut", "Shut today.") end)\n');
    const { generation, changed } = await json(server, 'script', 'reload');
    assert.ok(changed ? generation > 1 : generation > 0);
    assert.match(JSON.stringify(await ask()), /shut/);
  },

  async reloading_needs_a_server(server) {
    await init(server);
    await fails(server, /no server runs on/, 'script', 'reload');
  },

  async the_socket_of_a_dead_server_is_no_obstacle(server) {
    await init(server);
    await server.start();
    server.process.kill('SIGKILL');
    await until('it is dead', () => server.process.signalCode !== null);
    assert.ok(existsSync(join(server.data, 'control')));
    await well(server, 'key', 'create', '--name', 'after');
    await server.start();
    await well(server, 'key', 'create', '--name', 'again');
    assert.equal(statSync(join(server.data, 'control')).mode & 0o777, 0o600);
  },

  async a_long_path_is_reached(server) {
    server.data = join(server.folder, 'a'.repeat(100), 'b'.repeat(100), 'data');
    mkdirSync(join(server.data, '..'), { recursive: true });
    await init(server);
    await server.start();
    await well(server, 'key', 'create', '--name', 'far');
    assert.equal(await server.stop(), 0);
    assert.ok(!existsSync(join(server.data, 'control')));
  },

  async a_command_waits_for_a_server_that_starts_or_another_command(server) {
    await init(server);
    const holder = spawn('flock', ['-x', join(server.data, 'lock'), '-c', 'sleep 1.5']);
    await pause(300);
    const key = await well(server, 'key', 'create', '--name', 'patient');
    assert.match(key, /^foyer_/);
    holder.kill();
  },

  async a_hung_server_is_told(server) {
    await init(server);
    await server.start();
    server.process.kill('SIGSTOP');
    const said = await fails(server, /does not answer for 10 s/, 'key', 'list');
    assert.ok(said.includes(String(server.process.pid)), said);
    server.process.kill('SIGCONT');
    await well(server, 'key', 'list');
    assert.equal(await server.stop(), 0);
  },

  async a_folder_that_somebody_else_holds_is_told(server) {
    await init(server);
    const holder = spawn('flock', ['-x', join(server.data, 'lock'), '-c', 'exec sleep 30']);
    await pause(300);
    await fails(server, /does not listen on .*control/, 'key', 'list');
    const { code, stdout } = await foyer(server, 'doctor');
    assert.equal(code, 1);
    assert.match(stdout, /^fail +server .*does not answer/m);
    holder.kill();
  },

  async nonsense_on_the_socket_harms_nobody(server) {
    await init(server);
    await server.start();
    const said = [
      await raw(server, frame('{"version":1,"command":"key list","given":{}', 'q')),
      await raw(server, frame('{"version":9,"command":"key list","given":{}}')),
      await raw(server, frame('{"version":1,"command":"fly","given":{}}')),
      await raw(server, frame('{"version":1,"command":"key list","given":{"wing":1}}')),
      await raw(server, frame('x', 'z')),
      await raw(server, frame('x', 'q', 0x7fffffff)),
    ];
    for (const answer of said) assert.equal(answer[4], 'e', answer);
    assert.match(said[1], /restart it/);
    assert.match(said[3], /wing/);
    await raw(server, Buffer.from([0, 0]), { end: true }); // half a head
    await raw(server, frame('{"version":1', 'q', 500), { end: true }); // half a question
    const gone = frame('{"version":1,"command":"key create","given":{"name":"gone"}}');
    await raw(server, gone, { end: true }); // nobody waits for the answer
    await until('it was made all the same', async () => (await json(server, 'key', 'list')).length === 2);
    assert.equal(await server.stop(), 0);
  },

  async the_end_of_a_server_lets_no_command_hang(server) {
    await init(server);
    await server.start();
    const idle = raw(server, Buffer.from([0]));
    await pause(200);
    assert.equal(await server.stop(), 0);
    assert.equal(await idle, '');
  },

  ...(isRoot ? {
    async another_user_is_refused(server) {
      await init(server);
      await server.start();
      for (const path of [server.folder, server.data, join(server.data, 'control')]) chmodSync(path, 0o777);
      const script = `require("net").connect(${JSON.stringify(join(server.data, 'control'))})
        .on("data", (text) => process.stdout.write(text.toString("latin1"))).on("error", () => {})
        .end(Buffer.from(${JSON.stringify([...frame('{"version":1,"command":"key list","given":{}}')])}))`;
      const child = spawn(process.execPath, ['-e', script], { uid: NOBODY, gid: NOBODY, cwd: '/' });
      let said = '';
      child.stdout.on('data', (chunk) => { said += chunk; });
      child.stderr.on('data', (chunk) => { said += chunk; });
      await new Promise((resolve) => { child.on('close', resolve); });
      assert.match(said, /belongs to another user/);
    },

    async a_socket_of_another_user_is_not_trusted(server) {
      await init(server);
      for (const path of [server.folder, server.data]) chmodSync(path, 0o777);
      const holder = spawn('flock', ['-x', join(server.data, 'lock'), '-c', 'exec sleep 30']);
      const script = `require("net").createServer().listen(${JSON.stringify(join(server.data, 'control'))})`;
      const thief = spawn(process.execPath, ['-e', script], { uid: NOBODY, gid: NOBODY, cwd: '/' });
      await until('it listens', () => existsSync(join(server.data, 'control')));
      await fails(server, /belongs to user 65534/, 'key', 'create', '--name', 'secret');
      holder.kill();
      thief.kill();
    },
  } : {}),
};
