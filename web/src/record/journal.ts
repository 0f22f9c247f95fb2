/**
 * The journal: what happened to a record, one JSON object a line (docs/formats/record.md, R4 and R5).
 *
 * A discussion's journal grows with it, so it is read line by line. The same as `src/vivavoce/record/journal.py`.
 *
 * @module
 */

import type { Source } from "./source";
import { isObject } from "./trackconfig";

export type Event = Record<string, unknown> & { event: string; at_us: number };

const STEP = 1 << 20;
/** A line is a track's configuration at most; what is longer is no line of ours. */
const MAX_LINE_BYTES = 1 << 20;
/** The journal of a day with a dozen seats is a tenth of it. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Every event in its order, or the number, from 1, of a line that cannot be read.
 *
 * A last line without its line break is half a line: it is left out and not complained of. Does not check an event's
 * fields.
 */
export async function* readJournal(file: Source): AsyncGenerator<Event | number> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [rest, number] = [new Uint8Array(), 0];
  for (let at = 0; at < Math.min(file.size, MAX_BYTES); at += STEP) {
    const window = await file.read(at, Math.min(at + STEP, MAX_BYTES));
    let start = 0;
    for (let end = window.indexOf(10); end >= 0; end = window.indexOf(10, start)) {
      number += 1;
      const line =
        rest.byteLength > 0 ? append(rest, window.subarray(start, end)) : window.subarray(start, end);
      [rest, start] = [new Uint8Array(), end + 1];
      if (!isBlank(line)) yield eventOf(line, decoder) ?? number;
    }
    if (rest.byteLength < MAX_LINE_BYTES) rest = append(rest, window.subarray(start));
  }
}

function eventOf(line: Uint8Array, decoder: TextDecoder): Event | null {
  try {
    const said: unknown = JSON.parse(decoder.decode(line));
    if (isObject(said) && typeof said.event === "string" && Number.isInteger(said.at_us))
      return said as Event;
  } catch {
    // Half a line, or somebody's.
  }
  return null;
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 32 || (9 <= byte && byte <= 13));
}

function append(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(one.byteLength + other.byteLength);
  whole.set(one);
  whole.set(other, one.byteLength);
  return whole;
}
