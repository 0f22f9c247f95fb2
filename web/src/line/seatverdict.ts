/**
 * One seat's verdict, over however many runs and sessions: follows its seals, and brings them and its samples to a
 * judge, once a picture of it was shown and the judge's code has been fetched (docs/formats/line.md, L19).
 *
 * @module
 */

import type { Broadcast, Group } from "@moq/net";
import { SEALS_TRACK, type Track } from "./catalog";
import { pageNowUs } from "./clock";
import type { CameSample, Judge, JudgeOptions } from "./judge";
import { PRIORITY } from "./priority";
import type { VerdictReport } from "./watcher";

const AGAIN_MS = 1_000;
/** A host keeps seals for so long; whoever joins wants only the newest of them. */
const KEPT_MS = 600_000;
const JOINS_MS = 2_000;
/** Seals that have not come this long after they were asked for are none. */
const NONE_AFTER_MS = 3_000;

const PENDING: VerdictReport = {
  state: "pending",
  standing: null,
  code: null,
  sinceUs: 0,
  marks: 0,
  newest: [],
  ended: false,
};

export class SeatVerdict {
  readonly #options: Omit<JudgeOptions, "run" | "revoked">;
  readonly #onChange: () => void;
  /** What was reported last, as far as a viewer must know it at once. */
  #told: Pick<VerdictReport, "state" | "marks"> | null = null;
  #run: string | null = null;
  #broadcast: Broadcast.Consumer | null = null;
  #begun = false;
  #Judge: typeof Judge | null = null;
  #judge: Judge | null = null;
  /** And by how many. */
  readonly #taken = new Map<string, { track: Track; times: number }>();
  /** The broadcast's catalogue named the run. */
  #named = false;
  /** The newest group of the run's seals. */
  #newest: number | null = null;
  #askedMs: number | null = null;
  /** By papers of any of its runs. */
  readonly #revoked: Uint8Array[] = [];

  /** `onChange`: what was concluded is another, or there is one mark more. */
  constructor(options: Omit<JudgeOptions, "run" | "revoked">, onChange: () => void) {
    this.#options = options;
    this.#onChange = onChange;
  }

  /** The seat's broadcast is there; whose run it is `runs` tells. */
  open(broadcast: Broadcast.Consumer): void {
    this.#broadcast = broadcast;
    this.#named = false;
  }

  /** It is gone; what was concluded stays. */
  close(): void {
    this.#broadcast = null;
  }

  /** Its catalogue names this run. Of another one nothing is concluded yet. */
  runs(run: string): void {
    if (this.#named && run === this.#run) return;
    if (run !== this.#run) {
      this.#judge = null;
      this.#newest = null;
      this.#askedMs = null;
    }
    this.#run = run;
    this.#named = true;
    this.#follow();
  }

  /** Something of it was shown: now there is time to judge it. */
  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    void import("./judge").then(
      ({ Judge }) => {
        this.#Judge = Judge;
        this.#follow();
      },
      () => {
        this.#begun = false;
      },
    );
  }

  /** As `Judge.take`; it may be taken more than once. */
  take(track: Track): void {
    const times = (this.#taken.get(track.name)?.times ?? 0) + 1;
    this.#taken.set(track.name, { track, times });
    this.#judge?.take(track);
  }

  /** As `Judge.letGo`, when it was let go as often as it was taken. */
  letGo(name: string): void {
    const one = this.#taken.get(name);
    if (!one) return;
    one.times -= 1;
    if (one.times > 0) return;
    this.#taken.delete(name);
    this.#judge?.letGo(name);
  }

  /** Something of it was left out by this viewer's own choice. */
  leaveOut(track: Track): void {
    if (!this.#taken.has(track.name)) return;
    this.#judge?.letGo(track.name);
    this.#judge?.take(track);
  }

  /** As `Judge.sample`. */
  sample(sample: CameSample): void {
    this.#judge?.sample(sample, pageNowUs());
  }

  /** As `Judge.tick`. */
  tick(): void {
    this.#judge?.tick(pageNowUs());
    this.#notice();
  }

  /** Null where there are no seals. */
  report(): VerdictReport | null {
    if (this.#judge && this.#newest !== null) return this.#judge.report();
    const none = this.#askedMs !== null && performance.now() - this.#askedMs > NONE_AFTER_MS;
    return none ? null : PENDING;
  }

  #notice(): void {
    const report = this.report();
    if (report?.state === this.#told?.state && report?.marks === this.#told?.marks) return;
    this.#told = report;
    this.#onChange();
  }

  #follow(): void {
    const [run, broadcast] = [this.#run, this.#broadcast];
    if (!this.#Judge || run === null || !broadcast || !this.#named) return;
    if (!this.#judge) {
      this.#judge = new this.#Judge({ ...this.#options, run, revoked: this.#revoked });
      for (const { track } of this.#taken.values()) this.#judge.take(track);
    }
    void this.#subscribe(broadcast, this.#judge);
  }

  async #subscribe(broadcast: Broadcast.Consumer, judge: Judge): Promise<void> {
    const current = () => this.#broadcast === broadcast && this.#judge === judge;
    this.#askedMs ??= performance.now();
    while (current()) {
      try {
        // Nothing is missed of what was sealed while this page was away.
        const from =
          this.#newest === null
            ? { latencyMax: JOINS_MS }
            : { latencyMax: KEPT_MS, startGroup: this.#newest };
        const seals = broadcast.track(SEALS_TRACK).subscribe({ priority: PRIORITY.seals, ...from });
        for (;;) {
          const group = await seals.recvGroup();
          if (!group || !current()) break;
          void this.#read(group, judge, current);
        }
        seals.close();
      } catch {
        // There is no such track, or it was cut off.
      }
      if (!current() || broadcast.closed.peek() !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  async #read(group: Group.Consumer, judge: Judge, current: () => boolean): Promise<void> {
    try {
      const papers = await group.readFrame();
      if (!papers || !current()) return;
      this.#newest = Math.max(this.#newest ?? 0, group.sequence);
      if (!(await judge.papers(papers.payload, pageNowUs()))) return;
      for (;;) {
        const seal = await group.readFrame();
        if (!seal || !current()) return;
        void judge.seal(seal.payload, pageNowUs()).then(() => this.#notice());
      }
    } catch {
      // Cut off; what is missing of it is missing.
    } finally {
      group.close();
    }
  }
}
