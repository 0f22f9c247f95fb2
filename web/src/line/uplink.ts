/**
 * What a side's line carries, from what the host reports of arrival (L17). Pure: takes times, reads none.
 *
 * 1. A sample's delay is when the host had it, on the host's clock, less when it was handed to the line, on the
 *    page's. The two clocks differ, so only what is above the least of the last seconds counts: that is what waits in
 *    queues. It can be no more than the whole way there and back took, which needs one clock only; where it is, a clock
 *    was set, and the least is learnt anew.
 *    What the host is late by itself is no queue.
 * 2. The queue is that of the sound, which is small and steady. A picture's own delay counts where it is much more:
 *    then it waits in this browser, which lets sound pass.
 * 3. Key pictures are several times larger than others: the queue that one makes for a moment is no sign. Once the line
 *    is known to be thin they leave in pieces (`Pacer`) and make none.
 * 4. Any other queue says what the line carries: all that left the browser between two packets of sound passed between
 *    their arrivals. The target falls below that at once, and pictures are left out until the queue has gone. The same
 *    where reports stop coming, or the browser takes no more bytes.
 * 5. Without a queue the target rises: fast, but slowly near where it failed last, and never to much more than what
 *    was proved to arrive.
 * 6. A queue that does not go although pictures are left out is not theirs: a processor is busy, here or at the host.
 *    They are left out only for a moment then, and go on for as long, so that there is always something to see. Soon
 *    after a fall a queue has to stand for longer to be one: on a busy device some come and go all the time.
 *
 * All rates are bits a second on the line, with what the protocols add, as far as that is known.
 *
 * @module
 */

import type { Arrival } from "./arrival";
import { LeastDelay } from "./leastdelay";
import { Mean } from "./mean";

/** A queue that is shorter than this is none, beside the jitter that is usual. */
const FEW_MS = 25;
/** A session begins with much at once, and every processor is busy. */
const LEARN_MS = 1_200;
const SPIKE_MS = 38;
const MOST_JITTER_MS = 40;
/** Pictures are left out while the queue is longer than this, and until it is shorter than that. */
const MOST_MS = 80;
const DRAINED_MS = 35;
/** A picture that took so much longer than usual waited in the browser, if the sound did not. */
const PICTURE_MS = 220;
const GIVEN_UP_MS = 3_000;
/** A way there cannot have taken so much longer than the way there and back: a clock was set. */
const CLOCK_SET_MS = 100;
/** A queue of theirs has gone by then; after that they go on and are left out for as long by turns. */
const MOST_LEFT_OUT_MS = 700;
const TURN_MS = 350;
/** More than this that waits in the browser, and more than the line carries in so long, is too much. */
const UNSENT_BYTES = 24_000;
const UNSENT_MS = 200;
/** Reports come every 100 ms. */
const SILENT_MS = 450;
/** Of what the line carries this much is used after a fall. */
const BELOW = 0.9;
const DRAINING = 0.7;
const AGAIN_MS = 150;
/** So many reports of a queue in a row are one; for so long after a fall more, since a busy device has some always. */
const HIGH = 2;
const HIGH_AGAIN = 3;
const FALLEN_MS = 6_000;
/** But the queue that made it fall is still there for so long. */
const DRAINS_MS = 300;
/** After a fall the queue drains; only then is there something to learn. */
const REST_MS = 250;
/** Growth in a second: e to the power of this; fast growth begins slowly, and quickens by so much a second. */
const FAST = 1.6;
const BEGIN = 0.4;
const QUICKEN = 1.8;
const GENTLE = 0.2;
const NEAR = [0.8, 1.1] as const;
const FORGET_MS = 12_000;
const PROVED = 1.7;
/** Large samples leave at the target less the sound, and no slower than this: a key picture is to come at some time. */
const LEAST_PACE = 400_000;
/** What QUIC, UDP and IP add to a sample, and to every byte. */
const OVERHEAD_BYTES = 70;
const OVERHEAD = 1.04;
const MEAN_MS = 1_000;
const MOST_LOGGED = 1_024;
/** A picture of so many times the usual size is a key picture; how long its queue is forgiven, and how much of it. */
const LARGE = 2.5;
const BURST_MS = 300;
const MOST_BURST_MS = 130;

interface Sent {
  ms: number;
  /** Bytes that had left the browser until then. */
  left: number;
}

interface Way {
  sound: boolean;
  /** By timestamp. */
  sent: Map<number, Sent>;
  /** The newest that was sent, and the newest that was reported. */
  lastUs: number;
  newestUs: number;
  /** Of delays from handing over, and from capture. */
  least: LeastDelay;
  fromCapture: LeastDelay;
  usualBytes: number;
  /** From handing over until the report, usually. */
  roundMs: number;
}

export class Uplink {
  readonly #least: number;
  readonly #ways = new Map<string, Way>();
  #target = Number.POSITIVE_INFINITY;
  #failed: { rate: number; atMs: number } | null = null;
  #fellMs = Number.NEGATIVE_INFINITY;
  #rosenMs: number | null = null;
  /** When it got past where it failed last. */
  #freeMs = Number.NEGATIVE_INFINITY;
  #queueMs = 0;
  #soundMs = 0;
  /** When the newest packet of sound that arrived was sent. */
  #newestMs = Number.NEGATIVE_INFINITY;
  #draining = false;
  #drainingMs = Number.NEGATIVE_INFINITY;
  /** Since when there was always a reason to leave pictures out. */
  #leftOutMs: number | null = null;
  #usualMs = 4;
  #high = 0;
  #reported = false;
  /** Until then the least delay is being learnt. */
  #learntMs: number | null = null;
  #unansweredMs: number | null = null;
  #unsent = 0;
  #wish = 0;
  #total = 0;
  #all = new Mean(MEAN_MS);
  #sound = new Mean(MEAN_MS);
  #burst = { ms: 0, atMs: Number.NEGATIVE_INFINITY };
  /** The newest packets of sound that arrived: how many bytes had left before each, and when it came. */
  #passed: { left: number; atMs: number; queueMs: number }[] = [];

  /** `least`: bits a second; the target never falls below it. */
  constructor(least: number) {
    this.#least = least;
  }

  /** Bits a second that may be sent; infinite until something is known against it. */
  get target(): number {
    return this.#target;
  }

  /** Bits a second at which large samples may leave; infinite until something is known against it. */
  pace(nowMs: number): number {
    return Math.max(LEAST_PACE, this.#target - this.#sound.rate(nowMs));
  }

  /** How long a sample waits in queues now, ms. */
  get queueMs(): number {
    return this.#queueMs;
  }

  /** Bits a second of samples that are left for pictures beside the sound; infinite where `target` is. */
  pictures(nowMs: number): number {
    return Math.max(0, this.#target - this.#sound.rate(nowMs)) / OVERHEAD;
  }

  /** Another session: nothing of the old one's queues counts. */
  reset(): void {
    this.#ways.clear();
    this.#passed = [];
    this.#queueMs = this.#soundMs = 0;
    this.#draining = false;
    this.#leftOutMs = null;
    this.#high = 0;
    this.#unsent = 0;
    this.#reported = false;
    this.#unansweredMs = null;
    this.#learntMs = null;
  }

  /** A sample of so many bytes was handed to the line. `sound`: it is a packet of sound. */
  sent(nowMs: number, track: string, timestampUs: number, sound: boolean, bytes: number): void {
    let way = this.#ways.get(track);
    if (!way) {
      way = {
        sound,
        sent: new Map(),
        lastUs: -1,
        newestUs: -1,
        least: new LeastDelay(),
        fromCapture: new LeastDelay(),
        usualBytes: bytes,
        roundMs: 200,
      };
      this.#ways.set(track, way);
    }
    const size = OVERHEAD * bytes + OVERHEAD_BYTES;
    this.#total += size;
    this.#all.add(nowMs, 8 * size);
    if (sound) this.#sound.add(nowMs, 8 * size);
    else if (bytes > LARGE * way.usualBytes) {
      const ms = (8_000 * size) / Math.max(this.#all.rate(nowMs), this.#least);
      this.#burst = { ms: Math.min(MOST_BURST_MS, ms), atMs: nowMs };
    }
    way.usualBytes += (Math.min(bytes, 2 * way.usualBytes) - way.usualBytes) / 16;
    way.lastUs = timestampUs;
    way.sent.set(timestampUs, { ms: nowMs, left: this.#total - this.#unsent });
    if (way.sent.size > MOST_LOGGED)
      for (const old of way.sent.keys()) {
        way.sent.delete(old);
        break;
      }
    this.#unansweredMs ??= nowMs;
  }

  /** How many bytes the browser has been given and has not taken. */
  unsent(bytes: number): void {
    this.#unsent = bytes;
  }

  /** Whether something was sent of which no report has come. */
  get unreported(): boolean {
    return [...this.#ways.values()].some((way) => way.newestUs < way.lastUs);
  }

  /** A report came. */
  reported(nowMs: number, arrival: Arrival): void {
    this.#reported = true;
    this.#unansweredMs = null;
    let sound: number | null = null;
    let picture: number | null = null;
    for (const [name, told] of arrival.tracks) {
      const way = this.#ways.get(name);
      const sent = way?.sent.get(told.timestampUs);
      if (!way || !sent || told.timestampUs <= way.newestUs) continue;
      way.newestUs = told.timestampUs;
      way.roundMs += (Math.min(nowMs - sent.ms, 2 * way.roundMs) - way.roundMs) / 16;
      for (const old of way.sent.keys()) {
        if (old >= told.timestampUs) break;
        way.sent.delete(old);
      }
      const receivedMs = told.receivedUs / 1000;
      // A moment in which a processor was busy is no queue: what came just before it was not late.
      const steadyMs = way.fromCapture.above(told.leastUs / 1000, nowMs) + SPIKE_MS;
      const newestMs = way.least.above(receivedMs - sent.ms, nowMs);
      const roundMs = nowMs - sent.ms;
      if (newestMs > roundMs + CLOCK_SET_MS) {
        way.least.forget();
        way.fromCapture.forget();
        continue;
      }
      const queueMs = Math.max(0, Math.min(newestMs, steadyMs, roundMs) - arrival.lateUs / 1000);
      if (!way.sound) {
        // What was sent before the target fell says nothing of what is sent now.
        if (sent.ms > this.#fellMs) picture = Math.min(picture ?? queueMs, queueMs);
      } else if (sound === null) {
        sound = queueMs;
        this.#newestMs = sent.ms;
        this.#passed.push({ left: sent.left, atMs: receivedMs, queueMs });
        while (this.#passed.length > 4) this.#passed.shift();
      }
    }
    if (sound !== null) this.#soundMs = sound;
    if (sound === null && picture === null) return;
    const own = picture !== null && picture > PICTURE_MS ? picture : 0;
    this.#learntMs ??= nowMs + LEARN_MS;
    if (nowMs < this.#learntMs) return;
    this.#queueMs = Math.max(sound ?? picture ?? 0, own);
    this.#judge(nowMs);
  }

  /** Whether pictures are to be left out now, before they are encoded. Ask for each picture. */
  holds(nowMs: number): boolean {
    const unansweredMs = this.#unansweredMs === null ? 0 : nowMs - this.#unansweredMs;
    // A line that is dead is given up before that; one that is alive goes on without reports.
    if (unansweredMs > GIVEN_UP_MS) this.#reported = false;
    const stale = this.#reported && unansweredMs > SILENT_MS;
    if (stale && this.#fellMs < (this.#unansweredMs ?? 0)) this.#fall(nowMs, this.#all.rate(nowMs) / 2);
    const justFell = nowMs - this.#fellMs <= DRAINS_MS;
    if (
      this.#high >= (justFell ? HIGH : this.#enough(nowMs)) &&
      this.#queueMs > MOST_MS + this.#jitterMs() + this.#forgivenMs(nowMs)
    )
      this.#drain(nowMs);
    else if (this.#queueMs < DRAINED_MS) this.#draining = false;
    if (stale || this.#stuffed) return true;
    if (this.#draining || this.#outstanding(nowMs)) this.#leftOutMs ??= nowMs;
    else this.#leftOutMs = null;
    const forMs = this.#leftOutMs === null ? null : nowMs - this.#leftOutMs;
    if (forMs === null || forMs < MOST_LEFT_OUT_MS) return forMs !== null;
    return (forMs - MOST_LEFT_OUT_MS) % (2 * TURN_MS) >= TURN_MS;
  }

  /**
   * What is sent now is all that can be, and so many bits a second of pictures would be needed for more: the target may
   * rise to there although less than that was proved.
   */
  wish(pictures: number): void {
    this.#wish = pictures;
  }

  /** `pictures`: what would be sent of them without any limit. A target well above it says nothing any more. */
  satisfied(nowMs: number, pictures: number): void {
    if (this.#target < 1.2 * (OVERHEAD * pictures + this.#sound.rate(nowMs))) return;
    this.#target = Number.POSITIVE_INFINITY;
    this.#failed = null;
  }

  get #stuffed(): boolean {
    const paced = Number.isFinite(this.#target) ? (this.#target * UNSENT_MS) / 8_000 : 0;
    return this.#unsent > Math.max(UNSENT_BYTES, paced);
  }

  /** A picture that ought to have been reported long ago still waits in the browser. */
  #outstanding(nowMs: number): boolean {
    if (!this.#reported || this.#learntMs === null || nowMs < this.#learntMs) return false;
    for (const way of this.#ways.values()) {
      if (way.sound) continue;
      for (const [timestampUs, { ms }] of way.sent) {
        // The newest that was reported stays in the list until a newer one is; one that never comes was cut off.
        if (timestampUs <= way.newestUs || nowMs - ms > GIVEN_UP_MS) continue;
        if (nowMs - ms > way.roundMs + PICTURE_MS) return true;
        break;
      }
    }
    return false;
  }

  #drain(nowMs: number): void {
    if (!this.#draining) this.#drainingMs = nowMs;
    this.#draining = true;
  }

  #judge(nowMs: number): void {
    const limitMs = FEW_MS + this.#jitterMs() + this.#forgivenMs(nowMs);
    const queued = this.#queueMs > limitMs || this.#stuffed;
    this.#high = queued ? this.#high + 1 : 0;
    if (!queued) {
      this.#usualMs += (Math.min(this.#queueMs, FEW_MS) - 2 * this.#usualMs) / 64;
      this.#rise(nowMs);
    } else if (this.#high >= this.#enough(nowMs)) this.#fall(nowMs, this.#carried(limitMs));
  }

  /** How many reports of a queue in a row count. */
  #enough(nowMs: number): number {
    return nowMs - this.#fellMs < FALLEN_MS ? HIGH_AGAIN : HIGH;
  }

  /** What passed between packets of sound while there was a queue; half of what was sent where that is not known. */
  #carried(limitMs: number): number {
    const last = this.#passed.at(-1);
    const queued = this.#passed.filter((one) => one.queueMs > limitMs / 2);
    const first = queued[0];
    const spanMs = first && last ? last.atMs - first.atMs : 0;
    if (!first || !last || spanMs < 30 || this.#soundMs < limitMs) return this.#target / 2;
    return (8_000 * (last.left - first.left)) / spanMs;
  }

  #jitterMs(): number {
    return Math.min(MOST_JITTER_MS, 4 * this.#usualMs);
  }

  #forgivenMs(nowMs: number): number {
    // One that is paced makes no queue.
    return nowMs - this.#burst.atMs > BURST_MS || Number.isFinite(this.#target) ? 0 : this.#burst.ms;
  }

  #fall(nowMs: number, carried: number): void {
    if (nowMs - this.#fellMs < AGAIN_MS || this.#newestMs < this.#fellMs) return;
    const known = Number.isFinite(carried) ? carried : this.#all.rate(nowMs) / 2;
    this.#rosenMs = null;
    // While pictures are left out, what was lost is sent again, so less seems to be carried than is.
    const floor = this.#drainingMs < this.#fellMs && this.#draining ? DRAINING * this.#target : 0;
    const target = Math.max(this.#least, floor, BELOW * known);
    this.#fellMs = nowMs;
    if (target >= this.#target) return;
    this.#target = target;
    this.#failed = { rate: Math.max(known, this.#least), atMs: nowMs };
  }

  #rise(nowMs: number): void {
    const sinceMs = this.#rosenMs === null ? 0 : nowMs - this.#rosenMs;
    this.#rosenMs = nowMs;
    if (!Number.isFinite(this.#target) || nowMs - this.#fellMs < REST_MS || sinceMs <= 0) return;
    const failed = this.#failed;
    if (failed && (nowMs - failed.atMs > FORGET_MS || this.#target > NEAR[1] * failed.rate)) {
      this.#failed = null;
      this.#freeMs = nowMs;
    }
    const near = this.#failed !== null && this.#target > NEAR[0] * this.#failed.rate;
    const free = Math.min(FAST, BEGIN + (QUICKEN * (nowMs - this.#freeMs)) / 1000);
    const speed = near ? GENTLE : this.#failed ? FAST : free;
    const grown = this.#target * Math.exp((speed * Math.min(sinceMs, 300)) / 1000);
    const old = nowMs - this.#fellMs > FORGET_MS;
    const wish = this.#wish > 0 ? OVERHEAD * this.#wish + this.#sound.rate(nowMs) : 0;
    const cap = old ? grown : Math.max(PROVED * this.#all.rate(nowMs), 1.5 * this.#least, wish);
    this.#target = Math.max(this.#target, Math.min(grown, cap));
  }
}
