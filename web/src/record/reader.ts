/**
 * What an evidence is made of, read strictly: whole numbers in as few bytes as they need (docs/formats/evidence.md, E2).
 *
 * 5 is `05`, 300 is `ac 02`: seven bits a byte, the lowest first; a byte that another follows has 128 more. The reading
 * half of `src/vivavoce/record/numbers.py`.
 *
 * @module
 */

import { VivavoceError } from "../errors";
import { MAX_INTEGER } from "../seal/cbor";

/** What is not there, or not of its form, is `record.damaged`. */
export class Reader {
  readonly #data: Uint8Array;
  readonly #end: number;
  #at: number;

  /** Of `data` from `at` to `end`. */
  constructor(data: Uint8Array, at: number, end: number) {
    this.#data = data;
    this.#at = at;
    this.#end = end;
  }

  number(): number {
    let [value, scale] = [0, 1];
    for (let bytes = 0; ; bytes++) {
      if (this.#at >= this.#end) {
        if (bytes === 0) throw notOfForm("a number ends too early");
        throw notOfForm("a number is too long");
      }
      if (bytes === 8) throw notOfForm("a number is too long");
      const byte = this.#data[this.#at++] as number;
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte >= 128) continue;
      if ((byte === 0 && bytes > 0) || value > MAX_INTEGER)
        throw notOfForm("a number is not in its shortest form, or too large");
      return value;
    }
  }

  /** So many. */
  numbers(count: number): number[] {
    if (count > this.#end - this.#at) throw notOfForm("a number ends too early");
    const found: number[] = [];
    for (let at = 0; at < count; at++) found.push(this.number());
    return found;
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  /** A number of things that take at least so many bytes each: never more than there can be. */
  count(least: number): number {
    const value = this.number();
    if (value * least > this.#end - this.#at) throw notOfForm(`there cannot be ${value} of something`);
    return value;
  }

  take(length: number): Uint8Array {
    if (length > this.#end - this.#at) throw notOfForm("bytes end too early");
    this.#at += length;
    return this.#data.slice(this.#at - length, this.#at);
  }

  sized(): Uint8Array {
    return this.take(this.number());
  }

  rest(): Uint8Array {
    return this.take(this.#end - this.#at);
  }

  /** Nothing is left. */
  end(): void {
    if (this.#at !== this.#end) throw notOfForm(`${this.#end - this.#at} bytes stand behind an entry`);
  }
}

export function notOfForm(why: string): VivavoceError {
  return new VivavoceError("record.damaged", `The file's evidence is not of its form: ${why}.`);
}
