import { describe, expect, it } from "vitest";
import { renewed } from "./renewed";

const url = "https://127.0.0.1:4443/line";
const old = "a".repeat(64);
const fresh = "b".repeat(64);
const known = { url, fingerprint: old };

describe("a page whose line is lost", () => {
  it("takes the host's new certificate", () => {
    expect(renewed(known, { url, fingerprint: fresh })).toEqual({ url, fingerprint: fresh });
  });

  it("takes a public certificate in place of the host's own", () => {
    expect(renewed(known, { url, fingerprint: null })).toEqual({ url, fingerprint: null });
  });

  it.each([
    [
      "another line's, such as the host's where a mirror is used",
      { url: "https://mirror/line", fingerprint: fresh },
    ],
    ["no fingerprint", { url }],
    ["one that is none", { url, fingerprint: "b" }],
    ["no object", "b"],
    ["nothing", null],
  ])("keeps what it knows when it is told %s", (_, answered) => {
    expect(renewed(known, answered)).toBe(known);
  });
});
