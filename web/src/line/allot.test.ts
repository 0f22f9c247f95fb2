import { describe, expect, test } from "vitest";
import { allot } from "./allot";
import { renditionsOf } from "./codecs";

const shapes = renditionsOf(1280, 720, 30);
const share = (bits: number, wanted: string[], before: string[] = []) => {
  const { bitrates, unlisted } = allot(bits, shapes, (one) => wanted.includes(one), new Set(before));
  return [Object.fromEntries(bitrates), [...unlisted]];
};

describe("bits of pictures", () => {
  test.each<[string, number, string[], string[], Record<string, number>, string[]]>([
    [
      "without a limit all are what they are made for",
      Number.POSITIVE_INFINITY,
      ["hd", "sd", "ld"],
      [],
      { ld: 200e3, sd: 600e3, hd: 2500e3 },
      [],
    ],
    ["only what is watched is sent, and the whole", Number.POSITIVE_INFINITY, [], [], { hd: 2500e3 }, []],
    ["the whole takes what is left", 2_000e3, ["hd", "sd"], [], { sd: 600e3, hd: 1400e3 }, []],
    ["a whole that is not worth it makes room", 700e3, ["hd"], [], { sd: 600e3 }, ["hd"]],
    ["the small one that is watched goes first", 1_300e3, ["hd", "sd"], [], { sd: 600e3 }, ["hd"]],
    ["a thin line carries the least", 120e3, ["hd"], [], { ld: 120e3 }, ["sd", "hd"]],
    [
      "a line that carries nothing keeps the least in the catalogue",
      0,
      ["hd"],
      [],
      { ld: 50e3 },
      ["sd", "hd"],
    ],
    ["what is hardly worth it stays", 1_000e3, ["hd"], [], { hd: 1_000e3 }, []],
    ["but does not come back", 1_000e3, ["hd"], ["hd"], { sd: 600e3 }, ["hd"]],
    ["it comes back with something to spare", 1_200e3, ["hd"], ["hd"], { hd: 1_200e3 }, []],
  ])("%s", (_, bits, wanted, before, bitrates, unlisted) => {
    expect(share(bits, wanted, before)).toEqual([bitrates, unlisted]);
  });

  test("of a camera with one rendition go to that", () => {
    const only = renditionsOf(64, 48, 30);
    expect([...allot(1_000, only, () => true, new Set()).bitrates.keys()]).toEqual(["hd"]);
  });
});
