/**
 * What goes first where not everything can (L10): the same at both ends.
 *
 * @module
 */

import type { Track } from "./catalog";
import { renditionOf } from "./catalog";

export const PRIORITY = { catalog: 100, seals: 95, clock: 90, audio: 80, copies: 79 };

const PICTURES: Record<string, number> = { ld: 62, sd: 61, hd: 60 };

/** A track's: sound before pictures, and of these the smallest first. */
export function priorityOf({ kind, name }: Pick<Track, "kind" | "name">): number {
  return kind === "audio" ? PRIORITY.audio : (PICTURES[renditionOf(name)] ?? 60);
}
