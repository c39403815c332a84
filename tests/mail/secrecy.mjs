// Secrecy: encryption and signing in, by a certificate that the check makes itself.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { begin, delivery, invite, statusOf } from './lib.mjs';
import { ok } from './peer.mjs';

const minute = 60;

function certificate(server, names = 'IP:127.0.0.1') {
  const key = join(server.folder, 'key.pem');
  const cert = join(server.folder, 'cert.pem');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', '/CN=peer.example', '-addext', `subjectAltName=${names}`, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  return { file: cert, options: { key: readFileSync(key), cert: readFileSync(cert) } };
}

const knows = ({ auth }) => (auth.username === 'portal' && auth.password === 'a secret: ä' ? ok
  : [535, '5.7.8 wrong user or password']);

function signIn(server, password) {
  Object.assign(server.env, { FOYER_SMTP_USER: 'portal', FOYER_SMTP_PASSWORD: password });
}

export const secrecy = {
  async starttls_carries_mail_to_a_server_that_is_known(server, peer) {
    const made = certificate(server);
    const one = peer(made.options);
    Object.assign(server.env, { FOYER_SMTP_TLS: 'required', SSL_CERT_FILE: made.file });
    await begin(server, one);
    await delivery(server, await invite(server), 'sent');
    await delivery(server, await invite(server), 'sent');
    assert.deepEqual(one.taken.map(({ secure }) => secure), [true, true]);
    assert.equal(one.sessions.length, 1);
  },

  async smtps_is_encrypted_from_the_start(server, peer) {
    const made = certificate(server);
    const one = peer({ ...made.options, secure: true });
    Object.assign(server.env, { SSL_CERT_FILE: made.file });
    await begin(server, one);
    await delivery(server, await invite(server), 'sent');
    assert.equal(one.taken[0].secure, true);
  },

  async a_certificate_of_nobody_we_know_gets_no_mail(server, peer) {
    const made = certificate(server);
    const one = peer(made.options);
    server.env.FOYER_SMTP_TLS = 'required';
    await begin(server, one);
    const ann = await invite(server);
    const put = await delivery(server, ann, 'deferred');
    assert.match(put.deliveryText, /certificate/i);
    assert.equal(one.heard.length, 0);
    assert.equal(await statusOf(server, ann), 'invited');
  },

  async a_certificate_of_another_name_gets_no_mail(server, peer) {
    const made = certificate(server, 'DNS:mail.other.example');
    const one = peer(made.options);
    Object.assign(server.env, { FOYER_SMTP_TLS: 'required', SSL_CERT_FILE: made.file });
    await begin(server, one);
    const put = await delivery(server, await invite(server), 'deferred');
    assert.match(put.deliveryText, /127\.0\.0\.1/);
    assert.equal(one.heard.length, 0);
  },

  async where_encryption_is_required_plain_gets_no_mail(server, peer) {
    const one = peer();
    server.env.FOYER_SMTP_TLS = 'required';
    await begin(server, one);
    const put = await delivery(server, await invite(server), 'deferred');
    assert.match(put.deliveryText, /STARTTLS/);
    assert.equal(one.heard.length, 0);
  },

  async opportunistic_takes_what_there_is(server, peer) {
    const made = certificate(server);
    const one = peer(made.options);
    server.env.FOYER_SMTP_TLS = 'opportunistic';
    await begin(server, one);
    await delivery(server, await invite(server), 'sent');
    assert.equal(one.taken[0].secure, true);
    await one.close();
    const plain = peer();
    plain.port = one.port;
    await plain.listen();
    await delivery(server, await invite(server), 'sent');
    assert.equal(plain.taken[0].secure, false);
  },

  async the_right_password_signs_in_after_encryption(server, peer) {
    const made = certificate(server);
    const one = peer({ ...made.options, authOptional: false, allowInsecureAuth: false });
    Object.assign(server.env, { FOYER_SMTP_TLS: 'required', SSL_CERT_FILE: made.file });
    signIn(server, 'a secret: ä');
    one.always('auth', knows);
    await begin(server, one);
    await delivery(server, await invite(server), 'sent');
    assert.deepEqual([one.taken[0].secure, one.taken[0].user], [true, 'portal']);
    assert.ok(!server.stderr.includes('a secret'));
  },

  async a_wrong_password_refuses_no_mail_and_mends(server, peer) {
    const one = peer({ authOptional: false });
    signIn(server, 'wrong');
    one.always('auth', knows);
    await begin(server, one);
    const ann = await invite(server);
    const put = await delivery(server, ann, 'deferred');
    assert.equal(put.deliveryCode, 535);
    assert.equal(put.deliveryText, '5.7.8 wrong user or password');
    assert.equal(await statusOf(server, ann), 'invited');
    signIn(server, 'a secret: ä');
    await server.restart();
    server.moveClock(2 * minute);
    await delivery(server, ann, 'sent');
    assert.equal(one.taken[0].user, 'portal');
    assert.ok(!server.stderr.includes('a secret'));
  },

  async a_server_that_wants_a_sign_in_refuses_no_mail(server, peer) {
    const one = peer({ authOptional: false });
    await begin(server, one);
    const ann = await invite(server);
    const put = await delivery(server, ann, 'deferred');
    assert.equal(put.deliveryCode, 530);
    assert.equal(await statusOf(server, ann), 'invited');
  },
};
