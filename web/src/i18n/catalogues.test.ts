/** Promise: every word that a page shows stands in the catalogues, and every catalogue is complete. */

import { describe, expect, it } from "vitest";
import { argumentsOf, formatMessage } from "./format";
import { pseudo } from "./pseudo";

const catalogues = import.meta.glob<Record<string, string>>("./*.json", { eager: true, import: "default" });
const english = catalogues["./en.json"] ?? {};
const sources = import.meta.glob<string>(["../**/*.ts", "!../**/*.test.ts"], {
  eager: true,
  query: "?raw",
  import: "default",
});
const pages = import.meta.glob<string>("../../*.html", { eager: true, query: "?raw", import: "default" });

describe.each(Object.entries(catalogues))("the catalogue %s", (_, catalogue) => {
  it("has the keys of the English one", () => {
    expect(Object.keys(catalogue).sort()).toEqual(Object.keys(english).sort());
  });

  it("takes the arguments of the English one", () => {
    for (const [key, message] of Object.entries(catalogue)) {
      expect([key, argumentsOf(message)]).toEqual([key, argumentsOf(english[key] ?? "")]);
    }
  });

  it("leaves nothing empty and shouts nowhere", () => {
    for (const message of Object.values(catalogue)) expect(message).toMatch(/^[^!]+$/);
  });
});

describe("the catalogues", () => {
  it("are at least two", () => {
    expect(Object.keys(catalogues).length).toBeGreaterThanOrEqual(2);
  });

  it("have only keys that are used", () => {
    const all = Object.values(sources).join("\n");
    const spelt = new Set([...all.matchAll(/["'`]([a-z]+(?:[._-][a-z0-9_-]+)+)["'`]/g)].map((one) => one[1]));
    const begun = [...all.matchAll(/`([a-z]+\.(?:[a-z]+_)?)\$\{/g)].map((one) => one[1] as string);
    const unused = Object.keys(english).filter(
      (key) => !spelt.has(key) && !begun.some((start) => key.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });

  it("turn round in the dummy language, arguments and choices untouched", () => {
    for (const message of Object.values(english)) {
      expect(argumentsOf(pseudo(message))).toEqual(argumentsOf(message));
    }
    const sides = pseudo("{count, plural, one {# side} other {# sides}}");
    expect(formatMessage(sides, { count: 2 }, "en")).toContain("\u202esides\u202c");
  });
});

/** Texts and spoken attributes that stand in the HTML of a Lit template, expressions taken out. */
function visible(source: string): string[] {
  const found: string[] = [];
  for (const template of templates(source)) {
    const said = template.matchAll(/(?:aria-label|title|placeholder|alt|aria-valuetext)="([^"]*)"/g);
    for (const [, text] of said) found.push(text ?? "");
    // The letter of a key is no word: it is the same in every language.
    found.push(
      ...template
        .replaceAll(/<kbd[^>]*>.<\/kbd>/g, "")
        .replaceAll(/<[^>]*>/g, "\n")
        .split("\n"),
    );
  }
  return found.map((text) => text.replaceAll("\u0000", "").trim()).filter((text) => /\p{L}/u.test(text));
}

/** The literal parts of every html`…`, each `${…}` as one NUL; templates inside expressions on their own. */
function templates(source: string): string[] {
  const found: string[] = [];
  const read = (from: number): number => {
    let text = "";
    let at = from;
    while (at < source.length && source[at] !== "`") {
      if (source.startsWith("${", at)) {
        at = expression(at + 2);
        text += "\u0000";
      } else {
        text += source[at];
        at += 1;
      }
    }
    found.push(text);
    return at + 1;
  };
  const expression = (from: number): number => {
    let at = from;
    for (let depth = 1; depth > 0 && at < source.length; ) {
      if (source.startsWith("html`", at)) at = read(at + 5);
      else if (source[at] === "`") at = skip(at + 1);
      else {
        if (source[at] === "{") depth += 1;
        if (source[at] === "}") depth -= 1;
        at += 1;
      }
    }
    return at;
  };
  const skip = (from: number): number => {
    let at = from;
    while (at < source.length && source[at] !== "`")
      at = source.startsWith("${", at) ? expression(at + 2) : at + 1;
    return at + 1;
  };
  for (let at = source.indexOf("html`"); at >= 0; at = source.indexOf("html`", at)) at = read(at + 5);
  return found;
}

describe("no visible word stands outside the catalogues", () => {
  it("and the search would find one", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text, as the search reads it.
    expect(visible('html`<p aria-label="Read me">${a ? html`<b>Hidden</b>` : t("x")} seen</p>`')).toEqual([
      "Hidden",
      "Read me",
      "seen",
    ]);
  });

  it.each(Object.entries(sources))("in %s", (_, source) => {
    expect(visible(source)).toEqual([]);
  });

  it.each(Object.entries(pages))("in %s, but its name and what is shown without scripts", (_, page) => {
    const text = page
      .replace(/<title>Vivavoce<\/title>/, "")
      .replace(/<noscript>.*<\/noscript>/s, "")
      .replaceAll(/<!--.*?-->/gs, "")
      .replaceAll(/<[^>]*>/g, "");
    expect(text.trim()).toBe("");
  });
});
