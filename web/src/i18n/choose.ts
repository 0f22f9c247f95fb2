/**
 * Which language a page speaks.
 *
 * 1. The one that the address asks for (`?lang=`), 2. the one chosen here before, 3. the first of the
 * browser's that has a catalogue, 4. English. A tag without its own catalogue falls back to its
 * language (`ru-BY` to `ru`).
 *
 * @module
 */

/** The right-to-left dummy that is made from English, for tests. Only `?lang=` reaches it. */
export const PSEUDO = "ar-XB";

const RIGHT_TO_LEFT = new Set([
  "ar",
  "arc",
  "ckb",
  "dv",
  "fa",
  "he",
  "ks",
  "nqo",
  "ps",
  "sd",
  "syr",
  "ug",
  "ur",
  "yi",
]);

export interface Wishes {
  /** `?lang=` of the address, or null. */
  asked: string | null;
  /** What was chosen on this device before, or null. */
  saved: string | null;
  /** `navigator.languages`. */
  browser: readonly string[];
}

/** The tag of the catalogue to load, one of `available` or PSEUDO. Never throws, whatever was asked. */
export function chooseLocale(wishes: Wishes, available: readonly string[]): string {
  if (wishes.asked?.toLowerCase() === PSEUDO.toLowerCase()) return PSEUDO;
  for (const wish of [wishes.asked, wishes.saved, ...wishes.browser]) {
    const found = wish && match(wish, available);
    if (found) return found;
  }
  return "en";
}

/** `rtl` for a language written from right to left, otherwise `ltr`. */
export function directionOf(locale: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(locale.toLowerCase().split("-")[0] ?? "") ? "rtl" : "ltr";
}

function match(wish: string, available: readonly string[]): string | undefined {
  const subtags = wish.toLowerCase().split(/[-_]/);
  for (let length = subtags.length; length > 0; length -= 1) {
    const tag = subtags.slice(0, length).join("-");
    const found = available.find((one) => one.toLowerCase() === tag);
    if (found) return found;
  }
  return undefined;
}
