/**
 * A whole record, judged: what holds for which seconds, what does not, what cannot be known.
 *
 * 1. The founding facts are what `record.json` says of title, time and seats; another fact is another founding, and then
 *    no papers hold.
 * 2. What identity keys revoked is gathered first, from `record.json` and the papers of all runs (S17).
 * 3. Each run's papers and seals are judged (`seal/kept`), then each track's samples against them (`seal/audit`).
 *    Every file of samples is read once, a window at a time.
 * 4. Time 0 is that of the export (R16): the host's clock at the first sample. Only what is told depends on it.
 *
 * It believes nothing that the host wrote: journal and arrival times give only the seconds of a finding. The same rules
 * as `src/vivavoce/record/verify.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { sameBytes, utf8 } from "../seal/bytes";
import type { Founding } from "../seal/statement";
import { align } from "./alignment";
import { type Contents, type Folder, openRecord, type Run, type Track, type TrackFile } from "./contents";
import { foundingOfRecord } from "./founding";
import { Hashed, hashFile } from "./hashed";
import { finding, type JudgedRun, Judging } from "./judging";
import { revocationsOfRecord, revocationsOfSeals } from "./revoked";
import { type Damage, type KeptFrame, readSeals } from "./sealslog";
import { sealedBytes } from "./trackconfig";
import { type Judged, nothingJudged } from "./verdicts";

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
  readonly #judging: Judging;
  readonly #total: number;
  #done = 0;

  constructor(contents: Contents, progress: Progress) {
    this.#contents = contents;
    this.#progress = progress;
    const tracks = contents.runs.flatMap((run) => [...run.tracks.values()]);
    this.#total = tracks.flatMap((track) => track.files).reduce((sum, file) => sum + file.source.size, 0);
    const { discussion, title, names } = contents;
    const judged: Judged = { ...nothingJudged("record"), discussion, title, names };
    this.#judging = new Judging(judged, founding(contents, judged));
  }

  async judged(): Promise<Judged> {
    await this.#revoked();
    for (const run of this.#contents.runs)
      if (run.tracks.size > 0 || run.seals.length > 0) await this.#run(run);
    this.#files();
    this.#judging.place();
    return this.#judging.judged;
  }

  /** By the host's word that they came, and by papers of any run: what identity keys signed counts. */
  async #revoked(): Promise<void> {
    await this.#judging.revoked(revocationsOfRecord(this.#contents.facts));
    for (const { source } of this.#contents.runs.flatMap(({ seals }) => seals))
      await this.#judging.revoked(revocationsOfSeals(readSeals(await source.read(0, source.size))));
  }

  async #run(run: Run): Promise<void> {
    const about = this.#judging.run(run.seat, run.run);
    const kept: [string, KeptFrame | Damage][] = [];
    for (const { name, source } of run.seals)
      for (const one of readSeals(await source.read(0, source.size))) kept.push([name, one]);
    await this.#judging.seals(about, kept);
    const leastUs = new Map<number, number>();
    const names = new Set([...run.tracks.keys(), ...(about.seals?.tracks.keys() ?? [])]);
    for (const name of names) await this.#track(about, name, run.tracks.get(name), leastUs);
    about.aligned = align(leastUs);
    const known = this.#judging.judged.founding !== "";
    this.#judging.sealsTold(about, known ? about.seals === null : run.seals.length === 0);
  }

  async #track(
    about: JudgedRun,
    name: string,
    track: Track | undefined,
    leastUs: Map<number, number>,
  ): Promise<void> {
    const hashed = new Hashed();
    let config: Uint8Array = new Uint8Array();
    for (const file of track?.files ?? []) {
      await this.#read(about, name, file, hashed);
      const own = file.whole ? sealedBytes(file.header.config) : new Uint8Array();
      const said = own.byteLength > 0 ? own : OTHER;
      config = config.byteLength === 0 || sameBytes(config, own) ? said : OTHER;
    }
    const { leaves, endUs } = hashed;
    leaves.sort();
    for (const [second, least] of hashed.leastUs)
      leastUs.set(second, Math.min(least, leastUs.get(second) ?? least));
    this.#judging.track(about, name, config, track?.rests ?? [], leaves, { endUs });
  }

  async #read(
    about: JudgedRun,
    track: string,
    { name, source, length }: TrackFile,
    into: Hashed,
  ): Promise<void> {
    const damaged: number[] = [];
    for await (const one of hashFile(source, length, into)) {
      if (typeof one === "number") this.#progress(this.#done + one, this.#total);
      // The damaged beginning of a file was told when it was opened.
      else if (!one.torn && one.start > 0) damaged.push(into.leaves.length);
    }
    this.#done += source.size;
    for (const row of damaged) {
      const fromUs = row > 0 ? into.leaves.timeAt(row - 1) : 0;
      const untilUs = row < into.leaves.length ? into.leaves.timeAt(row) : fromUs;
      about.fault("record.damaged", track, fromUs, untilUs, { detail: name });
    }
  }

  #files(): void {
    const { judged } = this.#judging;
    for (const { where, what } of this.#contents.oddities) {
      if (where.endsWith(".mp4")) {
        const [side = "", run = "", track = ""] = where.split("/");
        const detail = `${track}: ${what}`;
        judged.findings.push({ ...finding("record.damaged", detail), side, run, track });
      } else {
        judged.unknown.push({ kind: "file", where, what });
      }
    }
  }
}

function founding({ facts }: Contents, judged: Judged): Founding | null {
  try {
    return foundingOfRecord(facts);
  } catch (error) {
    if (!(error instanceof VivavoceError)) throw error;
    judged.findings.push(finding("seal.founding", error.message));
    return null;
  }
}
