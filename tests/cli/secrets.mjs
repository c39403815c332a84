// Secrets: settings that are written, used where they belong, and found nowhere else. A canary is looked for in
// all that the server says and writes.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { execFileSync, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { fails, init, json, program, until, well } from './lib.mjs';

const canary = 'canary-8f1c2d-token';
const second = 'canary-77aa01-token';
const based = [canary, second].flatMap((text) => [text, Buffer.from(text).toString('base64').replace(/=+$/, ''),
  Buffer.from(text).toString('hex'), encodeURIComponent(text)]);

const vault = (more = '') => `-- A vault, for tests.
local foyer = require("foyer")
foyer.plugin { name = "Vault", capabilities = { "http", "api", "kv", "events", "mail", "view_clients", "edit_clients" },
  hosts = { "127.0.0.1" } }
foyer.settings {
  token = { type = "secret", min = 10, help = "The token of the CRM." },
  other = { type = "secret" },
  base = { type = "text", default = "" },
}
foyer.transaction("tries", function()
  local token = foyer.secret("token")
  local failed = {}
  local function must_fail(name, fn)
    local good, message = pcall(fn)
    if good then error(name .. " took a secret") end
    failed[#failed + 1] = name .. ": " .. tostring(message)
  end
  must_fail("concat", function() return "x" .. token end)
  must_fail("length", function() return #token end)
  must_fail("index", function() return token.text end)
  must_fail("table.concat", function() return table.concat({ token }) end)
  must_fail("json", function() return foyer.json.encode({ a = { token } }) end)
  must_fail("kv", function() foyer.kv.set("x", { token = token }) end)
  must_fail("log", function() foyer.log.info(token) end)
  must_fail("template", function() return foyer.template.compile("x", "{{ token }}")({ token = token }) end)
  must_fail("raw template", function() return foyer.template.compile("x", "{{& token }}", "text")({ token = token }) end)
  must_fail("api", function() foyer.api("POST", "/v1/clients", { body = { givenName = token } }) end)
  must_fail("query", function() foyer.api("GET", "/v1/clients", { query = { givenName = token } }) end)
  must_fail("events", function() foyer.events.emit("vault.told", { data = { token = token } }) end)
  must_fail("mail", function() foyer.mail.queue { to = "a@example.com", subject = "x", text = token } end)
  must_fail("sha256", function() return foyer.crypto.sha256(token) end)
  must_fail("base64", function() return foyer.crypto.base64(token) end)
  must_fail("i18n", function() return foyer.i18n.fill("{a}", { a = token }) end)
  must_fail("settings", function(ctx) return ctx.settings.token end)
  must_fail("twice", function() return token:prefixed("a "):prefixed("b ") end)
  must_fail("unknown", function() return foyer.secret("tokn") end)
  must_fail("no secret", function() return foyer.secret("base") end)
  failed[#failed + 1] = tostring(token) .. ", " .. string.format("%s", token:prefixed("Bearer ")) .. ", " .. type(token)
  return failed
end)
foyer.on("client.created", { name = "tell" }, function(event, ctx)
  local token, other = foyer.secret("token"), foyer.secret("other")
  if not token then error("the token is not set") end
  assert(other == nil)
  local lines = foyer.run("tries")
  for i = 1, #lines, 3 do foyer.log.info(table.concat(lines, " | ", i, math.min(i + 2, #lines))) end
  local base = ctx.settings.base
  local answer = foyer.http.fetch(base .. "/people?x=1", { method = "POST", json = { name = "Jane", key = token },
    headers = { Authorization = token:prefixed("Bearer "), ["X-Basic"] = token:basic("foyer"), Accept = token, ["X-Plain"] = "plain" } })
  foyer.log.info("answered " .. answer.status .. " " .. foyer.crypto.hmac(token, "body") .. " "
    .. tostring(foyer.crypto.equal(token, "${'x'.repeat(19)}")))
  answer = foyer.http.fetch(base .. "/elsewhere", { headers = { Authorization = token, ["X-Plain"] = "plain", Accept = token }, redirects = true })
  foyer.log.info("led to " .. answer.status)
  local good, message = pcall(foyer.http.fetch, base .. "/kept", { method = "POST", body = token, redirects = true })
  foyer.log.info("kept " .. tostring(good) .. " " .. tostring(message))
  ${more}
  error("failed with " .. tostring(token))
end)
`;

async function peer(answer) {
  const heard = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => { heard.push({ url: request.url, headers: request.headers, body }); answer(request, response); });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { heard, at: `127.0.0.1:${server.address().port}`, close() { server.closeAllConnections(); server.close(); } };
}

const api = (server) => async (method, path, body, key = server.key) => {
  const answer = await fetch(server.base + path, { method, body: body && JSON.stringify(body),
    headers: { 'x-api-key': key, ...(body ? { 'content-type': 'application/json' } : {}) } });
  const text = await answer.text();
  return { status: answer.status, text, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
};

function must_not_have(what, text) {
  for (const needle of based) assert.ok(!text.includes(needle), `${what} has ${needle}: …${String(text).slice(Math.max(0, text.indexOf(needle) - 80)).slice(0, 200)}`);
}

// All that can be read, and all that lies on disk.
async function look_everywhere(server, call) {
  const { body: openapi } = await call('GET', '/openapi.json');
  must_not_have('openapi', JSON.stringify(openapi));
  let count = 0;
  for (const [path, methods] of Object.entries(openapi.paths)) {
    if (!methods.get || /\{(?!name\})/.test(path)) continue;
    const at = path.replace('{name}', 'vault.lua');
    if (/stream/.test(at)) continue;
    const { text } = await call('GET', at);
    must_not_have(`GET ${at}`, text);
    count += 1;
  }
  assert.ok(count > 15, `${count} addresses were read`);
  for (const path of ['/metrics', '/v1/plugins/vault.lua/versions', '/v1/decisions?limit=100', '/v1/audit?limit=100', '/v1/deliveries?limit=100'])
    must_not_have(path, (await call('GET', path)).text);
  for (const args of [['plugin', 'show', 'vault'], ['plugin', 'log'], ['plugin', 'log', 'vault'], ['plugin', 'diff', 'vault'], ['plugin', 'list']])
    for (const more of [[], ['--json']]) must_not_have(args.join(' '), await well(server, ...args, ...more));
  must_not_have('the log', server.stderr);
}

function look_on_disk(folder) {
  for (const name of readdirSync(folder, { recursive: true })) {
    const path = join(folder, name);
    if (statSync(path).isFile()) must_not_have(path, readFileSync(path, 'latin1'));
  }
}

export const secrets = {
  async a_secret_goes_where_it_belongs_and_is_found_nowhere_else(server) {
    const elsewhere = await peer((request, response) => response.writeHead(200).end('elsewhere'));
    const crm = await peer((request, response) => {
      if (request.url === '/elsewhere') response.writeHead(302, { location: `http://${elsewhere.at}/there` }).end();
      else if (request.url === '/kept') response.writeHead(307, { location: `http://${elsewhere.at}/there` }).end();
      else response.writeHead(201).end(`{"echo":"${(request.headers.authorization ?? '').length}"}`);
    });
    try {
      await init(server);
      mkdirSync(join(server.data, 'scripts'), { recursive: true });
      writeFileSync(join(server.data, 'scripts', 'vault.lua'), vault());
      // Rules and filters of others look at all that is asked for.
      writeFileSync(join(server.data, 'scripts', 'watcher.lua'), `local foyer = require("foyer")
foyer.rule("plugin.update", function(ctx)
  foyer.log.info("asked for " .. foyer.json.encode((ctx.input or {}).settings or {}))
  if ctx.input and ctx.input.settings and ctx.input.settings.base == "forbidden" then return foyer.deny("no", "No.") end
end)
foyer.filter("plugin.update", function(ctx, change) foyer.log.info("filter " .. foyer.json.encode(change.settings or {})) end)
foyer.on("plugin.updated", function(event) foyer.log.info("event " .. foyer.json.encode(event.data.secrets or {})) end)
`);
      Object.assign(server.env, { FOYER_OUTGOING_ALLOW: '127.0.0.1', FOYER_ACCESS_LOG: 'yes' });
      await server.start();
      const call = api(server);
      const set = (settings) => call('PATCH', '/v1/plugins/vault.lua', { settings });

      let answer = await set({ base: `http://${crm.at}`, token: second });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(Object.keys(answer.body.settings), ['base']);
      assert.equal(answer.body.secrets.token.isSet, true);
      assert.equal(answer.body.secrets.token.problem, null);
      assert.equal(answer.body.secrets.token.actorType, 'apiKey');
      assert.ok(answer.body.secrets.token.setAt);
      assert.deepEqual(answer.body.secrets.other, { isSet: false });
      assert.equal(answer.body.declarations.token.type, 'secret');
      assert.equal(answer.body.declarations.token.default, null);
      // Written back as it was read, nothing of it changes.
      assert.deepEqual((await set(answer.body.settings)).body, answer.body);
      // What does not fit, is unknown or forbidden is told without it.
      for (const [bad, status] of [[{ token: 'canary-8f' }, 400], [{ tokn: canary }, 400], [{ token: [canary] }, 400],
        [{ token: canary.repeat(500) }, 400], [{ token: '' }, 400], [{ base: 'forbidden', token: canary }, 403], [{ base: 7, token: canary }, 400]]) {
        answer = await set(bad);
        assert.equal(answer.status, status, answer.text);
        must_not_have('a refusal', answer.text);
        assert.ok(!answer.text.includes('canary-8f'), answer.text);
      }
      // By a file and by standard input.
      const file = join(server.folder, 'token');
      writeFileSync(file, `${second}\n`);
      assert.match(await well(server, 'plugin', 'set', 'vault', 'token', '--value-file', file), /^vault\.lua is on, with \{.*\}; set: token\n$/);
      const child = spawn(program, ['plugin', 'set', 'vault', 'token', '--value-file', '-', '--data', server.data], { env: server.env });
      child.stdin.end(`${canary}\n`);
      assert.equal(await new Promise((resolve) => { child.on('exit', resolve); }), 0);
      const { code } = await server.command(['plugin', 'set', 'vault', 'token=x', 'base', '--value-file', file, '--data', server.data]);
      assert.equal(code, 2);
      await fails(server, /token: Must be a secret of 10 to 8192 characters\./, 'plugin', 'set', 'vault', 'token=canary-8f');
      assert.match(await well(server, 'plugin', 'show', 'vault'), /token {2}set \S+ by system\n {6}a secret of 10 to 8192 characters; The token of the CRM\./);

      answer = await call('POST', '/v1/clients', { givenName: 'Ann', familyName: 'Lee', email: 'ann.lee@example.com' });
      assert.equal(answer.status, 200, answer.text);
      await until('it was tried', () => /an event handler failed/.test(server.stderr));
      assert.match(server.stderr, /failed with secret token/);
      const [first] = crm.heard;
      assert.equal(first.headers.authorization, `Bearer ${canary}`);
      assert.equal(first.headers['x-basic'], `Basic ${Buffer.from(`foyer:${canary}`).toString('base64')}`);
      assert.deepEqual(JSON.parse(first.body), { key: canary, name: 'Jane' });
      assert.equal(crm.heard[1].headers.authorization, canary);
      assert.equal(elsewhere.heard.length, 1, 'what was to be kept went nowhere');
      assert.equal(elsewhere.heard[0].headers.authorization, undefined);
      assert.equal(elsewhere.heard[0].headers.accept, '*/*');
      assert.match(server.stderr, /kept false .*leads to 127\.0\.0\.1:\d+, and what was sent has a secret/);
      assert.match(server.stderr, /answered 201 [0-9a-f]{64} false/);
      assert.match(server.stderr, /secret token, secret token, userdata/);
      assert.match(server.stderr, /json: .*is a secret, which is written down nowhere/);
      assert.match(server.stderr, /log: .*must be a text, not a secret/);
      assert.match(server.stderr, /asked for .*\(secret\)/);

      // Going back puts no secret back, and takes none away; null in place of all neither.
      await well(server, 'plugin', 'set', 'vault', 'base=http://127.0.0.1:1');
      answer = await call('POST', '/v1/plugins/vault.lua/rollback');
      assert.equal(answer.body.secrets?.token.isSet, true, answer.text);
      answer = await call('PATCH', '/v1/plugins/vault.lua', { settings: null });
      assert.equal(answer.body.secrets?.token.isSet, true, answer.text);
      const versions = (await call('GET', '/v1/plugins/vault.lua/versions')).body.data;
      assert.ok(versions.length >= 3 && versions.every((one) => one.settings.token === undefined), JSON.stringify(versions));
      await look_everywhere(server, call);
      await well(server, 'backup', join(server.folder, 'copy.tar'));
      must_not_have('a backup', readFileSync(join(server.folder, 'copy.tar'), 'latin1'));
      answer = await set({ token: null });
      assert.deepEqual(answer.body.secrets.token, { isSet: false });
      await until('what happened is told', async () => /event \{\\"other\\":\{\\"isSet\\":false\},\\"token\\":\{\\"isSet\\":false/.test(server.stderr));
      must_not_have('the log', server.stderr);
      assert.equal(await server.stop(), 0);
      look_on_disk(server.data);
    } finally {
      crm.close();
      elsewhere.close();
    }
  },

  async a_secret_of_another_key_file_or_place_is_told_and_not_used(server) {
    await init(server);
    mkdirSync(join(server.data, 'scripts'), { recursive: true });
    const script = join(server.data, 'scripts', 'vault.lua');
    writeFileSync(script, vault());
    await well(server, 'plugin', 'set', 'vault', `token=${canary}`);
    const key = readFileSync(join(server.data, 'server.key'));
    writeFileSync(join(server.data, 'server.key'), Buffer.alloc(32, 7));
    await server.start();
    const call = api(server);
    const created = (email) => call('POST', '/v1/clients', { givenName: 'Ann', familyName: 'Lee', email });
    const problem = async () => (await call('GET', '/v1/plugins/vault.lua')).body.secrets.token.problem;
    assert.match(await problem(), /^It was sealed with another server\.key than the data folder has now: put that file back, or set the secret again\.$/);
    assert.match(await well(server, 'plugin', 'show', 'vault'), /sealed with another server\.key/);
    assert.match((await server.command(['doctor', '--data', server.data])).stdout, /secrets of plugins \(1\) were sealed with another server\.key/);
    await created('a@example.com');
    await until('it is told', () => /the secret token cannot be used: It was sealed with another server\.key/.test(server.stderr));
    assert.equal((await call('PATCH', '/v1/plugins/vault.lua', { settings: { token: second } })).body.secrets.token.problem, null);
    assert.equal(await server.stop(), 0);

    // Put back, the new one is of another key; then a row that was moved.
    writeFileSync(join(server.data, 'server.key'), key);
    assert.match((await json(server, 'plugin', 'show', 'vault')).secrets.token.problem, /another server\.key/);
    await well(server, 'plugin', 'set', 'vault', `token=${canary}`);
    assert.equal((await json(server, 'plugin', 'show', 'vault')).secrets.token.problem, null);
    assert.doesNotMatch((await server.command(['doctor', '--data', server.data])).stdout, /secrets/);
    execFileSync('sqlite3', [join(server.data, 'foyer.db'), `INSERT INTO plugin_secrets SELECT workspace, plugin, 'other', sealed, key_mark,
      actor_kind, actor_id, set_at FROM plugin_secrets WHERE name = 'token'`]);
    assert.match((await json(server, 'plugin', 'show', 'vault')).secrets.other.problem, /^What is stored does not open: it was altered, or put in another place\. Set it again\.$/);
    await well(server, 'plugin', 'set', 'vault', 'other');

    // What was a secret is a text now: it is not shown, and nothing goes on with less.
    writeFileSync(script, vault('foyer.log.info("told " .. ctx.settings.token)').replace('type = "secret", min = 10', 'type = "text", default = ""')
      .replace(/foyer\.secret\("token"\)/g, 'ctx.settings.token'));
    const shown = await json(server, 'plugin', 'show', 'vault');
    assert.equal(shown.settings.token, '');
    assert.match(shown.secrets.token.problem, /^It was set as a secret, and is none any more: it is not shown\./);
    await server.start();
    await created('b@example.com');
    await until('it is told', () => /settings\.token was set as a secret, and is none any more/.test(server.stderr));
    let answer = await call('PATCH', '/v1/plugins/vault.lua', { settings: { token: 'a plain text' } });
    assert.equal(answer.body.settings.token, 'a plain text');
    assert.equal(answer.body.secrets.token, undefined);

    // And back: what was a text is not shown any more, in no version, and is no secret that was set.
    copyFileSync(script, `${script}.txt`);
    writeFileSync(script, vault());
    await call('POST', '/v1/plugins/reload');
    answer = await call('GET', '/v1/plugins/vault.lua');
    assert.deepEqual(answer.body.secrets.token, { isSet: false });
    assert.ok(!answer.text.includes('a plain text'));
    assert.ok(!(await call('GET', '/v1/plugins/vault.lua/versions')).text.includes('a plain text'));
    assert.ok(!(await well(server, 'plugin', 'log')).includes('a plain text'));
    await call('PATCH', '/v1/plugins/vault.lua', { settings: { token: canary } });
    assert.equal(execFileSync('sqlite3', ['-readonly', join(server.data, 'foyer.db'),
      `SELECT count(*) FROM plugin_setting_revisions WHERE settings LIKE '%plain text%'`]).toString(), '0\n');
    await look_everywhere(server, call);
    assert.equal(await server.stop(), 0);
    look_on_disk(server.data);
  },

  async a_secret_goes_to_declared_hosts_alone_and_has_no_default(server) {
    await init(server);
    const file = join(server.folder, 'loose.lua');
    writeFileSync(file, `local foyer = require("foyer")
foyer.settings { token = { type = "secret", default = "x" } }
`);
    await fails(server, /setting token: a secret has no default: whoever reads the plugin would know it/, 'script', 'check', file).catch(async (error) => {
      const { stdout, stderr } = await server.command(['script', 'check', file, '--data', server.data]);
      assert.match(stdout + stderr, /setting token: a secret has no default/, error.message);
    });
    writeFileSync(file, `local foyer = require("foyer")
foyer.settings { token = { type = "secret" } }
foyer.job("send", { every = "1h" }, function()
  foyer.http.fetch("https://example.com/", { headers = { Authorization = foyer.secret("token") } })
end)
`);
    writeFileSync(join(server.folder, 'loose_test.lua'), `local test = require("test")
test("it is refused", function(t)
  local done = t.handle("send", {})
  assert(done.error:find("secrets go only to hosts that are declared", 1, true), done.error)
end)
`);
    assert.match(await well(server, 'script', 'test', file), /^1 test passed/m);
    writeFileSync(file, readFileSync(file, 'utf8').replace('foyer.settings', 'foyer.plugin { capabilities = { "http" }, hosts = { "example.com" } }\nfoyer.settings'));
    writeFileSync(join(server.folder, 'loose_test.lua'), `local test = require("test")
test("tests have a stand-in, or what they say", function(t)
  local done = t.handle("send", {})
  t.equal(done.error, nil)
  t.equal(done.calls[1].headers.Authorization, "secret token")
  t.equal(t.handle("send", { settings = { loose = { token = "abc" } } }).calls[1].headers.Authorization, "abc")
end)
`);
    assert.match(await well(server, 'script', 'test', file), /^1 test passed/m);
  },

  async a_route_checks_a_signature_by_a_secret_and_never_answers_with_it(server) {
    await init(server);
    mkdirSync(join(server.data, 'scripts'), { recursive: true });
    writeFileSync(join(server.data, 'scripts', 'shop.lua'), `local foyer = require("foyer")
foyer.settings { key = { type = "secret" } }
foyer.route("POST", "/hook", { open = "the shop signs what it sends" }, function(_, request)
  local key = foyer.secret("key")
  local signature = request.headers["x-signature"] or ""
  if not key or not foyer.crypto.equal(foyer.crypto.hmac(key, request.text), signature) then return foyer.reply(401, { error = "who?" }) end
  return foyer.reply(200, { seen = foyer.cache.add("seen") })
end)
foyer.route("GET", "/body", { open = "a test" }, function() return foyer.reply(200, { key = foyer.secret("key") }) end)
foyer.route("GET", "/alone", { open = "a test" }, function() return foyer.secret("key") end)
foyer.route("GET", "/header", { open = "a test" }, function() return foyer.reply(200, {}, { ["x-key"] = foyer.secret("key") }) end)
foyer.route("GET", "/text", { open = "a test" }, function() return foyer.reply(200, tostring(foyer.secret("key"))) end)
`);
    await server.start();
    const send = async (text, key) => {
      const answer = await fetch(`${server.base}/p/shop/hook`, { method: 'POST', body: text,
        headers: { 'content-type': 'application/json', 'x-signature': createHmac('sha256', key).update(text).digest('hex') } });
      return [answer.status, await answer.json()];
    };
    assert.equal((await send('{"a":1}', canary))[0], 401); // none is set
    await well(server, 'plugin', 'set', 'shop', `key=${canary}`);
    assert.deepEqual(await send('{"a":1}', canary), [200, { seen: 1 }]);
    assert.deepEqual(await send('{"a":1}', canary), [200, { seen: 2 }]);
    assert.equal((await send('{"a":1}', second))[0], 401);
    for (const [path, status] of [['body', 500], ['alone', 500], ['header', 500], ['text', 200]]) {
      const answer = await fetch(`${server.base}/p/shop/${path}`);
      const text = await answer.text();
      assert.equal(answer.status, status, `${path}: ${text}`);
      must_not_have(path, text + JSON.stringify([...answer.headers]));
    }
    assert.equal(await server.stop(), 0);
    must_not_have('the log', server.stderr);
    look_on_disk(server.data);
  },
};
