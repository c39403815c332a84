// Matrix: the table beside the routes, every line by every role, lists in every way, foreign ids, canaries,
// and last the controls: what the suite must see.
import { mailsOf } from '../stories/lib/mail.mjs';
import { askAll, askForeign, checkTable, say } from './cases.mjs';
import { controls } from './controls.mjs';
import { Lists } from './lists.mjs';
import { knownRoles, World } from './world.mjs';
import { readExpected, routeOf } from './table.mjs';

const wantedParts = process.argv.slice(2);
let passed = 0;
let failed = 0;

function tell(name, wrong) {
  if (wrong.length) {
    failed += 1;
    console.log(`FAIL ${name}\n    ${wrong.slice(0, 20).join('\n    ')}`);
  } else {
    passed += 1;
    console.log(`ok ${name}`);
  }
}

async function routesOf(world) {
  const { json } = await world.ask('nobody', 'GET', '/openapi.json');
  const routes = new Map();
  for (const [path, methods] of Object.entries(json.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      routes.set(`${method.toUpperCase()} ${path}`, { action: operation['x-foyer-action'],
        query: (operation.parameters ?? []).filter((parameter) => parameter.in === 'query').map(({ name }) => name) });
    }
  }
  return routes;
}

// What was met and may be does no harm; what may be met and was not is a line too many.
function checkMeetings(cases) {
  const wrong = world.beyond.filter(({ role, name }) => !cases.meets[role]?.includes(name)).map(({ where, name }) => `${where} shows ${name}`);
  for (const [role, names] of wantedParts.length ? [] : Object.entries(cases.meets)) {
    for (const name of names) if (!world.beyond.some((one) => one.role === role && one.name === name)) wrong.push(`${role} never meets ${name}: expected.txt says that it may`);
  }
  return [...new Set(wrong)];
}

// Of all that is listed, what a role sees in no list. Staff and keys are named wherever they made something.
function hiddenRows(cases) {
  const rows = (one, role) => (Array.isArray(one.sees[role]) ? one.sees[role] : []);
  const hidden = {};
  for (const role of knownRoles.filter((each) => !['nobody', 'other'].includes(each))) {
    const seen = new Set(cases.flatMap((one) => rows(one, role)));
    hidden[role] = [...new Set(cases.flatMap((one) => rows(one, 'owner')))].filter((name) => !seen.has(name) && !['staff', 'key'].includes(world.kinds[name]));
  }
  return hidden;
}

// Pages are in no description: what they show is looked through all the same.
const pages = ['/', '/account', '/workspaces', '/sign-in', '/forgot', '/docs', '/metrics', '/healthz', '/readyz'];

const world = new World();
try {
  await world.open();
  const roles = knownRoles.filter((role) => world.roles[role]);
  const routes = await routesOf(world);
  const cases = readExpected(knownRoles);
  const picked = cases.filter((one) => !wantedParts.length || wantedParts.some((part) => say(one).includes(part)));
  const lists = new Lists(world, routes, cases);
  const isList = (one) => one.method === 'GET' && routes.get(`GET ${routeOf(one.path)}`)?.query.includes('nextToken');

  for (const one of cases) one.isPaged = isList(one);

  tell('every route has its line, every line its route, every line every role', checkTable(cases, routes, roles));
  world.hidden = hiddenRows(cases);
  for (const one of picked.filter(({ isPaged }) => isPaged)) tell(`${say(one)}: rows`, await lists.check(one, roles));
  for (const one of picked.filter(({ isPaged }) => isPaged)) tell(`${say(one)}: nothing foreign is found`, await lists.checkForeign(one));
  for (const one of picked) {
    tell(say(one), await askAll(world, one, roles));
    const wrong = await askForeign(world, one, roles);
    if (wrong.length || /\{/.test(one.path + (one.body ?? ''))) tell(`${say(one)}: foreign ids`, wrong);
  }
  await world.signInAll(); // the doors were the last
  for (const page of pages) for (const role of roles) await world.ask(role, 'GET', page);
  tell('no answer shows a row that the role does not see', checkMeetings(cases));
  tell('no answer shows anything of the other workspace', world.leaks.splice(0));
  const mails = (await mailsOf(world.server.data)).filter(({ to }) => !to.some((address) => address.includes('canary')));
  for (const mail of mails) world.scan(`a mail to ${mail.to}`, JSON.stringify(mail));
  tell('no mail shows anything of the other workspace', mails.length ? world.leaks.splice(0) : ['there is no mail']);
  tell('the log shows nothing of the other workspace, and no secret', world.scanLog());
  if (!wantedParts.length) for (const [name, control] of Object.entries(controls)) tell(`control: ${name}`, await control({ world, roles, routes, cases }));
  tell('the server ends in order', await world.server.stop() === 0 ? [] : [world.server.stderr.slice(-3000)]);
} catch (error) {
  tell('the suite', [error.stack, (world.server.stderr ?? '').slice(-2000)]);
} finally {
  world.server.process?.kill('SIGKILL');
  world.server.remove();
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
