// Answers: what a mail server says, what becomes of the mail, and what those who invite are told.
import assert from 'node:assert/strict';
import { api, begin, delivery, invite, inviteOf, pause, statusOf, tries, until } from './lib.mjs';
import { ok } from './peer.mjs';

const minute = 60;
const hour = 3600;

export const answers = {
  async a_mail_that_is_taken_is_sent_and_keeps_the_answer(server, peer) {
    const one = peer();
    await begin(server, one);
    one.next('end', [250, '2.0.0 queued as 4711']);
    const ann = await invite(server);
    const invited = await delivery(server, ann, 'sent');
    assert.equal(invited.deliveryCode, 250);
    assert.equal(invited.deliveryText, '2.0.0 queued as 4711');
    assert.equal(invited.deliveryFallback, null);
    assert.ok(Date.parse(invited.deliveredAt) >= Date.parse(invited.createdAt));
    assert.equal(await statusOf(server, ann), 'invited');
    assert.equal(one.taken.length, 1);
    assert.deepEqual([one.taken[0].from, one.taken[0].to], ['portal@firm.example', ann.email]);
  },

  async a_later_is_tried_again_with_the_same_bytes(server, peer) {
    const one = peer();
    await begin(server, one);
    const laters = [['mail', 421], ['mail', 451], ['rcpt', 421], ['rcpt', 450], ['end', 421], ['end', 451]];
    for (const [stage, code] of laters) {
      one.hangUp(); // a 421 on a connection that was used before costs no try
      one.next(stage, [code, `4.3.2 later (${stage})`]);
      const ann = await invite(server);
      const put = await delivery(server, ann, 'deferred');
      assert.equal(put.deliveryCode, code);
      assert.equal(put.deliveryText, `4.3.2 later (${stage})`);
      assert.equal(put.deliveredAt, null);
      assert.equal(await statusOf(server, ann), 'invited');
      const before = await tries(server);
      await pause(300);
      assert.equal(await tries(server), before); // it waits for its time
      server.moveClock(2 * minute);
      const sent = await delivery(server, ann, 'sent');
      assert.equal(sent.deliveryCode, 250);
      assert.equal(one.takenFor(ann.email).length, 1);
      assert.match(one.takenFor(ann.email)[0].id, /^<[0-9a-f-]{36}@firm\.example>$/);
      const heard = one.heardFor(ann.email);
      assert.equal(heard.length, stage === 'end' ? 2 : 1);
      for (const again of heard) assert.ok(again.bytes.equals(heard[0].bytes), `${stage} ${code}`);
    }
  },

  async a_refusal_is_told_with_code_and_text_and_the_client_is_not_invited(server, peer) {
    const one = peer();
    await begin(server, one);
    for (const stage of ['mail', 'rcpt', 'end']) {
      one.next(stage, [550, `5.1.1 no such person (${stage})`]);
      const ann = await invite(server);
      const refused = await delivery(server, ann, 'refused');
      assert.equal(refused.deliveryCode, 550);
      assert.equal(refused.deliveryText, `5.1.1 no such person (${stage})`);
      assert.equal(refused.deliveredAt, null);
      assert.equal(refused.status, 'pending'); // its link is still good: it can be copied, or mailed again
      assert.equal(await statusOf(server, ann), 'notInvited');
    }
    const before = await tries(server);
    server.moveClock(48 * hour);
    await pause(400);
    assert.equal(await tries(server), before);
    assert.equal(one.taken.length, 0);
  },

  async after_a_refusal_it_can_be_mailed_again(server, peer) {
    const one = peer();
    await begin(server, one);
    one.next('rcpt', [550, '5.1.1 no such person']);
    const ann = await invite(server);
    const refused = await delivery(server, ann, 'refused');
    await api(server, 'POST', `/v1/invites/${refused.id}/resend`);
    assert.equal(await statusOf(server, ann), 'invited');
    const sent = await delivery(server, ann, 'sent');
    assert.equal(sent.id, refused.id);
    assert.equal(sent.deliveryCode, 250);
    assert.equal(await statusOf(server, ann), 'invited');
  },

  async a_refusal_after_a_success_takes_nothing_back(server, peer) {
    const one = peer();
    await begin(server, one);
    const ann = await invite(server);
    const sent = await delivery(server, ann, 'sent');
    one.next('rcpt', [550, '5.1.1 gone']);
    await api(server, 'POST', `/v1/invites/${sent.id}/resend`);
    assert.equal((await delivery(server, ann, 'refused')).deliveryText, '5.1.1 gone');
    assert.equal(await statusOf(server, ann), 'invited');
  },

  async one_refusal_among_many_is_his_alone(server, peer) {
    const one = peer();
    await begin(server, one);
    one.always('rcpt', ({ address }) => (/bad/.test(address) ? [550, '5.1.1 no'] : ok));
    const people = await Promise.all(Array.from({ length: 24 }, (_, i) => (
      invite(server, { email: `${i % 5 ? 'good' : 'bad'}${i}@client.example` }))));
    for (const person of people) {
      const bad = /bad/.test(person.email);
      assert.equal((await delivery(server, person, bad ? 'refused' : 'sent')).deliveryCode, bad ? 550 : 250);
      assert.equal(await statusOf(server, person), bad ? 'notInvited' : 'invited');
    }
    assert.equal(one.taken.length, 19);
  },

  // 1, 5, 15 minutes, 1, 3 hours, then 6 each, a tenth more or less.
  async tries_become_rare_and_end_after_twelve(server, peer) {
    const one = peer();
    await begin(server, one);
    one.always('rcpt', [451, '4.7.1 greylisted']);
    const ann = await invite(server);
    await delivery(server, ann, 'deferred');
    const minutes = [1, 5, 15, 60, 180, 360, 360, 360, 360, 360, 360];
    for (const [i, pause_] of minutes.entries()) {
      server.moveClock(Math.floor(pause_ * minute * 0.88));
      await pause(250);
      assert.equal(await tries(server), i + 1);
      server.moveClock(Math.ceil(pause_ * minute * 0.24));
      await until('it is tried again', async () => await tries(server) === i + 2);
    }
    const refused = await delivery(server, ann, 'refused');
    assert.equal(refused.deliveryCode, 451);
    assert.equal(refused.deliveryText, 'given up after 12 tries: 4.7.1 greylisted');
    assert.equal(await statusOf(server, ann), 'notInvited');
  },

  // It is about this server, its settings or its fame; nobody who is invited can help it.
  async a_server_that_will_not_talk_to_us_refuses_no_mail(server, peer) {
    const one = peer();
    await begin(server, one);
    for (const code of [421, 521, 550, 554]) {
      one.hangUp();
      one.next('connect', [code, '5.7.1 your address is on a list']);
      const ann = await invite(server);
      const put = await delivery(server, ann, 'deferred');
      assert.equal(put.deliveryCode, code);
      assert.equal(put.deliveryText, '5.7.1 your address is on a list');
      assert.equal(await statusOf(server, ann), 'invited');
      server.moveClock(2 * minute);
      await delivery(server, ann, 'sent');
    }
  },

  async what_is_cancelled_while_it_waits_never_goes_out(server, peer) {
    const one = peer();
    await begin(server, one);
    one.next('end', [451, 'later']);
    const ann = await invite(server);
    const put = await delivery(server, ann, 'deferred');
    await api(server, 'POST', `/v1/invites/${put.id}/cancel`);
    server.moveClock(hour);
    await pause(300);
    assert.equal(one.taken.length, 0);
    assert.equal((await inviteOf(server, ann)).delivery, 'cancelled');
  },

  async what_the_server_took_is_sent_though_it_was_cancelled_meanwhile(server, peer) {
    const one = peer();
    let go;
    await begin(server, one);
    one.always('end', () => new Promise((resolve) => { go = () => resolve(ok); }));
    const ann = await invite(server);
    await until('it is on its way', () => one.heard.length === 1);
    await api(server, 'POST', `/v1/invites/${(await inviteOf(server, ann)).id}/cancel`);
    go();
    const sent = await delivery(server, ann, 'sent');
    assert.equal(sent.status, 'cancelled');
    assert.equal(sent.deliveryCode, 250);
  },

  async what_waits_longer_than_its_link_lives_says_so(server, peer) {
    const one = peer();
    await begin(server, one);
    one.next('end', [451, '4.3.1 disk full']);
    const ann = await invite(server);
    await delivery(server, ann, 'deferred');
    server.moveClock(15 * 24 * hour);
    const refused = await delivery(server, ann, 'refused');
    assert.match(refused.deliveryText, /expired/);
    assert.match(refused.deliveryText, /4\.3\.1 disk full/);
    assert.equal(one.taken.length, 0);
    assert.equal(await statusOf(server, ann), 'notInvited');
  },
};
