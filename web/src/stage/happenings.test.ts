import { describe, expect, it } from "vitest";
import type { Devices } from "../line/publisher";
import type { HostEvent, HostState } from "../line/watcher";
import { withDevices, withHost } from "./happenings";

const told = (...events: [number, string, HostEvent["event"]][]): HostState => ({
  version: 1,
  at_us: 0,
  discussion: "k7m2xq4vw9",
  title: "",
  recording: "running",
  seats: {},
  events: events.map(([at_us, seat, event]) => ({ at_us, seat, event, device: null })),
});

const devices = (camera: Devices["camera"], microphone: Devices["microphone"]): Devices => ({
  camera,
  microphone,
  echoCancellation: true,
});

describe("the log", () => {
  it("has the newest first", () => {
    const log = withHost([], told([1, "north", "went_on_air"], [2, "south", "went_on_air"]));
    expect(log.map((one) => one.seat)).toEqual(["south", "north"]);
  });

  it("writes what the host repeats once", () => {
    const once = withHost([], told([1, "north", "went_on_air"]));
    const twice = withHost(once, told([1, "north", "went_on_air"], [5, "north", "lost"]));
    expect(twice.map((one) => one.what)).toEqual(["lost", "went_on_air"]);
    expect(withHost(twice, told([5, "north", "lost"]))).toBe(twice);
  });

  it("does not tell of devices that are simply there", () => {
    expect(withDevices([], "north", null, devices("live", "live"), 1)).toEqual([]);
  });

  it("tells of a camera that was lost and of its return", () => {
    const lost = withDevices([], "north", devices("live", "live"), devices("lost", "live"), 1);
    const back = withDevices(lost, "north", devices("lost", "live"), devices("live", "live"), 2);
    expect(back.map((one) => one.what)).toEqual(["camera_live", "camera_lost"]);
  });

  it("does not grow without end", () => {
    let log = withHost([], told());
    for (let at = 0; at < 500; at += 1) log = withHost(log, told([at, "north", "lost"]));
    expect(log).toHaveLength(100);
    expect(log[0]?.atUs).toBe(499);
  });
});
