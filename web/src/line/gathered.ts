/**
 * Streams whose writes of one task leave together.
 *
 * `@moq/net` writes a group in seven pieces, most of one byte, each awaited, and Chromium puts most of them into UDP
 * packets of their own: a sound packet of ten milliseconds cost seven. A packet that is lost then costs its group as
 * well, so the fewer the better. Nothing waits for longer than the running task.
 *
 * @module
 */

type Opens = Pick<WebTransport, "createUnidirectionalStream">;

/** A task of its own, as soon as the running one is over. */
function nextTask(): (work: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  let waiting: (() => void)[] = [];
  port1.onmessage = () => {
    const due = waiting;
    waiting = [];
    for (const work of due) work();
  };
  return (work) => {
    waiting.push(work);
    if (waiting.length === 1) port2.postMessage(null);
  };
}

/**
 * Let the streams that this transport opens from now on gather what is written to them.
 *
 * They have what the library uses of a stream, not all of its interface. `later`: how to wait for the task to be over.
 */
export function gatherWrites(transport: Opens, later = nextTask()): void {
  const open = transport.createUnidirectionalStream.bind(transport);
  transport.createUnidirectionalStream = async (options) =>
    new GatheringStream(await open(options), later) as unknown as WritableStream;
}

class GatheringStream {
  readonly #stream: WritableStream<Uint8Array>;
  readonly #later: (work: () => void) => void;

  constructor(stream: WritableStream<Uint8Array>, later: (work: () => void) => void) {
    this.#stream = stream;
    this.#later = later;
  }

  /** Source: W3C WebTransport s.8.1, sendOrder. */
  set sendOrder(order: number) {
    (this.#stream as unknown as { sendOrder: number }).sendOrder = order;
  }

  getWriter(): GatheringWriter {
    return new GatheringWriter(this.#stream.getWriter(), this.#later);
  }

  abort(reason?: unknown): Promise<void> {
    return this.#stream.abort(reason);
  }
}

class GatheringWriter {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #later: (work: () => void) => void;
  #parts: Uint8Array[] = [];
  /** What was handed on last: the next write waits until it was taken, as it would without us. */
  #last: Promise<void> = Promise.resolve();

  constructor(writer: WritableStreamDefaultWriter<Uint8Array>, later: (work: () => void) => void) {
    this.#writer = writer;
    this.#later = later;
  }

  get closed(): Promise<undefined> {
    return this.#writer.closed as Promise<undefined>;
  }

  write(part: Uint8Array): Promise<void> {
    if (this.#parts.length === 0) this.#later(() => this.#flush());
    // The library writes its numbers from one buffer.
    this.#parts.push(part.slice());
    return this.#last;
  }

  close(): Promise<void> {
    this.#flush();
    return this.#writer.close();
  }

  abort(reason?: unknown): Promise<void> {
    this.#parts = [];
    return this.#writer.abort(reason);
  }

  #flush(): void {
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    this.#last = this.#writer.write(parts.length === 1 && parts[0] ? parts[0] : joined(parts));
    this.#last.catch(() => {});
  }
}

function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
