// Owed: mails are owed, and the server is killed again and again while they go out. None is lost; twice go
// out at most those that were on their way when it was killed. The same loop is run over a server that
// marks mails as sent before they are: it must be caught, or the loop proves nothing.
import assert from 'node:assert/strict';
import { ask, begin, invite, until } from './lib.mjs';
import { ok } from './peer.mjs';

const IN_FLIGHT = 8; // LIMIT_MAIL_IN_FLIGHT
const many = Number(process.env.FOYER_MAILS ?? (process.env.FOYER_LONG ? 2000 : 300));
const crashes = process.env.FOYER_LONG ? 40 : 10;

class Finding extends Error {}

// Invites so many; the peer takes nothing yet.
async function owe(server, one, count) {
  let open;
  const opened = new Promise((resolve) => { open = () => resolve(ok); });
  const people = [];
  one.always('connect', () => opened);
  await begin(server, one);
  let begun = 0;
  const worker = async () => { while (begun++ < count) people.push(await invite(server)); };
  await Promise.all(Array.from({ length: 16 }, worker));
  one.always('connect', ok);
  open();
  return people;
}

// Kills it while it sends, at any moment about an answer, and starts it again.
async function killAgainAndAgain(server, one, count, times, signal) {
  for (let crash = 0; crash < times; crash++) {
    let killing = null; // of this crash: who answers late must not kill the next one
    const at = one.heard.length + Math.ceil(Math.random() * Math.max(1, count / times - IN_FLIGHT));
    one.always('end', async () => {
      await new Promise((resolve) => { setTimeout(resolve, Math.random() * 4); });
      if (!killing && one.heard.length >= at) {
        const wait = Math.random() * 6 - 3; // before its answer, or after
        killing = ended(server, signal, Math.max(0, wait));
        if (wait < 0 && signal === 'SIGKILL') await killing;
      }
      return ok;
    });
    await until('it is killed, or owes nothing', async () => killing !== null || await owes(server).catch(() => 1) === 0, 60);
    if (!killing) break;
    await killing;
    await server.start();
  }
  one.always('end', ok);
}

function ended({ process: child }, signal, wait) {
  const over = new Promise((resolve) => { child.on('exit', resolve); });
  setTimeout(() => child.kill(signal), wait);
  return over;
}

async function owes(server) {
  let token = '';
  let found = 0;
  do {
    const { text } = await ask(server, 'GET', `/v1/invites?limit=1000${token}`);
    const list = JSON.parse(text);
    found += list.data.filter(({ delivery: state }) => state !== 'sent').length;
    token = list.nextToken ? `&nextToken=${encodeURIComponent(list.nextToken)}` : '';
  } while (token);
  return found;
}

// What the peer took against what was owed.
function account(one, people, most) {
  const ids = new Set();
  let twice = 0;
  for (const { email } of people) {
    const taken = one.takenFor(email);
    if (taken.length === 0) throw new Finding(`the mail to ${email} is marked as sent and is lost`);
    if (new Set(taken.map(({ id }) => id)).size !== 1) throw new Finding(`${email} got two mails, not one twice`);
    ids.add(taken[0].id);
    twice += taken.length - 1;
  }
  if (ids.size !== people.length) throw new Finding(`${people.length} mails share ${ids.size} Message-IDs`);
  if (one.taken.length !== people.length + twice) throw new Finding('somebody got mail to whom none was owed');
  if (twice > most) throw new Finding(`${twice} went out twice; at most ${most} may`);
  return twice;
}

async function loop(server, one, { count, times, signal = 'SIGKILL', most = times * IN_FLIGHT }) {
  const people = await owe(server, one, count);
  await killAgainAndAgain(server, one, count, times, signal);
  server.moveClock(120); // what a dying connection deferred
  await until('all is sent', async () => await owes(server) === 0, 120);
  const twice = account(one, people, most);
  return `${people.length} mails, ${times} ends by ${signal}, ${twice} went out twice, ${most} may`;
}

export const owed = {
  async kill_9_loses_no_mail_and_repeats_few(server, peer) {
    return loop(server, peer(), { count: many, times: crashes });
  },

  async an_orderly_end_loses_no_mail_and_repeats_none(server, peer) {
    return loop(server, peer(), { count: Math.round(many / 3), times: Math.round(crashes / 3), signal: 'SIGTERM', most: 0 });
  },

  async control_a_mail_that_is_marked_as_sent_too_early_is_caught(server, peer) {
    const one = peer();
    server.env.FOYER_TEST_MISWRITE = 'mail_sent_early';
    const found = await loop(server, one, { count: Math.round(many / 3), times: crashes }).catch((error) => error);
    assert.ok(found instanceof Finding, found.stack ?? 'the control was not caught: the loop is blind');
    assert.match(found.message, /is lost/);
    return found.message;
  },
};
