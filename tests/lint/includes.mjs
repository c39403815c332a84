// Includes obey the two tables of core/README.md: which folder may include which, and where headers
// from outside may stand. Plugins include include/foyer alone, those of examples/, too; include/foyer is plain C.
import fs from "node:fs";
import path from "node:path";
import { commaList, files, markdownTable, read } from "./lib.mjs";

const C_HEADERS = new Set(`assert ctype errno float inttypes iso646 limits locale math setjmp signal stdalign stdarg
  stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string time wchar wctype`.split(/\s+/).map((name) => `${name}.h`));
const POSIX_HEADERS = new Set(`arpa/inet dirent fcntl fnmatch ftw getopt glob grp libgen malloc net/if netdb netinet/in
  netinet/ip netinet/tcp poll pwd sched semaphore spawn strings sys/eventfd sys/file sys/inotify sys/ioctl sys/mman
  sys/prctl sys/random sys/resource sys/sendfile sys/socket sys/stat sys/statvfs sys/syscall sys/time sys/types sys/uio
  sys/un sys/utsname sys/vfs sys/wait syslog termios unistd`.split(/\s+/).map((name) => `${name}.h`));
const GENERATED = new Set(["base/version.h"]);
const INCLUDE = /^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)/;

export function check(root, { planted }) {
  const findings = [];
  const map = planted ? path.resolve(root, "../../../../..") : root;
  const tables = readTables(read(map, "core/README.md"), findings);
  if (!tables) return findings;
  for (const file of files(root, ["core", "plugins", "examples", "include"], [".c", ".h"])) {
    read(root, file).split("\n").forEach((line, index) => {
      const match = INCLUDE.exec(line);
      if (!match) return;
      const problem = match[1] ? quoted(root, file, match[1], tables) : angled(file, match[2], tables);
      if (problem) findings.push(`${file}:${index + 1}: ${problem}`);
    });
  }
  for (const folder of foldersOf(root)) {
    if (!tables.folders.has(folder)) findings.push(`core/${folder}:1: not in the table of core/README.md`);
  }
  return findings;
}

function readTables(text, findings) {
  const folderRows = markdownTable(text, "folder");
  const headerRows = markdownTable(text, "header");
  if (!folderRows || !headerRows) {
    findings.push("core/README.md:1: one of the tables `| folder |` and `| header |` is missing");
    return null;
  }
  const folders = new Map(folderRows.map(([name, , may]) => [name, new Set([name, ...commaList(may)])]));
  const headers = [];
  for (const [names, where] of headerRows) {
    for (const name of commaList(names)) headers.push({ name, where: commaList(where) });
  }
  return { folders, headers };
}

function foldersOf(root) {
  const core = path.join(root, "core");
  if (!fs.existsSync(core)) return [];
  return fs.readdirSync(core, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && files(root, [`core/${entry.name}`], [".c", ".h"]).length > 0)
    .map((entry) => entry.name);
}

function quoted(root, file, name, { folders }) {
  const [top, folder] = file.split(path.sep);
  if (top === "include") return `"${name}": this header stands alone and includes plain C only`;
  if (top === "plugins" || top === "examples") {
    const isOwn = fs.existsSync(path.join(root, path.dirname(file), name));
    return isOwn || name.startsWith("foyer/") ? null : `"${name}": plugins include include/foyer alone`;
  }
  const target = name.split("/")[0];
  const may = file === path.join("core", "main.c") ? new Set(["cli"]) : folders.get(folder);
  if (!may) return null;
  if (!name.includes("/")) return `"${name}": write it from core/ on, as "${folder}/${name}"`;
  if (!folders.has(target)) return `"${name}": there is no folder core/${target} in the table of core/README.md`;
  if (!may.has(target)) return `"${name}": ${folder}/ may not include ${target}/ (core/README.md)`;
  const from = target === "foyer" ? "include" : "core";
  if (fs.existsSync(path.join(root, "core")) && !GENERATED.has(name) && !fs.existsSync(path.join(root, from, name))) {
    return `"${name}": there is no such file`;
  }
  return null;
}

function angled(file, name, { headers }) {
  if (C_HEADERS.has(name)) return null;
  const [top, ...rest] = file.split(path.sep);
  const place = rest.join("/");
  if (top === "include") return `<${name}>: this header stands alone and includes plain C only`;
  if (top === "plugins" || top === "examples") return name.startsWith("foyer/") ? null : `<${name}>: plugins include include/foyer alone`;
  if (POSIX_HEADERS.has(name)) return null;
  const row = headers.find((each) => each.name === name || (each.name.endsWith("/*") && name.startsWith(each.name.slice(0, -1))));
  if (!row) return `<${name}>: neither C, POSIX nor in the table of core/README.md`;
  const isAllowed = row.where.some((where) => place.startsWith(where.includes("/") ? where : `${where}/`));
  return isAllowed ? null : `<${name}>: only in ${row.where.join(", ")} (core/README.md)`;
}
