/**
 * What an exported MP4 and a clip carry so that they prove themselves (docs/formats/evidence.md, E1 to E8).
 *
 *     uuid …7e04  version u32  crc u32  entries: kind u8, length u32, content
 *     1 file   7 revocations   2 run   3 its seals   4 a track   5 its samples in the file   6 those left out
 *     4 …   2 …
 *
 * This is the form only; `form` says what file follows from it, and `verifymp4` judges. The reading half of
 * `src/vivavoce/record/evidence.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { DIGEST_BYTES } from "../seal/digest";
import { MAX_REVOCATION_BYTES, MOST_REVOCATIONS } from "../seal/founding";
import { Leaves } from "../seal/leaves";
import { RUN_BYTES } from "../seal/seal";
import type { Aligned } from "./alignment";
import { noSamples, readLeft, readSamples, type Samples } from "./columns";
import { crc32 } from "./crc32";
import { notOfForm, Reader } from "./reader";
import { configOf, type TrackConfig } from "./trackconfig";

export const EVIDENCE_UUID = "c1b1a6d3f4c94a6c9f0e5a1dbb0c7e04";
/** A day of two sides has a third of it. */
export const MAX_EVIDENCE_BYTES = 1024 * 1024 * 1024;
const VERSION = 1;
const MAX_SAMPLES = 2 ** 24;
const MAX_RUNS = 4096;
const MAX_STRETCHES = 1024;
const MAX_SEAT = 1024;
/** No control characters, and no space but the plain one. */
const PRINTABLE = /^(?: |[^\p{C}\p{Z}])+$/u;
const HEAD_BYTES = 8;
const ENTRY_BYTES = 5;
const Kinds = { FILE: 1, RUN: 2, SEALS: 3, TRACK: 4, SAMPLES: 5, LEFT: 6, REVOKED: 7 } as const;

/** Where a clip was cut: the record's time 0 on the host's clock, and what of the record it has whole. */
export interface Cut {
  startUs: number;
  fromUs: number;
  untilUs: number;
}

export interface EvidenceTrack {
  /** S5's bytes, and what they say. */
  raw: Uint8Array;
  config: TrackConfig;
  /** Groups that came without samples. */
  rests: number[];
  /** Of the file. */
  samples: Samples;
  /** Those that are not in it. */
  left: Leaves;
}

export interface EvidenceRun {
  seat: string;
  /** 8 bytes. */
  run: Uint8Array;
  /** What is added to timestamps to get the time shown. */
  stretches: Aligned[];
  /** A file as R22 has it, or nothing. */
  seals: Uint8Array;
  tracks: EvidenceTrack[];
}

export interface Evidence {
  /** The facts' bytes. */
  founding: Uint8Array;
  /** The host's clock at time 0. */
  startUs: number;
  /** SHA-256 of the box before the evidence. */
  provenance: Uint8Array;
  cut: Cut | null;
  /** Envelopes of revocations, unchecked. */
  revoked: Uint8Array[];
  runs: EvidenceRun[];
  /** Its checksum fits; where it does not, it was read as far as it made sense. */
  whole: boolean;
}

/**
 * `content`: of the box, behind its extended type.
 *
 * Throws VivavoceError `record.damaged` for what is not of the form, `seal.config` for a configuration that no sealer
 * writes, `data.newer` for a later version. Nothing that was signed is looked at.
 */
export function readEvidence(content: Uint8Array): Evidence {
  if (content.byteLength < HEAD_BYTES) throw notOfForm("it ends too early");
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const version = view.getUint32(0);
  const whole = crc32(content.subarray(HEAD_BYTES)) === view.getUint32(4);
  if (version !== VERSION) {
    if (whole && version > VERSION)
      throw new VivavoceError("data.newer", `The file's evidence has format version ${version}.`);
    throw notOfForm(`its version is ${version}`);
  }
  let evidence: Evidence | null = null;
  for (const [kind, entry] of entries(content, view)) {
    if (evidence) readEntry(evidence, kind, entry);
    else if (kind === Kinds.FILE) evidence = readFile(entry, whole);
    else throw notOfForm("it does not begin with the file");
    entry.end();
  }
  if (!evidence) throw notOfForm("it is empty");
  const tracks = evidence.runs.flatMap((run) => run.tracks);
  if (tracks.reduce((sum, { samples }) => sum + samples.size.length, 0) > MAX_SAMPLES)
    throw notOfForm("it has too many samples");
  return evidence;
}

function* entries(content: Uint8Array, view: DataView): Generator<[kind: number, entry: Reader]> {
  for (let at = HEAD_BYTES; at < content.byteLength; ) {
    if (content.byteLength - at < ENTRY_BYTES) throw notOfForm("an entry ends too early");
    const [kind, length, start] = [view.getUint8(at), view.getUint32(at + 1), at + ENTRY_BYTES];
    if (length > content.byteLength - start) throw notOfForm("an entry is longer than all");
    yield [kind, new Reader(content, start, start + length)];
    at = start + length;
  }
}

function readFile(entry: Reader, whole: boolean): Evidence {
  const [founding, startUs, provenance] = [entry.sized(), entry.number(), entry.take(DIGEST_BYTES)];
  const kind = entry.number();
  if (kind > 1) throw notOfForm("it is neither a whole nor a clip");
  const cut = kind ? { startUs: entry.number(), fromUs: entry.number(), untilUs: entry.number() } : null;
  return { founding, startUs, provenance, cut, revoked: [], runs: [], whole };
}

function readEntry(evidence: Evidence, kind: number, entry: Reader): void {
  const run = evidence.runs.at(-1);
  const track = run?.tracks.at(-1);
  const empty = track?.left.length === 0;
  if (kind === Kinds.REVOKED && evidence.revoked.length === 0 && !run) {
    evidence.revoked = readRevoked(entry);
  } else if (kind === Kinds.RUN && evidence.runs.length < MAX_RUNS) {
    evidence.runs.push(readRun(entry));
  } else if (kind === Kinds.SEALS && run && run.seals.byteLength === 0 && run.tracks.length === 0) {
    run.seals = entry.rest();
  } else if (kind === Kinds.TRACK && run) {
    run.tracks.push(readTrack(entry));
  } else if (kind === Kinds.SAMPLES && track && empty && track.samples.size.length === 0) {
    track.samples = readSamples(entry, track.config.kind === "audio");
  } else if (kind === Kinds.LEFT && track && empty) {
    track.left = readLeft(entry);
    if (overlap(track)) throw notOfForm("a sample is in the file and left out of it");
  } else {
    throw notOfForm(`an entry of kind ${kind} has no place there`);
  }
}

function readRevoked(entry: Reader): Uint8Array[] {
  const revoked = Array.from({ length: entry.count(2) }, () => entry.sized());
  const sized = revoked.every(({ byteLength }) => byteLength > 0 && byteLength <= MAX_REVOCATION_BYTES);
  if (revoked.length === 0 || revoked.length > MOST_REVOCATIONS || !sized)
    throw notOfForm("revocations are none, too many or too large");
  return revoked;
}

function overlap({ samples, left }: EvidenceTrack): boolean {
  const place = (group: number, index: number) => `${group} ${index}`;
  const there = new Set(samples.group.map((group, row) => place(group, samples.index[row] as number)));
  for (let row = 0; row < left.length; row++)
    if (there.has(place(left.groupAt(row), left.indexAt(row)))) return true;
  return false;
}

function readTrack(entry: Reader): EvidenceTrack {
  const raw = entry.sized();
  let group = 0;
  const rests = entry.numbers(entry.number()).map((step) => {
    group += step;
    return group;
  });
  return { raw, config: configOf(raw), rests, samples: noSamples(), left: new Leaves() };
}

function readRun(entry: Reader): EvidenceRun {
  const seat = text(entry.sized());
  if (!PRINTABLE.test(seat) || [...seat].length > MAX_SEAT) throw notOfForm("a seat is no name");
  const run = entry.take(RUN_BYTES);
  const stretches: Aligned[] = [];
  for (let left = entry.count(2); left > 0; left--)
    stretches.push({ fromUs: entry.number(), offsetUs: entry.signed() });
  const rising = stretches.every(({ fromUs }, at) => at === 0 || fromUs > (stretches[at - 1]?.fromUs ?? 0));
  if (stretches[0]?.fromUs !== 0 || !rising || stretches.length > MAX_STRETCHES)
    throw notOfForm("a run's stretches do not rise from 0, or are too many");
  return { seat, run, stretches, seals: new Uint8Array(), tracks: [] };
}

function text(raw: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    throw notOfForm("a seat is no text");
  }
}
