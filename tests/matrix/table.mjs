// Table: reads expected.txt. How it is written stands at its head.
import { readFileSync } from 'node:fs';

// [{line, method, path, body, groups: {role: answer}, sees: {role: [names] | '*'}}], and meets: {role: [names]}
export function readTable(text, known) {
  const words = {};
  const cases = [];
  const meets = {};
  text.split('\n').forEach((raw, index) => {
    const line = raw.replace(/(^|\s)#.*$/, '').trimEnd();
    const fail = (why) => { throw new Error(`expected.txt:${index + 1}: ${why}: ${raw}`); };
    const roles = (list) => list.trim().split(/\s+/).flatMap((name) => words[name]
      ?? (known.includes(name) ? [name] : fail(`there is no role ${name}`)));
    let m;
    if (!line) return;
    if ((m = /^may meet (.*): (.*)$/.exec(line))) {
      for (const role of roles(m[2])) meets[role] = [...(meets[role] ?? []), ...m[1].split(' ')];
      return;
    }
    if ((m = /^= (\S+): (.*)$/.exec(line))) words[m[1]] = roles(m[2]);
    else if ((m = /^\s+sees (.*): (.*)$/.exec(line))) {
      const rows = m[1].trim() === 'all of it' ? '*' : m[1].trim() === 'nothing' ? [] : m[1].trim().split(/\s+/);
      for (const role of roles(m[2])) cases.at(-1).sees[role] = rows;
    } else if ((m = /^\s+answers (.*)$/.exec(line))) {
      for (const group of m[1].split(';')) {
        const [answer, list] = group.split(':');
        for (const role of roles(list)) {
          if (cases.at(-1).answers[role]) fail(`${role} stands there twice`);
          cases.at(-1).answers[role] = answer.trim();
        }
      }
    } else if ((m = /^(GET|POST|PUT|PATCH|DELETE) (\S+)(?: (\{.*\}))?$/.exec(line))) {
      cases.push({ line: index + 1, method: m[1], path: m[2], body: m[3], answers: {}, sees: {} });
    } else fail('what is this');
  });
  return Object.assign(cases, { meets });
}

export function readExpected(known) {
  return readTable(readFileSync(new URL('expected.txt', import.meta.url), 'utf8'), known);
}

// "/v1/clients/{id=ann}?x=1" is the route "/v1/clients/{id}".
export function routeOf(path) { return path.split('?')[0].replace(/\{(\w+)=[^}]*\}/g, '{$1}'); }

// The names in it that stand for rows: "ann", "+client".
export function rowsIn(text) {
  return [...(text ?? '').matchAll(/\{(?:\w+=)?(\+?[a-z][\w.]*)\}/gi)].map(([, name]) => name);
}

export async function fillRows(text, valueOf) {
  let filled = '';
  let at = 0;
  for (const m of (text ?? '').matchAll(/\{(?:\w+=)?(\+?[a-z][\w.]*)\}/gi)) {
    filled += text.slice(at, m.index) + await valueOf(m[1]);
    at = m.index + m[0].length;
  }
  return filled + (text ?? '').slice(at);
}
