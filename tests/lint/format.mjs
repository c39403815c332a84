// clang-format decides how C looks; shell scripts parse; JavaScript parses.
import fs from "node:fs";
import path from "node:path";
import { files, read, run } from "./lib.mjs";

const FOLDERS = ["core", "include", "plugins", "tests", "examples"];

export function check(root, { planted }) {
  const style = path.resolve(root, planted ? "../../../../.." : ".", ".clang-format");
  return [...formatC(root, style), ...shells(root), ...scripts(root)];
}

function formatC(root, style) {
  const sources = files(root, FOLDERS, [".c", ".h"]);
  if (sources.length === 0) return [];
  const { text } = run("clang-format", [`--style=file:${style}`, "--dry-run", "-Werror", ...sources], { cwd: root });
  const firstLines = new Map();
  for (const [, file, line] of text.matchAll(/^(\S+?):(\d+):\d+: error:/gm)) {
    if (!firstLines.has(file)) firstLines.set(file, line);
  }
  return [...firstLines].map(([file, line]) => `${file}:${line}: not as clang-format writes it: clang-format -i ${file}`);
}

function shells(root) {
  return files(root, [".ci", ...FOLDERS], [""])
    .filter((file) => read(root, file).startsWith("#!/usr/bin/env bash"))
    .flatMap((file) => {
      const done = run("bash", ["-n", path.join(root, file)]);
      const isExecutable = (fs.statSync(path.join(root, file)).mode & 0o111) !== 0;
      return [
        ...(done.code === 0 ? [] : [`${file}:1: bash cannot read it: ${done.text.trim()}`]),
        ...(isExecutable ? [] : [`${file}:1: begins with #! and is not executable`]),
      ];
    });
}

function scripts(root) {
  return files(root, FOLDERS, [".mjs"]).flatMap((file) => {
    const done = run("node", ["--check", path.join(root, file)]);
    return done.code === 0 ? [] : [`${file}:1: node cannot read it: ${done.text.trim().split("\n").slice(-3)[0]}`];
  });
}
