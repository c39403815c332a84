// Lib: receivers, and a server that may reach them.
import assert from 'node:assert/strict';
import http from 'node:http';
import { ask, until } from '../exec/lib.mjs';

// A receiver on loopback: what came is in `took`, `serve(message, response)` answers (204 where nothing is said).
export async function receiver(receivers, serve = (_, response) => response.writeHead(204).end()) {
  const made = http.createServer((request, response) => {
    const pieces = [];
    request.on('data', (piece) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString();
      const message = { text, headers: request.headers, body: JSON.parse(text), at: Date.now() };
      it.took.push(message);
      it.serve(message, response);
    });
  });
  const it = { took: [], serve, close: () => { made.closeAllConnections(); made.close(); } };
  await new Promise((resolve) => { made.listen(0, '127.0.0.1', resolve); });
  it.at = `127.0.0.1:${made.address().port}`;
  it.url = `http://${it.at}/hook`;
  receivers.push(it);
  return it;
}

export function clientOf(message) { return message.body.data.id; }

// Served so that it may reach the receivers.
export async function begin(server, receivers, flags = []) {
  await server.init('Hooks', 'owner@example.com');
  server.env.FOYER_OUTGOING_ALLOW = receivers.map(({ at }) => at).join(',');
  await server.start(['--loops', '1', ...flags]);
}

export async function call(server, method, path, body) {
  const answer = await ask(server, method, path, { body: body && JSON.stringify(body) });
  const json = JSON.parse(answer.text || 'null');
  assert.equal(answer.status, 200, `${method} ${path}: ${answer.text}`);
  return json;
}

export async function hook(server, one, events = ['client.*'], more = {}) {
  return call(server, 'POST', '/v1/webhook-endpoints', { url: one.url, events, ...more });
}

let number = 0;
export async function client(server) {
  number += 1;
  return call(server, 'POST', '/v1/clients', { givenName: 'Ann', familyName: `No. ${number}`, email: `ann${number}@example.com` });
}

export async function rename(server, id, givenName) { return call(server, 'PATCH', `/v1/clients/${id}`, { givenName }); }

export async function list(server, { id }, what, query = '') {
  return (await call(server, 'GET', `/v1/webhook-endpoints/${id}/${what}?sort=${what === 'attempts' ? '-at' : '-createdAt'}&${query}`)).data;
}

export async function count(one, wanted) {
  await until(`${wanted} messages have come, now ${one.took.length}`, () => one.took.length >= wanted);
}

// Until the endpoint's newest delivery is in this state; gives it.
export async function state(server, endpoint, wanted) {
  let now;
  await until(`its newest delivery is ${wanted}`, async () => {
    [now] = await list(server, endpoint, 'deliveries');
    return now?.status === wanted;
  });
  return now;
}
