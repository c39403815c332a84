// Command: `foyer mail test ADDRESS` says at once whether mail gets through, and what to do where not.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { begin, sendBy } from './lib.mjs';

async function prepare(server, one) {
  await one.listen();
  sendBy(server, one);
  server.env.FOYER_TEST_SMTP_SECONDS = '1';
  await server.init('Rocket Agency', 'owner@example.com');
}

function test(server, ...more) {
  return server.command(['mail', 'test', 'ann@client.example', '--data', server.data, ...more]);
}

export const command = {
  async mail_test_prints_what_the_server_answers(server, peer) {
    const one = peer();
    await prepare(server, one);
    one.next('end', [250, '2.0.0 queued as 4711']);
    const { code, stdout, stderr } = await test(server);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    assert.equal(stdout, `from: portal@firm.example\nto: ann@client.example\nby: ${one.url}\n`
      + 'answer: 250 2.0.0 queued as 4711\nsent\n');
    const mail = await one.taken[0].parsed();
    assert.match(mail.subject, /test/i);
    assert.ok(mail.text.length > 0);
  },

  async mail_test_says_what_to_do_where_it_was_not_taken(server, peer) {
    const one = peer();
    await prepare(server, one);
    const failures = [
      ['rcpt', [550, '5.1.1 no such person'], /answer: 550 5\.1\.1 no such person\nnot sent/, /mail_from.*address is right/],
      ['end', [451, '4.3.0 later'], /answer: 451 4\.3\.0 later\nnot sent/, /again later/],
      ['mail', 'stall', /answer: none; .*in time to MAIL FROM\nnot sent/, /smtp_url/],
      ['connect', 'stall', /answer: none; no connection.*\nnot sent/, /smtp_url/],
      ['connect', [554, '5.7.1 not you'], /answer: 554 5\.7\.1 not you\nnot sent/, /smtp_url/],
      ['end', 'drop', /answer: none; .*before it answered to the mail.*\nnot sent/, /smtp_url/],
    ];
    for (const [stage, verdict, out, advice] of failures) {
      one.next(stage, verdict);
      const { code, stdout, stderr } = await test(server);
      assert.equal(code, 1, stdout);
      assert.match(stdout, out);
      assert.match(stderr, advice);
    }
    assert.equal(one.taken.length, 0);
    assert.equal((await test(server)).code, 0);
    await one.close();
    const away = await test(server);
    assert.equal(away.code, 1);
    assert.match(away.stderr, /smtp_url/);
  },

  async mail_test_tells_a_wrong_password_from_missing_encryption(server, peer) {
    const one = peer({ authOptional: false });
    one.always('auth', [535, '5.7.8 wrong']);
    await prepare(server, one);
    const password = join(server.folder, 'password');
    writeFileSync(password, 'wrong\n', { mode: 0o600 });
    const wrong = await test(server, '--smtp-user', 'portal', '--smtp-password-file', password);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stdout, /answer: 535 5\.7\.8 wrong/);
    assert.match(wrong.stderr, /smtp_password/);
    const plain = await test(server, '--smtp-tls', 'required');
    assert.equal(plain.code, 1);
    assert.match(plain.stdout, /STARTTLS/);
    assert.match(plain.stderr, /smtps:\/\//);
  },

  async mail_test_answers_programs_in_json(server, peer) {
    const one = peer();
    await prepare(server, one);
    const sent = await test(server, '--json');
    assert.equal(sent.code, 0, sent.stderr);
    assert.equal(JSON.parse(sent.stdout).sent, true);
    one.next('rcpt', [550, 'no "such" person']);
    const refused = await test(server, '--json');
    assert.equal(refused.code, 1);
    const said = JSON.parse(refused.stdout);
    assert.deepEqual([said.sent, said.code, said.text], [false, 550, 'no "such" person']);
    assert.ok(said.advice.length > 0);
  },

  async mail_test_refuses_what_is_no_address(server, peer) {
    const one = peer();
    await prepare(server, one);
    for (const address of ['nobody', 'a@b@c', 'ann@client.example\r\nRCPT TO:<eve@client.example>', '@']) {
      const { code, stderr } = await server.command(['mail', 'test', address, '--data', server.data]);
      assert.equal(code, 1, address);
      assert.match(stderr, /ann@example\.com/);
    }
    assert.equal(one.sessions.length, 0);
  },

  async mail_test_works_beside_a_server_and_without_one(server, peer) {
    const one = peer();
    await begin(server, one);
    assert.equal((await test(server)).code, 0);
    assert.equal(one.taken.length, 1);
    await server.stop();
    delete server.env.FOYER_SMTP_URL;
    const { code, stdout } = await test(server);
    assert.equal(code, 0);
    assert.match(stdout, /^by: the maildir /m);
    const [name] = readdirSync(join(server.data, 'mail', 'new'));
    const raw = readFileSync(join(server.data, 'mail', 'new', name), 'utf8');
    assert.ok(raw.includes(`Message-ID: <${name.replace('.eml', '')}@firm.example>`)); // named after its mail
  },
};
