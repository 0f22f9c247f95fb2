/**
 * The scenes of `?preview=…`: what the line and the host would tell.
 *
 * Only in development builds; nothing here is shipped.
 *
 * @module
 */

import type { ErrorCode } from "../../errors";
import type { Devices } from "../../line/publisher";
import type { HostEvent, HostState, LineState, SeatReport, VerdictReport } from "../../line/watcher";
import type { DiscussionFacts } from "../api";

const LONG_TITLE =
  "On the obligations that follow from a promise made in public, and on who may say whether it was kept";
const LONG_NAMES = [
  "The Permanent Representation of the United Northern Territories and Associated Islands",
  "Постоянное представительство Объединённых южных территорий и прилегающих островов",
];

const LIVE: Devices = { camera: "live", microphone: "live", echoCancellation: true };
const NOW_US = Date.UTC(2026, 10, 21, 20, 14, 7) * 1000;

const WELL: VerdictReport = {
  state: "verified",
  standing: "host",
  code: null,
  sinceUs: NOW_US - 760_000_000,
  marks: 0,
  newest: [],
  ended: false,
};
const marked = (state: VerdictReport["state"], code: ErrorCode, marks = 1): VerdictReport => ({
  ...WELL,
  state,
  code,
  sinceUs: NOW_US - 3_000_000,
  marks,
  newest: [{ code, atUs: NOW_US - 3_000_000 }],
});

export interface Scene {
  facts: DiscussionFacts;
  line: LineState["state"];
  reports: Partial<SeatReport>[];
}

/** A scene by its name; an unknown name is both sides on air. */
export function scene(name: string): Scene {
  const long = name.includes("long");
  const names = long ? LONG_NAMES : ["North", "South"];
  const title = long ? LONG_TITLE : name === "untitled" ? "" : "Was the promise kept?";
  const on: Partial<SeatReport> = {};
  const off: Partial<SeatReport> = { announced: false, onAir: false, devices: null };
  const silent: Partial<SeatReport> = { onAir: false };
  const code: ErrorCode = "line.codec";
  const table: Record<string, Partial<SeatReport>[]> = {
    one: [on, off],
    none: [off, off],
    silent: [on, silent],
    long_off: [off, silent],
    unplayable: [on, { code, onAir: false }],
    unsealed: [{ verdict: null }, { verdict: null }],
    checking: [{ verdict: { ...WELL, state: "pending", standing: null } }, {}],
    late: [{ verdict: marked("late", "seal.late") }, { verdict: { ...WELL, standing: "identity" } }],
    broken: [
      { verdict: marked("broken", "sample.altered", 3) },
      { verdict: marked("gap", "sample.missing") },
    ],
    long_broken: [{ verdict: marked("broken", "sample.altered", 12) }, { verdict: { ...WELL, marks: 2 } }],
    camera: [{ devices: { ...LIVE, camera: "lost" }, fps: 0 }, { devices: { ...LIVE, microphone: "off" } }],
    shapes: [
      { width: 960, height: 720 },
      { width: 405, height: 720 },
    ],
  };
  const reports = table[name] ?? [on, on];
  const sides = ["north", "south"].map((side, index) => ({
    side,
    name: names[index] as string,
    language: index ? "ru" : "en",
  }));
  const line = name === "lost" ? "reconnecting" : name === "connecting" ? "connecting" : "live";
  const facts = { id: "k7m2xq4vw9", title, sides };
  return { facts: { ...facts, state: host(facts, reports) }, line, reports };
}

/** What the watcher would report of a side in this scene. */
export function reportOf({ facts, reports }: Scene, index: number): SeatReport {
  return {
    seat: facts.sides[index]?.side ?? "",
    announced: true,
    onAir: true,
    displayDelayMs: index ? 58.3 : 42.4,
    loudspeakerDelayMs: index ? 131 : 118,
    uncertaintyMs: index ? 2.2 : 1.3,
    width: 1280,
    height: 720,
    rendition: "hd",
    fps: 30,
    devices: LIVE,
    language: facts.sides[index]?.language ?? "",
    sound: null,
    lipSkewMs: null,
    verdict: WELL,
    ...reports[index],
  };
}

function host(facts: Omit<DiscussionFacts, "state">, reports: Partial<SeatReport>[]): HostState {
  const seats: HostState["seats"] = {};
  facts.sides.forEach(({ side, name, language }, index) => {
    const on = reports[index]?.onAir !== false;
    const since_us = on ? NOW_US - 761_000_000 : null;
    seats[side] = {
      kind: "side",
      name,
      language,
      on_air: on,
      sending: on,
      since_us,
      run: null,
      device: null,
    };
  });
  const event = (seconds: number, seat: string, what: HostEvent["event"]): HostEvent => ({
    at_us: NOW_US - seconds * 1_000_000,
    seat,
    event: what,
    device: "7f3a",
  });
  return {
    version: 1,
    at_us: NOW_US,
    discussion: facts.id,
    title: facts.title,
    recording: "running",
    seats,
    events: [
      event(780, "north", "went_on_air"),
      event(761, "south", "went_on_air"),
      event(95, "south", "lost"),
      event(94, "south", "returned"),
    ],
  };
}
