/**
 * Where the boxes of two files differ, by their paths: `moov/trak[2]/edts/elst`.
 *
 * Numbers count boxes of one type beside each other, from 1, and stand where there are several. What a box holds is looked
 * into as far as ISO/IEC 14496-12 has it hold boxes. The same as `src/vivavoce/record/differences.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { joined, sameBytes } from "../seal/bytes";
import { nameOfKind } from "./boxed";
import { type Box, walk } from "./boxes";

const HOLDING = new Set(["moov", "trak", "edts", "mdia", "minf", "dinf", "stbl", "udta"]);
/** Bytes of each place. */
const PLACES = new Map([
  ["stco", 4],
  ["co64", 8],
]);
const BEFORE_PLACES = 16;
/** `moov/trak/mdia/minf/stbl/stco` is six deep. */
const DEEPEST = 8;
/** So many are told; a file that differs in more is another one. */
const LONGEST = 32;

/** `track`: the number of the `trak` in which it lies, as it should be, from 1; 0 for none. */
export interface Difference {
  path: string;
  how: "differs" | "is missing" | "does not belong there";
  track: number;
}

interface Named {
  kind: string;
  name: string;
  number: number;
  data: Uint8Array;
  header: number;
}

type Told = { path: string; how: Difference["how"] | "moved"; track: number };

/**
 * Of two rows of boxes. Empty only where they are the same bytes.
 *
 * Where samples lie is not told where all of a track's places are moved by the same, as they are by whatever is put
 * before them, as long as that is told.
 */
export function differences(should: Uint8Array, found: Uint8Array): Difference[] {
  if (sameBytes(should, found)) return [];
  const told = [...between(should, found, "", 0)];
  const others = told.filter(({ how }) => how !== "moved");
  const chosen: Told[] = others.length > 0 ? others : told;
  if (chosen.length === 0) chosen.push({ path: "", how: "differs", track: 0 });
  return chosen
    .slice(0, LONGEST)
    .map(({ path, how, track }) => ({ path, how: how === "moved" ? "differs" : how, track }));
}

function* between(should: Uint8Array, found: Uint8Array, path: string, track: number): Generator<Told> {
  const [wanted, there] = [namedBoxes(should), namedBoxes(found)];
  if (!wanted || !there) {
    yield { path: path.replace(/\/+$/, ""), how: "differs", track };
    return;
  }
  const { left, over } = unmatched(wanted, there);
  if (left.length === 0 && over.length === 0) {
    const moved = wanted.find(({ data }, at) => !sameBytes(data, there[at]?.data ?? new Uint8Array()));
    if (moved) yield { path: `${path}${moved.name}`, how: "differs", track };
  }
  for (const one of left) {
    const same = likeliest(one, over);
    const number = one.kind === "trak" ? one.number : track;
    if (!same) {
      yield { path: `${path}${one.name}`, how: "is missing", track: number };
      continue;
    }
    over.splice(over.indexOf(same), 1);
    if (HOLDING.has(one.kind) && one.header === same.header) {
      const inside = [one.data.subarray(one.header), same.data.subarray(same.header)] as const;
      yield* between(...inside, `${path}${one.name}/`, number);
    } else {
      yield { path: `${path}${one.name}`, how: isMoved(one, same) ? "moved" : "differs", track: number };
    }
  }
  for (const one of over) yield { path: `${path}${one.name}`, how: "does not belong there", track };
}

/** Null where they are none. */
function walked(data: Uint8Array): Box[] | null {
  try {
    return [...walk(data)];
  } catch (error) {
    if (error instanceof VivavoceError) return null;
    throw error;
  }
}

function namedBoxes(data: Uint8Array): Named[] | null {
  const found = walked(data);
  if (!found) return null;
  const all = new Map<string, number>();
  for (const { kind } of found) all.set(kind, (all.get(kind) ?? 0) + 1);
  const seen = new Map<string, number>();
  return found.map(({ kind, start, content, end }) => {
    const number = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, number);
    const several = (all.get(kind) ?? 0) > 1 || kind === "trak";
    const name = several ? `${nameOfKind(kind)}[${number}]` : nameOfKind(kind);
    return { kind, name, number, data: data.subarray(start, end), header: content - start };
  });
}

/** What is on one side only: boxes of the same bytes belong together wherever they stand. */
function unmatched(wanted: readonly Named[], there: readonly Named[]): { left: Named[]; over: Named[] } {
  const over = [...there];
  const left = wanted.filter((one) => {
    const same = over.findIndex((other) => sameBytes(other.data, one.data));
    if (same >= 0) over.splice(same, 1);
    return same < 0;
  });
  return { left, over };
}

/** Which of these stands for `one`: what is the same but for the places of samples, else the first of its type. */
function likeliest(one: Named, over: readonly Named[]): Named | undefined {
  const same = over.filter(({ kind }) => kind === one.kind);
  const unmoved = withoutPlaces(one.data);
  return same.find(({ data }) => sameBytes(withoutPlaces(data), unmoved)) ?? same[0];
}

function withoutPlaces(data: Uint8Array, depth = 0): Uint8Array {
  const found = walked(data);
  if (!found) return data;
  return joined(
    ...found.map(({ kind, start, content, end }) => {
      if (HOLDING.has(kind) && depth < DEEPEST) return withoutPlaces(data.subarray(content, end), depth + 1);
      return data.subarray(start, PLACES.has(kind) ? content : end);
    }),
  );
}

function isMoved(one: Named, other: Named): boolean {
  const width = PLACES.get(one.kind);
  if (width === undefined || one.data.byteLength !== other.data.byteLength) return false;
  if (!sameBytes(one.data.subarray(0, BEFORE_PLACES), other.data.subarray(0, BEFORE_PLACES))) return false;
  const places = ({ data }: Named) => {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const found: bigint[] = [];
    for (let at = BEFORE_PLACES; at + width <= data.byteLength; at += width)
      found.push(width === 4 ? BigInt(view.getUint32(at)) : view.getBigUint64(at));
    return found;
  };
  const [before, after] = [places(one), places(other)];
  return new Set(before.map((place, at) => (after[at] as bigint) - place)).size === 1;
}
