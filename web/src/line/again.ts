/**
 * Copies of a sound track's groups, for a host whose line loses packets (L16).
 *
 * The copy of a group leaves with the next group, so that no one packet that is lost takes both with it. Nothing is
 * made while nobody takes it.
 *
 * @module
 */

import { type Broadcast, Group, Time, type Track } from "@moq/net";
import { PRIORITY } from "./priority";

/** An older copy helps nobody. */
const KEPT_MS = 500;

/** The name of a sound track's copies. It is in no catalogue. */
export const againOf = (track: string) => `${track}/again`;

export class Again {
  readonly #producer: Track.Producer;
  #held: { sequence: number; payload: Uint8Array; timestampUs: number } | null = null;

  /** Offers copies of `track` in its broadcast. */
  constructor(broadcast: Broadcast.Producer, track: string) {
    this.#producer = broadcast.createTrack(againOf(track), {
      timescale: Time.Timescale.MICRO,
      latencyMax: KEPT_MS,
      priority: PRIORITY.copies,
    });
  }

  /** A group of the track: its number and its only frame. */
  add(sequence: number, payload: Uint8Array, timestampUs: number): void {
    const held = this.#held;
    this.#held = { sequence, payload, timestampUs };
    if (!held || !this.#producer.used.peek()) return;
    const group = new Group.Producer(held.sequence);
    this.#producer.writeGroup(group);
    group.writeFrame({ payload: held.payload, timestamp: Time.Timestamp.fromMicros(held.timestampUs) });
    group.close();
  }

  close(): void {
    this.#producer.close();
  }
}
