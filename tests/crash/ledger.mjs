// Ledger: what was asked of the server and what it promised, kept outside of it.
import http from 'node:http';
import { finding } from './finding.mjs';

const connections = 24;
const page = 1000;
const patience = 60_000;

export class Ledger {
  constructor() {
    this.asked = new Map(); // address -> { body, key, id: what was acknowledged }
    this.next = 1;
  }

  // Creates clients, and invites them, on many connections, until the server is ended in their midst.
  async write(victim, signal) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
    const state = { over: false, acknowledged: 0, unanswered: 0 };
    const workers = Array.from({ length: connections }, () => this.#hammer(victim, agent, state, signal));
    // Not before the first answers are there, and then at any moment.
    while (state.acknowledged < connections / 2 && !state.over) await pause(2);
    await pause(Math.random() * 250);
    state.ending = true;
    const code = await victim.end(signal);
    state.over = true;
    await Promise.all(workers);
    agent.destroy();
    if (signal === 'SIGTERM' && code !== 0) throw finding(`SIGTERM under load: exit ${code}\n${victim.stderr}`);
    return state;
  }

  async #hammer(victim, agent, state) {
    while (!state.over) {
      const number = this.next++;
      const email = `client${number}@example.com`;
      const entry = {
        key: `create-${number}`,
        body: JSON.stringify({ givenName: 'Client', familyName: `No. ${number}`, email }),
      };
      this.asked.set(email, entry);
      const answer = await post(victim, agent, entry).catch(() => null);
      if (!answer) {
        state.unanswered += 1;
        if (state.ending) return;
      } else if (answer.status === 200 || answer.status === 201) {
        entry.id = JSON.parse(answer.text).id;
        state.acknowledged += 1;
      } else if (answer.status !== 503) {
        throw new Error(`POST /v1/clients: ${answer.status} ${answer.text}`);
      }
    }
  }

  // What was not answered is asked again with the same key: it must be done once, whether or not it was
  // done before the crash. Its answer had a link in it, so a second one only names what was made. After an
  // orderly end nothing may have been done without an answer. Gives how many had been done.
  async settle(victim, signal) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
    let done = 0;
    for (const [email, entry] of this.asked) {
      if (entry.id) continue;
      const answer = await post(victim, agent, entry);
      const said = JSON.parse(answer.text);
      if (answer.status !== 200 && said.code !== 'already_done') {
        throw finding(`${email} was asked again with its Idempotency-Key: ${answer.status} ${answer.text}`);
      }
      if (said.code && signal === 'SIGTERM') throw finding(`${email} was made, and not answered, before an orderly end`);
      if (said.code) done += 1;
      entry.id = said.id;
    }
    agent.destroy();
    return done;
  }

  // All that was promised is there, once, and nothing else; and what a handler of events did, at most once.
  async compare(victim) {
    const found = await this.#clients(victim);
    for (const [email, entry] of this.asked) {
      const client = found.get(email);
      if (entry.id && !client) throw finding(`${email} was acknowledged as ${entry.id} and is gone`);
      if (entry.id && client.id !== entry.id) throw finding(`${email} was acknowledged as ${entry.id} and is ${client.id}`);
      if (client && client.status !== 'invited') throw finding(`${email} is there and is ${client.status}, not invited`);
      if (client?.position && client.position !== 'x') throw finding(`${email} was counted more than once: ${client.position}`);
    }
    for (const email of found.keys()) {
      if (!this.asked.has(email)) throw finding(`${email} was never asked for`);
    }
  }

  // In the end the handler has met every client.
  async counted(victim) {
    const until = Date.now() + patience;
    for (;;) {
      const found = await this.#clients(victim);
      const missed = [...found.values()].find((client) => client.position !== 'x');
      if (!missed) return;
      if (Date.now() > until) throw finding(`${missed.email} was counted as "${missed.position}", not once`);
      await pause(100);
    }
  }

  async #clients(victim) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const found = new Map();
    let token = '';
    do {
      const answer = await get(victim, agent, `/v1/clients?limit=${page}${token}`);
      const list = JSON.parse(answer.text);
      if (answer.status !== 200) throw new Error(`GET /v1/clients: ${answer.status} ${answer.text}`);
      for (const client of list.data) {
        if (found.has(client.email)) throw finding(`${client.email} is there twice`);
        found.set(client.email, client);
      }
      token = list.nextToken ? `&nextToken=${encodeURIComponent(list.nextToken)}` : '';
    } while (token);
    agent.destroy();
    return found;
  }
}

function post(victim, agent, entry) {
  return ask(victim, agent, 'POST', '/v1/clients?sendInvite=true', entry.body, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(entry.body),
    'idempotency-key': entry.key,
  });
}

function get(victim, agent, path) {
  return ask(victim, agent, 'GET', path, '', {});
}

function ask(victim, agent, method, path, body, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request(victim.base + path, {
      agent, method, headers: { 'x-api-key': victim.key, ...headers },
    }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => { text += chunk; });
      response.on('end', () => (response.complete ? resolve({ status: response.statusCode, text }) : reject(new Error('cut'))));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

function pause(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}
