import { expect, test } from "vitest";
import { Demand } from "./demand";

test("a rendition is wanted while somebody watches it, and for ten seconds after the last one left", () => {
  const demand = new Demand();
  expect(demand.wants("sd", 0)).toBe(false);
  demand.told(["hd", "sd"], 1_000);
  expect(demand.wants("sd", 60_000)).toBe(true);
  demand.told(["hd"], 61_000);
  expect(demand.wants("sd", 70_999)).toBe(true);
  expect(demand.wants("sd", 71_001)).toBe(false);
  demand.told(["hd", "sd"], 72_000);
  expect(demand.wants("sd", 72_000)).toBe(true);
});

test("reports that tell the same do not begin the ten seconds anew", () => {
  const demand = new Demand();
  demand.told(["sd"], 0);
  demand.told([], 1_000);
  demand.told([], 9_000);
  expect(demand.wants("sd", 11_001)).toBe(false);
});

test("on a line without room a rendition is let go within a second", () => {
  const demand = new Demand();
  demand.told(["sd"], 0);
  demand.told([], 1_000);
  expect(demand.wants("sd", 1_500, true)).toBe(true);
  expect(demand.wants("sd", 2_500, true)).toBe(false);
  expect(demand.wants("sd", 2_500)).toBe(true);
});
