/**
 * Times as the pages write them. Takes times, reads no clock.
 *
 * @module
 */

/** `20:14:07` in UTC. */
export function utcClock(atUs: number): string {
  return new Date(atUs / 1000).toISOString().slice(11, 19);
}

/** To make one takes a hundred times as long as to use it, and pages write times ten times a second. */
const formats = new Map<string, Intl.DateTimeFormat>();

function written(atUs: number, locale: string, style: Intl.DateTimeFormatOptions): string {
  const key = `${locale} ${style.dateStyle ?? ""}`;
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, style);
  formats.set(key, format);
  return format.format(atUs / 1000);
}

/** The time of day in the reader's zone, to the second. */
export function localClock(atUs: number, locale: string): string {
  return written(atUs, locale, { timeStyle: "medium" });
}

/** Day and time of day in the reader's zone, to the minute. */
export function moment(atUs: number, locale: string): string {
  return written(atUs, locale, { dateStyle: "medium", timeStyle: "short" });
}

let zone: string | undefined;

/** The name of the reader's zone as it was when the page first asked, `Europe/Vienna`. */
export function zoneName(): string {
  zone ??= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
  return zone;
}

/** `00:12:41`: whole seconds, hours always shown; a negative span is none. */
export function duration(us: number): string {
  const seconds = Math.max(0, Math.floor(us / 1_000_000));
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
