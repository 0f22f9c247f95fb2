import { describe, expect, test } from "vitest";
import { checked } from "../vectors";
import { LossWatch } from "./losswatch";

const VECTORS = checked<{ arrivals: [number, number][] }, { wants: boolean[] }>(
  import.meta.glob("../../../vectors/losses/*.json", { eager: true, import: "default" }),
);

describe("when copies of sound are asked for", () => {
  test.each(VECTORS)("$about", ({ input, output }) => {
    const watch = new LossWatch();
    expect(input.arrivals.map(([sequence, atMs]) => watch.came(sequence, atMs))).toEqual(output.wants);
  });
});
