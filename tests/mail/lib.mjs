// Lib: a server whose mail goes to a peer, who is invited, and what became of the mail.
import assert from 'node:assert/strict';
import { ask, until } from '../exec/lib.mjs';

export { ask, ended, pause, until } from '../exec/lib.mjs';

// Starts a peer, and a server that sends by it.
export async function begin(server, peer, flags = []) {
  await peer.listen();
  sendBy(server, peer);
  await server.init('Rocket Agency', 'owner@example.com');
  await server.start(flags);
}

export function sendBy(server, peer) {
  Object.assign(server.env, { FOYER_SMTP_URL: peer.url, FOYER_MAIL_FROM: 'Portal <portal@firm.example>' });
}

// The answer's JSON; fails where the status is another one.
export async function api(server, method, path, fields, wanted = 200) {
  const { status, text } = await ask(server, method, path, { body: fields && JSON.stringify(fields) });
  assert.equal(status, wanted, `${method} ${path}: ${text}`);
  return JSON.parse(text);
}

let number = 0;
// A new client, who is invited at once. {id, email}
export async function invite(server, more = {}, isInvited = true) {
  number += 1;
  return api(server, 'POST', `/v1/clients${isInvited ? '?sendInvite=true' : ''}`, {
    givenName: 'Ann', familyName: 'Lee', email: `ann${number}@client.example`, ...more,
  });
}

// The newest invite of a client.
export async function inviteOf(server, client) {
  return (await api(server, 'GET', `/v1/invites?clientId=${client.id}&sort=-createdAt`)).data[0];
}

export async function statusOf(server, client) {
  return (await api(server, 'GET', `/v1/clients/${client.id}`)).status;
}

// The invite, once its mail has come so far.
export async function delivery(server, client, state) {
  let found;
  await until(`the mail is ${state}`, async () => {
    found = await inviteOf(server, client);
    return found.delivery === state;
  }).catch((error) => { throw new Error(`${error.message}; it is ${JSON.stringify(found)}`); });
  return found;
}

// How often any of the mails was tried: what the server counts of itself.
export async function tries(server) {
  const { text } = await ask(server, 'GET', '/metrics', { key: '' });
  return [...text.matchAll(/^foyer_mails_total\{state="(?:sent|deferred|refused)"\} (\d+)$/gm)]
    .reduce((sum, [, count]) => sum + Number(count), 0);
}
