// End: orderly ends while mails are on their way, disks that take nothing, and maildirs that do not.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { api, ask, begin, delivery, ended, invite, inviteOf, pause, until } from './lib.mjs';
import { ok } from './peer.mjs';

const minute = 60;

// The disk of the database (store/vfs.h).
class Disk {
  constructor(server) {
    this.path = join(server.folder, 'disk');
    writeFileSync(this.path, Buffer.alloc(16));
    server.env.FOYER_TEST_DISK = this.path;
  }

  set(isFull) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(isFull ? 1n : 0n);
    writeSync(openSync(this.path, 'r+'), bytes, 0, 8, 0);
  }
}

async function inFlight(server) {
  const { text } = await ask(server, 'GET', '/metrics', { key: '' });
  return Number(/^foyer_mails_in_flight (\d+)$/m.exec(text)[1]);
}

export const end = {
  async an_orderly_end_waits_for_no_stalled_server_and_loses_nothing(server, peer) {
    const one = peer();
    await begin(server, one);
    for (const stage of ['connect', 'end']) {
      one.hangUp();
      one.always(stage, 'stall');
      const people = await Promise.all(Array.from({ length: 12 }, () => invite(server)));
      await until('mails are on their way', async () => await inFlight(server) === 8);
      await pause(200);
      server.process.kill('SIGTERM');
      assert.equal(await ended(server), 0);
      one.always(stage, ok);
      await server.start();
      for (const person of people) await delivery(server, person, 'sent');
      for (const person of people) {
        assert.equal(one.takenFor(person.email).length, 1, stage);
        assert.equal(new Set(one.heardFor(person.email).map(({ id }) => id)).size, 1);
      }
    }
  },

  // Finding a name is a call that cannot be taken back: libcurl has a thread for it.
  async an_orderly_end_waits_for_no_name_server(server) {
    if (process.env.FOYER_SANITIZER) return 'left out: a sanitizer wants to be loaded first';
    const library = join(server.folder, 'slow_names.so');
    execFileSync('cc', ['-shared', '-fPIC', '-o', library, fileURLToPath(new URL('slow_names.c', import.meta.url))]);
    Object.assign(server.env, { FOYER_SMTP_URL: 'smtp://mail.firm.example:587', FOYER_MAIL_FROM: 'portal@firm.example' });
    await server.init('Rocket Agency', 'owner@example.com');
    server.env.LD_PRELOAD = library;
    await server.start();
    await invite(server);
    await until('the mail is on its way', async () => await inFlight(server) === 1);
    server.process.kill('SIGTERM');
    assert.equal(await ended(server, 25), 0);
    return '';
  },

  async what_is_answered_while_the_server_ends_is_not_sent_again(server, peer) {
    const one = peer();
    const waiting = [];
    await begin(server, one);
    one.always('end', () => new Promise((resolve) => { waiting.push(() => resolve(ok)); }));
    const people = await Promise.all(Array.from({ length: 8 }, () => invite(server)));
    await until('all are on their way', () => waiting.length === 8);
    server.process.kill('SIGTERM');
    await until('the server drains', () => server.stderr.includes('draining'));
    for (const go of waiting) go();
    assert.equal(await ended(server), 0);
    one.always('end', ok);
    await server.start();
    for (const person of people) await delivery(server, person, 'sent');
    assert.equal(one.taken.length, 8);
  },

  async an_end_beside_a_full_disk_waits_for_no_room(server, peer) {
    const one = peer();
    const disk = new Disk(server);
    const waiting = [];
    await begin(server, one);
    one.always('end', () => new Promise((resolve) => { waiting.push(() => resolve(ok)); }));
    const ann = await invite(server);
    await until('it is on its way', () => waiting.length === 1);
    disk.set(true);
    server.process.kill('SIGTERM');
    await until('the server drains', () => server.stderr.includes('draining'));
    waiting[0]();
    assert.equal(await ended(server), 0);
    disk.set(false);
    one.always('end', ok);
    await server.start();
    await delivery(server, ann, 'sent');
    assert.equal(new Set(one.taken.map(({ id }) => id)).size, 1); // perhaps twice, but the same
  },

  async what_was_sent_beside_a_full_disk_is_not_sent_again(server, peer) {
    const one = peer();
    const disk = new Disk(server);
    const waiting = [];
    await begin(server, one);
    one.always('end', () => new Promise((resolve) => { waiting.push(() => resolve(ok)); }));
    const ann = await invite(server);
    await until('it is on its way', () => waiting.length === 1);
    disk.set(true);
    waiting[0]();
    await until('the log says so', () => server.stderr.includes('the result of a mail cannot be written'));
    assert.equal((await inviteOf(server, ann)).delivery, 'queued');
    disk.set(false);
    await delivery(server, ann, 'sent');
    assert.equal(one.heard.length, 1);
  },

  async a_maildir_that_is_away_is_made_again(server) {
    await server.init('Rocket Agency', 'owner@example.com');
    await server.start();
    await delivery(server, await invite(server), 'sent');
    rmSync(join(server.data, 'mail'), { recursive: true });
    await delivery(server, await invite(server), 'sent');
    assert.equal(readdirSync(join(server.data, 'mail', 'new')).length, 1);
  },

  // Folders where even root may make nothing; a file in the folder's place.
  async a_maildir_that_takes_nothing_defers_and_says_why(server) {
    const folder = join(server.data, 'mail');
    await server.init('Rocket Agency', 'owner@example.com');
    await server.start();
    const places = [
      () => symlinkSync('/proc/self', folder),
      () => writeFileSync(folder, ''),
      () => { mkdirSync(folder); symlinkSync(join(server.folder, 'nowhere', 'else'), join(folder, 'new')); },
    ];
    for (const place of places) {
      rmSync(folder, { recursive: true, force: true });
      place();
      const ann = await invite(server);
      const put = await delivery(server, ann, 'deferred');
      assert.match(put.deliveryText, /^Cannot write maildir\/new\/[0-9a-f-]{36}\.eml: .+; .+\.$/);
      assert.ok(server.stderr.includes(`Cannot write ${folder}/new/`), 'the log says where');
      assert.equal(put.deliveryCode, 0);
      rmSync(folder, { recursive: true, force: true });
      server.moveClock(2 * minute);
      await delivery(server, ann, 'sent');
      assert.deepEqual(readdirSync(join(folder, 'new')).length, 1);
    }
    assert.equal((await api(server, 'GET', '/v1/invites')).data.length, places.length);
  },
};
