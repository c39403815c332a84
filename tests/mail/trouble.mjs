// Trouble: connections that break, servers that stall, and servers that are away.
import assert from 'node:assert/strict';
import { begin, delivery, invite, statusOf, tries } from './lib.mjs';
import { ok } from './peer.mjs';

const minute = 60;

// The mail is deferred with such a text, and sent once its time has come: the same one.
async function comesThrough(server, one, stage, text) {
  const ann = await invite(server);
  const put = await delivery(server, ann, 'deferred');
  assert.equal(put.deliveryCode, 0);
  assert.match(put.deliveryText, text, stage);
  assert.equal(await statusOf(server, ann), 'invited');
  server.moveClock(2 * minute);
  await delivery(server, ann, 'sent');
  assert.equal(one.takenFor(ann.email).length, 1);
  for (const again of one.heardFor(ann.email)) assert.ok(again.bytes.equals(one.takenFor(ann.email)[0].bytes));
}

export const trouble = {
  async a_connection_that_breaks_at_any_word_loses_nothing(server, peer) {
    const one = peer();
    await begin(server, one);
    const stages = {
      connect: /no connection to the mail server/,
      mail: /before it answered to MAIL FROM/,
      rcpt: /before it answered to RCPT TO/,
      data: /before it answered to DATA/,
      end: /before it answered to the mail/,
    };
    for (const how of ['drop', 'reset']) {
      for (const [stage, text] of Object.entries(stages)) {
        one.hangUp();
        one.next(stage, how);
        await comesThrough(server, one, stage, text);
      }
    }
  },

  async a_server_that_stalls_at_any_word_loses_nothing(server, peer) {
    const one = peer();
    server.env.FOYER_TEST_SMTP_SECONDS = '1';
    await begin(server, one);
    const stages = {
      connect: /no connection to the mail server/,
      mail: /in time to MAIL FROM/,
      rcpt: /in time to RCPT TO/,
      data: /in time to (DATA|the mail)/,
      end: /in time to the mail/,
    };
    for (const [stage, text] of Object.entries(stages)) {
      one.hangUp();
      one.next(stage, 'stall');
      await comesThrough(server, one, stage, text);
    }
  },

  async a_stalled_mail_holds_up_no_other(server, peer) {
    const one = peer();
    let go;
    await begin(server, one);
    one.always('end', ({ mail }) => (/slow/.test(mail.to) ? new Promise((resolve) => { go = () => resolve(ok); }) : ok));
    const slow = await invite(server, { email: 'slow@client.example' });
    const others = await Promise.all(Array.from({ length: 20 }, () => invite(server)));
    for (const other of others) await delivery(server, other, 'sent');
    assert.equal((await delivery(server, slow, 'queued')).deliveryCode, 0);
    go();
    await delivery(server, slow, 'sent');
  },

  async a_server_that_is_away_gets_all_when_it_is_back(server, peer) {
    const one = peer();
    await begin(server, one);
    await one.close();
    const people = await Promise.all(Array.from({ length: 12 }, () => invite(server)));
    for (const person of people) {
      const put = await delivery(server, person, 'deferred');
      assert.equal(put.deliveryCode, 0);
      assert.match(put.deliveryText, /no connection to the mail server: .*127\.0\.0\.1/);
    }
    await server.restart();
    await one.listen();
    server.moveClock(2 * minute);
    for (const person of people) await delivery(server, person, 'sent');
    assert.equal(new Set(one.taken.map(({ id }) => id)).size, people.length);
    assert.equal(one.taken.length, people.length);
  },

  async a_kept_connection_that_went_away_costs_no_try(server, peer) {
    const one = peer();
    await begin(server, one);
    await delivery(server, await invite(server), 'sent');
    const kept = one.sessions.length;
    await delivery(server, await invite(server), 'sent');
    assert.equal(one.sessions.length, kept); // the same one
    one.next('mail', [421, 'enough for one connection']);
    await delivery(server, await invite(server), 'sent');
    one.hangUp();
    await delivery(server, await invite(server), 'sent');
    assert.equal(await tries(server), 4);
    assert.equal(one.taken.length, 4);
  },

  async a_server_with_room_for_few_connections_gets_all_by_these(server, peer) {
    const one = peer();
    const inside = new Set();
    let refusals = 0;
    one.always('connect', ({ session }) => {
      const open = [...one.server.connections].map(({ id }) => id);
      for (const id of inside) if (!open.includes(id)) inside.delete(id);
      if (inside.size < 2) { inside.add(session.id); return ok; }
      refusals += 1;
      return [421, '4.7.0 too many connections'];
    });
    await begin(server, one);
    const people = await Promise.all(Array.from({ length: 40 }, () => invite(server)));
    for (const person of people) await delivery(server, person, 'sent');
    assert.equal(one.taken.length, people.length);
    assert.equal(await tries(server), people.length); // none was put off
    assert.ok(refusals > 0 && refusals < 20, String(refusals));
  },
};
