/**
 * Which record lies in what was dropped or chosen. Looks at paths, not into files.
 *
 * @module
 */

import { isOfRecord } from "../record/contents";
import type { Chosen } from "./messages";

/** A path as the browser tells it, with the name of the folder that was chosen first. */
export type Found = readonly [path: string, file: File];

/** Why nothing can be judged: no record, several of them, or one without the file that says what it is. */
export type Nothing = "none" | "several" | "part" | "track";

/** The one record among these files. */
export function recordAmong(found: readonly Found[]): Chosen | Nothing {
  const paths = found.map(([path]) => path.replace(/^\/+/, ""));
  const roots = new Set(paths.filter(saysWhatItIs).map(folderOf));
  if (roots.size > 1) return "several";
  const [root] = roots;
  if (root === undefined) {
    if (paths.some((path) => isOfRecord(`seat/run/${path.slice(path.lastIndexOf("/") + 1)}`))) return "part";
    return paths.length === 1 && paths[0]?.endsWith(".mp4") ? "track" : "none";
  }
  const start = root === "" ? "" : `${root}/`;
  const files = found
    .map(([, file], at) => [paths[at] as string, file] as const)
    .filter(([path]) => path.startsWith(start) && isOfRecord(path.slice(start.length)))
    .map(([path, file]) => [path.slice(start.length), file] as const);
  return { name: root.slice(root.lastIndexOf("/") + 1), files };
}

function saysWhatItIs(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === "record.json" || name === "journal.jsonl";
}

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}
