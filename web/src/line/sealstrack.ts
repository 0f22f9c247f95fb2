/**
 * The track `seals` of a seat's broadcast, over however many sessions (docs/formats/line.md, L19).
 *
 * A group is ten seals, and leaves among them; its first frame is the run's papers. What was sealed while the line was
 * away is offered again on the next session, with the same numbers: the host asks for what it lacks.
 *
 * @module
 */

import { type Broadcast, Group, Time, type Track } from "@moq/net";
import { SEALS_TRACK } from "./catalog";
import { PRIORITY } from "./priority";
import type { GroupedSeal } from "./sealing";

/** About a megabyte of seals. */
const KEPT_US = 10 * 60_000_000;

interface Kept {
  number: number;
  /** The papers, then the seals and leaves. */
  frames: { payload: Uint8Array; clockUs: number }[];
  /** On the session that there is. */
  producer: Group.Producer | null;
}

/** `papers`: what every group begins with. */
export class SealsTrack {
  readonly #papers: Uint8Array;
  #groups: Kept[] = [];
  #producer: Track.Producer | null = null;

  constructor(papers: Uint8Array) {
    this.#papers = papers;
  }

  /** Offer what there is, and what comes, in this broadcast. */
  attach(broadcast: Broadcast.Producer): void {
    this.#producer = broadcast.createTrack(SEALS_TRACK, {
      timescale: Time.Timescale.MICRO,
      latencyMax: KEPT_US / 1000,
      priority: PRIORITY.seals,
    });
    for (const group of this.#groups) {
      this.#offer(group);
      if (group !== this.#groups.at(-1)) group.producer?.close();
    }
  }

  /** The session is lost. */
  detach(): void {
    const lost = new Error("session lost");
    for (const group of this.#groups) {
      group.producer?.close(lost);
      group.producer = null;
    }
    this.#producer = null;
  }

  write({ group: number, seal, clockUs }: GroupedSeal): void {
    let group = this.#groups.at(-1);
    if (group?.number !== number) {
      group?.producer?.close();
      group = { number, frames: [{ payload: this.#papers, clockUs }], producer: null };
      this.#groups.push(group);
      this.#groups = this.#groups.filter(({ frames }) => clockUs - (frames.at(-1)?.clockUs ?? 0) <= KEPT_US);
      this.#offer(group);
    }
    add(group, { payload: seal, clockUs });
  }

  /** The newest group, to which leaves may be added; null before the first seal. */
  get newest(): number | null {
    return this.#groups.at(-1)?.number ?? null;
  }

  /** Into the newest group. */
  addLeaves(leaves: readonly Uint8Array[]): void {
    const group = this.#groups.at(-1);
    const clockUs = group?.frames.at(-1)?.clockUs ?? 0;
    for (const payload of group ? leaves : []) add(group as Kept, { payload, clockUs });
  }

  /** No seal follows. */
  finish(): void {
    this.#groups.at(-1)?.producer?.close();
    this.#producer?.close();
    this.#producer = null;
  }

  #offer(group: Kept): void {
    if (!this.#producer) return;
    group.producer = new Group.Producer(group.number);
    this.#producer.writeGroup(group.producer);
    for (const frame of group.frames) put(group.producer, frame);
  }
}

function add(group: Kept, frame: Kept["frames"][number]): void {
  group.frames.push(frame);
  put(group.producer, frame);
}

function put(group: Group.Producer | null, { payload, clockUs }: Kept["frames"][number]): void {
  group?.writeFrame({ payload, timestamp: Time.Timestamp.fromMicros(clockUs) });
}
