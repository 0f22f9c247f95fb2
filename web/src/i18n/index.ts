/**
 * The pages' words: one catalogue a language, beside this file, loaded when it is wanted.
 *
 * A new language needs only its JSON file here. What it lacks is shown in English.
 *
 * @module
 */

import { chooseLocale, directionOf, PSEUDO } from "./choose";
import type english from "./en.json";
import { formatMessage, type Value } from "./format";
import { pseudo } from "./pseudo";

/** A message's name; a misspelt one does not compile. */
export type Key = keyof typeof english;
type Catalogue = Readonly<Record<string, string>>;

const SAVED = "vivavoce.language";
const files = import.meta.glob<Catalogue>("./*.json", { import: "default" });
const tags = Object.keys(files)
  .map((path) => path.slice(2, -5))
  .sort();

/** The page's language. Fires `change` when it was loaded or another was chosen. */
class Language extends EventTarget {
  #locale = "en";
  #messages: Catalogue | null = null;

  /** BCP 47 tag of the language that is shown. */
  get locale(): string {
    return this.#locale;
  }

  /** The tag for `Intl`: the dummy counts and dates in English. */
  get intl(): string {
    return this.#locale === PSEUDO || this.#locale === "en" ? "en-GB" : this.#locale;
  }

  get direction(): "ltr" | "rtl" {
    return directionOf(this.#locale);
  }

  /** Whether there are words to show. */
  get ready(): boolean {
    return this.#messages !== null;
  }

  /** Every language with a catalogue, by tag. */
  get available(): readonly string[] {
    return tags;
  }

  /** Load the language that this reader should have (see choose.ts). */
  async open(): Promise<void> {
    const asked = new URLSearchParams(location.search).get("lang");
    await this.#load(chooseLocale({ asked, saved: saved(), browser: navigator.languages }, tags));
  }

  /** Change the language and remember it on this device. */
  async choose(locale: string): Promise<void> {
    try {
      localStorage.setItem(SAVED, locale);
    } catch {
      // Storage may be forbidden; the choice then holds for this page only.
    }
    await this.#load(locale);
  }

  /** The message in this language. An unknown key is shown as it is, so that it is noticed. */
  say(key: string, values: Record<string, Value>): string {
    const message = this.#messages?.[key];
    return message === undefined ? key : formatMessage(message, values, this.intl);
  }

  has(key: string): boolean {
    return this.#messages !== null && Object.hasOwn(this.#messages, key);
  }

  async #load(locale: string): Promise<void> {
    const read = (tag: string): Promise<Catalogue> => files[`./${tag}.json`]?.() ?? Promise.resolve({});
    const [base, own] = await Promise.all([read("en"), locale === PSEUDO ? {} : read(locale)]);
    const merged: Catalogue = { ...base, ...own };
    this.#messages =
      locale === PSEUDO
        ? Object.fromEntries(Object.entries(merged).map(([key, text]) => [key, pseudo(text)]))
        : merged;
    this.#locale = locale;
    document.documentElement.lang = locale;
    document.documentElement.dir = this.direction;
    this.dispatchEvent(new Event("change"));
  }
}

export const language = new Language();

/** The message named `key` with its arguments. */
export function t(key: Key, values: Record<string, Value> = {}): string {
  return language.say(key, values);
}

const names = new Map<string, Intl.DisplayNames>();

/** A language's name in the page's language; the tag itself where the browser knows no name. */
export function nameOfLanguage(tag: string, locale: string = language.intl): string {
  try {
    const known = names.get(locale) ?? new Intl.DisplayNames([locale], { type: "language" });
    names.set(locale, known);
    return known.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

function saved(): string | null {
  try {
    return localStorage.getItem(SAVED);
  } catch {
    return null;
  }
}
