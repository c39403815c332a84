// Sent: what comes to an endpoint, signed, in order, and once it is tried out, paused, resumed, deleted.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { ask, pause, until } from '../exec/lib.mjs';
import { begin, call, client, count, hook, list, receiver, rename, state } from './lib.mjs';

const copilot = (secret, text) => createHmac('sha256', secret).update(text).digest('hex');

export const sent = {
  async what_happens_is_told_with_signatures_that_others_verify(server, receivers) {
    const one = await receiver(receivers);
    await begin(server, receivers);
    const endpoint = await hook(server, one, ['client.created', 'client.updated']);
    const made = await client(server);
    await count(one, 1);
    const [first] = one.took;
    const webhook = new Webhook(endpoint.secret);
    assert.deepEqual(webhook.verify(first.text, first.headers), first.body);
    assert.throws(() => webhook.verify(first.text.replace('Ann', 'Eve'), first.headers));
    assert.throws(() => new Webhook('whsec_AAAA').verify(first.text, first.headers));
    assert.equal(first.headers['x-copilot-signature'], copilot(endpoint.secret, first.text));
    assert.equal(first.headers['content-type'], 'application/json');
    assert.match(first.headers['user-agent'], /^Foyer\//);
    assert.equal(first.body.eventType, 'client.created');
    assert.equal(first.body.object, 'webhookEvent');
    assert.ok(Date.parse(first.body.created));
    // as GET shows it, with what has no value, and without what opens doors
    const shown = await call(server, 'GET', `/v1/clients/${made.id}`);
    assert.deepEqual(first.body.data, { ...shown, inviteUrl: null });
    assert.equal(first.body.previousData, undefined);
    await rename(server, made.id, 'Anna');
    await count(one, 2);
    assert.equal(one.took[1].body.data.givenName, 'Anna');
    assert.equal(one.took[1].body.previousData.givenName, 'Ann');
    assert.notEqual(one.took[1].headers['webhook-id'], first.headers['webhook-id']);
    // what becomes of it stands in the log
    await until('both are done', async () => (await list(server, endpoint, 'attempts', 'ok=true')).length === 2);
    const [attempt] = await list(server, endpoint, 'attempts');
    assert.equal(attempt.statusCode, 204);
    assert.equal(attempt.error, null);
    assert.equal(attempt.event, 'client.updated');
    assert.equal(attempt.deliveryStatus, 'done');
    assert.equal(attempt.deliveryId, one.took[1].headers['webhook-id']);
    assert.ok((await call(server, 'GET', `/v1/webhook-endpoints/${endpoint.id}`)).lastSuccessAt);
    assert.doesNotMatch(server.stderr, /whsec_/);
  },

  async while_a_secret_is_replaced_both_verify(server, receivers) {
    const one = await receiver(receivers);
    await begin(server, receivers);
    const endpoint = await hook(server, one);
    const { secret } = await call(server, 'POST', `/v1/webhook-endpoints/${endpoint.id}/rotate-secret`);
    assert.notEqual(secret, endpoint.secret);
    await client(server);
    await count(one, 1);
    const [message] = one.took;
    for (const each of [secret, endpoint.secret]) new Webhook(each).verify(message.text, message.headers);
    assert.equal(message.headers['x-copilot-signature'], copilot(secret, message.text));
  },

  async an_event_that_no_endpoint_wants_leaves_no_row(server, receivers) {
    const one = await receiver(receivers);
    await begin(server, receivers);
    await client(server);
    const endpoint = await hook(server, one, ['company.deleted', 'client.updated']);
    const made = await client(server);
    await rename(server, made.id, 'Anna');
    await count(one, 1);
    await state(server, endpoint, 'done');
    const { data } = await call(server, 'GET', '/v1/deliveries');
    assert.deepEqual(data.map(({ event, handler }) => [event, handler]), [['client.updated', `endpoint:${endpoint.id}`]]);
    assert.deepEqual(one.took.map(({ body }) => body.eventType), ['client.updated']);
  },

  async what_happens_to_one_thing_comes_in_its_order(server, receivers) {
    let failures = 3;
    const one = await receiver(receivers, (message, response) => {
      setTimeout(() => response.writeHead(message.body.data.givenName === 'N1' && failures-- > 0 ? 500 : 200).end(), Math.random() * 20);
    });
    await begin(server, receivers);
    await hook(server, one, ['client.updated']);
    const people = await Promise.all(Array.from({ length: 4 }, () => client(server)));
    for (let n = 0; n < 6; n += 1) await Promise.all(people.map(({ id }) => rename(server, id, `N${n}`)));
    for (let n = 0; n < 3; n += 1) {
      await pause(300);
      server.moveClock(1800); // those that failed are tried again
    }
    const good = () => one.took.filter(({ body }, at) => !one.took.slice(at + 1).some((later) => later.text === one.took[at].text) && body);
    await until('all have come', () => good().length === 24);
    for (const { id } of people) {
      assert.deepEqual(good().filter(({ body }) => body.data.id === id).map(({ body }) => body.data.givenName),
        ['N0', 'N1', 'N2', 'N3', 'N4', 'N5']);
    }
  },

  async an_endpoint_is_tried_out_also_while_it_is_paused(server, receivers) {
    const one = await receiver(receivers);
    const two = await receiver(receivers);
    await begin(server, receivers);
    const endpoint = await hook(server, one, ['client.deleted']);
    await hook(server, two, ['*']);
    await call(server, 'POST', `/v1/webhook-endpoints/${endpoint.id}/pause`);
    const delivery = await call(server, 'POST', `/v1/webhook-endpoints/${endpoint.id}/test`);
    assert.equal(delivery.event, 'webhook.test');
    await count(one, 1);
    assert.equal(one.took[0].body.eventType, 'webhook.test');
    assert.equal(one.took[0].headers['webhook-id'], delivery.id);
    await until('it is done', async () => (await call(server, 'GET', `/v1/deliveries/${delivery.id}`)).status === 'done');
    // one that fails is not tried again, and counts for nothing
    one.serve = (_, response) => response.writeHead(404).end('nobody');
    const again = await call(server, 'POST', `/v1/webhook-endpoints/${endpoint.id}/test`);
    await until('it is dead', async () => (await call(server, 'GET', `/v1/deliveries/${again.id}`)).status === 'dead');
    const [attempt] = await list(server, endpoint, 'attempts', `deliveryId=${again.id}`);
    assert.equal(attempt.statusCode, 404);
    assert.equal(attempt.answer, 'nobody');
    assert.equal((await call(server, 'GET', `/v1/webhook-endpoints/${endpoint.id}`)).failures, 0);
    assert.ok(two.took.every(({ body }) => body.eventType !== 'webhook.test'));
  },

  async what_happens_while_it_is_paused_waits(server, receivers) {
    const one = await receiver(receivers);
    await begin(server, receivers);
    const endpoint = await hook(server, one, ['client.created']);
    await call(server, 'POST', `/v1/webhook-endpoints/${endpoint.id}/pause`, { reason: 'It moves.' });
    const made = [await client(server), await client(server)];
    await until('both wait', async () => (await list(server, endpoint, 'deliveries')).length === 2);
    assert.ok((await list(server, endpoint, 'deliveries')).every(({ isPaused }) => isPaused));
    assert.equal(one.took.length, 0);
    await server.restart(['--loops', '1']);
    await call(server, 'POST', `/v1/webhook-endpoints/${endpoint.id}/resume`);
    await count(one, 2);
    assert.deepEqual(one.took.map(({ body }) => body.data.id).sort(), made.map(({ id }) => id).sort());
  },

  async what_waits_for_a_deleted_endpoint_goes_with_it(server, receivers) {
    const one = await receiver(receivers);
    const two = await receiver(receivers);
    await begin(server, receivers);
    const endpoint = await hook(server, one);
    await hook(server, two);
    await call(server, 'POST', `/v1/webhook-endpoints/${endpoint.id}/pause`);
    await client(server);
    await count(two, 1);
    await call(server, 'DELETE', `/v1/webhook-endpoints/${endpoint.id}`);
    const { data } = await call(server, 'GET', `/v1/deliveries?handler=endpoint:${endpoint.id}`);
    assert.deepEqual(data, []);
    await client(server);
    await count(two, 2);
    assert.equal(one.took.length, 0);
  },

  async what_an_app_tells_reaches_endpoints_and_scripts(server, receivers) {
    const one = await receiver(receivers);
    await server.init('Hooks', 'owner@example.com');
    mkdirSync(join(server.data, 'scripts'), { recursive: true });
    writeFileSync(join(server.data, 'scripts', 'books.lua'), `local foyer = require("foyer")
foyer.on("invoice.paid", function(event) error("paid " .. event.data.amount .. " for " .. event.entityId) end)\n`);
    server.env.FOYER_OUTGOING_ALLOW = one.at;
    await server.start(['--loops', '1']);
    await hook(server, one, ['invoice.*']);
    const key = '01900000-0000-7000-8000-000000000007';
    const told = await call(server, 'POST', `/v1/webhooks/invoice.paid?key=${key}`, { amount: 100, lines: [null, 1.5, {}] });
    assert.equal(told.eventType, 'invoice.paid');
    await count(one, 1);
    assert.equal(one.took[0].body.eventType, 'invoice.paid');
    assert.deepEqual(one.took[0].body.data, { amount: 100, lines: [null, 1.5, {}] });
    await until('the script has it', async () => {
      const [delivery] = (await call(server, 'GET', '/v1/deliveries?plugin=books.lua')).data;
      return delivery?.error?.endsWith(`paid 100 for ${key}`);
    });
    for (const [name, status] of [['client.created', 422], ['job.due', 422], ['webhook.due', 422], ['books.paid', 422], ['a%20b', 400]]) {
      assert.equal((await ask(server, 'POST', `/v1/webhooks/${name}`, { body: '{}' })).status, status, name);
    }
    assert.equal((await ask(server, 'POST', '/v1/webhooks/invoice.paid', { body: JSON.stringify({ a: 'a'.repeat(70000) }) })).status, 413);
  },

  async where_the_plugin_is_off_nothing_is_sent(server, receivers) {
    const one = await receiver(receivers);
    await begin(server, receivers);
    const endpoint = await hook(server, one);
    await call(server, 'PATCH', '/v1/plugins/webhooks', { enabled: false });
    await client(server);
    await call(server, 'PATCH', '/v1/plugins/webhooks', { enabled: true });
    const made = await client(server);
    await count(one, 1);
    assert.equal(one.took[0].body.data.id, made.id);
    assert.equal((await list(server, endpoint, 'deliveries')).length, 1);
  },
};
