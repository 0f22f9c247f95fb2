/**
 * The columns that tell of a track's samples in an evidence (docs/formats/evidence.md, E7 and E8).
 *
 * What repeats is told once with how often: a second of sound is three numbers and its packets' sizes. The reading half
 * of `src/vivavoce/record/columns.py`.
 *
 * @module
 */

import { MAX_INTEGER } from "../seal/cbor";
import { DIGEST_BYTES } from "../seal/digest";
import { Leaves } from "../seal/leaves";
import { MAX_SAMPLE_BYTES } from "./fragments";
import { notOfForm, type Reader } from "./reader";

/** Of an Opus packet (RFC 6716 s.3.2). */
const LONGEST_US = 120_000;
const MAX_INDEX = 2 ** 32 - 1;

/** A track's samples, in the order of their places; times rise. */
export interface Samples {
  group: number[];
  index: number[];
  timestampUs: number[];
  size: number[];
  key: boolean[];
  /** What an Opus packet is said to last; 0 for pictures. */
  durationUs: number[];
}

export function noSamples(): Samples {
  return { group: [], index: [], timestampUs: [], size: [], key: [], durationUs: [] };
}

export function readSamples(entry: Reader, sound: boolean): Samples {
  const count = entry.count(1);
  if (count === 0) throw notOfForm("no samples are told");
  const { group, index } = readPlaces(entry, count);
  const timestampUs = readTimes(entry, count);
  const size = entry.numbers(count);
  if (size.some((one) => one < 1 || one > MAX_SAMPLE_BYTES))
    throw notOfForm("a sample is empty or too large");
  const key: boolean[] = [];
  for (let isKey = true; key.length < count; isKey = !isKey) {
    const same = entry.number();
    if (same > count - key.length || (same === 0 && key.length > 0))
      throw notOfForm("keys are told for more samples than there are");
    for (let at = 0; at < same; at++) key.push(isKey);
  }
  const durationUs: number[] = sound ? [] : group.map(() => 0);
  while (durationUs.length < count) {
    const [same, lasts] = [entry.number(), entry.number()];
    if (same < 1 || same > count - durationUs.length || lasts < 1 || lasts > LONGEST_US)
      throw notOfForm("lengths are told for more samples than there are, or are none");
    for (let at = 0; at < same; at++) durationUs.push(lasts);
  }
  return { group, index, timestampUs, size, key, durationUs };
}

function readTimes(entry: Reader, count: number): number[] {
  const times = [entry.number()];
  while (times.length < count) {
    const [same, step] = [entry.number(), entry.number()];
    if (same < 1 || same > count - times.length || step === 0)
      throw notOfForm("times are told for more samples than there are, or do not rise");
    const first = times.at(-1) as number;
    if (first + same * step > MAX_INTEGER) throw notOfForm("a time is too far");
    for (let at = 1; at <= same; at++) times.push(first + at * step);
  }
  return times;
}

export function readLeft(entry: Reader): Leaves {
  const count = entry.count(DIGEST_BYTES);
  const { group, index } = readPlaces(entry, count);
  const times = entry.numbers(count);
  const hashes = entry.take(DIGEST_BYTES * count);
  const left = new Leaves();
  for (let row = 0; row < count; row++) {
    const leaf = hashes.subarray(DIGEST_BYTES * row, DIGEST_BYTES * (row + 1));
    left.add(group[row] as number, index[row] as number, times[row] as number, leaf);
  }
  return left;
}

function readPlaces(entry: Reader, count: number): { group: number[]; index: number[] } {
  const places = { group: [] as number[], index: [] as number[] };
  let [group, index] = [0, -1];
  while (places.group.length < count) {
    const [same, groupStep, indexStep] = [entry.number(), entry.number(), entry.number()];
    if (same < 1 || same > count - places.group.length)
      throw notOfForm("places are told for more samples than there are");
    for (let at = 0; at < same; at++) {
      index = places.group.length > 0 && groupStep === 0 ? index + 1 + indexStep : indexStep;
      group += groupStep;
      if (index > MAX_INDEX || group > MAX_INTEGER) throw notOfForm("a place is too far");
      places.group.push(group);
      places.index.push(index);
    }
  }
  return places;
}
