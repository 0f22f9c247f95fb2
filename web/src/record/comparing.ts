/**
 * A file's boxes against those that follow from its evidence (docs/formats/evidence.md, E15).
 *
 * A part of `src/vivavoce/record/verify_mp4.py`.
 *
 * @module
 */

import { sameBytes } from "../seal/bytes";
import { type Boxed, nameOfKind, type TopBox } from "./boxed";
import { walk } from "./boxes";
import { differences } from "./differences";
import { EVIDENCE_UUID, type Evidence, MAX_EVIDENCE_BYTES } from "./evidence";
import type { Form } from "./form";
import { finding } from "./judging";
import { endOf, startOf } from "./layout";
import type { Source } from "./source";
import type { Finding } from "./verdicts";

const PROVENANCE_UUID = "c1b1a6d3f4c94a6c9f0e5a1dbb0c7e03";
const ORDER = ["ftyp", "moov", "mdat", PROVENANCE_UUID, EVIDENCE_UUID];
/** So many boxes too many are told. */
const MOST_TOLD = 32;
const MUCH_BYTES = 1024 * 1024;

/** Where the samples should lie; of several the one that has room for just them. Null where there is none. */
export function mdatOf({ boxes }: Boxed, { layout }: Form): TopBox | null {
  const there = boxes.filter(({ kind }) => kind === "mdat");
  return there.find(({ content, end }) => end - content === layout.mediaBytes) ?? there[0] ?? null;
}

/** What of the file's boxes is another. */
export async function compare(
  file: Source,
  boxes: Boxed,
  evidence: Evidence,
  form: Form,
): Promise<Finding[]> {
  const found = orderOf(boxes.boxes);
  const { head, mediaBytes } = form.layout;
  if (!sameBytes(await file.read(0, head.byteLength), head)) {
    for (const one of await headDifferences(file, boxes, form)) found.push(one);
  }
  const mdat = mdatOf(boxes, form);
  const over = mdat ? mdat.end - mdat.content - mediaBytes : 0;
  if (over !== 0) {
    const what = over > 0 ? "bytes more than its samples" : "bytes less than its samples";
    found.push(finding("file.form", `mdat has ${Math.abs(over)} ${what}`));
  }
  const said = boxes.boxes.filter(({ extended }) => extended === PROVENANCE_UUID);
  let known = said.length === 0;
  for (const one of said) known ||= sameBytes(await digestOf(file, one), evidence.provenance);
  if (!known) found.push(finding("file.form", "what it says of where it comes from was changed"));
  return found;
}

function orderOf(boxes: readonly TopBox[]): Finding[] {
  const there = boxes.map(({ kind, extended }) => (ORDER.includes(extended) ? extended : kind));
  if (there.join() === ORDER.join()) return [];
  const wanted = [...ORDER];
  const found: Finding[] = [];
  for (const [at, { kind, start }] of boxes.entries()) {
    if (wanted.length > 0 && there[at] === wanted[0]) wanted.shift();
    else if (found.length < MOST_TOLD)
      found.push(finding("file.form", `${nameOfKind(kind)} at byte ${start} does not belong there`));
  }
  for (const kind of wanted) {
    const name = kind.length === 4 ? kind : "uuid";
    found.push(finding("file.form", `${name} is missing or not in its place`));
  }
  return found;
}

/** Name what of `ftyp` and `moov` is another, and whom it concerns. */
async function headDifferences(file: Source, { boxes }: Boxed, form: Form): Promise<Finding[]> {
  const { head } = form.layout;
  const should = new Map<string, Uint8Array>();
  // `mdat` in this is only its header, and claims more.
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (let at = 0; should.size < 2; ) {
    const size = view.getUint32(at);
    const [one] = [...walk(head.subarray(at, at + size))];
    should.set(one?.kind ?? "", head.subarray(at, at + size));
    at += size;
  }
  const found: Finding[] = [];
  for (const { kind, start, end } of boxes) {
    const wanted = should.get(kind);
    if (!wanted) continue;
    should.delete(kind);
    if (end - start > 2 * head.byteLength + MUCH_BYTES) {
      found.push(finding("file.form", `${nameOfKind(kind)} is too large`));
      continue;
    }
    for (const { path, how, track } of differences(wanted, await file.read(start, end)))
      found.push(differs(form, `${path} ${how}`, track));
  }
  return found.length > 0 ? found : [finding("file.form", "the header of mdat")];
}

function differs({ plan, layout }: Form, what: string, track: number): Finding {
  const [lane, side, pieces] = [plan.lanes[track - 1], plan.seats[track - 1], plan.pieces[track - 1]];
  if (!lane || !side || !pieces) return { ...finding("file.form", what), untilS: layout.durationUs / 1e6 };
  const runs = new Set(pieces.flatMap((piece) => ("run" in piece ? [piece.run] : [])));
  const [only = ""] = runs.size === 1 ? runs : [];
  const times = { fromS: startOf(lane) / 1e6, untilS: endOf(lane) / 1e6 };
  return { ...finding("file.form", what), side, run: only, track: lane.config.name, ...times };
}

async function digestOf(file: Source, { start, end }: TopBox): Promise<Uint8Array> {
  if (end - start > MAX_EVIDENCE_BYTES) return new Uint8Array();
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await file.read(start, end)));
}
