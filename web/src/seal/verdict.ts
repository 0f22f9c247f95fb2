/**
 * What a verifier concludes of one run, moment by moment (docs/formats/seal.md, V1 to V10).
 *
 * 1. Samples are shown at once; a verdict follows within one seal.
 * 2. `verified`: all that came until the newest seal is what the side's device signed.
 * 3. `broken`: something is not, or there is a hole inside a group, or something is sealed by nobody.
 * 4. `gap`: something sealed did not come, or seals did not; why is never guessed.
 * 5. `late`: something was shown for more than 600 ms without a proof.
 * 6. `pending`: nothing is proven yet and nothing is wrong. `unsealed`: the side has no seals.
 * 7. What went wrong is over after five good seals. Its mark stays in the history. What goes on of it is told again.
 *
 * The same rules as `src/vivavoce/seal/verdict.py`, but for signatures, which `checked` looks at first.
 *
 * @module
 */

import { type ErrorCode, VivavoceError } from "../errors";
import { Chain, type Linked } from "./chain";
import { parseConfig, type SealedConfig } from "./config";
import { leaf } from "./digest";
import { Early, type EarlySample } from "./early";
import type { Envelope } from "./envelope";
import { PENDING_US } from "./overdue";
import { type Delta, MOST_APART_US, type Seal } from "./seal";
import type { FaultCode, Missing } from "./span";
import { Spans } from "./spans";

export type State = "unsealed" | "pending" | "verified" | "late" | "gap" | "broken";
type Wrong = "late" | "gap" | "broken";

const STATE_OF: Readonly<Record<FaultCode, Wrong>> = {
  "sample.altered": "broken",
  "sample.hole": "broken",
  "sample.foreign": "broken",
  "sample.missing": "gap",
  "seal.fork": "broken",
  "seal.late": "late",
};
const WORST: readonly Wrong[] = ["late", "gap", "broken"];
export const RECOVERY_SEALS = 5;
export const MOST_WAITING = 1_024;
const MOST_HISTORY = 10_000;
/**
 * Samples of all tracks together that wait for a seal (V6): twenty seconds of a side, and what one `tick` can go
 * through.
 */
export const MOST_UNSEALED = 4_096;

/** A mark in the history. */
export interface Finding {
  /** What is wrong. */
  code: ErrorCode;
  /** When it was found, on the verifier's clock. */
  atUs: number;
  /** Its name, or empty where it is of the seals. */
  track: string;
  /** Samples. */
  group: number;
  count: number;
  /** Their timestamps. */
  fromUs: number;
  untilUs: number;
  /** Of the newest seal then, -1 without one; for `seal.missing` of the first that is. */
  seq: number;
}

const NOWHERE = { track: "", group: 0, count: 0, fromUs: 0, untilUs: 0, seq: -1 };

/**
 * `founding`: the founding hash. `run`: 8 bytes. `key`: the run's public key. `statement`: its envelope.
 *
 * Takes seals whose signature was checked (`seal`), and is told of those that were refused before (`refused`).
 */
export class Verdict {
  readonly chain: Chain;
  /** Every mark, as they were found; a line that makes more than `MOST_HISTORY` has them counted in `unmarked`. */
  readonly history: Finding[] = [];
  unmarked = 0;
  readonly #founding: Uint8Array;
  readonly #run: Uint8Array;
  readonly #tracks = new Map<string, { number: number; config: SealedConfig; spans: Spans }>();
  readonly #early = new Early();
  /** What was sealed of tracks whose configuration has not come, and whether all before it was known. */
  #waiting: [delta: Delta, seq: number, known: boolean][] = [];
  #nowUs = 0;
  #seq = -1;
  #wrong: Wrong | null = null;
  #good = 0;
  #foundNew = false;
  readonly #untaken = new Set<string>();
  #joinedUs: number | null = null;
  #joinedAtUs = 0;
  #gapSinceUs: number | null = null;
  /** The newest seal that was given up. */
  #givenUp = -1;

  constructor(founding: Uint8Array, run: Uint8Array, key: Uint8Array, statement: Uint8Array) {
    this.#founding = founding;
    this.#run = run;
    this.chain = new Chain(key, statement);
  }

  get state(): State {
    if (this.#wrong !== null) return this.#wrong;
    if (this.chain.newest < 0) return "unsealed";
    return [...this.#tracks.values()].some(({ spans }) => spans.proven) ? "verified" : "pending";
  }

  /** What to decode a track by, or null while it is not sealed. */
  config(track: string): SealedConfig | null {
    return this.#tracks.get(track)?.config ?? null;
  }

  /** A seal came and its signature holds. One that does not fit is a finding with its code, and the run is broken. */
  seal(envelope: Envelope, nowUs: number): void {
    this.#nowUs = nowUs;
    let linked: Linked | null;
    try {
      linked = this.chain.receive(envelope);
    } catch (error) {
      if (!(error instanceof VivavoceError)) throw error;
      this.refused(error.code, nowUs);
      return;
    }
    if (linked === null) return;
    const { seal, known, skipped } = linked;
    this.#seq = seal.seq;
    this.#foundNew = false;
    if (this.#joinedUs === null) {
      this.#joinedUs = seal.seq === 0 ? 0 : seal.clockUs;
      this.#joinedAtUs = nowUs;
    }
    if (skipped > 0) this.#lost(skipped, seal.seq - skipped, seal.seq - 1);
    for (const [number, config] of seal.configs) this.#configured(number, config);
    this.#apart(linked);
    const waits = this.chain.missing.length > 0;
    for (const { spans } of this.#tracks.values()) spans.waits = waits;
    const good = this.#deltas(seal, known);
    if (!waits) this.#gapSinceUs = null;
    else this.#gapSinceUs ??= nowUs;
    const troubles = [...this.#tracks.values()].filter(({ spans }) => spans.takeTrouble());
    const troubled = this.#early.takeTrouble() || troubles.length > 0;
    this.#good = good && !troubled && !this.#foundNew ? this.#good + 1 : 0;
    if (this.#good >= RECOVERY_SEALS && this.#wrong !== null) this.#recovered();
  }

  /** A seal came that does not hold: a finding with its code, and the run is broken. */
  refused(code: ErrorCode, nowUs: number): void {
    this.#nowUs = nowUs;
    this.#found({ ...NOWHERE, code, atUs: nowUs }, "broken");
  }

  /** A sample came, and may be shown. */
  sample(
    track: string,
    group: number,
    index: number,
    timestampUs: number,
    key: boolean,
    data: Uint8Array,
    nowUs: number,
  ): void {
    this.leaf(track, group, index, timestampUs, leaf(group, index, timestampUs, key, data), nowUs);
  }

  /** The same, for whoever hashed it already. */
  leaf(
    track: string,
    group: number,
    index: number,
    timestampUs: number,
    leafHash: Uint8Array,
    nowUs: number,
  ): void {
    this.#nowUs = nowUs;
    const known = this.#tracks.get(track);
    if (known) known.spans.sample(group, index, timestampUs, leafHash, nowUs);
    else this.#early.add(track, { group, index, timestampUs, leaf: leafHash, cameUs: nowUs });
  }

  /** The leaves of what `missing` named came from anywhere. Returns whether they are the sealed ones. */
  resolved(missing: Pick<Missing, "track" | "group">, leaves: readonly Uint8Array[], nowUs: number): boolean {
    this.#nowUs = nowUs;
    const named = [...this.#tracks.values()].find((one) => one.number === missing.track);
    return named?.spans.resolved(missing, leaves) ?? false;
  }

  /** Spans that came in part: their leaves would let what came of them be judged. */
  missing(): Missing[] {
    return [...this.#tracks.values()].flatMap(({ spans }) => spans.missing());
  }

  /** The track is not fetched any more, by its verifier's own choice: what does not come is not missed. */
  letGo(track: string): void {
    this.#untaken.add(track);
    this.#tracks.get(track)?.spans.letGo();
  }

  /** The track is fetched again. From the beginning every track is. */
  take(track: string): void {
    this.#untaken.delete(track);
    this.#tracks.get(track)?.spans.take(this.#nowUs);
  }

  /** Ten times a second or so, and whenever something is asked. */
  tick(nowUs: number): void {
    this.#nowUs = nowUs;
    for (const { spans } of this.#tracks.values()) spans.tick(nowUs);
    const unsealed = [...this.#tracks.values()].reduce((sum, { spans }) => sum + spans.unsealed, 0);
    if (unsealed > MOST_UNSEALED) for (const { spans } of this.#tracks.values()) spans.giveUp();
    if (this.#joinedUs !== null)
      for (const [track, late] of this.#early.late(nowUs, this.#joinedUs, this.#joinedAtUs))
        this.#tooEarly(track, late);
    if (this.#gapSinceUs === null || nowUs - this.#gapSinceUs <= PENDING_US) return;
    this.#gapSinceUs = null;
    const { missing } = this.chain;
    this.#lost(this.chain.giveUp(), missing[0] as number, missing.at(-1) as number);
  }

  #lost(count: number, seq: number, last: number): void {
    this.#found({ ...NOWHERE, code: "seal.missing", atUs: this.#nowUs, count, seq }, "gap");
    for (const { spans } of this.#tracks.values()) spans.lost(last);
    this.#givenUp = Math.max(this.#givenUp, last);
  }

  /** V7. */
  #recovered(): void {
    this.#wrong = null;
    this.#early.recovered();
    for (const { spans } of this.#tracks.values()) spans.recovered();
  }

  #tooEarly(track: string, late: readonly EarlySample[]): void {
    const times = late.map((one) => one.timestampUs);
    const fromUs = times.reduce((least, one) => Math.min(least, one));
    const untilUs = times.reduce((most, one) => Math.max(most, one));
    const place = { track, group: late[0]?.group ?? 0, count: late.length, fromUs, untilUs };
    this.#found({ ...NOWHERE, ...place, code: "seal.late", atUs: this.#nowUs }, "late");
  }

  #configured(number: number, raw: Uint8Array): void {
    const config = parseConfig(raw);
    if (this.#tracks.has(config.name)) return;
    const spans = new Spans(
      {
        founding: this.#founding,
        run: this.#run,
        track: number,
        config: raw,
        joinedUs: this.#joinedUs ?? 0,
        joinedAtUs: this.#joinedAtUs,
      },
      ({ code, group, count, fromUs, untilUs }) => {
        const place = { track: config.name, group, count, fromUs, untilUs };
        this.#found({ ...place, code, atUs: this.#nowUs, seq: this.#seq }, STATE_OF[code]);
      },
    );
    this.#tracks.set(config.name, { number, config, spans });
    spans.lost(this.#givenUp);
    if (this.#untaken.has(config.name)) spans.letGo();
    for (const one of this.#early.pop(config.name))
      spans.sample(one.group, one.index, one.timestampUs, one.leaf, one.cameUs);
  }

  #deltas(seal: Seal, known: boolean): boolean {
    const byNumber = new Map([...this.#tracks.values()].map(({ number, spans }) => [number, spans]));
    for (const delta of seal.deltas) this.#waiting.push([delta, seal.seq, known]);
    const waiting = this.#waiting;
    this.#waiting = [];
    let good = true;
    for (const [delta, seq, wasKnown] of waiting) {
      const spans = byNumber.get(delta.track);
      if (spans) good = spans.sealed(delta, this.#nowUs, { seq, known: wasKnown }) && good;
      else if (this.#waiting.length < MOST_WAITING) this.#waiting.push([delta, seq, wasKnown]);
    }
    return good;
  }

  /** S10, between two that are both there. */
  #apart({ seal: { clockUs, seq }, afterUs, beforeUs }: Linked): void {
    for (const [fromUs, untilUs] of [
      [clockUs - afterUs, clockUs],
      [clockUs, clockUs + beforeUs],
    ] as const) {
      if (untilUs - fromUs <= MOST_APART_US) continue;
      this.#found({ ...NOWHERE, code: "seal.apart", atUs: this.#nowUs, fromUs, untilUs, seq }, "late");
    }
  }

  #found(finding: Finding, state: Wrong): void {
    if (this.history.length < MOST_HISTORY) this.history.push(finding);
    else this.unmarked += 1;
    this.#foundNew = true;
    this.#good = 0;
    if (this.#wrong === null || WORST.indexOf(state) > WORST.indexOf(this.#wrong)) this.#wrong = state;
  }
}
