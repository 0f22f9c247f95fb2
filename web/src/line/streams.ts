/**
 * A place between a transport and whoever writes to its streams: the library opens them itself and tells nobody.
 *
 * @module
 */

export type Writer = WritableStreamDefaultWriter<Uint8Array>;

/** What is used of a WebTransport. */
export interface Streams {
  createUnidirectionalStream(options?: WebTransportSendStreamOptions): Promise<WritableStream<Uint8Array>>;
}

/** Have `wrap` change each writer of the streams that this transport opens from now on; called twice, both do. */
export function wrapWriters(transport: Streams, wrap: (writer: Writer) => Writer): void {
  const create = transport.createUnidirectionalStream.bind(transport);
  transport.createUnidirectionalStream = async (options) => {
    const stream = await create(options);
    const getWriter = stream.getWriter.bind(stream);
    stream.getWriter = () => wrap(getWriter());
    return stream;
  };
}
