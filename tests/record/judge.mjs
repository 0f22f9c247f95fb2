// What the page concludes of records: folders on standard input, a line each; one JSON object a line comes out.

import { closeSync, openSync, readSync, readdirSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { createInterface } from "node:readline";
import { VivavoceError } from "../../web/src/errors.ts";
import { toJson } from "../../web/src/record/verdicts.ts";
import { verify } from "../../web/src/record/verify.ts";

/** A file on disk as the page sees one: by windows. */
class Disk {
  constructor(path) {
    this.path = path;
    this.size = statSync(path).size;
  }

  async read(from, until) {
    const file = openSync(this.path, "r");
    const data = new Uint8Array(Math.max(0, Math.min(until, this.size) - from));
    readSync(file, data, 0, data.length, from);
    closeSync(file);
    return data;
  }
}

function folderOf(path) {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = files.map((one) => join(one.parentPath, one.name));
  return { name: basename(path), files: new Map(paths.map((one) => [relative(path, one), new Disk(one)])) };
}

for await (const path of createInterface(process.stdin)) {
  try {
    console.log(JSON.stringify(toJson(await verify(folderOf(path)))));
  } catch (error) {
    if (!(error instanceof VivavoceError)) throw error;
    console.log(JSON.stringify({ error: error.code }));
  }
}
