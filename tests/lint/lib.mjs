// What several lints need: the files of a tree, C without comments and strings, running a tool.
import fs from "node:fs";
import path from "node:path";
import { spawnSync } from "node:child_process";

const SKIPPED = new Set(["build", "node_modules", "planted", ".git", ".cache"]);

/** Paths relative to root of the files under its folders whose names end in one of the endings. */
export function files(root, folders, endings) {
  const found = [];
  const walk = (relative) => {
    for (const entry of fs.readdirSync(path.join(root, relative), { withFileTypes: true })) {
      const at = path.join(relative, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) walk(at);
      else if (entry.isFile() && endings.some((ending) => entry.name.endsWith(ending))) found.push(at);
    }
  };
  for (const folder of folders) if (fs.existsSync(path.join(root, folder))) walk(folder);
  return found.sort();
}

export const read = (root, file) => fs.readFileSync(path.join(root, file), "utf8");

/** C with comments, strings and character constants blanked; lines stay where they are. */
export function bareC(text) {
  const pattern = /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/g;
  return text.replace(pattern, (match) => {
    const blank = match.replace(/[^\n]/g, " ");
    return match.startsWith('"') || match.startsWith("'") ? match[0] + blank.slice(1, -1) + match[0] : blank;
  });
}

/** Runs a tool; throws when it is not there, so that a lint never passes for want of it. */
export function run(tool, args, options = {}) {
  const done = spawnSync(tool, args, { encoding: "utf8", maxBuffer: 1 << 26, ...options });
  if (done.error) throw new Error(`${tool} cannot be run: ${done.error.message}`);
  return { code: done.status, text: done.stdout + done.stderr, out: done.stdout };
}

/** Rows of the Markdown table whose heading begins with `first`, each a list of its cells. */
export function markdownTable(text, first) {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.replace(/\s+/g, " ").startsWith(`| ${first} |`));
  if (start < 0) return null;
  const rows = [];
  for (let i = start + 2; i < lines.length && lines[i].startsWith("|"); i++) {
    rows.push(lines[i].split("|").slice(1, -1).map((cell) => cell.trim()));
  }
  return rows;
}

export const commaList = (cell) => cell.split(",").map((word) => word.trim()).filter(Boolean);
