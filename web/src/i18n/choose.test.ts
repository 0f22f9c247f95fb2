import { describe, expect, it } from "vitest";
import { chooseLocale, directionOf } from "./choose";

const HAVE = ["ar", "en", "ru", "zh-Hant"];
const wishes = (asked: string | null, saved: string | null, ...browser: string[]) => ({
  asked,
  saved,
  browser,
});

describe("the page's language", () => {
  it.each([
    ["the address comes first", wishes("ru", "ar", "en"), "ru"],
    ["then what was chosen before", wishes(null, "ar", "en"), "ar"],
    ["then the browser's, in its order", wishes(null, null, "fr-FR", "ru-BY", "en"), "ru"],
    ["a region falls back to its language", wishes("ru-BY", null), "ru"],
    ["a script is not dropped wrongly", wishes("zh-Hant-TW", null), "zh-Hant"],
    ["an unknown wish is passed over", wishes("xx", null, "ru"), "ru"],
    ["rubbish is passed over", wishes("../../etc", "<script>", "ru"), "ru"],
    ["English when nothing fits", wishes(null, null, "fr"), "en"],
    ["case does not matter", wishes("RU_ru", null), "ru"],
    ["the dummy is reached by its name", wishes("ar-xb", null), "ar-XB"],
    ["the dummy is not reached by the browser's languages", wishes(null, null, "ar-XB"), "ar"],
  ])("%s", (_, wish, locale) => {
    expect(chooseLocale(wish, HAVE)).toBe(locale);
  });

  it.each([
    ["ar", "rtl"],
    ["ar-XB", "rtl"],
    ["he-IL", "rtl"],
    ["ru", "ltr"],
    ["zh-Hans", "ltr"],
  ])("%s is written %s", (locale, direction) => {
    expect(directionOf(locale)).toBe(direction);
  });
});
