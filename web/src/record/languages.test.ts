/** Promise: the page that verifies expects of a language what an export writes (docs/formats/record.md, R20). */

import { expect, test } from "vitest";
import python from "../../../src/vivavoce/record/languages.py?raw";
import typescript from "./languages.ts?raw";

/** The table, and then what is added to it, as pairs. */
function told(source: string): string[][] {
  const table = /CODES = (?:"""|`)([a-z\s]+)(?:"""|`)/.exec(source)?.[1] ?? "";
  const added = [...source.matchAll(/"?([a-z]{2,3})"?: "([a-z]{3})"/g)].map(([, tag, code]) => [tag, code]);
  return [table.trim().split(/\s+/), ...(added as string[][])];
}

test("both languages have the same three letters for a tag", () => {
  expect(told(typescript)[0]?.length).toBeGreaterThan(360);
  expect(told(typescript).length).toBe(7);
  expect(told(typescript)).toEqual(told(python));
});
