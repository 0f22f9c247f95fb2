/**
 * Messages in the part of ICU MessageFormat that the catalogues use.
 *
 * `{name}` is an argument; a number is written as the language writes it. `{n, plural, =0 {…} one {…}
 * other {…}}` chooses by Intl.PluralRules, `#` inside it is the number. `{x, select, a {…} other {…}}`
 * chooses by value. An apostrophe quotes braces (`'{'`), two are one. Every choice needs `other`.
 * Source: Unicode TR35, ICU MessageFormat 1. Dates and skeletons are not supported: format them before.
 *
 * @module
 */

/** What an argument may be. */
export type Value = string | number;

type Part =
  | string
  | { name: string }
  | { hash: true }
  | { name: string; kind: Choice; cases: Map<string, Part[]> };
type Choice = "plural" | "select";

/** A catalogue holds a message that does not parse; `at` is the offset. Tests catch it, not readers. */
export class MessageSyntaxError extends Error {
  constructor(
    readonly source: string,
    readonly at: number,
    why: string,
  ) {
    super(`${why} at ${at} in ${JSON.stringify(source)}`);
    this.name = "MessageSyntaxError";
  }
}

/** Parse a message. Throws MessageSyntaxError. */
export function parseMessage(source: string): Part[] {
  const reader = new Reader(source);
  const parts = reader.parts(false);
  if (!reader.ended) throw new MessageSyntaxError(source, reader.at, "A brace closes nothing");
  return parts;
}

/**
 * The message in `locale` with its arguments filled in.
 *
 * Throws MessageSyntaxError for a bad message and TypeError for a missing argument.
 */
export function formatMessage(source: string, values: Record<string, Value>, locale: string): string {
  return write(parseMessage(source), values, locale, null);
}

/** The names of a message's arguments, to compare catalogues. */
export function argumentsOf(source: string): Set<string> {
  const names = new Set<string>();
  const walk = (parts: Part[]): void => {
    for (const part of parts) {
      if (typeof part === "string" || "hash" in part) continue;
      names.add(part.name);
      if ("cases" in part) for (const inner of part.cases.values()) walk(inner);
    }
  };
  walk(parseMessage(source));
  return names;
}

/** Map the words of a message and leave its syntax alone; for the dummy language of tests. */
export function mapLiterals(source: string, change: (text: string) => string): string {
  const print = (parts: Part[]): string =>
    parts
      .map((part) => {
        if (typeof part === "string") return change(part).replaceAll("'", "''");
        if ("hash" in part) return "#";
        if (!("cases" in part)) return `{${part.name}}`;
        const cases = [...part.cases].map(([key, inner]) => `${key} {${print(inner)}}`).join(" ");
        return `{${part.name}, ${part.kind}, ${cases}}`;
      })
      .join("");
  return print(parseMessage(source));
}

function write(parts: Part[], values: Record<string, Value>, locale: string, hash: number | null): string {
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") text += part;
    else if ("hash" in part) text += hash === null ? "#" : new Intl.NumberFormat(locale).format(hash);
    else {
      const value = values[part.name];
      if (value === undefined) throw new TypeError(`the argument ${part.name} is missing`);
      if (!("cases" in part)) {
        text += typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : value;
        continue;
      }
      const chosen =
        part.cases.get(part.kind === "plural" ? `=${value}` : String(value)) ??
        (part.kind === "plural"
          ? part.cases.get(new Intl.PluralRules(locale).select(Number(value)))
          : undefined) ??
        part.cases.get("other") ??
        [];
      text += write(chosen, values, locale, part.kind === "plural" ? Number(value) : hash);
    }
  }
  return text;
}

class Reader {
  at = 0;

  constructor(private readonly source: string) {}

  get ended(): boolean {
    return this.at >= this.source.length;
  }

  /** Parts up to the end, or up to the brace that closes this one. */
  parts(inPlural: boolean): Part[] {
    const parts: Part[] = [];
    let text = "";
    const flush = (): void => {
      if (text) parts.push(text);
      text = "";
    };
    while (!this.ended && this.source[this.at] !== "}") {
      const char = this.source[this.at] as string;
      if (char === "'") text += this.quoted(inPlural);
      else if (char === "{") {
        flush();
        parts.push(this.argument(inPlural));
      } else if (char === "#" && inPlural) {
        flush();
        parts.push({ hash: true });
        this.at += 1;
      } else {
        text += char;
        this.at += 1;
      }
    }
    flush();
    return parts;
  }

  private quoted(inPlural: boolean): string {
    const next = this.source[this.at + 1];
    if (next === "'") {
      this.at += 2;
      return "'";
    }
    if (next !== "{" && next !== "}" && !(next === "#" && inPlural)) {
      this.at += 1;
      return "'";
    }
    const end = this.source.indexOf("'", this.at + 1);
    const text = this.source.slice(this.at + 1, end < 0 ? undefined : end);
    this.at = end < 0 ? this.source.length : end + 1;
    return text;
  }

  private argument(inPlural: boolean): Part {
    this.expect("{");
    const name = this.word();
    if (this.take("}")) return { name };
    this.expect(",");
    const kind = this.word();
    if (kind !== "plural" && kind !== "select") throw this.error(`${kind} is not a known choice`);
    this.expect(",");
    const cases = new Map<string, Part[]>();
    while (!this.take("}")) {
      const key = this.word();
      this.expect("{");
      cases.set(key, this.parts(kind === "plural" || inPlural));
      this.expect("}");
    }
    if (!cases.has("other")) throw this.error("The choice has no other");
    return { name, kind, cases };
  }

  private word(): string {
    this.space();
    const found = /^[=A-Za-z0-9_]+/.exec(this.source.slice(this.at));
    if (!found) throw this.error("A name is missing");
    this.at += found[0].length;
    return found[0];
  }

  private take(char: string): boolean {
    this.space();
    if (this.source[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  private expect(char: string): void {
    if (!this.take(char)) throw this.error(`${char} is missing`);
  }

  private space(): void {
    while (/\s/.test(this.source[this.at] ?? "")) this.at += 1;
  }

  private error(why: string): MessageSyntaxError {
    return new MessageSyntaxError(this.source, this.at, why);
  }
}
