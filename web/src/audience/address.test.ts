import { describe, expect, it } from "vitest";
import { discussionInPath, relayInQuery } from "./address";

const HEX = "9f".repeat(32);

describe("the discussion in the path", () => {
  it.each([
    ["/d/k7m2xq4vw9", "k7m2xq4vw9"],
    ["/d/k7m2xq4vw9/", "k7m2xq4vw9"],
    ["/d/", ""],
    ["/d/a/b", ""],
    ["/", ""],
  ])("%s names %j", (path, id) => {
    expect(discussionInPath(path)).toBe(id);
  });
});

describe("the relay in the query", () => {
  it("is the host's own when none is asked for", () => {
    expect(relayInQuery("?lang=ru")).toBeNull();
  });

  it("takes a fingerprint with colons and capitals", () => {
    const shown = `${"9F:".repeat(31)}9F`;
    expect(relayInQuery(`?relay=https://mirror.example:4443/line&fingerprint=${shown}`)).toEqual({
      url: "https://mirror.example:4443/line",
      fingerprint: HEX,
    });
  });

  it("needs no fingerprint under a public certificate", () => {
    expect(relayInQuery("?relay=https://mirror.example/line")?.fingerprint).toBeNull();
  });

  it.each([
    ["plain http", "?relay=http://mirror.example/line"],
    ["a script", "?relay=javascript:alert(1)"],
    ["no address at all", "?relay=mirror"],
    ["a name and a password", "?relay=https://a:b@mirror.example/"],
    ["a short fingerprint", `?relay=https://mirror.example/&fingerprint=${HEX.slice(2)}`],
  ])("refuses %s", (_, search) => {
    expect(() => relayInQuery(search)).toThrow(expect.objectContaining({ code: "input.malformed" }));
  });
});
