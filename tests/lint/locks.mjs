// Lock files of npm name versions and hashes and no place to fetch from: that is the reader's registry.
import { files, read } from "./lib.mjs";

export function check(root) {
  return files(root, ["tests", "plugins", "examples"], ["package-lock.json"]).flatMap((file) =>
    read(root, file).split("\n")
      .map((line, index) => (line.includes('"resolved":') ? `${file}:${index + 1}: names a host: npm install --omit-lockfile-registry-resolved` : null))
      .filter(Boolean));
}
