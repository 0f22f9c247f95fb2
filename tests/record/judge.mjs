// What the page concludes: folders of records and MP4s on standard input, a line each; an object a line comes out.

import { closeSync, openSync, readSync, readdirSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { createInterface } from "node:readline";
import { VivavoceError } from "../../web/src/errors.ts";
import { toJson } from "../../web/src/record/verdicts.ts";
import { verify } from "../../web/src/record/verify.ts";
import { verifyMp4 } from "../../web/src/record/verifymp4.ts";

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
    const isFile = statSync(path).isFile();
    const judged = isFile ? await verifyMp4(new Disk(path), path) : await verify(folderOf(path));
    console.log(JSON.stringify(toJson(judged)));
  } catch (error) {
    if (!(error instanceof VivavoceError)) throw error;
    console.log(JSON.stringify({ error: error.code }));
  }
}
