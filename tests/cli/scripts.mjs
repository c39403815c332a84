// Scripts: checked against what was decided, put back, and asked about, beside a server and without one.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { fails, foyer, init, json, status, until, well } from './lib.mjs';

const deny = (action, code) => `local foyer = require("foyer")\nfoyer.rule("${action}", function() return foyer.deny("${code}") end)\n`;

async function put(server, source) {
  const answer = await fetch(`${server.base}/v1/scripts/mine.lua`, { method: 'PUT',
    headers: { 'x-api-key': server.key, 'content-type': 'application/json' }, body: JSON.stringify({ source }) });
  assert.equal(answer.status, 200, await answer.text());
}

export const scripts = {
  async going_back_needs_no_server_and_no_rule(server) {
    await init(server);
    await server.start();
    await put(server, '-- Nothing.\n');
    await put(server, 'local foyer = require("foyer")\nfoyer.rule("client.list", function() error("oh") end)\n');
    assert.equal(await status(server, server.key), 503);
    assert.equal(await server.stop(), 0);
    const path = join(server.data, 'scripts', 'mine.lua');
    const log = await json(server, 'script', 'log', 'mine');
    assert.deepEqual(log.map(({ state }) => state), ['live', 'replaced']);
    assert.match(await well(server, 'script', 'rollback', 'mine'), /version 1 of mine\.lua is in force/);
    assert.equal(readFileSync(path, 'utf8'), '-- Nothing.\n');
    assert.match(await well(server, 'script', 'log', 'mine'), /system .*\(back to 1\)/);
    assert.equal(await well(server, 'script', 'show', 'mine', '1'), '-- Nothing.\n');
    await server.start();
    assert.equal(await status(server, server.key), 200);
    assert.deepEqual(await json(server, 'plugin', 'rollback'), { object: 'rollback', name: 'mine.lua', version: 0 });
    assert.ok(!existsSync(path));
    await fails(server, /nothing to go back to/, 'plugin', 'rollback');
    await fails(server, /no such script or version/, 'script', 'rollback', 'mine', '77');
    await fails(server, /no such script or version/, 'script', 'show', 'mine', '77');
    await fails(server, /is no version/, 'script', 'rollback', 'mine', 'first');
  },

  async the_test_in_the_manual_passes(server) {
    const manual = readFileSync('scripts/README.md', 'utf8');
    const texts = [...manual.matchAll(/```lua\n-- DATA\/scripts\/(late_welcome\w*\.lua)\n(.*?)```/gs)];
    assert.equal(texts.length, 2);
    await init(server);
    for (const [, name, text] of texts) writeFileSync(join(server.folder, name), text);
    assert.match(await well(server, 'script', 'test', join(server.folder, 'late_welcome.lua')), /^2 tests passed/m);
  },

  async scripts_of_examples_pass_their_tests_and_are_obeyed(server) {
    const examples = readdirSync('examples').filter((name) => name.startsWith('script-'));
    assert.ok(examples.length >= 2);
    await init(server);
    mkdirSync(join(server.data, 'scripts'), { recursive: true });
    for (const example of examples) {
      const scripts = readdirSync(join('examples', example)).filter((name) => name.endsWith('.lua'));
      for (const name of scripts) copyFileSync(join('examples', example, name), join(server.data, 'scripts', name));
      const [script] = scripts.filter((name) => scripts.includes(name.replace(/\.lua$/, '_test.lua')));
      assert.ok(script, `${example} has no test`);
      assert.match(await well(server, 'script', 'test', join(server.data, 'scripts', script)), /^\d+ tests passed/m);
      assert.ok(readFileSync(join('examples', example, 'README.md'), 'utf8').includes(`examples/${example}/`));
    }
    await server.start();
    const create = (path, body) => fetch(server.base + path, { method: 'POST',
      headers: { 'x-api-key': server.key, 'content-type': 'application/json' }, body: JSON.stringify(body) });
    const refused = await create('/v1/clients', { givenName: 'Jane', familyName: 'Doe', email: 'jane@gmail.com' });
    assert.equal(refused.status, 422);
    assert.equal((await refused.json()).code, 'domain_refused');
    const company = await (await create('/v1/companies', { name: 'Rockets' })).json();
    const memberIds = [];
    for (let i = 0; i < 13; i++) {
      const client = await (await create('/v1/clients', { givenName: 'Jane', familyName: `The ${i}.`,
        email: `jane${i}@example.com`, companyId: company.id })).json();
      memberIds.push(client.id);
    }
    const many = await create('/v1/message-channels', { membershipType: 'group', memberIds });
    assert.equal((await many.json()).code, 'group_too_large');
    assert.equal((await create('/v1/message-channels', { membershipType: 'group', memberIds: memberIds.slice(1) })).status, 200);
  },

  async the_example_tells_a_chat_who_has_accepted(server) {
    const heard = [];
    const chat = http.createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => { body += chunk; });
      request.on('end', () => {
        heard.push({ url: request.url, type: request.headers['content-type'], ...JSON.parse(body) });
        response.writeHead(heard.length < 3 ? 500 : 200).end('no room in the channel');
      });
    });
    await new Promise((resolve) => { chat.listen(0, '127.0.0.1', resolve); });
    const at = `127.0.0.1:${chat.address().port}`;
    try {
      await init(server);
      mkdirSync(join(server.data, 'scripts'), { recursive: true });
      copyFileSync('examples/script-chat-notifier/chat_notifier.lua', join(server.data, 'scripts', 'chat_notifier.lua'));
      Object.assign(server.env, { FOYER_OUTGOING_ALLOW: at });
      await server.start();
      await well(server, 'plugin', 'set', 'chat_notifier', `hook=http://${at}/hook?key=secret`);
      const call = async (method, path, body, key = server.key) => {
        const answer = await fetch(server.base + path, { method, body: body && JSON.stringify(body),
          headers: { ...(key ? { 'x-api-key': key } : {}), ...(body ? { 'content-type': 'application/json' } : {}) } });
        const text = await answer.text();
        assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${text}`);
        return JSON.parse(text);
      };
      const ann = await call('POST', '/v1/clients?sendInvite=true',
        { givenName: 'Ann <!channel>', familyName: 'Lee', email: 'ann.lee@example.com' });
      const [invite] = (await call('GET', `/v1/invites?clientId=${ann.id}`)).data;
      const { url } = await call('GET', `/v1/invites/${invite.id}/link`);
      await call('POST', '/v1/invites/accept', { token: url.split('/').pop(), password: 'a ladder of wet moss' }, null);
      let delivery;
      const tries = (count, state) => until(`try ${count}`, async () => {
        [delivery] = (await call('GET', '/v1/deliveries?handler=chat')).data;
        return delivery?.attempts === count && delivery.status === state;
      });
      await tries(1, 'failed');
      assert.equal(delivery.error, 'the chat says 500: no room in the channel');
      server.moveClock(2 * 60);
      await tries(2, 'failed');
      server.moveClock(6 * 60);
      await tries(2, 'done');
      assert.equal(heard.length, 3);
      assert.equal(heard[2].url, '/hook?key=secret');
      assert.equal(heard[2].type, 'application/json');
      assert.match(heard[2].text, /^Ann &lt;!channel&gt; Lee \(ann\.lee@\u200bexample\.com\) has accepted the invitation of \S/);
      assert.match(server.stderr, new RegExp(`msg=fetched request=\\S+ plugin=chat_notifier\\.lua method=POST host=${at} status=200 bytes=22 ms=`));
      assert.doesNotMatch(server.stderr, /secret|wet moss/);
      assert.equal(await server.stop(), 0);
    } finally {
      chat.closeAllConnections();
      chat.close();
    }
  },

  async what_a_script_would_change_is_told_without_a_server(server) {
    await init(server);
    const file = join(server.folder, 'mine.lua');
    writeFileSync(file, deny('client.list', 'shut'));
    assert.match(await well(server, 'script', 'check', file), /no decisions are recorded yet/);
    await server.start(['--loops', '1']);
    assert.equal(await status(server, server.key), 200); // the first that is allowed is recorded
    assert.equal(await server.stop(), 0);
    const { good, check } = await json(server, 'script', 'check', file);
    assert.equal(good, true);
    assert.equal(check.replay.newlyDenied, 1);
    assert.equal(check.replay.examples[0].after.code, 'shut');
    assert.equal(check.replay.examples[0].after.rule, 'mine.lua:2');
    assert.match(await well(server, 'script', 'check', file), /newly denied: client\.list by init/);
    assert.ok(!existsSync(join(server.data, 'scripts', 'mine.lua')));
    await fails(server, /no such workspace/, 'script', 'check', file, '--workspace', '01900000-0000-7000-8000-000000000000');
    writeFileSync(file, 'no Lua\n');
    const { code, stdout } = await foyer(server, 'script', 'check', file);
    assert.equal(code, 1);
    assert.match(stdout, /mine\.lua:1: /);
  },

  async who_may_is_told_without_a_server(server) {
    await init(server);
    mkdirSync(join(server.data, 'scripts'), { recursive: true });
    writeFileSync(join(server.data, 'scripts', 'mine.lua'), deny('client.delete', 'never'));
    assert.equal((await json(server, 'who-can', 'client.delete')).data.length, 0);
    assert.match(await well(server, 'who-can', 'client.create'), /^client\.create: \d+ of \d+ roles, 1 of 1 staff/);
    await fails(server, /asks for the action/, 'who-can', 'client.fly');
  },
};
