// Controls: mistakes that are planted on purpose. Each gives what the suite did not see of it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askAll, askForeign, checkTable } from './cases.mjs';
import { Lists } from './lists.mjs';

const rules = readFileSync(new URL('../../scripts/permissions.lua', import.meta.url), 'utf8');

// Runs `look` while a script of the data folder says so.
async function under(world, name, source, look) {
  const folder = join(world.server.data, 'scripts');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), source);
  await world.command('script', 'reload');
  try {
    return await look();
  } finally {
    rmSync(join(folder, name));
    await world.command('script', 'reload');
    world.leaks.splice(0);
  }
}

const planted = (action, answer) => `-- Planted.\nlocal foyer = require("foyer")\nfoyer.rule("${action}", function() return ${answer} end)\n`;

function sawIt(wrong, pattern) {
  return wrong.some((line) => pattern.test(line)) ? [] : [`nothing of it was seen: ${wrong.slice(0, 3).join('; ')}`];
}

const find = (cases, method, path) => cases.find((one) => one.method === method && one.path === path);

export const controls = {
  'a scope that shows clients everybody is seen': async ({ world, routes, cases }) => {
    const wider = rules.replace('foyer.union { foyer.own(), foyer.companies(administered(actor)) }', 'foyer.everything()');
    if (wider === rules) return ['it could not be planted: permissions.lua has changed'];
    return under(world, 'permissions.lua', wider, async () => [
      ...sawIt(await new Lists(world, routes, cases).check(find(cases, 'GET', '/v1/clients'), ['ann']), /ann sees .*cai/),
      ...sawIt(await askAll(world, find(cases, 'GET', '/v1/clients/{id=cai}'), ['ann']), /ann gets 200, not 404/)]);
  },

  'a rule that lets everybody delete is seen': ({ world, roles, cases }) => under(world, 'planted.lua',
    planted('company.delete', 'foyer.allow("planted")'),
    async () => sawIt(await askAll(world, find(cases, 'DELETE', '/v1/companies/{id=+company}'), roles), /few gets 200, not 403/)),

  'a rule that lets nobody in is seen': ({ world, roles, cases }) => under(world, 'planted.lua',
    planted('me.read', 'foyer.deny("shut", "Shut today.")'),
    async () => sawIt(await askAll(world, find(cases, 'GET', '/v1/me'), roles), /owner gets 403, not ok/)),

  'a rule that shows links to all is seen': ({ world, roles, cases }) => under(world, 'planted.lua',
    planted('invite.link', 'foyer.allow("planted")'),
    async () => sawIt(await askAll(world, find(cases, 'GET', '/v1/invites/{id=annInvite}/link'), roles), /few gets 200, not 403/)),

  'a route without a line, a line without a route and a role without an answer are seen': ({ roles, routes, cases }) => {
    const more = new Map([...routes, ['GET /v1/new', { query: [] }]]);
    const [first, ...others] = cases;
    const { owner, ...answers } = first.answers;
    const wrong = checkTable([{ ...first, answers }, ...others, { ...first, path: '/v1/old' }], more, roles);
    return [...sawIt(wrong, /GET \/v1\/new has no line/), ...sawIt(wrong, /there is no route \S+ \/v1\/old/), ...sawIt(wrong, /does not say what owner gets/)];
  },

  'an id that answers otherwise than none is seen': async ({ world, roles, cases }) => {
    const before = world.foreign.client;
    world.foreign.client = world.ids.ann; // as though a foreign one were shown
    try {
      return sawIt(await askForeign(world, find(cases, 'GET', '/v1/clients/{id=ann}'), roles), /can tell the other workspace's ann/);
    } finally {
      world.foreign.client = before;
    }
  },

  'a canary in an answer is seen': async ({ world }) => {
    await world.make('/v1/clients', { givenName: 'Canary', familyName: 'Planted', email: 'planted@rocket.example' }, 'key');
    await world.ask('owner', 'GET', '/v1/clients?limit=1');
    return sawIt(world.leaks.splice(0), /owner GET .* shows canary/);
  },

  'a canary and a secret in the log are seen': ({ world }) => {
    const wrong = world.scanLog(`${world.server.stderr}\nlevel=info name="CANARY Law" key=${world.roles.key['x-api-key']}`);
    return [...sawIt(wrong, /shows a canary/), ...sawIt(wrong, /shows the secret foyer_/)];
  },
};
