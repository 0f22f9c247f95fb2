import { describe, expect, test } from "vitest";
import { chosenAmong, type Found } from "./chosen";

function found(...paths: readonly string[]): Found[] {
  return paths.map((path) => [path, new File([], path.slice(path.lastIndexOf("/") + 1))]);
}

const RUN = "north/9f86d081884c7d65";

describe("the record is found", () => {
  test.each([
    ["in its folder", "k7m2xq4vw9/", "k7m2xq4vw9"],
    ["in a folder around it", "records/k7m2xq4vw9/", "k7m2xq4vw9"],
    ["among files without a folder", "", ""],
  ])("%s", (_, before, name) => {
    const paths = ["record.json", "journal.jsonl", `${RUN}/hd.1.mp4`, `${RUN}/seals.part2.log`, ".DS_Store"];
    const chosen = chosenAmong(found(...paths.map((path) => before + path)));
    expect(chosen).toMatchObject({ kind: "record", name });
    if (typeof chosen === "string" || chosen.kind !== "record") throw new Error("no record");
    expect(chosen.files.map(([path]) => path)).toEqual(paths.slice(0, 4));
  });
});

describe("what cannot be judged is told", () => {
  test.each([
    ["nothing", [], "none"],
    ["files of something else", ["a.txt", "b/c.png"], "none"],
    ["two records", ["records/a/record.json", "records/b/record.json"], "several"],
    ["two films", ["a.mp4", "b.mp4"], "several"],
    ["a side's folder", [`${RUN}/hd.1.mp4`], "part"],
    ["one track of a record", ["hd.1.mp4"], "part"],
    ["seals alone", ["seals.log"], "part"],
  ])("%s", (_, paths, expected) => {
    expect(chosenAmong(found(...paths))).toBe(expected);
  });
});

test.each(["talk.mp4", "clips/Clip 1.MP4", "without-a-name"])("a file alone is an MP4: %s", (path) => {
  expect(chosenAmong(found(path))).toMatchObject({ kind: "mp4" });
});
