/**
 * The samples of an MP4, read once as they follow in the file, and hashed (docs/formats/evidence.md, E12, E16).
 *
 * A part of `src/vivavoce/record/verify_mp4.py`.
 *
 * @module
 */

import { sameBytes } from "../seal/bytes";
import { DIGEST_BYTES, leaf, leafStart } from "../seal/digest";
import { Leaves } from "../seal/leaves";
import type { TopBox } from "./boxed";
import type { EvidenceTrack } from "./evidence";
import type { Form } from "./form";
import { WORTH_ASKING_BYTES } from "./hashed";
import { finding } from "./judging";
import type { Fill, Piece } from "./lanes";
import type { Chunk, Lane } from "./layout";
import { opusDurationUs } from "./opus";
import type { Source } from "./source";
import type { Finding, FindingCode } from "./verdicts";
import type { Progress } from "./verify";

/** So much is read at a time, in whole chunks. */
const STEP_BYTES = 4 * 1024 * 1024;

/** What came of the samples. `faults`: packets that are others than they are said to be. */
export class MediaLeaves {
  readonly faults: Finding[] = [];
  readonly #leaf = new Map<EvidenceTrack, Uint8Array>();
  readonly #there = new Map<EvidenceTrack, Uint8Array>();

  constructor(tracks: readonly EvidenceTrack[]) {
    for (const track of tracks) {
      this.#leaf.set(track, new Uint8Array(DIGEST_BYTES * track.samples.size.length));
      this.#there.set(track, new Uint8Array(track.samples.size.length));
    }
  }

  put(track: EvidenceTrack, row: number, hash: Uint8Array): void {
    this.#leaf.get(track)?.set(hash, DIGEST_BYTES * row);
    this.#there.get(track)?.fill(1, row, row + 1);
  }

  /** Of what was there, and of what is known by its leaves alone; sorted. */
  leavesOf(track: EvidenceTrack): Leaves {
    const leaves = new Leaves();
    const { samples, left } = track;
    const [hashes, there] = [this.#leaf.get(track), this.#there.get(track)];
    samples.timestampUs.forEach((time, row) => {
      const hash = hashes?.subarray(DIGEST_BYTES * row, DIGEST_BYTES * (row + 1));
      if (hash && there?.[row])
        leaves.add(samples.group[row] as number, samples.index[row] as number, time, hash);
    });
    for (let row = 0; row < left.length; row++)
      leaves.add(left.groupAt(row), left.indexAt(row), left.timeAt(row), left.at(row));
    leaves.sort();
    return leaves;
  }
}

/** `mdat`: where they should lie; null where there is none. */
export async function hashMedia(
  file: Source,
  form: Form,
  mdat: TopBox | null,
  progress: Progress,
): Promise<MediaLeaves> {
  const media = new MediaLeaves(form.tracks);
  if (!mdat) return media;
  const lanes = form.plan.lanes.map((lane, at) => new LaneReader(lane, form.plan.pieces[at] ?? [], media));
  let at = mdat.content;
  for (const chunks of batches(form.layout.chunks)) {
    const bytes = chunks.reduce((sum, one) => sum + one.bytes, 0);
    const data = await file.read(at, Math.min(at + bytes, mdat.end));
    const hashing: Promise<void>[] = [];
    let start = 0;
    for (const { lane, first, end } of chunks) {
      const reader = lanes[lane] as LaneReader;
      for (let row = first; row < end; row++) {
        const next = start + reader.sizeOf(row);
        // What lies behind the end of the box is not there.
        if (next <= data.byteLength) hashing.push(reader.take(row, data.subarray(start, next)));
        start = next;
      }
    }
    await Promise.all(hashing);
    at += bytes;
    progress(at - mdat.content, form.layout.mediaBytes);
  }
  form.plan.seats.forEach((seat, at) => {
    for (const one of (lanes[at] as LaneReader).faults(seat)) media.faults.push(one);
  });
  return media;
}

function* batches(chunks: readonly Chunk[]): Generator<Chunk[]> {
  let [batch, bytes]: [Chunk[], number] = [[], 0];
  for (const one of chunks) {
    batch.push(one);
    bytes += one.bytes;
    if (bytes < STEP_BYTES) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

/** Takes the bytes of a lane's rows, in order, and knows whose they are. */
class LaneReader {
  readonly #lane: Lane;
  readonly #pieces: readonly (Piece | Fill)[];
  readonly #media: MediaLeaves;
  readonly #wrong: { code: FindingCode; row: number; what: string }[] = [];
  #at = 0;

  constructor(lane: Lane, pieces: readonly (Piece | Fill)[], media: MediaLeaves) {
    this.#lane = lane;
    this.#pieces = pieces;
    this.#media = media;
  }

  sizeOf(row: number): number {
    return this.#lane.sizes[row] as number;
  }

  async take(row: number, data: Uint8Array): Promise<void> {
    let piece = this.#pieces[this.#at] as Piece | Fill;
    while (row >= piece.first + lengthOf(piece)) {
      this.#at += 1;
      piece = this.#pieces[this.#at] as Piece | Fill;
    }
    if ("packets" in piece) {
      const packet = piece.packets[row - piece.first] as Uint8Array;
      if (!sameBytes(data, packet))
        this.#wrong.push({ code: "sample.foreign", row, what: "where nothing came" });
      return;
    }
    const { track } = piece;
    const source = piece.rows[row - piece.first] as number;
    const { samples, config } = track;
    if (config.kind === "audio" && opusDurationUs(data) !== samples.durationUs[source])
      this.#wrong.push({ code: "file.form", row, what: "a packet does not last what its evidence says" });
    const place = [samples.group[source], samples.index[source], samples.timestampUs[source]] as [
      number,
      number,
      number,
    ];
    const key = samples.key[source] as boolean;
    const hash =
      data.byteLength < WORTH_ASKING_BYTES ? leaf(...place, key, data) : await asked(place, key, data);
    this.#media.put(track, source, hash);
  }

  /** One for each stretch of rows that are wrong in the same way. */
  faults(side: string): Finding[] {
    const found: { code: FindingCode; first: number; last: number; what: string }[] = [];
    for (const { code, row, what } of this.#wrong) {
      const before = found.at(-1);
      if (before?.code === code && before.last === row - 1) before.last = row;
      else found.push({ code, first: row, last: row, what });
    }
    const at = (row: number) => (this.#lane.timesUs[row] as number) / 1e6;
    return found.map(({ code, first, last, what }) => ({
      ...finding(code, what),
      ...{ side, track: this.#lane.config.name },
      ...{ fromS: at(first), untilS: at(last), count: last - first + 1 },
    }));
  }
}

function lengthOf(piece: Piece | Fill): number {
  return "packets" in piece ? piece.packets.length : piece.rows.length;
}

async function asked(place: [number, number, number], key: boolean, data: Uint8Array): Promise<Uint8Array> {
  const start = leafStart(...place, key);
  const whole = new Uint8Array(start.byteLength + data.byteLength);
  whole.set(start);
  whole.set(data, start.byteLength);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}
