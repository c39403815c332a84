// Files of at most 500 lines, functions of at most 60, and a head comment in every file of C.
// It counts by format: a function's braces stand in column 0 (clang-format sees to that); in Lua
// its `end` stands below its first line.
import { files, read } from "./lib.mjs";

const FILE_LINES = 500;
const FUNCTION_LINES = 60;
const FOLDERS = ["core", "include", "plugins", "scripts", "tests", "examples"];

export function check(root) {
  const findings = [];
  for (const file of files(root, FOLDERS, [".c", ".h", ".lua", ".mjs", ".js", ".css", ".sql"])) {
    const lines = read(root, file).replace(/\n$/, "").split("\n");
    if (lines.length > FILE_LINES) {
      findings.push(`${file}:${FILE_LINES + 1}: ${lines.length} lines: split it by verb (at most ${FILE_LINES})`);
    }
    if (/\.[ch]$/.test(file)) {
      if (!lines[0].startsWith("/*")) findings.push(`${file}:1: begin with a comment that says what lives here`);
      longFunctions(file, lines, (line) => line === "{", () => "}", 1, findings);
    }
    if (file.endsWith(".lua")) {
      const begin = (line) => /\bfunction\b[^)]*\)\s*(--.*)?$/.test(line);
      longFunctions(file, lines, begin, (line) => `${/^\s*/.exec(line)[0]}end`, 0, findings);
    }
  }
  return findings;
}

function longFunctions(file, lines, isBegin, endOf, above, findings) {
  lines.forEach((line, index) => {
    if (!isBegin(line)) return;
    const end = endOf(line);
    const length = lines.slice(index).findIndex((later) => later === end || later.startsWith(`${end})`) || later.startsWith(`${end},`)) + 1;
    if (length > FUNCTION_LINES) {
      findings.push(`${file}:${index + 1 - above}: a function of ${length} lines: split it (at most ${FUNCTION_LINES})`);
    }
  });
}
