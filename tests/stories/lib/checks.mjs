// Checks: the lines below an answer. Each compares one thing, or keeps it under a name.

export class Mismatch extends Error {}

export function pathOf(value, path) {
  return path.split('.').reduce((at, key) => (at === undefined || at === null ? undefined : at[key]), value);
}

function fail(text) { throw new Mismatch(text); }

// what = {json, text, headers}; names = the story's variables; line has them filled in.
export function check(line, what, names) {
  let m;
  if ((m = /^page has "(.*)"$/.exec(line))) {
    if (!visible(what.text).includes(m[1])) fail(`the page has no "${m[1]}":\n${visible(what.text)}`);
  } else if ((m = /^page lacks "(.*)"$/.exec(line))) {
    if (what.text.includes(m[1])) fail(`the page has "${m[1]}"`);
  } else if ((m = /^header (\S+) lacks (.*)$/.exec(line))) {
    if ((what.headers.get(m[1]) ?? '').includes(m[2])) fail(`header ${m[1]} is ${what.headers.get(m[1])}`);
  } else if ((m = /^header (\S+) is absent$/.exec(line))) {
    if (what.headers.has(m[1])) fail(`header ${m[1]} is ${what.headers.get(m[1])}`);
  } else if ((m = /^header (\S+) as (\w+)$/.exec(line))) {
    if (!what.headers.has(m[1])) fail(`there is no header ${m[1]}`);
    names[m[2]] = what.headers.get(m[1]);
  } else if ((m = /^header (\S+) (=|~) (.*)$/.exec(line))) {
    const got = what.headers.get(m[1]) ?? '';
    if (m[2] === '=' ? got !== m[3] : !got.includes(m[3])) fail(`header ${m[1]} is ${JSON.stringify(got)}`);
  } else if ((m = /^all as (\w+)$/.exec(line))) {
    names[m[1]] = what.text;
  } else if ((m = /^all = (.*)$/s.exec(line))) {
    if (mask(what.text) !== mask(m[1])) fail(`differs:\n${mask(what.text)}\n${mask(m[1])}`);
  } else if ((m = /^(\S+) as (\w+)$/.exec(line))) {
    const got = pathOf(what.json, m[1]);
    if (got === undefined || got === null) fail(`${m[1]} is ${got}`);
    names[m[2]] = got;
  } else if ((m = /^(\S+) is absent$/.exec(line))) {
    if (pathOf(what.json, m[1]) !== undefined) fail(`${m[1]} is ${JSON.stringify(pathOf(what.json, m[1]))}`);
  } else if ((m = /^(\S+) has (\d+) entr(?:y|ies)$/.exec(line))) {
    const got = pathOf(what.json, m[1]);
    if (!Array.isArray(got) || got.length !== Number(m[2])) fail(`${m[1]} is ${JSON.stringify(got)}`);
  } else if ((m = /^(\S+) (=|!=) (.*)$/.exec(line))) {
    const got = JSON.stringify(pathOf(what.json, m[1])), wanted = JSON.stringify(JSON.parse(m[3]));
    if ((got === wanted) !== (m[2] === '=')) fail(`${m[1]} is ${got}`);
  } else if ((m = /^(\S+) (~|!~) (.*)$/.exec(line))) {
    const got = String(pathOf(what.json, m[1]));
    if (got.includes(m[3]) !== (m[2] === '~')) fail(`${m[1]} is ${JSON.stringify(got)}`);
  } else {
    throw new Error(`no such check: ${line}`);
  }
}

// What differs between two answers of the same thing.
function mask(text) { return text.replace(/"requestId":"[^"]*"/g, '"requestId":"…"').replace(/<code>[^<]*<\/code>/g, ''); }

function visible(html) {
  return html.replace(/<(style|script|head)[\s\S]*?<\/\1>/g, '').replace(/<[^>]*>/g, ' ').replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&').replace(/\s+/g, ' ').trim();
}
