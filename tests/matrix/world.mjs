// World: one server with two workspaces. The first has a role of every kind; the second is full of canaries.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server } from '../stories/lib/server.mjs';

const PASSWORD = 'a ladder of wet moss';
// Roles of expected.txt whose name differs from that of the staff's role in the product.
const staffRoles = { admin: 'Admin', biller: 'Admin without billing', staff: 'Staff',
  assigned: 'Staff of assigned clients only', limited: 'Staff', narrow: 'Admin' };
const confined = ['limited', 'narrow'];
export const knownRoles = ['nobody', 'owner', ...Object.keys(staffRoles), 'bea', 'ann', 'key', 'few', 'other'];

export class World {
  constructor() {
    this.server = new Server();
    Object.assign(this.server.env, { FOYER_RATE_LIMIT_PER_KEY: '0', FOYER_TRUSTED_PROXIES: '127.0.0.1', FOYER_OUTGOING_ALLOW: '127.0.0.1:9' });
    this.roles = {}; // name: headers
    this.ids = {}; // name of a row: its id
    this.kinds = {}; // name of a row: its kind
    this.foreign = {}; // kind: id of such a row of the other workspace
    this.secrets = new Set(); // what no log may hold
    this.canaries = new Set(['canary']); // what only `other` may see, in lower case
    this.hidden = {}; // role: names of rows that it may see in no answer
    this.serial = 0;
    this.leaks = [];
    this.beyond = [];
  }

  async open() {
    writeFileSync(join(this.server.folder, 'password'), `${PASSWORD}\n`);
    const password = ['--password-file', join(this.server.folder, 'password')];
    const first = await this.server.init('Rocket Agency', 'owner@rocket.example', password);
    const second = JSON.parse((await this.command('workspace', 'create', '--workspace', 'CANARY Law',
      '--email', 'canary-boss@nest.example', '--json', ...password)).stdout);
    this.workspace = first.workspace;
    this.secret(first.api_key, second.apiKey, PASSWORD);
    this.roles.nobody = {};
    this.roles.maker = { 'x-api-key': first.api_key }; // the owner's, by which rows are made
    this.roles.other = { 'x-api-key': second.apiKey };
    this.see(second.workspace);
    this.foreign.workspace = second.workspace;
    for (const [name, scopes, workspace] of [['key', undefined, first.workspace], ['few', 'view_clients', first.workspace],
      ['CANARY key', 'view_clients', second.workspace]]) {
      const made = JSON.parse((await this.command('key', 'create', '--name', name, '--workspace', workspace,
        ...(scopes ? ['--scopes', scopes] : []), '--json')).stdout);
      this.secret(made.apiKey);
      if (workspace === second.workspace) {
        this.foreign.key = made.id;
        this.see(made.id);
      } else {
        this.roles[name] = { 'x-api-key': made.apiKey };
        this.name('key', `${name}Id`, made.id);
      }
    }
    await this.server.start();
    await this.fillFirst();
    await this.fillSecond();
    await this.server.stop();
    this.addPeople();
    await this.server.start();
    await this.signInAll();
    this.foreign.session = await this.sessionOf(second.workspace, 'canary-boss@nest.example');
  }

  async command(...args) {
    const done = await this.server.command([...args, '--data', this.server.data]);
    if (done.code !== 0) throw new Error(`foyer ${args.join(' ')}: ${done.stderr}`);
    return done;
  }

  // As the firm's key (or the other's): must go well.
  async make(path, body, who = 'maker', method = 'POST') {
    const answer = await this.ask(who, method, path, body && JSON.stringify(body));
    if (answer.status >= 300) throw new Error(`${method} ${path} ${JSON.stringify(body)}: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  name(kind, name, id) { this.ids[name] = id; this.kinds[name] = kind; return id; }
  secret(...texts) { for (const text of texts) if (text) this.secrets.add(text); }
  see(...ids) { for (const id of ids) this.canaries.add(id.toLowerCase()); }

  async fillFirst() {
    const { ids } = this;
    const company = async (name, label) => this.name('company', name, (await this.make('/v1/companies', { name: label })).id);
    const client = async (name, given, body) => this.name('client', name, (await this.make('/v1/clients',
      { givenName: given, familyName: 'Lee', email: `${name}@rocket.example`, ...body })).id);
    await company('rockets', 'Rocket Rides');
    await company('bikes', 'Bike Shop');
    await client('ann', 'Ann', { companyIds: [ids.rockets] });
    await client('bea', 'Bea', { companyIds: [ids.rockets] });
    await client('cai', 'Cai', { companyIds: [ids.bikes] });
    await client('dee', 'Dee', { companyIds: [ids.rockets, ids.bikes] });
    await client('eve', 'Eve', {});
    await client('old', 'Old', { companyIds: [ids.rockets] });
    await this.make(`/v1/clients/${ids.old}`, undefined, 'maker', 'DELETE');
    this.name('company', 'evesOwn', (await this.make(`/v1/clients/${ids.eve}`, undefined, 'maker', 'GET')).companyId);
    await this.make(`/v1/clients/${ids.bea}/companies/${ids.rockets}`, { role: 'admin' }, 'maker', 'PUT');
    const channel = async (name, body) => this.name('channel', name, (await this.make('/v1/message-channels', body)).id);
    await channel('annAlone', { membershipType: 'individual', clientId: ids.ann });
    await channel('caiAlone', { membershipType: 'individual', clientId: ids.cai });
    await channel('pair', { membershipType: 'group', memberIds: [ids.ann, ids.dee], companyId: ids.rockets });
    await channel('allRockets', { membershipType: 'company', companyId: ids.rockets });
    await channel('allBikes', { membershipType: 'company', companyId: ids.bikes });
    for (const { id, clientId } of (await this.make('/v1/message-channels', undefined, 'maker', 'GET')).data) {
      const of = ['bea', 'dee', 'eve'].find((each) => ids[each] === clientId);
      if (of) this.name('channel', `${of}Alone`, id);
    }
    this.name('field', 'size', (await this.make('/v1/custom-fields', { name: 'Size', type: 'multiSelect' })).id);
    await this.make(`/v1/custom-fields/${ids.size}/options`, { key: 'big', label: 'Big' });
    const { data } = await this.make('/v1/invites', { clientIds: [ids.ann, ids.cai], message: 'Come in' });
    this.name('invite', 'annInvite', data[0].invite.id);
    this.name('invite', 'caiInvite', data[1].invite.id);
    await this.make('/v1/workspaces', { clientsMayInvite: true }, 'maker', 'PATCH');
    this.name('operation', 'bulk', (await this.operation()).id);
    this.name('delivery', 'letter', (await this.delivery()).id);
    for (const role of (await this.make('/v1/roles', undefined, 'maker', 'GET')).data) {
      const name = role.name === 'Owner' ? 'owner' : Object.keys(staffRoles).find((each) => staffRoles[each] === role.name);
      this.name('role', `${name}Role`, role.id);
    }
    this.name('hook', 'hook', await this.hook()); // nobody is there
    this.name('delivery', 'trial', (await this.make(`/v1/webhook-endpoints/${ids.hook}/test`)).id);
    const keys = (await this.make('/v1/api-keys', undefined, 'maker', 'GET')).data;
    this.name('key', 'initKey', keys.find(({ name }) => name === 'init').id);
  }

  // Invitations of more people than one request takes, none of whom there is.
  async operation(who = 'maker') {
    const clientIds = Array.from({ length: 101 }, () => randomUUID());
    let operation = await this.make('/v1/invites', { clientIds }, who);
    while (['queued', 'running'].includes(operation.status)) {
      await new Promise((resolve) => { setTimeout(resolve, 20); });
      operation = await this.make(`/v1/operations/${operation.id}`, undefined, who, 'GET');
    }
    return operation;
  }

  async hook(who = 'maker', description = 'hook') {
    const made = await this.make('/v1/webhook-endpoints', { url: 'http://127.0.0.1:9/', events: ['crm.never'], description }, who);
    this.secret(made.secret);
    return made.id;
  }

  // Of a change to a script that listens to it.
  async delivery() {
    const source = 'require("foyer").on("workspace.updated", function() end)\n';
    await this.make('/v1/scripts/listens.lua', { source }, 'maker', 'PUT');
    await this.make('/v1/workspaces', { clientsMayInvite: true }, 'maker', 'PATCH');
    for (;;) {
      const { data } = await this.make('/v1/deliveries', undefined, 'maker', 'GET');
      if (data.length > 0 && data[0].status === 'done') return data[0];
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
  }

  async fillSecond() {
    const made = async (kind, path, body) => {
      const { id } = await this.make(path, body, 'other');
      this.foreign[kind] = id;
      this.see(id);
      return id;
    };
    const company = await made('company', '/v1/companies', { name: 'CANARY Company', description: 'CANARY note' });
    await made('field', '/v1/custom-fields', { name: 'CANARY field', type: 'multiSelect' });
    await this.make(`/v1/custom-fields/${this.foreign.field}/options`, { key: 'canary', label: 'CANARY option' }, 'other');
    const people = [];
    for (const n of [1, 2]) {
      people.push(await made('client', '/v1/clients', { givenName: `CANARY-${n}`, familyName: 'Lee', companyIds: [company],
        email: `canary-${n}@nest.example`, position: 'CANARY position', tags: ['canary'] }));
    }
    await made('channel', '/v1/message-channels', { membershipType: 'group', memberIds: people, companyId: company });
    const operation = await this.operation('other');
    this.foreign.operation = operation.id;
    this.see(operation.id);
    await made('hook', '/v1/webhook-endpoints', { url: 'https://hooks.example.com/', events: ['crm.never'], description: 'CANARY hook' });
    await made('role', '/v1/roles', { name: 'CANARY role', permissions: ['view_clients'] });
    const { data } = await this.make('/v1/invites', { clientIds: people, message: 'CANARY message' }, 'other');
    this.foreign.invite = data[0].invite.id;
    for (const { invite } of data) this.see(invite.id);
    const [boss] = (await this.make('/v1/internal-users', undefined, 'other', 'GET')).data;
    this.foreign.staff = boss.id;
    this.see(boss.id);
  }

  // Staff of each role that there is, and logins of two clients: rows, since most roads to them need a mailed link.
  addPeople() {
    const database = join(this.server.data, 'foyer.db');
    const sql = (text) => execFileSync('sqlite3', [database, text], { encoding: 'utf8' }).trim();
    const hash = sql("SELECT password_hash FROM logins WHERE email = 'owner@rocket.example'");
    const there = sql('SELECT name FROM roles WHERE workspace = 1').split('\n');
    this.staff = Object.fromEntries(Object.entries(staffRoles).filter(([, role]) => there.includes(role)));
    const login = (name) => sql(`INSERT INTO logins (id, workspace, email, email_key, password_hash, created_at)
      VALUES (randomblob(16), 1, '${name}@rocket.example', '${name}@rocket.example', '${hash}', 1); SELECT last_insert_rowid()`);
    Object.entries(this.staff).forEach(([name, role], n) => {
      const id = this.name('staff', name, `01900000-0000-7000-8000-00000000000${n}`);
      sql(`INSERT INTO internal_users (workspace, id, login, role, given_name, family_name, email, email_key, fallback_color,
        is_limited, created_at, updated_at) SELECT 1, x'${id.replaceAll('-', '')}', ${login(name)}, seq, '${name}', 'Staff',
        '${name}@rocket.example', '${name}@rocket.example', '#2f5d50', ${confined.includes(name) ? 1 : 0}, 1, 1
        FROM roles WHERE workspace = 1 AND name = '${role}'`);
    });
    sql(`INSERT INTO internal_user_companies SELECT 1, u.seq, c.seq FROM internal_users u, companies c
      WHERE u.is_limited = 1 AND c.name = 'Rocket Rides' AND c.workspace = 1`);
    sql(`UPDATE clients SET account_manager = x'${this.ids.assigned.replaceAll('-', '')}' WHERE email = 'cai@rocket.example'`);
    for (const name of ['ann', 'bea']) sql(`UPDATE clients SET login = ${login(name)} WHERE email = '${name}@rocket.example'`);
    const owner = sql("SELECT lower(hex(id)) FROM internal_users WHERE email = 'owner@rocket.example'");
    this.name('staff', 'owner', owner.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
  }

  async signInAll() {
    for (const name of ['owner', ...Object.keys(this.staff), 'bea', 'ann']) this.roles[name] = await this.signIn(name);
  }

  async signIn(name) {
    const body = JSON.stringify({ email: `${name}@rocket.example`, password: PASSWORD, workspaceId: this.workspace });
    const answer = await this.ask('nobody', 'POST', '/v1/auth/login', body);
    if (answer.status !== 200) throw new Error(`${name} cannot sign in: ${answer.text}`);
    return this.session(answer);
  }

  session(answer) {
    const [, cookie, value] = /(foyer_session=([^;]+))/.exec(answer.headers.get('set-cookie'));
    this.secret(value);
    return { cookie, origin: this.server.base };
  }

  async sessionOf(workspaceId, email) {
    this.roles.boss = this.session(await this.ask('other', 'POST', '/v1/auth/login',
      JSON.stringify({ email, password: PASSWORD, workspaceId })));
    const [{ id }] = (await this.make('/v1/sessions', undefined, 'boss', 'GET')).data;
    delete this.roles.boss;
    this.see(id);
    return id;
  }

  // A row for one request alone.
  async fresh(kind, role) {
    const n = (this.serial += 1);
    const client = async (companyIds) => (await this.make('/v1/clients',
      { givenName: `Fresh${n}`, familyName: 'Lee', email: `fresh-${n}@rocket.example`, companyIds })).id;
    const { ids } = this;
    switch (kind) {
      case '+number': return String(n);
      case '+client': return client([ids.rockets]);
      case '+archived': { const id = await client([ids.rockets]); await this.make(`/v1/clients/${id}`, undefined, 'maker', 'DELETE'); return id; }
      case '+biker': return client([ids.bikes]);
      case '+company': return (await this.make('/v1/companies', { name: `Fresh ${n}` })).id;
      case '+channel': return (await this.make('/v1/message-channels',
        { membershipType: 'group', memberIds: [await client([ids.rockets]), ids.ann], companyId: ids.rockets })).id;
      case '+field': return (await this.make('/v1/custom-fields', { name: `Fresh ${n}`, type: 'text' })).id;
      case '+option': await this.make(`/v1/custom-fields/${ids.size}/options`, { key: `k${n}`, label: `K ${n}` }); return `k${n}`;
      case '+invite': return (await this.make('/v1/invites', { clientIds: [await client([ids.rockets])] })).data[0].invite.id;
      case '+role': return (await this.make('/v1/roles', { name: `Fresh ${n}`, permissions: ['view_clients'] })).id;
      case '+staff': return (await this.make('/v1/internal-users',
        { givenName: 'Fresh', familyName: 'Staff', email: `fresh-${n}@rocket.example`, role: 'Staff' })).id;
      case '+key': { const made = await this.make('/v1/api-keys', { name: `Fresh ${n}`, scopes: ['view_clients'] }); this.secret(made.key); return made.id; }
      case '+hook': return this.hook('maker', `Fresh ${n}`);
      case '+session': {
        const who = role in this.staff || ['owner', 'ann', 'bea'].includes(role) ? role : 'owner';
        this.roles.extra = await this.signIn(who);
        const list = (await this.make('/v1/sessions', undefined, 'extra', 'GET')).data;
        delete this.roles.extra;
        return list.find(({ isCurrent }) => isCurrent).id;
      }
      default: throw new Error(`there is no row ${kind}`);
    }
  }

  kindOf(name) {
    return this.kinds[name] ?? { '+archived': 'client', '+biker': 'client' }[name] ?? name.replace('+', '');
  }

  // Doors count failures by address: each role has its own.
  addressOf(who) { return `10.0.0.${[...knownRoles, 'maker', 'boss', 'extra'].indexOf(who) + 1}`; }

  async ask(who, method, path, body) {
    const headers = { ...this.roles[who], 'x-forwarded-for': this.addressOf(who), ...(body ? { 'content-type': 'application/json' } : {}) };
    const answer = await fetch(this.server.base + path, { method, headers, body, redirect: 'manual' });
    const text = await answer.text();
    let json;
    try { json = JSON.parse(text); } catch { json = undefined; }
    if (!['other', 'boss'].includes(who)) this.scan(`${who} ${method} ${path}`, `${[...answer.headers].join('\n')}\n${text}`, `${path}${body ?? ''}`);
    this.scanHidden(who, `${who} ${method} ${path}`, text, `${path}${body ?? ''}`);
    for (const [secret] of text.matchAll(/foyer_[\w-]{43}|(?<=\/(?:invite|reset|sign-in)\/)[\w-]{64}/g)) this.secret(secret);
    return { status: answer.status, headers: answer.headers, text, json };
  }

  // Rows of its own workspace that a role does not see are in no other answer, either.
  scanHidden(who, where, text, asked) {
    for (const name of this.hidden[who] ?? []) {
      if (text.includes(this.ids[name]) && !asked.includes(this.ids[name])) this.beyond.push({ role: who, where, name });
    }
  }

  // What was asked with a canary's id may speak of this id.
  scan(where, text, asked = '') {
    const low = text.toLowerCase();
    const isOfAsking = /\/v1\/decisions/.test(where); // what one asked for stands there, found or not
    for (const canary of this.canaries) {
      if (isOfAsking && canary !== 'canary') continue;
      if (low.includes(canary) && !asked.toLowerCase().includes(canary)) this.leaks.push(`${where} shows ${canary}`);
    }
  }

  scanLog(log = this.server.stderr) {
    const low = log.toLowerCase();
    const found = low.includes('canary') ? ['the log shows a canary'] : [];
    for (const secret of this.secrets) if (log.includes(secret)) found.push(`the log shows the secret ${secret.slice(0, 12)}…`);
    return found;
  }
}
