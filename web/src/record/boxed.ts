/**
 * The boxes of an MP4 beside each other, found without reading what they hold.
 *
 * The same as `src/vivavoce/record/boxed.py`.
 *
 * @module
 */

import { hexOfBytes } from "../seal/bytes";
import type { Source } from "./source";

/** An exported file has five; a stranger's, in fragments, has thousands, and nothing here needs them all. */
const MOST = 100_000;
const FIRST = new Set(["ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "styp", "uuid"]);

/** `content`: behind its header, the extended type of a `uuid` included. `extended`: that, in hex. */
export interface TopBox {
  kind: string;
  extended: string;
  start: number;
  content: number;
  end: number;
}

/** `whole`: nothing stands behind the last box, and that is all there. `end`: of the last, by its own word. */
export interface Boxed {
  boxes: TopBox[];
  end: number;
  whole: boolean;
}

/** A last box that claims more than there is counts, up to the file's end, and the file is not whole. */
export async function boxed(file: Source): Promise<Boxed> {
  const boxes: TopBox[] = [];
  let at = 0;
  while (file.size - at >= 8 && boxes.length < MOST) {
    const head = await file.read(at, at + 32);
    const view = new DataView(head.buffer);
    const kind = String.fromCharCode(...head.subarray(4, 8));
    let [size, content] = [view.getUint32(0), at + 8];
    if (size === 1 && head.byteLength >= 16) {
      size = Number(view.getBigUint64(8));
      content += 8;
    } else if (size === 0) {
      size = file.size - at;
    }
    if (size < content - at) break;
    const extended = kind === "uuid" ? hexOfBytes(head.subarray(content - at, content - at + 16)) : "";
    if (kind === "uuid") content += 16;
    boxes.push({ kind, extended, start: at, content, end: Math.min(at + size, file.size) });
    at += size;
  }
  return { boxes, end: at, whole: at === file.size };
}

/** It begins as such files do, whatever comes then. */
export function isMp4({ boxes }: Boxed): boolean {
  return FIRST.has(boxes[0]?.kind ?? "");
}

/** A box's type for people. */
export function nameOfKind(kind: string): string {
  if (/^[\x20-\x7e\xa1-\xac\xae-\xff]*$/.test(kind)) return kind;
  return [...kind].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
