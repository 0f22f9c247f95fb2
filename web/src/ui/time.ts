/**
 * Times as the pages write them. Takes times, reads no clock.
 *
 * @module
 */

/** `20:14:07` in UTC. */
export function utcClock(atUs: number): string {
  return new Date(atUs / 1000).toISOString().slice(11, 19);
}

/** The time of day in the reader's zone, to the second. */
export function localClock(atUs: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: "medium" }).format(atUs / 1000);
}

/** Day and time of day in the reader's zone, to the minute. */
export function moment(atUs: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(atUs / 1000);
}

/** The name of the reader's zone, `Europe/Vienna`. */
export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
}

/** `00:12:41`: whole seconds, hours always shown; a negative span is none. */
export function duration(us: number): string {
  const seconds = Math.max(0, Math.floor(us / 1_000_000));
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
