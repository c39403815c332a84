// Cases: a line of the table, asked by every role; and again with ids of the other workspace, and of nobody.
import { fillRows, routeOf, rowsIn } from './table.mjs';

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const curious = ['owner', 'key', 'limited', 'bea']; // who asks for what is not there

export const say = (one) => `${one.method} ${one.path}${one.body ? ` ${one.body}` : ''}`;

// What is wrong with the table itself, beside the routes that there are.
export function checkTable(cases, routes, roles) {
  const wrong = [];
  const named = new Set(cases.map(({ method, path }) => `${method} ${routeOf(path)}`));
  for (const route of routes.keys()) if (!named.has(route)) wrong.push(`${route} has no line in expected.txt`);
  for (const one of cases) {
    if (!routes.has(`${one.method} ${routeOf(one.path)}`)) wrong.push(`line ${one.line}: there is no route ${one.method} ${routeOf(one.path)}`);
    for (const role of roles) if (!one.answers[role]) wrong.push(`line ${one.line}: ${say(one)} does not say what ${role} gets`);
  }
  return wrong;
}

export async function filled(world, one, role, replace = {}) {
  const valueOf = async (name) => replace[name] ?? world.ids[name]
    ?? (name.includes('.') ? name : name === 'me' ? role : name.startsWith('+') ? world.fresh(name, role) : undefined);
  return { path: (await fillRows(one.path, valueOf)), body: one.body && await fillRows(one.body, valueOf) };
}

const fits = (wanted, status) => (wanted === 'ok' ? status >= 200 && status < 400 : status === Number(wanted));

// Lists that have no pages are short: only their rows are looked at. (lists.mjs looks at the others.)
const isPlainList = (one, role) => !one.isPaged && one.sees[role];

function rowsOf(world, one, role, answer) {
  const nameOf = Object.fromEntries(Object.entries(world.ids).map(([name, id]) => [id, name]));
  const seen = new Set(answer.json.data.map(({ id, companyId }) => nameOf[id ?? companyId]).filter(Boolean));
  const wanted = one.sees[role];
  if (wanted === '*') return answer.json.data.length ? undefined : `line ${one.line}: ${say(one)}: ${role} sees nothing`;
  return seen.size === wanted.length && wanted.every((name) => seen.has(name)) ? undefined
    : `line ${one.line}: ${say(one)}: ${role} sees ${[...seen].join(' ') || 'nothing'}, not ${wanted.join(' ') || 'nothing'}`;
}

// Every role gets what the line says.
export async function askAll(world, one, roles) {
  const wrong = await Promise.all(roles.map(async (role) => {
    const { path, body } = await filled(world, one, role);
    const answer = await world.ask(role, one.method, path, body);
    if (!fits(one.answers[role], answer.status)) return `line ${one.line}: ${say(one)}: ${role} gets ${answer.status}, not ${one.answers[role]}: ${answer.text.slice(0, 300)}`;
    return isPlainList(one, role) ? rowsOf(world, one, role, answer) : undefined;
  }));
  return wrong.filter(Boolean);
}

// An id of the other workspace answers as one that is nowhere, byte for byte.
export async function askForeign(world, one, roles) {
  const wrong = [];
  for (const name of new Set([...rowsIn(one.path), ...rowsIn(one.body)])) {
    const foreign = world.foreign[world.kindOf(name)];
    if (!foreign) continue;
    const nowhere = foreign.slice(0, -12) + 'ffffffffffff';
    for (const role of curious.filter((each) => roles.includes(each))) {
      const answers = [];
      for (const id of [foreign, nowhere]) {
        const { path, body } = await filled(world, one, role, { [name]: id });
        const answer = await world.ask(role, one.method, path, body);
        answers.push(`${answer.status} ${bytes(answer)}`);
      }
      if (answers[0] !== answers[1]) wrong.push(`line ${one.line}: ${say(one)}: ${role} can tell the other workspace's ${name} from none:\n  ${answers.join('\n  ')}`);
      if (/^2/.test(answers[0]) && !one.path.includes('?')) {
        // A verdict for each of many is no taking.
        if (!/"(status|code)":"?(not_found|404)|not_found/.test(answers[0])) wrong.push(`line ${one.line}: ${say(one)}: ${role} may name the other workspace's ${name}: ${answers[0]}`);
      }
    }
  }
  return wrong;
}

// All that an answer tells, but what differs between any two.
function bytes(answer) {
  const headers = [...answer.headers].filter(([name]) => !['x-request-id', 'date', 'etag', 'content-length'].includes(name) && !name.startsWith('ratelimit'));
  return `${JSON.stringify(headers)} ${answer.text}`.replace(/"requestId":"[^"]*"/g, '').replace(ID, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME').replace(/fresh-?\d+/gi, 'FRESH').replace(/"fallbackColor":"[^"]*"/g, '');
}
