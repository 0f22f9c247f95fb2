import { describe, expect, test } from "vitest";
import { Sequencer, type Turn } from "./sequencer";

const items = <T>(turns: Turn<T>[] | "late") => (turns === "late" ? turns : turns.map((turn) => turn.item));

describe("packets on streams of their own", () => {
  test("come out in order", () => {
    const sequencer = new Sequencer<string>();
    expect(items(sequencer.push(7, "a", 0))).toEqual(["a"]);
    expect(items(sequencer.push(9, "c", 1))).toEqual([]);
    expect(sequencer.holding).toBe(true);
    expect(sequencer.push(8, "b", 5)).toEqual([
      { item: "b", lost: 0, heldMs: 0, awaited: true },
      { item: "c", lost: 0, heldMs: 4, awaited: false },
    ]);
    expect(sequencer.holding).toBe(false);
  });

  test("wait for a missing one until they are needed, and tell how many are missing", () => {
    const sequencer = new Sequencer<string>();
    sequencer.push(1, "a", 0);
    sequencer.push(4, "d", 10);
    sequencer.push(5, "e", 20);
    expect(sequencer.flush(25)).toEqual([
      { item: "d", lost: 2, heldMs: 15, awaited: false },
      { item: "e", lost: 0, heldMs: 5, awaited: false },
    ]);
    expect(sequencer.flush(26)).toEqual([]);
  });

  test("are late after they were given up, once, and nothing when they come twice", () => {
    const sequencer = new Sequencer<string>();
    sequencer.push(1, "a", 0);
    sequencer.push(3, "c", 10);
    sequencer.flush(20);
    expect(sequencer.push(2, "b", 21)).toBe("late");
    expect(sequencer.push(2, "b", 22)).toEqual([]);
    expect(sequencer.push(3, "c", 23)).toEqual([]);
    expect(items(sequencer.push(4, "d", 24))).toEqual(["d"]);
  });

  test("are known once they came, and where they are from before the first; those given up are not", () => {
    const sequencer = new Sequencer<string>();
    expect(sequencer.knows(7)).toBe(false);
    sequencer.push(7, "a", 0);
    sequencer.push(9, "c", 10);
    expect([3, 7, 8, 9, 10].map((one) => sequencer.knows(one))).toEqual([true, true, false, true, false]);
    sequencer.flush(20);
    expect([7, 8, 9, 10].map((one) => sequencer.knows(one))).toEqual([true, false, true, false]);
    sequencer.push(8, "b", 21);
    expect(sequencer.knows(8)).toBe(true);
  });

  test("a copy of one that waits changes nothing", () => {
    const sequencer = new Sequencer<string>();
    sequencer.push(1, "a", 0);
    sequencer.push(3, "c", 10);
    expect(sequencer.push(3, "copy", 20)).toEqual([]);
    expect(sequencer.flush(30)).toEqual([{ item: "c", lost: 1, heldMs: 20, awaited: false }]);
  });

  test("do not wait longer than the hold, one hole at a time", () => {
    const sequencer = new Sequencer<number>(30);
    sequencer.push(1, 1, 0);
    sequencer.push(3, 3, 10);
    sequencer.push(5, 5, 30);
    expect(items(sequencer.pull(39))).toEqual([]);
    expect(items(sequencer.pull(45))).toEqual([3]);
    expect(items(sequencer.pull(60))).toEqual([5]);
  });
});
