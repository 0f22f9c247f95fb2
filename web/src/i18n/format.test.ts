import { describe, expect, it } from "vitest";
import { argumentsOf, formatMessage, MessageSyntaxError } from "./format";

const SIDES_RU = "{n, plural, one {# сторона} few {# стороны} many {# сторон} other {# стороны}}";

describe("a message", () => {
  it.each([
    ["stands as it is", "Both on air", {}, "en", "Both on air"],
    ["takes its arguments", "{name} is on air.", { name: "North" }, "en", "North is on air."],
    ["writes numbers as the language does", "{n} ms", { n: 12345.5 }, "ru", "12 345,5 ms"],
    ["chooses the plural: one", SIDES_RU, { n: 21 }, "ru", "21 сторона"],
    ["chooses the plural: few", SIDES_RU, { n: 3 }, "ru", "3 стороны"],
    ["chooses the plural: many", SIDES_RU, { n: 5 }, "ru", "5 сторон"],
    ["prefers the exact number", "{n, plural, =0 {nobody} one {one} other {#}}", { n: 0 }, "en", "nobody"],
    ["has Arabic's six plurals", "{n, plural, two {اثنان} other {#}}", { n: 2 }, "ar", "اثنان"],
    ["chooses by value", "{who, select, north {N} other {S}}", { who: "south" }, "en", "S"],
    ["nests", "{n, plural, other {# from {name}}}", { n: 2, name: "B" }, "en", "2 from B"],
    ["keeps an apostrophe", "the host's, ''quoted''", {}, "en", "the host's, 'quoted'"],
    ["quotes braces", "'{'name'}'", {}, "en", "{name}"],
    ["leaves # alone outside a plural", "after the #.", {}, "en", "after the #."],
  ])("%s", (_, source, values, locale, text) => {
    expect(formatMessage(source, values, locale).replaceAll("\u00a0", " ")).toBe(text);
  });

  it.each([
    ["an open brace", "{name"],
    ["a brace too many", "name}"],
    ["a choice without other", "{n, plural, one {#}}"],
    ["a choice that is not known", "{n, date, short}"],
    ["an argument without a name", "{ }"],
  ])("with %s is refused", (_, source) => {
    expect(() => formatMessage(source, { n: 1, name: "x" }, "en")).toThrow(MessageSyntaxError);
  });

  it("without its argument is refused, not shown with a hole", () => {
    expect(() => formatMessage("{name} is on air.", {}, "en")).toThrow(TypeError);
  });

  it("names its arguments, those inside choices too", () => {
    expect(argumentsOf("{n, plural, other {# from {name}}}")).toEqual(new Set(["n", "name"]));
  });
});
