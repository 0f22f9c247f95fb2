/**
 * What Python's `bytes` can do and Uint8Array cannot.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Whether two byte strings are equal. Not in constant time: nothing here is secret. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && one.every((byte, at) => byte === other[at]);
}

/** One after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** UTF-8 of `text`. Throws RangeError for half of a surrogate pair, which has none. */
export function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new RangeError("a text has half of a surrogate pair");
  return encoder.encode(text);
}

/** Lower-case hex. */
export function hexOfBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes of a hex string of even length; what is not hex becomes 0, so check it first. */
export function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) =>
    Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  );
}
