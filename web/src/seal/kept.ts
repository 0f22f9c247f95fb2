/**
 * All seals that were kept of one run, put in order and judged together (docs/formats/audit.md, A1 to A3).
 *
 * 1. Papers say whose run it is. Without any that hold nothing is proven.
 * 2. Seals that stand on one another are one piece of chain. Each seal names the hash of the one before it, so a
 *    piece's last signature holds for all of it: only that one is checked. Where it does not hold, the last seal is
 *    left out and the one before it is asked, until one does.
 * 3. Between the pieces lie breaks: numbers that are not there, or two that do not fit.
 * 4. What the seals that hold say of samples is gathered by track and span, in `sealed`.
 * 5. Leaves that lead to what was sealed of a span are kept with it; others are as if they were not there.
 *
 * The same rules as `src/vivavoce/seal/kept.py`.
 *
 * @module
 */

import { type ErrorCode, VivavoceError } from "../errors";
import { hexOfBytes, sameBytes } from "./bytes";
import { tagged } from "./digest";
import { type Envelope, openEnvelope, purpose } from "./envelope";
import { keyId } from "./keys";
import { isLeaves, type LeavesFrame, parseLeaves } from "./leavesframe";
import { parsePapers } from "./papers";
import { Flags, MOST_APART_US, parseSeal, type Seal } from "./seal";
import { type SealedTrack, sealedTracks } from "./sealed";
import { type Founding, foundingDigest, type RunStatement, runOf, type Standing } from "./statement";

/** What is wrong with a run's seals. */
export interface Mark {
  code: ErrorCode;
  /** Of the first seal concerned, -1 where that cannot be told. */
  seq: number;
  /** How many. */
  count: number;
  /** On the run's clock, as near as is known. */
  fromUs: number;
  untilUs: number;
}

interface One {
  digest: Uint8Array;
  envelope: Envelope;
  seal: Seal;
}

interface Stands {
  statement: RunStatement;
  /** What the first seal stands on. */
  first: Uint8Array;
  kid: Uint8Array;
  aad: Uint8Array;
}

/**
 * `seat`, `run`: whose seals they are said to be; the run is 8 bytes. Give all `papers` and `seal`s, in any order and
 * as often as they are there; then `judge`, and read.
 */
export class KeptSeals {
  /** That of the seal that was given last. */
  clockUs = 0;
  /** By whose word the run stands, null where by nobody's. */
  by: Standing | null = null;
  /** By name. */
  tracks: ReadonlyMap<string, SealedTrack> = new Map();
  marks: Mark[] = [];
  /** The last seal says that nothing follows. */
  ended = false;
  /** The highest number that holds. */
  newest = -1;
  /** The newest seal's clock. */
  untilUs = 0;
  readonly #founding: Founding;
  readonly #seat: string;
  readonly #run: Uint8Array;
  readonly #papers = new Map<string, Uint8Array>();
  readonly #digests = new Set<string>();
  readonly #seals = new Map<number, One[]>();
  readonly #leaves: LeavesFrame[] = [];
  readonly #missing: [first: number, last: number][] = [];
  #stands: Stands | null = null;

  constructor(founding: Founding, seat: string, run: Uint8Array) {
    this.#founding = founding;
    this.#seat = seat;
    this.#run = run;
  }

  /** The run's; null where no papers hold. */
  get statement(): RunStatement | null {
    return this.#stands?.statement ?? null;
  }

  /** Whether anything was kept at all. */
  get some(): boolean {
    return this.#papers.size > 0 || this.#seals.size > 0 || this.marks.length > 0;
  }

  papers(raw: Uint8Array): void {
    this.#papers.set(hexOfBytes(raw), raw.slice());
  }

  /** A frame of the seals' track: a seal, or leaves. What is neither is a mark: `seal.form`. */
  seal(raw: Uint8Array): void {
    if (isLeaves(raw)) {
      this.#handed(raw);
      return;
    }
    const digest = tagged("vv/seal/1", raw);
    const name = hexOfBytes(digest);
    if (this.#digests.has(name)) return;
    this.#digests.add(name);
    try {
      const envelope = openEnvelope(raw);
      const seal = parseSeal(envelope.payload);
      this.clockUs = seal.clockUs;
      const there = this.#seals.get(seal.seq);
      if (there) there.push({ digest, envelope, seal });
      else this.#seals.set(seal.seq, [{ digest, envelope, seal }]);
    } catch (error) {
      this.#mark(codeOf(error), -1, this.clockUs, this.clockUs);
    }
  }

  /** Call it once, after all seals. Rejects with `browser.cannot` where no signature can be checked at all. */
  async judge(): Promise<void> {
    await this.#judgePapers();
    if (!this.#stands) return;
    let good: One[] = [];
    for (const piece of await this.#pieces()) good = good.concat(await this.#checked(piece));
    this.#fit(good, this.#stands.first);
    this.tracks = sealedTracks(
      good.map(({ seal }) => seal),
      this.#leaves,
      [foundingDigest(this.#founding), this.#run],
      (code, seq, clockUs) => this.#mark(code, seq, clockUs, clockUs),
    );
    this.#leaves.length = 0;
  }

  /** Whether a seal is missing with a number after `first` and before `last`. */
  missingBetween(first: number, last: number): boolean {
    return this.#missing.some(([start, end]) => start < last && end > first);
  }

  /** Nobody signed these: what has not their form is no fault of the run. */
  #handed(raw: Uint8Array): void {
    try {
      this.#leaves.push(parseLeaves(raw));
    } catch (error) {
      codeOf(error);
    }
  }

  async #judgePapers(): Promise<void> {
    const faults = new Set<ErrorCode>();
    for (const raw of this.#papers.values()) {
      try {
        const { statement, device, vouchers, revocations } = parsePapers(raw);
        const [run, by] = await runOf(this.#founding, statement, device, vouchers, { revocations });
        if (run.seat !== this.#seat || !sameBytes(run.run, this.#run))
          throw new VivavoceError("seal.run", "These are the papers of another run.");
        if (this.#stands && !sameStatement(this.#stands.statement, run))
          throw new VivavoceError("seal.fork", "The run was stated twice.");
        const aad = purpose("seal", foundingDigest(this.#founding));
        this.#stands = { statement: run, first: tagged("vv/seal/1", statement), kid: keyId(run.key), aad };
        this.by = by;
      } catch (error) {
        faults.add(codeOf(error));
      }
    }
    if (this.#papers.size === 0 && this.#seals.size > 0) faults.add("seal.run");
    for (const code of faults) this.#mark(code, -1, 0, this.clockUs);
  }

  async #holds({ envelope }: One): Promise<boolean> {
    const { statement, kid, aad } = this.#stands as Stands;
    try {
      await envelope.check(statement.key, aad);
    } catch (error) {
      codeOf(error);
      return false;
    }
    return sameBytes(envelope.kid, kid);
  }

  /** Seals in rows, each of which names the one before it. */
  async #pieces(): Promise<One[][]> {
    const pieces: One[][] = [];
    let last: One | null = null;
    for (const seq of [...this.#seals.keys()].sort((one, other) => one - other)) {
      const one = await this.#chosen(seq);
      if (!one) continue;
      if (last && last.seal.seq + 1 === seq && sameBytes(one.seal.prev, last.digest))
        pieces.at(-1)?.push(one);
      else pieces.push([one]);
      last = one;
    }
    return pieces;
  }

  /** Of several with one number the first that holds: where two do, the device signed both. */
  async #chosen(seq: number): Promise<One | null> {
    const there = this.#seals.get(seq) as [One, ...One[]];
    if (there.length === 1) return there[0];
    const good: One[] = [];
    for (const one of there) if (await this.#holds(one)) good.push(one);
    const { clockUs } = there[0].seal;
    if (good.length < there.length)
      this.#mark("seal.signature", seq, clockUs, clockUs, there.length - good.length);
    if (good.length > 1) this.#mark("seal.fork", seq, clockUs, clockUs, good.length);
    return good[0] ?? null;
  }

  async #checked(piece: One[]): Promise<One[]> {
    for (let last = piece.at(-1); last && !(await this.#holds(last)); last = piece.at(-1)) {
      piece.pop();
      this.#mark("seal.signature", last.seal.seq, last.seal.clockUs, last.seal.clockUs);
    }
    return piece;
  }

  /** How the seals that hold stand to one another: S9 and S10. */
  #fit(good: readonly One[], first: Uint8Array): void {
    const [begin, last] = [good[0], good.at(-1)];
    if (!begin || !last) return;
    const { seq, prev, clockUs } = begin.seal;
    if (seq === 0 && !sameBytes(prev, first)) this.#mark("seal.chain", 0, clockUs, clockUs);
    if (seq > 0) this.#absent(0, seq - 1, 0, clockUs);
    good.slice(1).forEach((after, at) => {
      this.#follows(good[at] as One, after);
    });
    this.newest = last.seal.seq;
    this.untilUs = last.seal.clockUs;
    this.ended = (last.seal.flags & Flags.END) !== 0;
  }

  #follows({ seal, digest }: One, { seal: following }: One): void {
    const clocks = [seal.clockUs, following.clockUs] as const;
    if (seal.flags & Flags.END) this.#mark("seal.chain", following.seq, ...clocks);
    if (seal.seq + 1 < following.seq) this.#absent(seal.seq + 1, following.seq - 1, ...clocks);
    else if (!sameBytes(following.prev, digest)) this.#mark("seal.chain", following.seq, ...clocks);
    else if (clocks[1] - clocks[0] > MOST_APART_US) this.#mark("seal.apart", following.seq, ...clocks);
    if (clocks[1] < clocks[0]) this.#mark("seal.clock", following.seq, ...clocks);
  }

  #absent(first: number, last: number, fromUs: number, untilUs: number): void {
    this.#missing.push([first, last]);
    for (let seq = first; seq <= last; seq++) {
      if (this.#seals.has(seq)) continue;
      // Of those that are there and do not hold it was said already.
      this.#mark("seal.missing", first, fromUs, untilUs, last - first + 1);
      return;
    }
  }

  #mark(code: ErrorCode, seq: number, fromUs: number, untilUs: number, count = 1): void {
    this.marks.push({ code, seq, count, fromUs, untilUs });
  }
}

/** The code of evidence that does not hold. Any other error is thrown again: nothing was found out then. */
function codeOf(error: unknown): ErrorCode {
  if (error instanceof VivavoceError && error.code.startsWith("seal.")) return error.code;
  throw error;
}

function sameStatement(one: RunStatement, other: RunStatement): boolean {
  const same = one.seat === other.seat && one.epochUs === other.epochUs && sameBytes(one.run, other.run);
  return same && sameBytes(one.key, other.key) && sameBytes(one.client, other.client);
}
