/**
 * How many bytes a transport was given and has not taken: backpressure of all its streams together.
 *
 * Chromium 156 has no `getStats`, and the library awaits each write without telling how long it took. So the writers
 * that the transport gives out are watched.
 *
 * @module
 */

/** What is watched of a WebTransport. */
export interface Streams {
  createUnidirectionalStream(options?: WebTransportSendStreamOptions): Promise<WritableStream<Uint8Array>>;
}

export class Gauge {
  /** Bytes given to streams that have not been taken yet. */
  waiting = 0;

  /** Watch every stream that this transport opens from now on. */
  watch(transport: Streams): void {
    const create = transport.createUnidirectionalStream.bind(transport);
    transport.createUnidirectionalStream = async (options) => {
      const stream = await create(options);
      const getWriter = stream.getWriter.bind(stream);
      stream.getWriter = () => this.#watched(getWriter());
      return stream;
    };
  }

  #watched(writer: WritableStreamDefaultWriter<Uint8Array>): WritableStreamDefaultWriter<Uint8Array> {
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
