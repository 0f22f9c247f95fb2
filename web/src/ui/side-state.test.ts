import { describe, expect, it } from "vitest";
import type { HostState, SeatReport, VerdictReport } from "../line/watcher";
import { endingOf, lacking, overallState, sharedRatio, sideState, takenOverAt } from "./side-state";

const report = (change: Partial<SeatReport> = {}): SeatReport => ({
  seat: "north",
  announced: true,
  onAir: true,
  displayDelayMs: 40,
  loudspeakerDelayMs: null,
  uncertaintyMs: 2,
  width: 1280,
  height: 720,
  rendition: "hd",
  fps: 30,
  devices: { camera: "live", microphone: "live", echoCancellation: true },
  language: "en",
  sound: null,
  lipSkewMs: null,
  verdict: null,
  ...change,
});

const sealed = (change: Partial<VerdictReport> = {}): SeatReport =>
  report({
    verdict: {
      state: "verified",
      standing: "host",
      code: null,
      sinceUs: 0,
      marks: 0,
      newest: [],
      ended: false,
      ...change,
    },
  });

const host = (onAir: boolean): HostState => ({
  version: 1,
  at_us: 0,
  discussion: "k7m2xq4vw9",
  title: "",
  recording: "running",
  seats: {
    north: {
      kind: "side",
      name: "North",
      language: "en",
      on_air: onAir,
      sending: onAir,
      since_us: null,
      run: null,
      device: null,
    },
  },
  events: [],
});

describe("the state of a side", () => {
  it.each([
    ["samples arrive: on air", report(), host(true), "live", "on_air"],
    ["samples arrive, the host says off: on air all the same", report(), host(false), "live", "on_air"],
    ["announced but silent: no samples", report({ onAir: false }), null, "live", "silent"],
    ["on air by the host's word alone: no samples", null, host(true), "live", "silent"],
    [
      "neither announced nor on air: off",
      report({ announced: false, onAir: false }),
      host(false),
      "live",
      "off",
    ],
    ["nothing is known yet: waiting", null, null, "live", "waiting"],
    ["the line is not there yet: waiting", null, null, "connecting", "waiting"],
    [
      "our own line is down: nothing is claimed of the side",
      report(),
      host(true),
      "reconnecting",
      "line_lost",
    ],
    ["our own line cannot be reached: the same", report(), host(true), "failed", "line_lost"],
    ["a codec nobody has: unplayable", report({ code: "line.codec" }), null, "live", "unplayable"],
  ] as const)("%s", (_, seen, told, line, state) => {
    expect(sideState("north", seen, told, line)).toBe(state);
  });
});

describe("the state of the whole", () => {
  it.each([
    [["on_air", "on_air"], "live", "both"],
    [["on_air", "off"], "live", "some"],
    [["off", "silent"], "live", "none"],
    [["waiting", "waiting"], "connecting", "connecting"],
    [["waiting", "waiting"], "live", "connecting"],
    [["line_lost", "line_lost"], "reconnecting", "lost"],
    [["line_lost", "line_lost"], "failed", "failed"],
  ] as const)("%j with the line %s is %s", (states, line, overall) => {
    expect(overallState(states, line)).toBe(overall);
  });
});

describe("what a side lacks", () => {
  it("names the camera before the microphone", () => {
    const devices = { camera: "lost", microphone: "off", echoCancellation: true } as const;
    expect(lacking(report({ devices }))).toBe("camera_lost");
  });

  it("says that a picture which stands still is old, whatever the catalogue says", () => {
    expect(lacking(report({ fps: 0 }))).toBe("picture_none");
    expect(lacking(report())).toBeNull();
  });

  it("says nothing of a side that is not on air", () => {
    const devices = { camera: "lost", microphone: "off", echoCancellation: true } as const;
    expect(lacking(report({ onAir: false, devices }))).toBeNull();
  });
});

describe("a take-over", () => {
  const told = (onAir: boolean, ...events: HostState["events"][number]["event"][]): HostState => ({
    ...host(onAir),
    events: events.map((event, index) => ({ at_us: index + 1, seat: "north", event, device: "d" })),
  });

  it.each<[string, HostState | null, number | null]>([
    ["is told while the device that took over is on air", told(true, "went_on_air", "taken_over"), 2],
    ["is told through a lost line", told(true, "went_on_air", "taken_over", "lost", "returned"), 2],
    ["is over when that device has left", told(false, "went_on_air", "taken_over", "left"), null],
    [
      "is over when somebody comes in the ordinary way",
      told(true, "taken_over", "left", "went_on_air"),
      null,
    ],
    ["is not there where nobody took over", told(true, "went_on_air"), null],
    ["is not known without the host", null, null],
  ])("%s", (_, state, at) => {
    expect(takenOverAt("north", state)).toBe(at);
    expect(takenOverAt("south", state)).toBeNull();
  });
});

describe("the shape of the pictures", () => {
  it("is one for both, so that no side is larger", () => {
    expect(sharedRatio([report(), report({ width: 640, height: 480 })])).toBeCloseTo(4 / 3);
  });

  it("never grows taller than 4:3 for a telephone held upright", () => {
    expect(sharedRatio([report({ width: 720, height: 1280 }), null])).toBeCloseTo(4 / 3);
  });
});

describe("whether a side that is not on air has sent all", () => {
  it.each([
    ["its end seal came", "off", sealed({ ended: true }), "ended"],
    ["its end seal came, and the host still names it", "silent", sealed({ ended: true }), "ended"],
    ["no end seal came", "off", sealed(), "not_ended"],
    ["no end seal came, and it may come back", "silent", sealed(), null],
    ["it is on air", "on_air", sealed(), null],
    ["this page's own line is down", "line_lost", sealed({ ended: true }), null],
    ["nobody's word stands for its seals", "off", sealed({ standing: null }), null],
    ["it is not sealed", "off", report(), null],
    ["nothing is known of it", "off", null, null],
  ] as const)("%s", (_, state, told, ending) => {
    expect(endingOf(state, told)).toBe(ending);
  });
});
