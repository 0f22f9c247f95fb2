import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HeldPictures } from "./heldpictures";

describe("pictures that wait for their voice", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function holding() {
    const held = new HeldPictures();
    const done: string[] = [];
    const hold = (name: string, holdMs: number) =>
      held.hold({ close: () => done.push(`${name} closed`) }, holdMs, () => done.push(name));
    return { held, done, hold };
  }

  test("one that need not wait is shown at once", () => {
    const { done, hold } = holding();
    hold("a", 0);
    expect(done).toEqual(["a"]);
  });

  test("they are shown in order when they are due", () => {
    const { done, hold } = holding();
    hold("a", 50);
    hold("b", 20);
    hold("c", 0);
    vi.advanceTimersByTime(40);
    expect(done).toEqual([]);
    vi.advanceTimersByTime(20);
    expect(done).toEqual(["a", "b", "c"]);
    hold("d", 0);
    expect(done).toEqual(["a", "b", "c", "d"]);
  });

  test("a seventh shows the first", () => {
    const { done, hold } = holding();
    for (let n = 1; n <= 7; n++) hold(`${n}`, 200);
    expect(done).toEqual(["1"]);
  });

  test("when all is over they are closed and not shown", () => {
    const { held, done, hold } = holding();
    hold("a", 50);
    held.close();
    vi.advanceTimersByTime(100);
    expect(done).toEqual(["a closed"]);
  });
});
