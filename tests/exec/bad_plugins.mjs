// Bad plugins: folders that are wrong in every way, in a server that others use meanwhile. It stays up, nobody else
// notices, and the admin reads what happened and what to do.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ask, begin, create, pause, until } from './lib.mjs';

const json = ({ text }) => JSON.parse(text);
const head = 'local foyer = require("foyer")\n';

function manifest(id, provides, more = {}) {
  return JSON.stringify({ id, name: id, version: '1', api: 1, provides, ...more });
}

// Writes a folder of a plugin; files that are null go.
function put(server, id, files) {
  for (const [name, text] of Object.entries(files)) {
    const path = join(server.data, 'plugins', id, name);
    mkdirSync(dirname(path), { recursive: true });
    if (text === null) rmSync(path, { force: true });
    else writeFileSync(path, text);
  }
}

const take = (server, id) => rmSync(join(server.data, 'plugins', id), { recursive: true, force: true });

// The lines with which a reload is refused; '' where it is taken.
async function reload(server) {
  const { status, text } = await ask(server, 'POST', '/v1/plugins/reload');
  if (status === 200) return '';
  assert.equal(status, 422, text);
  assert.equal(JSON.parse(text).code, 'scripts_refused');
  return JSON.parse(text).errors.map(({ message }) => message).join('\n');
}

// Somebody who works, all the while; end() gives how often, and fails where anything went wrong.
function work(server) {
  let over = false;
  let count = 0;
  const working = (async () => {
    while (!over) {
      const made = await ask(server, 'POST', '/v1/companies', { body: JSON.stringify({ name: `Company ${count}` }) });
      assert.equal(made.status, 200, made.text);
      const read = await ask(server, 'GET', `/v1/companies/${json(made).id}`);
      assert.equal(read.status, 200, read.text);
      count += 1;
    }
  })();
  working.catch(() => {});
  return { async end() { over = true; await working; assert.ok(count > 0); } };
}

const rule = (body) => `${head}foyer.rule("client.create", function(ctx)\n${body}\nend)\n`;
const filter = (body, more = '') => `${head}${more}foyer.filter("client.create", function(ctx, client)\n${body}\nend)\n`;

// What cannot be loaded: [files, what is said].
const refused = {
  syntax: [{ 'main.lua': `${head}foyer.rule("client.create" function() end)\n` }, /^bad\/main\.lua:2: .*expected/m],
  'a syntax error in a file that is required': [
    { 'main.lua': `${head}require("lib.words")\n`, 'lib/words.lua': 'return {\n"a" "b" }\n' }, /bad\/lib\/words\.lua:2: /],
  'a missing file': [{ 'main.lua': `${head}require("lib.gone")\n` }, /bad\/main\.lua:2: there is no module or file 'lib\.gone'/],
  'a missing template': [{ 'main.lua': `${head}foyer.template.load("templates/gone.html")\n` }, /bad\/main\.lua:2: .*gone\.html/],
  'a missing entry': [{ 'main.lua': null }, /bad\/plugin\.json: its entry "main\.lua" is not there/],
  'no manifest': [{ 'main.lua': head, 'plugin.json': null }, /bad\/plugin\.json:1: it is missing/],
  'a manifest that is no JSON': [{ 'plugin.json': '{ "id": "bad",\n "name" }' }, /bad\/plugin\.json:2: /],
  'a manifest from the future': [
    { 'plugin.json': manifest('bad', {}, { api: 99 }) }, /bad\/plugin\.json:1: it needs level 99 of the API, and this program has \d+: update it/],
  'the id of another': [{ 'plugin.json': manifest('good', {}) }, /bad\/plugin\.json:1: "id" must be the name of the folder, "bad"/],
  'files that require each other': [
    { 'main.lua': `${head}require("lib.a")\n`, 'lib/a.lua': 'return require("lib.b")\n', 'lib/b.lua': 'return require("lib.a")\n' }, /bad\/lib\/.*lua:1: /],
  'a circle of order': [
    { 'plugin.json': manifest('bad', { rule: ['client.create'] }, { order: { before: ['permissions'], after: ['permissions'] } }), 'main.lua': rule('') },
    /goes in a circle/],
  'an unknown hook': [
    { 'plugin.json': manifest('bad', { rule: ['client.craete'] }), 'main.lua': `${head}foyer.rule("client.craete", function() end)\n` },
    /bad\/main\.lua:2: there is no action "client\.craete": did you mean "client\.create"\?/],
  'a capability that there is not': [{ 'plugin.json': manifest('bad', {}, { capabilities: ['htpp'] }) }, /capability "htpp" is unknown/],
  'what it does not provide': [
    { 'main.lua': `${head}foyer.rule("client.delete", function() end)\n` }, /bad\/main\.lua:2: plugin\.json does not list it: add "rule": \["client\.delete"\] to "provides"/],
  'a loop while it loads': [{ 'main.lua': 'while true do end\n' }, /bad\/main\.lua:1: .*(time|long)/],
  'too much memory while it loads': [
    { 'main.lua': 'local all = {}\nfor i = 1, 1e9 do all[i] = ("x"):rep(1e5) .. i end\n' }, /bad\/main\.lua:2: .*memory/],
  'bytecode': [{ 'main.lua': '\x1bLua\x54' }, /bad\/main\.lua/],
};

const loops = {
  plain: 'while true do end',
  pattern: 'return string.find(("a"):rep(2000), ("a*"):rep(40) .. "b")',
  __index: 'local t = setmetatable({}, { __index = function(t, k) return t[k .. "x"] end }) return t.a',
  sort: 'local t = {} for i = 1, 1e5 do t[i] = i % 7 end while true do table.sort(t, function(a, b) return a < b end) end',
  recursion: 'local function f() return f() end return f()',
  'deep recursion': 'local function f() return 1 + f() end return f()',
  coroutine: 'local c = coroutine.wrap(function() while true do coroutine.yield() end end) while true do c() end',
  pcall: 'while true do pcall(function() while true do end end) end',
  'a memory bomb': 'local t = {} while true do t[#t + 1] = ("x"):rep(10000) .. #t end',
  'a long text': 'local s = "x" while true do s = s .. s end',
};

export const badPlugins = {
  async a_folder_that_cannot_be_loaded_changes_nothing_and_says_why(server) {
    await begin(server);
    put(server, 'good', { 'plugin.json': manifest('good', { filter: ['client.create'] }), 'main.lua': filter('return { position = "good" }') });
    assert.equal(await reload(server), '');
    const others = work(server);
    for (const [name, [files, reason]] of Object.entries(refused)) {
      take(server, 'bad');
      put(server, 'bad', { 'plugin.json': manifest('bad', { rule: ['client.create'] }), 'main.lua': head, ...files });
      const said = await reload(server);
      assert.match(said, reason, `${name}: ${said}`);
      assert.equal(json(await create(server)).position, 'good', name);
    }
    take(server, 'bad');
    assert.equal(await reload(server), '');
    await others.end();
  },

  async a_plugin_that_loops_or_eats_memory_fails_alone_and_with_its_line(server) {
    await begin(server, ['--script-trial-seconds', '0']);
    const others = work(server);
    for (const [name, body] of Object.entries(loops)) {
      for (const [kind, source] of [['rule', rule(body)], ['filter', filter(body)]]) {
        take(server, 'bad');
        put(server, 'bad', { 'plugin.json': manifest('bad', { [kind]: ['client.create'] }), 'main.lua': source });
        assert.equal(await reload(server), '', name);
        const answer = await create(server);
        assert.equal(answer.status, 503, `${kind} ${name}: ${answer.text}`);
        assert.equal(json(answer).code, 'rule_error');
        assert.equal((await ask(server, 'GET', '/v1/clients')).status, 200);
        const told = () => server.stderr.split('\n').some((line) => /msg="a (rule|script) failed"/.test(line) && line.includes(json(answer).requestId) && /bad\/main\.lua:3/.test(line));
        await until(`the log has ${kind} ${name}`, told);
      }
    }
    take(server, 'bad');
    assert.equal(await reload(server), '');
    assert.equal((await create(server)).status, 200);
    await others.end();
  },

  async handlers_that_never_end_or_fail_half_of_the_time_delay_nobody(server) {
    await begin(server, ['--script-trial-seconds', '0']);
    put(server, 'bad', {
      'plugin.json': manifest('bad', { event: ['client.created'] }),
      'main.lua': `${head}foyer.on("client.created", { name = "endless" }, function() while true do end end)\n`
        + 'foyer.on("client.created", { name = "half" }, function(event, ctx) if ctx.attempt % 2 == 1 then error("not at first") end end)\n'
        + 'foyer.on("client.created", { name = "eats" }, function() local t = {} while true do t[#t + 1] = ("x"):rep(10000) .. #t end end)\n',
    });
    put(server, 'good', {
      'plugin.json': manifest('good', { event: ['client.created'] }),
      'main.lua': `${head}foyer.on("client.created", { name = "well" }, function() end)\n`,
    });
    assert.equal(await reload(server), '');
    const others = work(server);
    const { id } = json(await create(server));
    const state = async (handler) => json(await ask(server, 'GET', `/v1/deliveries?handler=${handler}&entityId=${id}`)).data[0];
    await until('the good one is done', async () => (await state('well'))?.status === 'done');
    await until('all have ended', async () => (await Promise.all(['endless', 'half', 'eats'].map(state))).every((one) => one?.status === 'failed'), 60);
    assert.match((await state('endless')).error, /took longer than|too long|CPU/);
    assert.match((await state('endless')).errorAt, /^bad\/main\.lua:2/);
    assert.match((await state('eats')).error, /memory/);
    assert.equal((await state('half')).error, 'not at first');
    server.moveClock(120);
    await until('the half one is done', async () => (await state('half')).status === 'done');
    await others.end();
  },

  async a_plugin_that_fails_half_of_the_time_is_left(server) {
    await begin(server, ['--loops', '1']);
    put(server, 'half', { 'plugin.json': manifest('half', { rule: ['client.list'] }), 'main.lua': `${head}foyer.rule("client.list", function() return foyer.allow("well") end)\n` });
    assert.equal(await reload(server), '');
    await until('it is a version', async () => json(await ask(server, 'GET', '/v1/scripts/half/versions')).data?.length === 1);
    put(server, 'half', { 'main.lua': `${head}foyer.rule("client.list", function(ctx)\n  if ctx.actor.name ~= "init" then error("some of the time") end\nend)\n` });
    assert.equal(await reload(server), '');
    const other = (await server.command(['key', 'create', '--data', server.data, '--name', 'other'])).stdout.trim();
    const list = async (key) => (await ask(server, 'GET', '/v1/clients', { key })).status;
    for (let i = 0; i < 5; i += 1) assert.deepEqual([await list(server.key), await list(other)].sort(), [200, 503], `${i}`);
    await until('it is left', async () => (await list(other)) === 200);
    await until('it says why', async () => json(await ask(server, 'GET', '/v1/scripts/half/versions')).data.some(({ state, report }) =>
      state === 'quarantined' && /rule client\.list failed .*some of the time/s.test(report)));
  },

  async a_folder_that_is_deleted_while_requests_run_is_gone_and_comes_back(server) {
    await begin(server);
    const files = { 'plugin.json': manifest('used', { filter: ['client.create'] }), 'main.lua': filter('return { position = words.position }', 'local words = require("lib.words") '), 'lib/words.lua': 'return { position = "used" }\n' };
    const seen = new Set();
    let over = false;
    put(server, 'used', files);
    assert.equal(await reload(server), '');
    const load = Promise.all(Array.from({ length: 4 }, async () => {
      while (!over) {
        const made = await create(server);
        assert.equal(made.status, 200, made.text);
        seen.add(json(made).position);
      }
    }));
    load.catch(() => {});
    for (let i = 0; i < 5; i += 1) {
      const wanted = i % 2 ? 'used' : null;
      if (i % 2) put(server, 'used', files);
      else take(server, 'used');
      await until(`it is ${i % 2 ? 'back' : 'gone'}`, async () => json(await create(server)).position === wanted);
    }
    over = true;
    await load;
    assert.deepEqual(seen, new Set(['used', null]));
  },

  async a_folder_that_is_copied_slowly_is_not_taken_in_the_middle(server) {
    await begin(server);
    const state = (word) => ({
      'plugin.json': manifest('slow', { filter: ['client.create'] }, { version: word }),
      'lib/one.lua': `return { word = "${word}" }\n`,
      'main.lua': filter('return { position = one.word .. two.word }', 'local one, two = require("lib.one"), require("lib.two") '),
      'lib/two.lua': `return { word = "${word}" }\n`,
    });
    put(server, 'slow', state('old'));
    assert.equal(await reload(server), '');
    const copying = setInterval(() => put(server, 'slow', { 'large.txt': String(Math.random()) }), 50);
    for (const [name, text] of Object.entries(state('new'))) {
      put(server, 'slow', { [name]: text });
      for (let i = 0; i < 4; i += 1) {
        assert.equal(json(await create(server)).position, 'oldold', name);
        await pause(200);
      }
    }
    clearInterval(copying);
    await until('it is taken', async () => json(await create(server)).position === 'newnew');
    // Beside it, and then in one step.
    cpSync(join(server.data, 'plugins/slow'), join(server.data, 'plugins/.next'), { recursive: true });
    writeFileSync(join(server.data, 'plugins/.next/lib/two.lua'), 'return { word = "er" }\n');
    renameSync(join(server.data, 'plugins/slow'), join(server.data, 'plugins/.last'));
    renameSync(join(server.data, 'plugins/.next'), join(server.data, 'plugins/slow'));
    await until('it is taken', async () => json(await create(server)).position === 'newer');
  },
};
