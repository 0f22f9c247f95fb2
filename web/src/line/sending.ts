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

/** How long the line must have been too thin for a rendition before it leaves the catalogue: a busy moment is none. */
const PATIENCE_MS = 900;
/** What came back only so long ago leaves again sooner: it was tried, and the line does not carry it. */
const TRIED_MS = 3_000;
const TRIED_PATIENCE_MS = 350;
/** Of what it is made for, until then. */
const MEANWHILE = 0.25;
/** Sound, and the least of pictures beside it. */
const LEAST = 220_000;

export class Sending {
  readonly #demand = new Demand();
  readonly #uplink = new Uplink(LEAST);
  #unlisted: ReadonlySet<string> = new Set();
  /** Since when the line is too thin for what is still listed. */
  readonly #thinMs = new Map<string, number>();
  /** When a rendition came back into the catalogue. */
  readonly #backMs = new Map<string, number>();

  /** Another session began. */
  reset(): void {
    this.#uplink.reset();
  }

  /** A sample was handed to the line. `unsent`: bytes that the browser was given before it and has not taken. */
  sent(
    nowMs: number,
    track: string,
    timestampUs: number,
    sound: boolean,
    bytes: number,
    unsent: number,
  ): void {
    this.#uplink.unsent(unsent);
    this.#uplink.sent(nowMs, track, timestampUs, sound, bytes);
  }

  /** Whether something was sent of which the host has not told that it came. */
  get unreported(): boolean {
    return this.#uplink.unreported;
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

  /** Bits a second at which large samples may leave; infinite where the line is not known to be thin. */
  pace(nowMs: number): number {
    return this.#uplink.pace(nowMs);
  }

  /** What of these is to be encoded, at which rate, and what is not to be listed. `shapes`: the largest first. */
  share(nowMs: number, shapes: readonly PictureShape[]): Share {
    const bits = this.#uplink.pictures(nowMs);
    const thin = Number.isFinite(bits);
    const wanted = (rendition: string) => this.#demand.wants(rendition, nowMs, thin);
    const share = allot(bits, shapes, wanted, this.#unlisted);
    this.#forbear(nowMs, shapes, wanted, share);
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

  /** What is not worth it only now stays listed for a while, at the least that it can be. */
  #forbear(
    nowMs: number,
    shapes: readonly PictureShape[],
    wanted: (rendition: string) => boolean,
    share: Share,
  ): void {
    for (const { rendition, bitrate } of shapes) {
      const back = this.#unlisted.has(rendition) && !share.unlisted.has(rendition);
      if (back) this.#backMs.set(rendition, nowMs);
      if (!share.unlisted.has(rendition) || this.#unlisted.has(rendition)) {
        this.#thinMs.delete(rendition);
        continue;
      }
      const sinceMs = this.#thinMs.get(rendition) ?? nowMs;
      this.#thinMs.set(rendition, sinceMs);
      const tried = nowMs - (this.#backMs.get(rendition) ?? Number.NEGATIVE_INFINITY) < TRIED_MS;
      if (nowMs - sinceMs >= (tried ? TRIED_PATIENCE_MS : PATIENCE_MS)) continue;
      share.unlisted.delete(rendition);
      if (rendition === "hd" || wanted(rendition)) share.bitrates.set(rendition, MEANWHILE * bitrate);
    }
  }
}
