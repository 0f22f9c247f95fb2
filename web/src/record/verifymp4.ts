/**
 * An exported MP4 or a clip, judged: E14 to E24 of docs/formats/evidence.md.
 *
 * 1. The evidence is found and read; without it the file is unsealed.
 * 2. What file follows from it is made (`form`), but for the samples' bytes.
 * 3. Those are read once, in the file's order, and hashed (`media`).
 * 4. Runs, seals and tracks are judged as a record's are (`judging`), what a clip trimmed aside (`trimming`).
 * 5. Every byte that is no sample's is compared with what it has to be (`boxesfound`).
 *
 * Nothing that the file says of itself is believed: its seconds and how its sides stand to each other are the host's
 * word, and what was left out of it is told. The same rules as `src/vivavoce/record/verify_mp4.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { hexOfBytes } from "../seal/bytes";
import { Leaves } from "../seal/leaves";
import { type Founding, parseFounding } from "../seal/statement";
import { type Boxed, boxed, isMp4 } from "./boxed";
import { unreadable } from "./boxes";
import { compare, mdatOf } from "./comparing";
import { EVIDENCE_UUID, type Evidence, type EvidenceRun, MAX_EVIDENCE_BYTES, readEvidence } from "./evidence";
import { excess, type Shown } from "./excess";
import { type Form, formOf } from "./form";
import { finding, type JudgedRun, Judging } from "./judging";
import { hashMedia, type MediaLeaves } from "./media";
import { revocationsOfSeals } from "./revoked";
import { readSeals } from "./sealslog";
import type { Source } from "./source";
import { type Edge, endUs, leftOut, trim, trimSeals, type Window, windowOf } from "./trimming";
import { type Finding, type FindingCode, type Judged, nothingJudged } from "./verdicts";
import type { Progress } from "./verify";

/**
 * Judge a file. `name`: for people. `progress`: in bytes.
 *
 * Rejects with VivavoceError `record.unreadable` for what is no MP4, `data.newer` for a later evidence, and
 * `browser.cannot` where no signature can be checked at all.
 */
export async function verifyMp4(file: Source, name: string, progress: Progress = () => {}): Promise<Judged> {
  const boxes = await boxed(file);
  if (!isMp4(boxes)) throw unreadable(`'${name}' is no MP4 and no record's folder.`);
  return new Verifier(file, boxes, progress).judged();
}

class Verifier {
  readonly #file: Source;
  readonly #boxes: Boxed;
  readonly #progress: Progress;
  readonly #found: Finding[] = [];
  readonly #shown: Shown[] = [];
  readonly #edges: { run: JudgedRun; name: string; edge: Edge }[] = [];

  constructor(file: Source, boxes: Boxed, progress: Progress) {
    this.#file = file;
    this.#boxes = boxes;
    this.#progress = progress;
  }

  async judged(): Promise<Judged> {
    const evidence = await this.#evidence();
    const founding = evidence && this.#founding(evidence);
    const form = evidence && founding && this.#form(evidence, founding);
    const judged = nothingJudged(evidence?.cut ? "clip" : "mp4");
    if (founding) {
      const { discussion, title, sides } = founding;
      const names = new Map(sides.map(({ seat, name }) => [seat, name]));
      Object.assign(judged, { discussion, title, names });
    }
    const judging = new Judging(judged, founding);
    if (evidence && form) {
      const mdat = mdatOf(this.#boxes, form);
      const media = await hashMedia(this.#file, form, mdat, this.#progress);
      await judging.revoked(evidence.revoked);
      for (const run of evidence.runs) await judging.revoked(revocationsOfSeals(readSeals(run.seals)));
      for (const run of evidence.runs) await this.#run(judging, evidence, run, media);
      for (const one of media.faults) this.#found.push(one);
      this.#excess(evidence);
      this.#found.push(...(await compare(this.#file, this.#boxes, evidence, form)));
      judged.seconds = form.layout.durationUs / 1e6;
    }
    for (const one of this.#found) judged.findings.push(one);
    judging.place(evidence?.startUs ?? 0);
    if (evidence) this.#cut(evidence, judged);
    return judged;
  }

  async #evidence(): Promise<Evidence | null> {
    const { boxes, end, whole } = this.#boxes;
    if (!whole) this.#find("record.damaged", `byte ${end} is beyond the file's end, or begins no box`);
    const mine = boxes.filter(({ extended }) => extended === EVIDENCE_UUID).at(-1);
    if (!mine) return null;
    try {
      if (mine.end - mine.content > MAX_EVIDENCE_BYTES)
        throw new VivavoceError("record.damaged", "The file's evidence is too large.");
      const evidence = readEvidence(await this.#file.read(mine.content, mine.end));
      if (!evidence.whole) this.#find("record.damaged", "the checksum of its evidence does not fit");
      return evidence;
    } catch (error) {
      this.#find("record.damaged", evidenceFault(error));
      return null;
    }
  }

  #founding({ founding }: Evidence): Founding | null {
    try {
      return parseFounding(founding);
    } catch (error) {
      this.#find("seal.founding", evidenceFault(error));
      return null;
    }
  }

  #form(evidence: Evidence, founding: Founding): Form | null {
    try {
      return formOf(evidence, founding);
    } catch (error) {
      this.#find("record.damaged", evidenceFault(error));
      return null;
    }
  }

  async #run(judging: Judging, evidence: Evidence, run: EvidenceRun, media: MediaLeaves): Promise<void> {
    const about = judging.run(run.seat, hexOfBytes(run.run));
    const { startUs, cut } = evidence;
    about.aligned = run.stretches.map(({ fromUs, offsetUs }) => ({ fromUs, offsetUs: offsetUs + startUs }));
    if (run.seals.byteLength > 0)
      await judging.seals(
        about,
        Array.from(readSeals(run.seals), (one) => ["its evidence", one] as const),
      );
    const told = new Map(run.tracks.map((track) => [track.config.name, track]));
    const names = new Set([...told.keys(), ...(about.seals?.tracks.keys() ?? [])]);
    let window: Window | null = null;
    if (cut) window = windowOf(about.aligned, cut.startUs + cut.fromUs, cut.startUs + cut.untilUs);
    if (window && about.seals) {
      about.trimmed = about.seals.untilUs >= window[1];
      trimSeals(about.seals, window);
      for (const name of names)
        this.#edges.push({ run: about, name, edge: trim(about.seals, name, told.get(name), window) });
    }
    for (const name of names) {
      const track = told.get(name);
      if (!track) {
        judging.track(about, name, new Uint8Array(), [], new Leaves());
        continue;
      }
      if (track.samples.size.length > 0) this.#shown.push({ run: about, track });
      const known = { endUs: endUs(track), left: track.left.length };
      const one = judging.track(about, name, track.raw, track.rests, media.leavesOf(track), known);
      for (const { code, fromUs, untilUs, count } of leftOut(track, window)) {
        one.lacking.push([fromUs, untilUs]);
        about.fault(code, name, fromUs, untilUs, { count, detail: "it was left out of this file" });
      }
    }
    judging.sealsTold(about, about.seals === null);
  }

  /** What a clip has beyond what it says. */
  #excess({ cut, startUs }: Evidence): void {
    if (!cut) return;
    const asked = [cut.startUs + cut.fromUs, cut.startUs + cut.untilUs] as const;
    for (const { run, track, fromUs, untilUs } of excess(this.#shown, ...asked)) {
      const times = { fromS: (fromUs - startUs) / 1e6, untilS: (untilUs - startUs) / 1e6 };
      const place = { side: run.seat, run: run.run, track: track.config.name };
      this.#found.push({ ...finding("file.form", "more than its clip says"), ...place, ...times });
    }
  }

  #cut({ cut, startUs }: Evidence, judged: Judged): void {
    if (!cut) return;
    const edges = this.#edges
      .filter(({ edge }) => edge.kept)
      .map(({ run, name, edge }) => ({
        side: run.seat,
        run: run.run,
        track: name,
        fromS: (run.hostUs(edge.fromUs) - startUs) / 1e6,
        untilS: (run.hostUs(edge.untilUs) - startUs) / 1e6,
      }));
    const [fromS, untilS] = [cut.fromUs / 1e6, cut.untilUs / 1e6];
    judged.cut = { fromS, untilS, startsS: (startUs - cut.startUs) / 1e6, edges };
    judged.unknown.push({ kind: "cut", fromS, untilS });
  }

  #find(code: FindingCode, detail: string): void {
    this.#found.push(finding(code, detail));
  }
}

/** What is wrong with the evidence. Any other error, and that of a later version, is thrown again. */
function evidenceFault(error: unknown): string {
  if (error instanceof VivavoceError && error.code !== "data.newer") return error.message;
  throw error;
}
