import { describe, expect, test } from "vitest";
import type { Catalog, Track } from "./catalog";
import { Refusals } from "./refusals";

const track = (name: string, kind: "video" | "audio") => ({ name, kind }) as Track;
const HD = track("hd.1", "video");
const SD = track("sd.1", "video");
const FLOOR = track("floor.1", "audio");

const listing = (...tracks: Track[]) => ({ run: "9f86d081884c7d65", tracks }) as Catalog;
const names = (catalog: Catalog) => catalog.tracks.map(({ name }) => name);

describe("tracks that cannot be played", () => {
  test.each<[string, Track[], [string, "line.codec" | "line.sample"][], string[], string | null]>([
    ["nothing was refused", [HD, FLOOR], [], ["hd.1", "floor.1"], null],
    ["the only picture", [HD, FLOOR], [["hd.1", "line.codec"]], ["floor.1"], "line.codec"],
    ["one of two pictures", [HD, SD, FLOOR], [["hd.1", "line.codec"]], ["sd.1", "floor.1"], null],
    ["the only sound", [HD, FLOOR], [["floor.1", "line.codec"]], ["hd.1"], "line.codec"],
    ["a picture of broken samples", [HD], [["hd.1", "line.sample"]], [], "line.sample"],
    ["what is not listed any more", [SD], [["hd.1", "line.codec"]], ["sd.1"], null],
    ["a side without any track", [], [], [], null],
  ])("%s", (_, listed, refused, left, code) => {
    const refusals = new Refusals();
    for (const [name, why] of refused) refusals.refuse(name, why);
    expect(names(refusals.usable(listing(...listed)))).toEqual(left);
    expect(refusals.code(listing(...listed))).toBe(code);
  });

  test("stay refused when the catalogue comes again", () => {
    const refusals = new Refusals();
    refusals.refuse("hd.1", "line.codec");
    expect(refusals.code(listing(HD))).toBe("line.codec");
    expect(refusals.code(listing(HD, FLOOR))).toBe("line.codec");
  });

  test("are forgotten with their run", () => {
    const refusals = new Refusals();
    refusals.refuse("hd.1", "line.codec");
    refusals.forget();
    expect(refusals.code(listing(HD))).toBeNull();
  });
});
