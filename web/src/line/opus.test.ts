import { describe, expect, test } from "vitest";
import { lostPacket, opusFrames } from "./opus";

describe("an Opus packet's first byte", () => {
  test.each([
    ["CELT, 10 ms, one frame", [0xf0, 1, 2], { frameMs: 10, count: 1 }],
    ["CELT, 20 ms, two frames", [0xf9, 1, 2], { frameMs: 20, count: 2 }],
    ["CELT, 2.5 ms, four frames", [0xe3, 0x04], { frameMs: 2.5, count: 4 }],
    ["hybrid, 20 ms", [0x68], { frameMs: 20, count: 1 }],
    ["SILK, 60 ms", [0x18], { frameMs: 60, count: 1 }],
    ["no byte at all", [], null],
    ["no frame at all", [0xf3, 0x00], null],
  ])("%s", (_, bytes, expected) => {
    expect(opusFrames(Uint8Array.from(bytes))).toEqual(expected);
  });

  test("a lost packet is one frame of the same kind, without bytes", () => {
    const lost = lostPacket(Uint8Array.of(0xfb, 2, 3, 4));
    expect([...lost]).toEqual([0xf8]);
    expect(opusFrames(lost)).toEqual({ frameMs: 20, count: 1 });
  });
});
