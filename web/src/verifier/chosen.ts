/**
 * Which record lies in what was dropped or chosen. Looks at paths, not into files.
 *
 * @module
 */

import { isOfRecord } from "../record/contents";
import type { Chosen } from "./messages";

/** A path as the browser tells it, with the name of the folder that was chosen first. */
export type Found = readonly [path: string, file: File];

/** Why nothing can be judged: nothing of a record, several of them, or a part without what says what it is of. */
export type Nothing = "none" | "several" | "part";

/** The one record among these files, or the one file. What is in it is seen when it is read. */
export function chosenAmong(found: readonly Found[]): Chosen | Nothing {
  const paths = found.map(([path]) => path.replace(/^\/+/, ""));
  const roots = new Set(paths.filter(saysWhatItIs).map(folderOf));
  if (roots.size > 1) return "several";
  const [root] = roots;
  if (root === undefined) {
    if (paths.some((path) => isOfRecord(`seat/run/${path.slice(path.lastIndexOf("/") + 1)}`))) return "part";
    const films = found.filter((_, at) => found.length === 1 || paths[at]?.toLowerCase().endsWith(".mp4"));
    const [film] = films;
    if (!film) return "none";
    return films.length > 1 ? "several" : { kind: "mp4", name: film[1].name, file: film[1] };
  }
  const start = root === "" ? "" : `${root}/`;
  const files = found
    .map(([, file], at) => [paths[at] as string, file] as const)
    .filter(([path]) => path.startsWith(start) && isOfRecord(path.slice(start.length)))
    .map(([path, file]) => [path.slice(start.length), file] as const);
  return { kind: "record", name: root.slice(root.lastIndexOf("/") + 1), files };
}

function saysWhatItIs(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === "record.json" || name === "journal.jsonl";
}

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}
