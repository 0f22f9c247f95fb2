/**
 * What the host tells a side of how its samples arrive (docs/formats/line.md, L17). The same as in
 * `src/vivavoce/line/arrival.py`.
 *
 * @module
 */

import { MOST_LEAVES } from "../seal/leavesframe";

/** How one track arrived. Times of the host's clock, microseconds; counts are since the run began. */
export interface TrackArrival {
  /** The newest sample's place and times. */
  group: number;
  index: number;
  timestampUs: number;
  receivedUs: number;
  bytes: number;
  samples: number;
  /** The least and the most of (received - timestamp - the run's epoch) since the report before. */
  leastUs: number;
  mostUs: number;
  /** Groups that have not come although later ones have, or whose end did not. */
  missing: number;
}

export interface Arrival {
  run: string;
  /** The host's clock when it was told. */
  atUs: number;
  /** The tracks that somebody subscribes to. */
  wanted: string[];
  /** By how much the host is late with whatever it does, 0 where it does not say. */
  lateUs: number;
  /** Those of which samples came since the report before. */
  tracks: Map<string, TrackArrival>;
  /** The spans whose leaves are asked for. */
  lacking: Lacking[];
}

/** A span of which something did not come: its track's number, its first group, how many of its leaves. */
export interface Lacking {
  track: number;
  group: number;
  count: number;
}

/** The track of the host's broadcast that tells of a seat. */
export function arrivalTrack(seat: string): string {
  return `arrival-${seat}.json`;
}

const MOST_TRACKS = 32;
const MOST_LACKING = 16;

/** Check a report; null where it has not its form. Does not check that it tells the truth. */
export function parseArrival(raw: Uint8Array): Arrival | null {
  let told: Record<string, unknown>;
  try {
    told = JSON.parse(new TextDecoder().decode(raw));
  } catch {
    return null;
  }
  const { run, at_us: atUs, wanted, tracks, late_us: late } = told ?? {};
  if (typeof run !== "string" || !Number.isSafeInteger(atUs)) return null;
  if (!Array.isArray(wanted) || !wanted.every((name) => typeof name === "string")) return null;
  if (typeof tracks !== "object" || tracks === null) return null;
  const entries = Object.entries(tracks as Record<string, Record<string, unknown>>).slice(0, MOST_TRACKS);
  const found = new Map<string, TrackArrival>();
  for (const [name, track] of entries) {
    const whole = (key: string) => (Number.isSafeInteger(track?.[key]) ? (track[key] as number) : Number.NaN);
    const one: TrackArrival = {
      group: whole("group"),
      index: whole("index"),
      timestampUs: whole("timestamp_us"),
      receivedUs: whole("received_us"),
      bytes: whole("bytes"),
      samples: whole("samples"),
      leastUs: whole("least_us"),
      mostUs: whole("most_us"),
      missing: whole("missing"),
    };
    if (Object.values(one).some(Number.isNaN)) return null;
    found.set(name, one);
  }
  const lateUs = Number.isSafeInteger(late) ? Math.max(0, late as number) : 0;
  return { run, atUs: atUs as number, wanted, lateUs, tracks: found, lacking: lackingIn(told.lacking) };
}

/** Those that have their form; a host that asks for nothing leaves them out. */
function lackingIn(told: unknown): Lacking[] {
  if (!Array.isArray(told)) return [];
  return told.slice(0, MOST_LACKING).flatMap((one) => {
    if (
      !Array.isArray(one) ||
      one.length !== 3 ||
      !one.every((each) => Number.isSafeInteger(each) && each >= 0)
    )
      return [];
    const [track, group, count] = one as [number, number, number];
    return track <= 255 && count <= MOST_LEAVES ? [{ track, group, count }] : [];
  });
}
