/**
 * How many bytes a transport was given and has not taken: backpressure of all its streams together.
 *
 * Chromium 156 has no `getStats`, and the library awaits each write without telling how long it took. So the writers
 * that the transport gives out are watched.
 *
 * @module
 */

import { type Streams, type Writer, wrapWriters } from "./streams";

export class Gauge {
  /** Bytes given to streams that have not been taken yet. */
  waiting = 0;

  /** Watch every stream that this transport opens from now on. */
  watch(transport: Streams): void {
    wrapWriters(transport, (writer) => this.#watched(writer));
  }

  #watched(writer: Writer): Writer {
    const write = writer.write.bind(writer);
    writer.write = (chunk?: Uint8Array) => {
      const size = chunk?.byteLength ?? 0;
      this.waiting += size;
      const taken = () => {
        this.waiting -= size;
      };
      const written = write(chunk);
      written.then(taken, taken);
      return written;
    };
    return writer;
  }
}
