import { describe, expect, test } from "vitest";
import { Playhead } from "./playhead";

/** Each step: group, index, and whether it is to be decoded. */
type Step = [number, number, boolean];

describe("which samples are decoded", () => {
  test.each<[string, Step[]]>([
    [
      "a group from its key picture on",
      [
        [4, 0, true],
        [4, 1, true],
        [4, 2, true],
      ],
    ],
    [
      "nothing before a key picture",
      [
        [4, 3, false],
        [4, 4, false],
        [5, 0, true],
      ],
    ],
    [
      "a newer group ends the older one",
      [
        [4, 0, true],
        [5, 0, true],
        [4, 1, false],
        [5, 1, true],
      ],
    ],
    [
      "a newer group without its key picture does not",
      [
        [4, 0, true],
        [5, 1, false],
        [4, 1, true],
      ],
    ],
    [
      "after a hole the group is left",
      [
        [4, 0, true],
        [4, 2, false],
        [4, 3, false],
        [5, 0, true],
      ],
    ],
    [
      "a sample twice is decoded once",
      [
        [4, 0, true],
        [4, 1, true],
        [4, 1, false],
        [4, 2, true],
      ],
    ],
    [
      "a group that was overtaken does not come back",
      [
        [6, 0, true],
        [5, 0, false],
        [6, 1, true],
      ],
    ],
  ])("%s", (_, steps) => {
    const playhead = new Playhead();
    for (const [group, index, taken] of steps) expect(playhead.takes(group, index)).toBe(taken);
  });

  test("after a skip everything waits for a newer group", () => {
    const playhead = new Playhead();
    playhead.takes(4, 0);
    playhead.skip();
    expect(playhead.wants(4)).toBe(false);
    expect(playhead.takes(4, 1)).toBe(false);
    expect(playhead.wants(5)).toBe(true);
    expect(playhead.takes(5, 0)).toBe(true);
  });
});
