import { describe, expect, test } from "vitest";
import { Sequencer } from "./sequencer";

describe("packets on streams of their own", () => {
  test("come out in order", () => {
    const sequencer = new Sequencer<string>(30);
    expect(sequencer.push(7, "a", 0)).toEqual(["a"]);
    expect(sequencer.push(9, "c", 1)).toEqual([]);
    expect(sequencer.push(8, "b", 2)).toEqual(["b", "c"]);
  });

  test("do not wait longer than the hold for a missing one", () => {
    const sequencer = new Sequencer<string>(30);
    sequencer.push(1, "a", 0);
    expect(sequencer.push(3, "c", 10)).toEqual([]);
    expect(sequencer.pull(39)).toEqual([]);
    expect(sequencer.pull(40)).toEqual(["c"]);
    expect(sequencer.push(2, "b", 41)).toEqual([]);
    expect(sequencer.push(4, "d", 42)).toEqual(["d"]);
  });

  test("are given up one hole at a time", () => {
    const sequencer = new Sequencer<number>(30);
    sequencer.push(1, 1, 0);
    sequencer.push(3, 3, 10);
    sequencer.push(5, 5, 30);
    expect(sequencer.pull(45)).toEqual([3]);
    expect(sequencer.pull(60)).toEqual([5]);
  });
});
