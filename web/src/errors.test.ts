import { expect, test } from "vitest";
import python from "../../src/vivavoce/errors.py?raw";
import { CODES, isErrorCode, VivavoceError } from "./errors";

test("codes and remedies are the same in both languages", () => {
  const listed = [...python.matchAll(/^ {4}"([a-z_.]+)": "(.*)",$/gm)].map(([, code, remedy]) => [
    code,
    remedy,
  ]);
  expect(listed.length).toBeGreaterThan(30);
  expect(Object.entries(CODES)).toEqual(listed);
});

test("an error carries its code and its remedy", () => {
  const error = new VivavoceError("line.full", "The host has 4096 sessions.");
  expect(error.remedy).toBe(CODES["line.full"]);
  expect(error.code).toBe("line.full");
});

test("what is not in the list is no code", () => {
  for (const code of ["toString", "line", 7, null]) expect(isErrorCode(code)).toBe(false);
});
