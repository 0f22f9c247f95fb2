/**
 * Large writes leave in pieces, no faster than the line carries them.
 *
 * A key picture is as large as ten others. Written at once it stands in the queue before a thin line, and sound that
 * comes after it waits there too, for a fifth of a second every two seconds: priorities count only until a packet has
 * left. Kept back here, its pieces and the sound take turns. Writes of one packet never wait, and do not count.
 *
 * @module
 */

import { type Streams, type Writer, wrapWriters } from "./streams";

/** What fits into one packet, bytes. */
const PIECE = 1_150;
/** A timer is not finer than this, ms: so far ahead a piece may leave. */
const FINE_MS = 4;

export class Pacer {
  #rate = Number.POSITIVE_INFINITY;
  /** When all pieces until now would have left at that rate. */
  #leftMs = Number.NEGATIVE_INFINITY;

  /** Bits a second, above 0; infinite for no pacing, which lets go what waits with its next piece. */
  set rate(bits: number) {
    this.#rate = bits;
    if (!Number.isFinite(bits)) this.#leftMs = Number.NEGATIVE_INFINITY;
  }

  /** Pace every stream that this transport opens from now on. */
  watch(transport: Streams): void {
    wrapWriters(transport, (writer) => this.#paced(writer));
  }

  #paced(writer: Writer): Writer {
    const write = writer.write.bind(writer);
    const close = writer.close.bind(writer);
    const abort = writer.abort.bind(writer);
    /** The last write that still waits, if any. */
    let last: Promise<void> | null = null;
    let over = false;
    const inPieces = async (whole: Uint8Array, before: Promise<void> | null): Promise<void> => {
      await before;
      let taken: Promise<void> | undefined;
      for (let at = 0; at < whole.byteLength && !over; at += PIECE) {
        const piece = whole.subarray(at, at + PIECE);
        await this.#turn(piece.byteLength);
        if (!over) taken = write(piece);
        taken?.catch(() => {});
      }
      await taken;
    };
    writer.write = (chunk = new Uint8Array()) => {
      const whole = last === null && (chunk.byteLength <= PIECE || !Number.isFinite(this.#rate));
      if (whole) return write(chunk);
      const written = inPieces(chunk, last);
      last = written;
      const done = () => {
        if (last === written) last = null;
      };
      written.then(done, done);
      return written;
    };
    writer.close = () => (last === null ? close() : last.then(close, close));
    writer.abort = (reason) => {
      over = true;
      return abort(reason);
    };
    return writer;
  }

  /** Wait until so many bytes may leave. */
  async #turn(bytes: number): Promise<void> {
    if (!Number.isFinite(this.#rate)) return;
    const nowMs = performance.now();
    const waitMs = this.#leftMs - nowMs;
    this.#leftMs = Math.max(this.#leftMs, nowMs) + (8_000 * bytes) / this.#rate;
    if (waitMs > FINE_MS) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
