// Vectors: the files of tests/http as data. README.md says what their lines mean.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SINGLE = { r: '\r', n: '\n', t: '\t', 0: '\0', '\\': '\\', s: ' ' };

// Bytes as a latin1 string. Stops at the '}' that ends a repeat; [text, position behind it].
function unescape(text, from = 0, inRepeat = false) {
  let out = '';
  let at = from;
  while (at < text.length) {
    const next = text[at + 1];
    if (text[at] === '}' && inRepeat) return [out, at + 1];
    if (text[at] !== '\\') {
      out += text[at];
      at += 1;
    } else if (next === 'x') {
      out += String.fromCharCode(parseInt(text.slice(at + 2, at + 4), 16));
      at += 4;
    } else if (next === '{') {
      const blank = text.indexOf(' ', at);
      const [piece, end] = unescape(text, blank + 1, true);
      out += piece.repeat(Number(text.slice(at + 2, blank)));
      at = end;
    } else {
      out += SINGLE[next];
      at += 2;
    }
  }
  return [out, at];
}

function answer(text) {
  const [status, then = '', ...rest] = text.split(' ');
  const more = rest.join(' ');
  return {
    isNothing: status === 'nothing',
    status: Number(status),
    then,
    code: /code=(\S+)/.exec(more)?.[1],
    has: /has=(.*)$/.exec(more)?.[1],
  };
}

// [{ file, name, bytes: Buffer, answers: [{ isNothing, status, then, code, has, method }] }]
export function readVectors(folder) {
  const vectors = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.vec')).sort()) {
    let vector;
    for (const line of readFileSync(join(folder, file), 'latin1').split('\n')) {
      const text = line.slice(2);
      if (line[0] === '=') {
        vector = { file, name: text, bytes: '', answers: [] };
        vectors.push(vector);
      } else if (line[0] === '>') {
        vector.bytes += unescape(text)[0];
      } else if (line[0] === '<') {
        vector.answers.push(answer(text));
      } else if (line[0] === '@') {
        vector.answers.at(-1).method = text.split(' ')[0];
      }
    }
  }
  for (const vector of vectors) vector.bytes = Buffer.from(vector.bytes, 'latin1');
  return vectors;
}
