// Handlers: event handlers of C, what they change, and that it is done once.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask, create, until } from '../exec/lib.mjs';
import { hello, hostile, pin, pinOf, put, reload } from './lib.mjs';

const json = ({ text }) => JSON.parse(text);
const get = async (server, path) => json(await ask(server, 'GET', path));

async function begin(server, id, library, ...pins) {
  put(server, id, library);
  pin(server, pinOf(id, library), ...pins);
  await server.start();
}

let number = 0;
async function make(server, givenName) {
  number += 1;
  const body = JSON.stringify({ givenName, familyName: 'Lee', email: `e${number}@example.com` });
  const made = await ask(server, 'POST', '/v1/clients', { body });
  assert.equal(made.status, 200, made.text);
  return json(made).id;
}

// The delivery of a client's creation, when it has come so far.
async function delivery(server, id, status) {
  let found;
  await until(`the delivery for ${id} is ${status}`, async () => {
    [found] = (await get(server, `/v1/deliveries?entityId=${id}&event=client.created`)).data;
    return found?.status === status;
  }, 30);
  return found;
}

const companies = async (server) => (await get(server, '/v1/companies?limit=1000')).data.map(({ name }) => name).filter((name) => name.startsWith('For '));

export const handlers = {
  async a_handler_of_c_changes_and_tells(server) {
    await begin(server, 'hello', hello());
    writeFileSync(join(server.data, 'scripts/hears.lua'), `local foyer = require("foyer")
foyer.on("hello.welcomed", { name = "hears" }, function(event) foyer.log.info("heard of " .. event.entityId) end)
`);
    assert.equal(await reload(server), '');
    const id = await make(server, 'Ann');
    const done = await delivery(server, id, 'done');
    assert.deepEqual([done.plugin, done.handler, done.attempts], ['hello', 'welcome', 0]);
    assert.deepEqual((await get(server, `/v1/clients/${id}`)).tags, ['work', 'welcomed']);
    await until('a script hears of it', () => server.stderr.includes(`heard of ${id}`));
    const audit = (await get(server, '/v1/audit')).data.find(({ action }) => action === 'client.update');
    assert.equal(audit?.actorType, 'plugin', JSON.stringify(audit));
    const { stdout } = await server.command(['plugin', 'hooks', 'client.created', '--data', server.data]);
    assert.match(stdout, /hello\/hello\.c:\d+/);
  },

  async what_a_handler_of_c_gets_wrong_is_told_and_changes_nothing(server) {
    await begin(server, 'hostile', hostile('GOOD'));
    const reasons = {
      'event-late': /it took .*, and has \d+: its answer came too late/,
      'event-polls': /it took .* too late/,
      'event-mute': /it failed, and does not say why/,
      'event-allows': /allow is not there in an event handler/,
      'event-api': /api is not there in an event handler/,
      'event-tells': /tell is not there in an event handler/,
      'event-target': /target is not there in an event handler/,
      'event-slip': /run: there is no transaction "acct": did you mean "act"\?/,
      'event-null': /run: name must not be NULL/,
      'event-round': /run: args: it nests deeper than 32/,
      'event-twice': /run: there is a transaction already/,
      'act-late': /act: it took .* too late/,
      'act-fails': /^act: there is no act$/,
      'act-runs': /act: run is not there in a transaction/,
      'act-rows': /act: actor is not there in a transaction/,
      'act-steals': /act: tell: an event of this plugin begins with "hostile\."/,
      'act-key': /act: tell: key must be an id/,
      'act-data': /act: tell: data must be an object/,
      'act-floods': /act: tell: more than 20 events in one call/,
    };
    for (const [name, reason] of Object.entries(reasons)) {
      const { error, attempts, errorAt } = await delivery(server, await make(server, name), 'failed');
      assert.match(error, reason, name);
      assert.equal(attempts, 1);
      assert.match(errorAt, /^hostile/);
    }
    await delivery(server, await make(server, 'event-only'), 'done');
    assert.deepEqual(await companies(server), []);
    assert.equal((await create(server)).status, 200);
  },

  async what_failed_is_done_by_the_next_build_while_it_waits(server) {
    const fails = hello((text) => text.replace('foyer->get(call, FOYER_ARGS,', 'return foyer->fail(call, "not yet");\n    foyer->get(call, FOYER_ARGS,'));
    const good = hello();
    await begin(server, 'hello', fails, pinOf('hello', good));
    const id = await make(server, 'Ann');
    const { error, errorAt } = await delivery(server, id, 'failed');
    assert.equal(error, 'welcome: not yet');
    assert.match(errorAt, /^hello\/hello\.c:\d+$/);
    assert.deepEqual((await get(server, `/v1/clients/${id}`)).tags, ['work']);
    put(server, 'hello', good);
    assert.equal(await reload(server), '');
    server.moveClock(120);
    await delivery(server, id, 'done');
    assert.deepEqual((await get(server, `/v1/clients/${id}`)).tags, ['work', 'welcomed']);
  },

  async what_waits_for_a_plugin_that_is_off_goes_on_when_it_is_on(server) {
    await begin(server, 'hostile', hostile('GOOD'));
    const choose = (enabled) => ask(server, 'PATCH', '/v1/plugins/hostile', { body: JSON.stringify({ enabled }) });
    const id = await make(server, 'act-fails');
    await delivery(server, id, 'failed');
    assert.equal((await choose(false)).status, 200);
    server.moveClock(120);
    await until('it is paused', async () => (await delivery(server, id, 'failed')).isPaused);
    assert.equal((await choose(true)).status, 200);
    await until('it is tried again', async () => (await delivery(server, id, 'failed')).attempts === 2);
  },

  async what_a_handler_of_c_does_is_done_once_however_the_server_ends(server) {
    await begin(server, 'hostile', hostile('GOOD'));
    const ids = [];
    for (let round = 0; round < 5; round += 1) {
      for (const made of await Promise.all(Array.from({ length: 10 }, () => make(server, 'Ann')))) ids.push(made);
      const over = new Promise((resolve) => { server.process.on('exit', resolve); });
      server.process.kill('SIGKILL');
      await over;
      await server.start();
    }
    for (const id of ids) await delivery(server, id, 'done');
    assert.deepEqual((await companies(server)).sort(), ids.map((id) => `For ${id}`).sort());
  },

  async replaying_one_that_is_done_does_it_anew(server) {
    await begin(server, 'hello', hello());
    const id = await make(server, 'Ann');
    const done = await delivery(server, id, 'done');
    const change = { body: JSON.stringify({ tags: [] }) };
    assert.equal((await ask(server, 'PATCH', `/v1/clients/${id}`, change)).status, 200);
    assert.equal((await ask(server, 'POST', `/v1/deliveries/${done.id}/replay`)).status, 200);
    await until('it is done again', async () => (await get(server, `/v1/clients/${id}`)).tags.includes('welcomed'));
  },
};
