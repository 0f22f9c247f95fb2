import { expect, test } from "vitest";
import { type Finding, type FindingCode, type Judged, nothingJudged, type Span } from "../record/verdicts";
import { timelineOf } from "./timeline";

function finding(code: FindingCode, fromS: number, untilS: number, side = "north"): Finding {
  return { code, side, run: "1", track: "hd.1", fromS, untilS, count: 1, detail: "" };
}

function judged(proven: Span[], findings: Finding[]): Judged {
  const tracks = [{ name: "hd.1", samples: 1, proven }];
  const side = { side: "north", run: "1", by: null, provenSeconds: 0, ended: true, tracks };
  return { ...nothingJudged("record"), seconds: 100, sides: [side], findings };
}

function told(one: Judged, side = "north"): unknown[][] {
  return timelineOf(one, side).map(({ from, until, state }) => [from, until, state]);
}

test("all of it is proven", () => {
  expect(told(judged([[0, 100]], []))).toEqual([[0, 100, "proven"]]);
});

test("where nothing is kept nothing is drawn", () => {
  expect(told(judged([[10, 60]], []))).toEqual([
    [0, 10, "none"],
    [10, 60, "proven"],
    [60, 100, "none"],
  ]);
});

test("the worst is shown, wherever another track is proven", () => {
  const findings = [finding("sample.missing", 20, 40), finding("sample.altered", 30, 35)];
  expect(told(judged([[0, 100]], findings))).toEqual([
    [0, 20, "proven"],
    [20, 30, "gap"],
    [30, 35, "broken"],
    [35, 40, "gap"],
    [40, 100, "proven"],
  ]);
});

test("a moment is wide enough to be seen, and stays within the record", () => {
  expect(told(judged([[0, 100]], [finding("sample.altered", 100, 100)]))).toEqual([
    [0, 99.75, "proven"],
    [99.75, 100, "broken"],
  ]);
});

test("what was found of the other side is not drawn here", () => {
  expect(told(judged([[0, 100]], [finding("sample.altered", 0, 100, "south")]))).toEqual([
    [0, 100, "proven"],
  ]);
  expect(told(judged([[0, 100]], [finding("sample.altered", 0, 100, "south")]), "south")).toEqual([
    [0, 100, "broken"],
  ]);
});

test("of a record without a second there is nothing to draw", () => {
  expect(timelineOf({ ...judged([], []), seconds: 0 }, "north")).toEqual([]);
});
