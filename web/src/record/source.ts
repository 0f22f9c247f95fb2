/**
 * A file's bytes, wherever they lie: they are read by windows, never as a whole.
 *
 * @module
 */

export interface Source {
  readonly size: number;
  /** The bytes from `from` up to `until`, or as many as there are, in memory of their own. */
  read(from: number, until: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Bytes in memory. */
export class Bytes implements Source {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.byteLength;
  }

  async read(from: number, until: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#bytes.slice(from, until);
  }
}
