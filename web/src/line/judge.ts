/**
 * Judges one run of one seat: is told its papers, its seals and its samples as they come, and says what to think of it.
 *
 * Between the line and the core of `seal/`, which knows no founding facts and no catalogue:
 *
 * 1. A run's papers must be of this seat and run. Where they stand by the host's word, the host must name the device.
 * 2. A picture's group is judged from its first sample on, or not at all: what came before is before this joined (V9).
 * 3. What an identity key revoked counts, whoever told it: these papers, those of an earlier run, or the host.
 * 4. What is decoded must be what was sealed of its configuration (S5).
 * 5. Of a span that came in part the leaves are asked for, of whoever may have them; what is not true is ignored (V6).
 *
 * Does no IO. Fetched after the first picture was shown.
 *
 * @module
 */

import { type ErrorCode, VivavoceError } from "../errors";
import { Asking } from "../seal/asking";
import { hexOfBytes, sameBytes } from "../seal/bytes";
import { Checker } from "../seal/checked";
import { configBytes } from "../seal/config";
import { deviceOf, type FoundingTold, foundedBy, revocationsOf } from "../seal/founding";
import { isLeaves, parseLeaves } from "../seal/leavesframe";
import { type Papers, parsePapers } from "../seal/papers";
import type { Missing } from "../seal/span";
import { runOf, type Standing } from "../seal/statement";
import { type Finding, Verdict } from "../seal/verdict";
import type { Track } from "./catalog";
import { sealedConfig } from "./sealedconfig";
import type { VerdictReport } from "./watcher";

const NEWEST = 20;
/** Groups of a picture that may still grow. */
const GROUPS = 8;
/** How often, and how far apart, the host is asked to name a device that is on the line already. */
const ASKED = 6;
const ASK_AGAIN_MS = 500;
/** Revocations that are remembered from run to run. */
const REVOKED = 256;

/** A sample as it came. */
export interface CameSample {
  track: string;
  group: number;
  index: number;
  timestampUs: number;
  data: Uint8Array;
}

export interface JudgeOptions {
  discussion: string;
  seat: string;
  /** 16 hex digits. */
  run: string;
  /** What the host tells of the founding now. Throws VivavoceError. */
  founding: () => Promise<FoundingTold>;
  /** The leaves of a span of the run, as they travel; null where nobody has them. Never rejects. */
  leaves: (run: string, span: Missing) => Promise<Uint8Array | null>;
  /** What papers of the seat's runs revoked, here and before: added to, and handed on from run to run. */
  revoked?: Uint8Array[];
}

type Mark = VerdictReport["newest"][number];

export class Judge {
  readonly #options: JudgeOptions;
  #papers: Papers | null = null;
  #standing: Standing | null = null;
  #verdict: Verdict | null = null;
  #checker: Checker | null = null;
  readonly #asking = new Asking();
  #nowUs = 0;
  /** Why papers are refused, or nothing can be checked here. */
  #lack: ErrorCode | null = null;
  #reading: Promise<unknown> = Promise.resolve();
  readonly #taken = new Map<string, Track>();
  /** Of each picture track, the groups that are judged. */
  readonly #groups = new Map<string, number[]>();
  readonly #otherwise = new Set<string>();
  /** Of the verdict's history: those that were looked at, and that it counted only. */
  #seen = 0;
  #unmarked = 0;
  #marks = 0;
  #newest: Mark[] = [];
  #state: VerdictReport["state"] = "pending";
  #sinceUs = 0;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** A group of seals begins with these. Returns whether its seals are to be told. */
  papers(raw: Uint8Array, nowUs: number): Promise<boolean> {
    const read = this.#reading.then(() => this.#read(raw, nowUs));
    this.#reading = read.catch(() => {});
    return read;
  }

  /** A seal came, or leaves. */
  async seal(raw: Uint8Array, nowUs: number): Promise<void> {
    if (isLeaves(raw)) {
      // After the seals that came before, which are still being checked.
      await this.#checker?.done;
      this.#resolve(raw, nowUs);
      return;
    }
    try {
      await this.#checker?.seal(raw, nowUs);
      if (this.#verdict) this.#look(this.#verdict, nowUs);
    } catch (error) {
      this.#lack = error instanceof VivavoceError ? error.code : "internal";
    }
  }

  /** A sample came, and may be shown. */
  sample({ track, group, index, timestampUs, data }: CameSample, nowUs: number): void {
    if (!this.#verdict || data.byteLength === 0) return;
    const one = this.#taken.get(track);
    if (!one || (one.kind === "video" && !this.#isJudged(track, group, index))) return;
    const key = one.kind === "audio" || index === 0;
    try {
      this.#verdict.sample(track, group, index, timestampUs, key, data, nowUs);
    } catch {
      // Numbers that no seal can have.
      this.#verdict.refused("sample.foreign", nowUs);
    }
  }

  /** A track is fetched from here on, and decoded by this configuration. */
  take(track: Track): void {
    this.#taken.set(track.name, track);
    this.#verdict?.take(track.name);
  }

  /** A track is not fetched any more, or something of it was left out by this viewer's own choice. */
  letGo(name: string): void {
    this.#taken.delete(name);
    this.#verdict?.letGo(name);
  }

  /** Ten times a second or so. */
  tick(nowUs: number): void {
    this.#nowUs = nowUs;
    if (!this.#verdict) return;
    this.#verdict.tick(nowUs);
    for (const span of this.#asking.due(this.#verdict.missing(), nowUs)) void this.#ask(span);
    this.#configured(this.#verdict, nowUs);
    this.#look(this.#verdict, nowUs);
  }

  report(): VerdictReport {
    const code = this.#newest[0]?.code ?? null;
    return {
      state: this.#state,
      standing: this.#standing,
      code: this.#lack ?? (this.#state === "pending" || this.#state === "verified" ? null : code),
      sinceUs: this.#sinceUs,
      marks: this.#marks,
      newest: this.#newest,
      ended: this.#verdict?.chain.ended ?? false,
    };
  }

  async #ask(span: Missing): Promise<void> {
    const raw = await this.#options.leaves(this.#options.run, span);
    this.#asking.done();
    if (raw) this.#resolve(raw, this.#nowUs);
  }

  #resolve(raw: Uint8Array, nowUs: number): void {
    try {
      const told = parseLeaves(raw);
      this.#verdict?.resolved(told, told.leaves, nowUs);
    } catch (error) {
      if (!(error instanceof VivavoceError)) throw error;
      // Nobody signed these: what has not their form is no fault of the side.
    }
  }

  async #read(raw: Uint8Array, nowUs: number): Promise<boolean> {
    try {
      const papers = parsePapers(raw);
      if (this.#papers) {
        if (sameBytes(papers.statement, this.#papers.statement)) return true;
        throw new VivavoceError("seal.run", "The run has two statements.");
      }
      await this.#begin(papers);
      this.#lack = null;
      return true;
    } catch (error) {
      const code = error instanceof VivavoceError ? error.code : "internal";
      if (code.startsWith("seal.")) this.#refused(code, nowUs);
      // Else nothing was found out: the next group is another chance.
      else this.#lack = code;
      return false;
    }
  }

  async #begin(papers: Papers): Promise<void> {
    const { discussion, seat, run: id, revoked = [] } = this.#options;
    let told = await this.#options.founding();
    const { founding, hash } = foundedBy(told, discussion);
    const { statement, device, vouchers } = papers;
    const revocations = [...papers.revocations, ...revocationsOf(told), ...revoked];
    const [run, standing] = await runOf(founding, statement, device, vouchers, { revocations });
    if (run.seat !== seat || hexOfBytes(run.run) !== id)
      throw new VivavoceError("seal.run", "The run's statement is of another seat or run.");
    for (let asked = 1; standing === "host"; asked++) {
      const named = deviceOf(told, seat, id);
      if (named && sameBytes(named, device)) break;
      if (asked >= ASKED) throw new VivavoceError("seal.run", "The host names another device, or none.");
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      told = await this.#options.founding();
    }
    for (const raw of papers.revocations)
      if (revoked.length < REVOKED && !revoked.some((one) => sameBytes(one, raw))) revoked.push(raw);
    this.#papers = papers;
    this.#standing = standing;
    this.#verdict = new Verdict(hash, run.run, run.key, statement);
    this.#checker = new Checker(this.#verdict, hash, run.key);
  }

  #isJudged(track: string, group: number, index: number): boolean {
    const groups = this.#groups.get(track) ?? [];
    if (index > 0 || groups.includes(group)) return groups.includes(group);
    this.#groups.set(track, [...groups, group].slice(-GROUPS));
    return true;
  }

  /** What is decoded by something else than was sealed is not what was sent. */
  #configured(verdict: Verdict, nowUs: number): void {
    for (const [name, track] of this.#taken) {
      const sealed = verdict.config(name);
      if (!sealed || this.#otherwise.has(name)) continue;
      if (sameBytes(configBytes(sealed), configBytes(sealedConfig(track)))) continue;
      this.#otherwise.add(name);
      this.#mark({ code: "seal.config", atUs: nowUs });
    }
  }

  #look(verdict: Verdict, nowUs: number): void {
    const { history, unmarked, state } = verdict;
    for (; this.#seen < history.length; this.#seen++) this.#mark(history[this.#seen] as Finding);
    this.#marks += unmarked - this.#unmarked;
    this.#unmarked = unmarked;
    const otherwise = [...this.#taken.keys()].some((name) => this.#otherwise.has(name));
    if (otherwise || this.#lack?.startsWith("seal.")) this.#is("broken", nowUs);
    else this.#is(state === "unsealed" ? "pending" : state, nowUs);
  }

  #refused(code: ErrorCode, atUs: number): void {
    if (this.#lack === code) return;
    this.#lack = code;
    this.#mark({ code, atUs });
    this.#is("broken", atUs);
  }

  #mark({ code, atUs }: Mark): void {
    this.#marks += 1;
    this.#newest = [{ code, atUs }, ...this.#newest].slice(0, NEWEST);
  }

  #is(state: VerdictReport["state"], nowUs: number): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#sinceUs = nowUs;
  }
}
