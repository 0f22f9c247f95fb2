/**
 * A whole record, judged: what holds for which seconds, what does not, what cannot be known.
 *
 * 1. The founding facts are what `record.json` says of title, time and seats; another fact is another founding, and then
 *    no papers hold.
 * 2. Each run's papers and seals are judged first (`seal/kept`), then each track's samples against them (`seal/audit`).
 *    Every file of samples is read once, a window at a time.
 * 3. Time 0 is that of the export (R16): the host's clock at the first sample. Only what is told depends on it.
 *
 * It believes nothing that the host wrote: journal and arrival times give only the seconds of a finding. The same rules
 * as `src/vivavoce/record/verify.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { bytesOfHex, hexOfBytes } from "../line/catalog";
import { auditTrack } from "../seal/audit";
import { sameBytes, utf8 } from "../seal/bytes";
import { KeptSeals } from "../seal/kept";
import { SEALED_WITHIN_US } from "../seal/seal";
import { type Founding, foundingDigest } from "../seal/statement";
import type { Stretch } from "../seal/stretches";
import { type Contents, type Folder, openRecord, type Run, type Track } from "./contents";
import { foundingOfRecord } from "./founding";
import { Hashed, hashFile } from "./hashed";
import { JudgedRun, placed } from "./placed";
import { type Damage, type KeptFrame, readSeals } from "./sealslog";
import { sealedBytes } from "./trackconfig";
import { type Finding, type FindingCode, type Judged, judgementOf } from "./verdicts";

/** Bytes read, of so many in all. */
export type Progress = (done: number, total: number) => void;

/** In place of a configuration that cannot have been sealed, or of several. */
const OTHER = utf8("another");

/**
 * Judge the record in a folder. `progress`: called after each window.
 *
 * Rejects with VivavoceError `record.unreadable` and `data.newer` as `openRecord` does, and with `browser.cannot` where
 * no signature can be checked at all.
 */
export async function verify(folder: Folder, progress: Progress = () => {}): Promise<Judged> {
  return new Verifier(await openRecord(folder), progress).judged();
}

class Verifier {
  readonly #contents: Contents;
  readonly #progress: Progress;
  readonly #findings: Finding[] = [];
  readonly #total: number;
  #done = 0;

  constructor(contents: Contents, progress: Progress) {
    this.#contents = contents;
    this.#progress = progress;
    const tracks = contents.runs.flatMap((run) => [...run.tracks.values()]);
    this.#total = tracks.flatMap((track) => track.files).reduce((sum, file) => sum + file.source.size, 0);
  }

  async judged(): Promise<Judged> {
    const { discussion, title, names, runs } = this.#contents;
    const founding = this.#founding();
    const kept: JudgedRun[] = [];
    for (const run of runs)
      if (run.tracks.size > 0 || run.seals.length > 0) kept.push(await this.#run(run, founding));
    const { seconds, sides, findings } = placed(kept);
    this.#findings.push(...findings);
    const judged: Judged = {
      ...{ discussion, title, names, seconds, sides },
      founding: founding ? hexOfBytes(foundingDigest(founding)) : "",
      findings: this.#findings,
      unknown: [],
    };
    this.#files(judged);
    if (kept.length === 0) this.#findings.push(finding("seal.none"));
    unknown(judged, kept);
    this.#findings.sort(
      (one, other) =>
        one.fromS - other.fromS || byText(one.side, other.side) || byText(one.track, other.track),
    );
    return judged;
  }

  #founding(): Founding | null {
    try {
      return foundingOfRecord(this.#contents.facts);
    } catch (error) {
      if (!(error instanceof VivavoceError)) throw error;
      this.#findings.push({ ...finding("seal.founding"), detail: error.message });
      return null;
    }
  }

  async #run(run: Run, founding: Founding | null): Promise<JudgedRun> {
    const about = new JudgedRun(run.seat, run.run);
    const seals = founding ? await this.#kept(run, about, founding) : null;
    about.seals = seals?.some ? seals : null;
    const names = new Set([...run.tracks.keys(), ...(about.seals?.tracks.keys() ?? [])]);
    for (const name of names) await this.#track(about, name, run.tracks.get(name), founding);
    const unsealed = seals ? !seals.some : run.seals.length === 0;
    if (unsealed) about.fault("seal.none", "", about.firstUs ?? 0, about.endUs);
    for (const { code, seq, count, fromUs, untilUs } of about.seals?.marks ?? []) {
      const until = Math.max(untilUs, code === "seal.run" ? about.endUs : 0);
      const detail = seq >= 0 ? `from number ${seq}` : "";
      about.fault(code as FindingCode, "", fromUs, until, { count, detail });
    }
    return about;
  }

  async #kept(run: Run, about: JudgedRun, founding: Founding): Promise<KeptSeals> {
    const seals = new KeptSeals(founding, run.seat, runBytes(run.run));
    for (const { name, source } of run.seals) {
      for (const found of readSeals(await source.read(0, source.size))) {
        if ("raw" in found) hand(found, seals);
        else if (!found.torn)
          about.fault("record.damaged", "seals", seals.clockUs, seals.clockUs, { detail: name });
      }
    }
    await seals.judge();
    return seals;
  }

  async #track(
    about: JudgedRun,
    name: string,
    track: Track | undefined,
    founding: Founding | null,
  ): Promise<void> {
    const hashed = new Hashed();
    let config: Uint8Array = new Uint8Array();
    for (const { name: file, source, header, length, whole } of track?.files ?? []) {
      await this.#read(about, name, file, hashed, hashFile(source, length, hashed));
      this.#done += source.size;
      const own = whole ? sealedBytes(header.config) : new Uint8Array();
      const said = own.byteLength > 0 ? own : OTHER;
      config = config.byteLength === 0 || sameBytes(config, own) ? said : OTHER;
    }
    const { leaves } = hashed;
    leaves.sort();
    about.timed(hashed);
    let stretches: Stretch[] = [];
    if (about.seals?.by && founding) {
      const [hash, run] = [foundingDigest(founding), runBytes(about.run)];
      stretches = auditTrack(hash, run, about.seals, name, config, track?.rests ?? [], leaves);
    }
    about.tracks.push({ name, samples: leaves.length, stretches });
    for (const one of stretches) {
      if (one.found === "proven") continue;
      const cut = one === stretches.at(-1) && about.seals !== null && isCut(one, about.seals);
      about.fault(cut ? "seal.late" : one.found, name, one.fromUs, one.untilUs, { count: one.count });
    }
  }

  async #read(
    about: JudgedRun,
    name: string,
    file: string,
    hashed: Hashed,
    found: AsyncIterable<Damage | number>,
  ): Promise<void> {
    const damaged: number[] = [];
    for await (const one of found) {
      if (typeof one === "number") this.#progress(this.#done + one, this.#total);
      // The damaged beginning of a file was told when it was opened.
      else if (!one.torn && one.start > 0) damaged.push(hashed.leaves.length);
    }
    for (const row of damaged) {
      const fromUs = row > 0 ? hashed.leaves.timeAt(row - 1) : 0;
      const untilUs = row < hashed.leaves.length ? hashed.leaves.timeAt(row) : fromUs;
      about.fault("record.damaged", name, fromUs, untilUs, { detail: file });
    }
  }

  #files(judged: Judged): void {
    for (const { where, what } of this.#contents.oddities) {
      if (where.endsWith(".mp4")) {
        const [side = "", run = "", track = ""] = where.split("/");
        this.#findings.push({ ...finding("record.damaged"), side, run, track, detail: `${track}: ${what}` });
      } else {
        judged.unknown.push({ kind: "file", where, what });
      }
    }
  }
}

/** A frame of the seals' track goes where it belongs. Kinds that this version does not know say nothing here. */
function hand({ index, raw }: KeptFrame, seals: KeptSeals): void {
  if (index === 0) seals.papers(raw);
  else seals.seal(raw);
}

function unknown(judged: Judged, runs: readonly JudgedRun[]): void {
  const say = judged.unknown;
  if (judged.founding) say.push({ kind: "founding", hash: judged.founding });
  for (const { seat: side, run, seals } of runs) {
    if (seals?.by === "host") say.push({ kind: "host", side });
    if (seals && !seals.ended) say.push({ kind: "open", side, run });
  }
  if (judged.findings.some((one) => judgementOf(one) === "gap")) say.push({ kind: "gaps" });
  say.push({ kind: "runs" }, { kind: "time" });
}

function finding(code: FindingCode): Finding {
  return { code, side: "", run: "", track: "", fromS: 0, untilS: 0, count: 0, detail: "" };
}

/** The record ends before the seal could come that covers this: the host stopped, or the line broke. */
function isCut({ found, fromUs, untilUs }: Stretch, seals: KeptSeals): boolean {
  const near = fromUs - seals.untilUs >= -SEALED_WITHIN_US && untilUs - seals.untilUs <= 2 * SEALED_WITHIN_US;
  return found === "sample.unproven" && !seals.ended && near;
}

/** Empty where it is none. */
function runBytes(run: string): Uint8Array {
  return /^([0-9a-fA-F]{2})*$/.test(run) ? bytesOfHex(run) : new Uint8Array();
}

function byText(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
