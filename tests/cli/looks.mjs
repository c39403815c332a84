// Looks: doctor, help, completion, the manual, and that each --json is JSON.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foyer, init, json, shell, well } from './lib.mjs';

async function findings(server, ...args) {
  const { code, stdout } = await foyer(server, 'doctor', '--json', ...args);
  const said = JSON.parse(stdout);
  assert.equal(code, said.worst === 'fail' ? 1 : 0);
  return said.findings.map(({ level, about, message }) => `${level} ${about} ${message}`).join('\n');
}

export const looks = {
  async doctor_finds_a_good_installation_well(server) {
    await init(server);
    mkdirSync(join(server.folder, 'kept'));
    await well(server, 'backup', join(server.folder, 'kept'));
    const flags = ['--base-url', 'https://portal.example.com', '--trusted-proxies', '10.0.0.1'];
    for (let i = 0; i < 2; i++) {
      const said = await findings(server, ...flags, '--backups', join(server.folder, 'kept'));
      assert.doesNotMatch(said, /^fail/m);
      assert.match(said, /^ok folder/m);
      assert.match(said, /^ok database .*commit \d/m);
      assert.match(said, /^ok clock/m);
      assert.match(said, /^ok address https:\/\/portal/m);
      assert.match(said, /^ok backups the newest is 0 hours old/m);
      assert.match(said, /^ok versions SQLite \d/m);
      assert.match(said, i ? /^ok server process \d+ is ready/m : /^ok server none runs/m);
      if (i === 0) await server.start();
    }
  },

  async doctor_says_what_to_do_about_each_fault(server) {
    await init(server);
    chmodSync(server.data, 0o755);
    writeFileSync(join(server.data, 'scripts', 'broken.lua'), 'no Lua\n');
    writeFileSync(join(server.data, 'commits'), '00000000000000000099\n');
    mkdirSync(join(server.folder, 'kept'));
    const said = await findings(server, '--base-url', 'http://portal.example.com', '--smtp-url', 'smtp://127.0.0.1:1',
      '--backups', join(server.folder, 'kept'));
    assert.match(said, /^fail folder .*chmod 700/m);
    assert.match(said, /^fail database .*99 were acknowledged/m);
    assert.match(said, /^fail scripts broken\.lua is not in force: .*broken\.lua:1/m);
    assert.match(said, /^fail mail 127\.0\.0\.1 port 1 cannot be reached: Connection refused/m);
    assert.match(said, /^warn address .*not encrypted/m);
    assert.match(said, /^fail backups .*foyer backup --data/m);
    chmodSync(join(server.data, 'server.key'), 0o644);
    assert.match(await findings(server), /^fail key .*chmod 600/m);
    assert.match(await findings({ command: server.command.bind(server), data: join(server.folder, 'none') }), /^fail folder .*foyer init/m);
  },

  async doctor_notices_a_clock_that_stands_before_the_last_commit(server) {
    await init(server);
    server.moveClock(-3600);
    assert.match(await findings(server), /^fail clock it stands \d+ s before the last commit/m);
  },

  async doctor_hears_from_a_server_whose_scripts_fail(server) {
    await init(server);
    writeFileSync(join(server.data, 'scripts', 'permissions.lua'), 'no Lua\n');
    await server.start();
    assert.match(await findings(server), /^fail server process \d+ answers nothing/m);
  },

  async every_json_is_json(server) {
    await init(server);
    const lines = [
      ['check'], ['doctor'], ['key', 'list'], ['key', 'create', '--name', 'n'], ['script', 'list'], ['script', 'check'],
      ['script', 'show', 'permissions.lua'], ['mail', 'test', 'ann@example.com'],
      ['explain', '--as', 'owner@example.com', '--action', 'client.list'],
      ['who-can', 'client.list'], ['script', 'log', 'permissions'],
      ['plugin', 'list'], ['plugin', 'top'], ['plugin', 'show', 'portal'], ['plugin', 'hooks'], ['plugin', 'hooks', 'client.list'],
      ['plugin', 'set', 'channel_policy', 'max_group=9'], ['plugin', 'disable', 'channel_policy'],
      ['plugin', 'enable', 'channel_policy'], ['plugin', 'log'], ['plugin', 'diff', 'channel_policy'],
      ['plugin', 'rollback', 'channel_policy', '--settings'],
    ];
    for (const line of lines) await json(server, ...line);
    writeFileSync(join(server.data, 'scripts', 'permissions.lua'), 'no Lua\n');
    assert.equal((await json(server, 'script', 'diff', 'permissions')).differs, true);
    const { code, stdout } = await foyer(server, 'script', 'check', '--json');
    assert.deepEqual([code, JSON.parse(stdout).good], [1, false]);
    assert.equal(JSON.parse((await server.command(['openapi'])).stdout).openapi, '3.1.0');
    JSON.parse((await server.command(['version', '--json'])).stdout);
    const config = await server.command(['serve', '--print-config', '--json', '--loops', '2']);
    assert.deepEqual(JSON.parse(config.stdout).loops, { value: 2, source: '--loops' });
  },

  async a_mistyped_word_gets_the_right_one(server) {
    const said = async (...args) => {
      const { code, stderr } = await server.command(args);
      assert.equal(code, 2);
      return stderr;
    };
    assert.match(await said('bakup'), /Did you mean `foyer backup`/);
    assert.match(await said('key', 'crate'), /Did you mean `foyer key create`/);
    assert.match(await said('key'), /foyer help key/);
    assert.match(await said('check', '--dta', 'x'), /Did you mean `--data`/);
    assert.match(await said('restore', 'x', '--data'), /needs a value after --data/);
    assert.match(await said('restore', '--data', 'x'), /needs FILE/);
    assert.match(await said('restore', 'a', 'b', '--data', 'x'), /no argument `b`/);
    assert.match(await said('completion', 'tcsh'), /bash, zsh and fish/);
    assert.match((await server.command(['help', 'key', 'revoke'])).stdout, /^foyer key revoke ID --data DIR/);
    assert.match((await server.command(['key', 'revoke', '--help'])).stdout, /^foyer key revoke ID --data DIR/);
  },

  async bash_completes_what_the_tables_say(server) {
    const complete = async (...words) => {
      const line = words.map((word) => `'${word}'`).join(' ');
      const { code, stdout, stderr } = await shell(server, `set -u; source <("$FOYER" completion bash)
        COMP_WORDS=(foyer ${line}); COMP_CWORD=${words.length}; _foyer; printf '%s\\n' "\${COMPREPLY[@]}"`);
      assert.equal(code, 0, stderr);
      return stdout.trim().split('\n');
    };
    assert.ok((await complete('')).includes('backup'));
    assert.deepEqual(await complete('ke'), ['key']);
    assert.deepEqual((await complete('key', '')).sort(), ['create', 'list', 'revoke']);
    assert.ok((await complete('key', 'create', '--')).includes('--scopes'));
    assert.deepEqual(await complete('mail', 'test', '--smtp-tls', 'n'), ['never']);
    assert.deepEqual(await complete('completion', 'f'), ['fish']);
    assert.deepEqual(await complete('check', '--data', server.folder), [server.folder]);
    assert.ok((await complete('serve', '--tr')).includes('--trusted-proxies'));
  },

  async the_manual_has_every_command_and_no_fault(server) {
    const { stdout } = await server.command(['help', '--man']);
    const { stdout: list } = await server.command(['help']);
    for (const [, name] of list.matchAll(/^ {2}(\S+(?: \S+)?) {2}/gm)) assert.ok(stdout.includes(`.SS "foyer ${name}"`), name);
    for (const shellName of ['zsh', 'fish']) assert.match((await server.command(['completion', shellName])).stdout, /revoke/);
    writeFileSync(join(server.folder, 'foyer.1'), stdout);
    const { code, stdout: faults } = await shell(server,
      'if command -v mandoc >/dev/null; then mandoc -T lint -W error "$FOLDER/foyer.1"; '
      + 'elif command -v man >/dev/null; then man -l --warnings=w "$FOLDER/foyer.1" 2>&1 >/dev/null; fi');
    assert.equal(code, 0);
    assert.equal(faults.trim(), '');
  },
};
