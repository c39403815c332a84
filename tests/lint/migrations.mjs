// Migrations are numbered 0001, 0002 … without a gap and without a second one of a number: a database
// that has run one knows which are still to come by its number alone.
import { files } from "./lib.mjs";

const FOLDER = "core/store/sql";

export function check(root) {
  const findings = [];
  let last = 0;
  for (const file of files(root, [FOLDER], [".sql"]).sort()) {
    const match = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(file.slice(FOLDER.length + 1));
    const number = match ? Number(match[1]) : NaN;
    if (!match) findings.push(`${file}:1: its name must be NNNN_reason.sql, in small letters`);
    else if (number === last) findings.push(`${file}:1: there is a migration ${match[1]} already: take the next number`);
    else if (number !== last + 1) findings.push(`${file}:1: must be ${String(last + 1).padStart(4, "0")}: numbers have no gap`);
    if (match) last = number;
  }
  return findings;
}
