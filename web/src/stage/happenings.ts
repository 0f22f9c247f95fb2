/**
 * What happened, for both sides, newest first: the host's events and the sides' devices. Pure.
 *
 * @module
 */

import type { DeviceState, Devices } from "../line/publisher";
import type { HostEvent, HostState } from "../line/watcher";

/** Something that happened; `what` ends the key of its sentence in the catalogue (`log.…`). */
export interface Happening {
  atUs: number;
  seat: string;
  what: HostEvent["event"] | `${"camera" | "microphone"}_${DeviceState}`;
}

/** Longest log that is kept: an evening's worth, and nothing that grows without end. */
const KEPT = 100;

/**
 * The log with the host's newest events in it. The host tells its newest twenty again and again: what is
 * there already, by time, seat and event, is not written twice.
 */
export function withHost(log: readonly Happening[], host: HostState): readonly Happening[] {
  const known = new Set(log.map(({ atUs, seat, what }) => `${atUs} ${seat} ${what}`));
  const fresh = host.events
    .filter(({ at_us, seat, event }) => !known.has(`${at_us} ${seat} ${event}`))
    .map(({ at_us, seat, event }): Happening => ({ atUs: at_us, seat, what: event }));
  return fresh.length ? sorted([...log, ...fresh]) : log;
}

/**
 * The log after a side's devices changed. before: null when they are told for the first time, when only what
 * is missing is news; afterwards every change is.
 */
export function withDevices(
  log: readonly Happening[],
  seat: string,
  before: Devices | null,
  now: Devices,
  atUs: number,
): readonly Happening[] {
  const fresh = (["camera", "microphone"] as const)
    .filter((device) => now[device] !== (before?.[device] ?? "live"))
    .map((device): Happening => ({ atUs, seat, what: `${device}_${now[device]}` }));
  return fresh.length ? sorted([...log, ...fresh]) : log;
}

function sorted(log: Happening[]): Happening[] {
  return log.sort((a, b) => b.atUs - a.atUs).slice(0, KEPT);
}
