// Plugins: folders are made, checked and tested; what a workspace chose is changed without a server, too.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fails, init, json, pause, program, status, until, well } from './lib.mjs';

async function run(server, ...args) {
  return server.command(args);
}

async function made(server, id = 'house-rules') {
  const folder = join(server.folder, id);
  const { code, stderr } = await run(server, 'plugin', 'new', folder);
  assert.equal(code, 0, stderr);
  return folder;
}

async function reload(server) {
  const answer = await fetch(`${server.base}/v1/plugins/reload`, { method: 'POST', headers: { 'x-api-key': server.key } });
  return { status: answer.status, body: await answer.json() };
}

export const plugins = {
  async a_new_plugin_is_good_and_its_test_passes(server) {
    const folder = await made(server);
    assert.match((await run(server, 'plugin', 'check', folder)).stdout, /good\nrule client\.delete \(house-rules\/main\.lua:5\)/);
    assert.match((await run(server, 'plugin', 'test', folder)).stdout, /^2 tests passed/);
    assert.deepEqual(JSON.parse((await run(server, 'plugin', 'test', folder, '--json')).stdout), { good: true, tests: 2, report: [] });
    assert.match(readFileSync(join(folder, 'README.md'), 'utf8'), /^# house-rules\n/);
    const again = await run(server, 'plugin', 'new', folder);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /is there already/);
    assert.equal((await run(server, 'plugin', 'new', join(server.folder, 'two words'))).code, 2);
    assert.equal((await run(server, 'plugin', 'new', join(server.folder, 'none', 'mine'))).code, 1);
    const named = join(server.folder, 'named');
    assert.equal((await run(server, 'plugin', 'new', named, '--name', 'Rules "of" the house')).code, 0);
    assert.equal((await run(server, 'plugin', 'check', named)).code, 0);
    assert.equal(JSON.parse(readFileSync(join(named, 'plugin.json'))).name, 'Rules "of" the house');
  },

  async a_failing_test_shows_the_line_and_both_values(server) {
    const folder = await made(server);
    mkdirSync(join(folder, 'lib'));
    writeFileSync(join(folder, 'lib', 'words.lua'), 'return { hello = "hallo" }\n');
    writeFileSync(join(folder, 'tests', 'words_test.lua'), `local test = require("test")
local words = require("lib.words")
test("words are said", function(t)
  t.equal(words.hello, "hello")
end)
`);
    const { code, stdout } = await run(server, 'plugin', 'test', folder);
    assert.equal(code, 1);
    assert.equal(stdout, `${folder}/tests/words_test.lua:4: words are said: got "hallo", wanted "hello"\n1 of 3 failed\n`);
    writeFileSync(join(folder, 'tests', 'words_test.lua'), `local test = require("test")
test("settings are those of plugins", function(t)
  t.ask("client.delete", { actor = { kind = "apiKey" }, settings = { ["house-rules"] = { by_hand = 7 } } })
end)
test("of those that are there", function(t)
  t.ask("client.delete", { actor = { kind = "apiKey" }, settings = { houses = {} } })
end)
`);
    assert.match((await run(server, 'plugin', 'test', folder)).stdout,
      /settings: house-rules\.by_hand: Must be true or false\.\n.*settings: there is no script or plugin "houses"\n2 of 4 failed/);
  },

  async tests_run_again_when_a_file_changes_until_they_are_interrupted(server) {
    const folder = await made(server);
    const child = spawn(program, ['plugin', 'test', folder, '--watch'], { env: server.env });
    let said = '';
    child.stdout.on('data', (chunk) => { said += chunk; });
    const over = new Promise((resolve) => { child.on('exit', (code, signal) => resolve({ code, signal })); });
    try {
      await until('the tests pass', () => said === '2 tests passed\n');
      await pause(700);
      assert.equal(said, '2 tests passed\n', 'nothing changed');
      const test = join(folder, 'tests', 'main_test.lua');
      writeFileSync(test, readFileSync(test, 'utf8').replace('"by_hand_only")', '"by_hand")'));
      await until('they fail', () => /main_test\.lua:10: .*got "by_hand_only", wanted "by_hand"\n1 of 2 failed\n/.test(said));
      writeFileSync(join(folder, 'main.lua'), 'no Lua\n');
      await until('it cannot be loaded', () => said.includes('house-rules/main.lua:1: '));
    } finally {
      child.kill('SIGINT');
    }
    assert.deepEqual(await over, { code: 1, signal: null });
  },

  async workspaces_of_tests_are_gone_when_they_have_ended(server) {
    const folder = await made(server);
    const temporary = join(server.folder, 'tmp');
    mkdirSync(temporary);
    const env = { ...server.env, TMPDIR: temporary };
    const test = (...args) => new Promise((resolve) => {
      const child = spawn(program, ['plugin', 'test', folder, ...args], { env });
      let stdout = '', stderr = '';
      child.stdout.on('data', (chunk) => { stdout += chunk; });
      child.stderr.on('data', (chunk) => { stderr += chunk; });
      child.on('exit', (code) => resolve({ code, stdout, stderr }));
      if (args.length === 0) test.child = child;
    });
    const write = (body) => writeFileSync(join(folder, 'tests', 'own_test.lua'),
      `local test = require("test")\ntest("its own", function(t)\n  local w = t.workspace()\n  ${body}\nend)\n`);

    write('t.equal(#w.events, 7)');
    assert.match((await test('--filter', 'own')).stdout, /own_test\.lua:4: its own: got 0, wanted 7\n1 of 1 failed\n$/);
    assert.deepEqual(readdirSync(temporary), []);
    const kept = await test('--filter', 'own', '--keep');
    assert.equal(kept.code, 1);
    const [, path] = /^kept in (.*)\n/.exec(kept.stderr);
    assert.ok(existsSync(join(path, '1', 'foyer.db')));
    rmSync(path, { recursive: true });
    assert.match((await test('--filter', 'nobody')).stdout, /^no test has "nobody" in its sentence\n/);

    write('while true do end');
    const ended = test();
    await until('a workspace is there', () => readdirSync(temporary).length === 1);
    test.child.kill('SIGINT');
    assert.equal((await ended).code, 130);
    assert.deepEqual(readdirSync(temporary), []);

    writeFileSync(join(folder, 'main.lua'), 'no Lua\n');
    const broken = await test('--json');
    assert.equal(broken.code, 1);
    assert.match(JSON.parse(broken.stdout).report[0], /house-rules\/main\.lua:1: /);
    assert.deepEqual(readdirSync(temporary), []);
  },

  async workspaces_of_tests_have_the_scripts_of_a_data_folder_beside_them(server) {
    await init(server);
    const folder = await made(server);
    mkdirSync(join(server.data, 'scripts'), { recursive: true });
    const other = join(server.data, 'scripts', 'other.lua');
    const text = `local foyer = require("foyer")
foyer.filter("client.create", function() return { tags = { "marked" } } end)
`;
    writeFileSync(other, text);
    writeFileSync(join(folder, 'tests', 'beside_test.lua'), `local test = require("test")
test("others are there", function(t)
  local w = t.workspace()
  t.equal(w:client { givenName = "A", familyName = "B", email = "a@example.com" }.tags, { "marked" })
  t.equal(w.owner:get("/v1/scripts/other.lua").status, 200)
  t.equal(w.owner:put("/v1/scripts/other.lua", { source = "-- gone" }).status, 200)
end)
`);
    assert.match((await run(server, 'plugin', 'test', folder, '--data', server.data)).stdout, /^3 tests passed\n/);
    assert.equal(readFileSync(other, 'utf8'), text);
    assert.equal((await run(server, 'plugin', 'test', folder)).code, 1);
  },

  async tests_that_need_a_workspace_are_left_by_a_check(server) {
    await init(server);
    const folder = await made(server);
    const beside = await run(server, 'plugin', 'check', folder, '--data', server.data);
    assert.equal(beside.code, 0);
    assert.match(beside.stdout, /^1 test passed\n1 test was left: a workspace is there in `foyer plugin test`/m);
    const test = join(folder, 'tests', 'main_test.lua');
    writeFileSync(test, readFileSync(test, 'utf8').replace('"by_hand_only")', '"by_hand")'));
    const { code, stdout } = await run(server, 'plugin', 'check', folder, '--data', server.data);
    assert.match(stdout, /1 of 1 tests failed:/);
    assert.equal(code, 1);
    await server.start(['--loops', '1']);
    const served = await run(server, 'plugin', 'check', folder, '--data', server.data, '--json');
    assert.equal(served.code, 1);
    const { good, check } = JSON.parse(served.stdout);
    assert.equal(good, false);
    assert.deepEqual({ ...check.tests, report: [] }, { ran: 1, failed: 1, left: 1, report: [] });
  },

  async all_faults_of_a_folder_are_told_with_their_lines(server) {
    const folder = await made(server);
    const check = async () => {
      const { code, stdout } = await run(server, 'plugin', 'check', folder);
      assert.equal(code, 1, stdout);
      return stdout;
    };
    const manifest = JSON.parse(readFileSync(join(folder, 'plugin.json')));
    const say = (more) => writeFileSync(join(folder, 'plugin.json'), JSON.stringify({ ...manifest, ...more }, null, 1));

    say({ api: 2, colour: 'red', provides: { on: ['client.created'] } });
    assert.match(await check(), /plugin\.json:\d+: it needs level 2 .*\n.*"on": level 1 has .*\n.*plugin\.json:\d+: "colour" is unknown here/);
    say({ id: 'other' });
    assert.match(await check(), /house-rules\/plugin\.json:2: "id" must be the name of the folder, "house-rules"/);
    say({ provides: {} });
    assert.match(await check(), /house-rules\/main\.lua:5: plugin\.json does not list it: add "rule": \["client\.delete"\]/);
    say({ entry: 'start.lua' });
    assert.match(await check(), /plugin\.json: its entry "start\.lua" is not there/);
    rmSync(join(folder, 'plugin.json'));
    assert.match(await check(), /house-rules\/plugin\.json:1: it is missing/);
    say({});
    writeFileSync(join(folder, 'main.lua'), `-- ${'x'.repeat(128 * 1024)}`);
    assert.match(await check(), /main\.lua: cannot be read: larger than 128 KiB/);
    writeFileSync(join(folder, 'main.lua'), '');
    writeFileSync(join(server.folder, 'secret.txt'), 'secret');
    symlinkSync(join(server.folder, 'secret.txt'), join(folder, 'secret.txt'));
    assert.match(await check(), /secret\.txt: cannot be read: it is a link: what a plugin reads lies in its folder/);
    rmSync(join(folder, 'secret.txt'));
    symlinkSync('/etc', join(folder, 'etc'));
    assert.match(await check(), /etc: cannot be read: it is a link/);
    rmSync(join(folder, 'etc'));
    mkdirSync(join(folder, 'lib'));
    for (let i = 0; i < 257; i++) writeFileSync(join(folder, 'lib', `f${i}.lua`), '');
    assert.match(await check(), /house-rules\/.*: more than 256 files/);
    assert.match((await run(server, 'plugin', 'check', join(folder, 'main.lua'))).stderr, /is no folder; `foyer script check`/);
    assert.match((await run(server, 'plugin', 'check', join(server.folder, 'none'))).stderr, /No such file or directory/);
  },

  async a_folder_is_checked_against_what_was_decided_beside_a_server_and_without_one(server) {
    await init(server);
    await server.start(['--loops', '1']);
    assert.equal(await status(server, server.key), 200); // the first that is allowed is recorded
    const folder = await made(server, 'shut');
    writeFileSync(join(folder, 'plugin.json'), JSON.stringify({ id: 'shut', name: 'Shut', version: '1', api: 1, provides: { rule: ['client.list'] } }));
    writeFileSync(join(folder, 'main.lua'), 'local foyer = require("foyer")\nfoyer.rule("client.list", function() return foyer.deny("shut") end)\n');
    rmSync(join(folder, 'tests'), { recursive: true });
    const told = async () => {
      await until('the decision is written', async () => (await json(server, 'plugin', 'check', folder)).check.replay.newlyDenied === 1);
      const { good, check } = await json(server, 'plugin', 'check', folder);
      assert.deepEqual([good, check.ok, check.registers], [true, true, ['rule client.list (shut/main.lua:2)']]);
      assert.match(await well(server, 'plugin', 'check', folder), /newly denied: client\.list by init/);
    };
    await told();
    assert.equal(await status(server, server.key), 200, 'nothing is put in force');
    assert.equal(await server.stop(), 0);
    await told();
  },

  async what_functions_cost_is_told_by_a_running_server(server) {
    await init(server);
    assert.deepEqual((await json(server, 'plugin', 'top')).functions, []);
    await server.start();
    for (let i = 0; i < 5; i++) assert.equal(await status(server, server.key), 200);
    const { functions } = await json(server, 'plugin', 'top');
    const one = functions.find(({ kind, name }) => kind === 'rule' && name === 'client.list');
    assert.deepEqual([one.plugin, one.asked, one.errors], ['permissions.lua', 5, 0]);
    assert.ok(functions.some(({ kind, name, asked }) => kind === 'scope' && name === 'client' && asked >= 5));
    assert.match(await well(server, 'plugin', 'top'), /^since 20.*, generation 1\n +asked +errors/);
  },

  async what_a_workspace_chose_is_changed_without_a_server(server) {
    await init(server);
    await well(server, 'plugin', 'set', 'channel_policy', 'max_group=7');
    assert.equal((await json(server, 'plugin', 'show', 'channel_policy')).settings.max_group, 7);
    await fails(server, /max_group: Must be a whole number from 2 to 500\./, 'plugin', 'set', 'channel_policy', 'max_group=1');
    await well(server, 'plugin', 'disable', 'channel_policy');
    await server.start();
    assert.equal((await json(server, 'plugin', 'show', 'channel_policy')).enabled, false);
    await well(server, 'plugin', 'rollback', 'channel_policy', '--settings');
    const { enabled, settings } = await json(server, 'plugin', 'show', 'channel_policy');
    assert.deepEqual([enabled, settings.max_group], [true, 7]);
  },

  async a_folder_that_goes_while_it_is_in_use_leaves_whole_or_not_at_all(server) {
    await init(server);
    const folder = join(server.data, 'plugins', 'house-rules');
    mkdirSync(join(server.data, 'plugins'), { recursive: true });
    cpSync(await made(server), folder, { recursive: true });
    await server.start();
    const list = async () => (await json(server, 'plugin', 'list')).map(({ id }) => id);
    assert.ok((await list()).includes('house-rules'));
    rmSync(join(folder, 'plugin.json')); // half of it is gone: what is in force stays
    const { status: code, body } = await reload(server);
    assert.equal(code, 422);
    assert.match(body.errors[0].message, /house-rules\/plugin\.json:1: it is missing/);
    assert.ok((await list()).includes('house-rules'));
    await well(server, 'plugin', 'set', 'house-rules', 'by_hand=true');
    rmSync(folder, { recursive: true });
    assert.equal((await reload(server)).status, 200);
    assert.ok(!(await list()).includes('house-rules'));
    await fails(server, /is in force/, 'plugin', 'show', 'house-rules');
    assert.equal((await json(server, 'plugin', 'log', 'house-rules')).length, 1, 'what was chosen is not lost');
    cpSync(join(server.folder, 'house-rules'), folder, { recursive: true });
    assert.equal((await reload(server)).status, 200);
    assert.equal((await json(server, 'plugin', 'show', 'house-rules')).settings.by_hand, true);
  },
};
