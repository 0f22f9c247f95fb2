import { expect, test } from "vitest";
import { clockText, fixed, nothingJudged, rounded, sidesOf, toJson, without } from "./verdicts";

// As Python says it: round(x, 3), f"{x:.1f}".
test.each([
  [0.0625, 0.062],
  [0.1875, 0.188],
  [2.4375, 2.438],
  [1.0005, 1.0],
  [4.004, 4.004],
  [0, 0],
  [-0.0625, -0.062],
  [1_795_293.84412799, 1_795_293.844],
])("%d is rounded to %d", (value, expected) => {
  expect(rounded(value)).toBe(expected);
});

test.each([
  [0.25, "0.2"],
  [0.75, "0.8"],
  [0.35, "0.3"],
  [12.05, "12.1"],
])("%d has one digit: %s", (value, expected) => {
  expect(fixed(value, 1)).toBe(expected);
});

test("seconds are told as people read them", () => {
  expect([0, 59.96, 3_723.44].map(clockText)).toEqual(["00:00.0", "01:00.0", "62:03.4"]);
});

test("time that is proven is counted once and not where something is wrong", () => {
  const spans = [
    [0, 4],
    [1, 5],
  ] as const;
  const holes = [
    [2, 3],
    [2.5, 3.5],
  ] as const;
  expect(without(spans, holes)).toBeCloseTo(3.5);
  expect(without([], [[0, 1]])).toBe(0);
});

test("sides stand as they were founded, and in the JSON as they came", () => {
  const ran = (side: string, run: string) => ({
    side,
    run,
    by: null,
    provenSeconds: 0,
    ended: true,
    tracks: [],
  });
  const judged = {
    ...nothingJudged("record"),
    names: new Map([
      ["north", "Zembla"],
      ["south", "Arcady"],
      ["ru", "Booth"],
    ]),
    sides: [ran("unheard-of", "1"), ran("south", "2"), ran("north", "3"), ran("south", "4")],
  };
  expect(sidesOf(judged)).toEqual(["north", "south", "unheard-of"]);
  const told = toJson(judged) as { sides: { side: string }[] };
  expect(told.sides.map(({ side }) => side)).toEqual(["unheard-of", "south", "north", "south"]);
});
