import { describe, expect, test } from "vitest";
import { parseArrival } from "./arrival";

const track = {
  group: 3,
  index: 2,
  timestamp_us: 5_000_000,
  received_us: 1_795_293_849_200_000,
  bytes: 12_345,
  samples: 150,
  least_us: 40_000,
  most_us: 65_000,
  missing: 0,
};
const told = { version: 1, at_us: 1_795_293_849_210_000, run: "9f86d081884c7d65", wanted: ["hd.1"] };
const raw = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe("a report of arrival", () => {
  test("is read", () => {
    const arrival = parseArrival(raw({ ...told, tracks: { "hd.1": track } }));
    expect(arrival?.wanted).toEqual(["hd.1"]);
    expect(arrival?.tracks.get("hd.1")).toMatchObject({ group: 3, bytes: 12_345, leastUs: 40_000 });
  });

  test.each([
    { late_us: 120_000, lateUs: 120_000 },
    { late_us: undefined, lateUs: 0 },
    { late_us: -5, lateUs: 0 },
    { late_us: "late", lateUs: 0 },
  ])("says how late the host is: $late_us", ({ late_us, lateUs }) => {
    expect(parseArrival(raw({ ...told, late_us, tracks: {} }))?.lateUs).toBe(lateUs);
  });

  test.each<[string, unknown]>([
    ["that is no JSON", "{"],
    ["without tracks", { ...told }],
    ["without a run", { ...told, run: 3, tracks: {} }],
    ["whose demand is no list", { ...told, wanted: "hd.1", tracks: {} }],
    ["with a count that is none", { ...told, tracks: { "hd.1": { ...track, bytes: "12" } } }],
    ["that lacks a count", { ...told, tracks: { "hd.1": { group: 1 } } }],
  ])("%s is refused", (_, value) => {
    expect(parseArrival(typeof value === "string" ? new TextEncoder().encode(value) : raw(value))).toBeNull();
  });
});
