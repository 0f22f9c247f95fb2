/**
 * What a side sends now: what somebody watches, as far as the line carries it. Pure: takes times, reads none.
 *
 * @module
 */

import { allot, type Share } from "./allot";
import type { Arrival } from "./arrival";
import { renditionOf } from "./catalog";
import type { PictureShape } from "./codecs";
import { Demand } from "./demand";
import { Uplink } from "./uplink";

/** Sound, and the least of pictures beside it. */
const LEAST = 220_000;

export class Sending {
  readonly #demand = new Demand();
  readonly #uplink = new Uplink(LEAST);
  #unlisted: ReadonlySet<string> = new Set();

  /** Another session began. */
  reset(): void {
    this.#uplink.reset();
  }

  /** A sample was handed to the line. */
  sent(nowMs: number, track: string, timestampUs: number, sound: boolean, bytes: number): void {
    this.#uplink.sent(nowMs, track, timestampUs, sound, bytes);
  }

  /** The host reported. */
  arrived(nowMs: number, arrival: Arrival): void {
    this.#demand.told(arrival.wanted.map(renditionOf), nowMs);
    this.#uplink.reported(nowMs, arrival);
  }

  /** Whether the next picture is to be left out. `unsent`: bytes that the browser was given and has not taken. */
  holds(nowMs: number, unsent: number): boolean {
    this.#uplink.unsent(unsent);
    return this.#uplink.holds(nowMs);
  }

  /** What of these is to be encoded, at which rate, and what is not to be listed. `shapes`: the largest first. */
  share(nowMs: number, shapes: readonly PictureShape[]): Share {
    const bits = this.#uplink.pictures(nowMs);
    const thin = Number.isFinite(bits);
    const wanted = (rendition: string) => this.#demand.wants(rendition, nowMs, thin);
    const share = allot(bits, shapes, wanted, this.#unlisted);
    this.#unlisted = share.unlisted;
    this.#uplink.wish(share.next);
    if (share.unlisted.size === 0) {
      const given = shapes.filter((shape) => share.bitrates.has(shape.rendition));
      this.#uplink.satisfied(
        nowMs,
        given.reduce((sum, shape) => sum + shape.bitrate, 0),
      );
    }
    return share;
  }
}
