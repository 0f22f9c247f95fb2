import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Pacer } from "./pacer";
import type { Streams } from "./streams";

const THIN = 800_000;
const KEY = 20_000;

/** A transport that notes what leaves and when, ms, and a pacer before it. */
function line() {
  const left: { stream: number; bytes: number; ms: number; first: number }[] = [];
  const ends: string[] = [];
  let streams = 0;
  const transport: Streams = {
    createUnidirectionalStream: async () => {
      const stream = streams++;
      return new WritableStream<Uint8Array>({
        write: (chunk) => {
          left.push({ stream, bytes: chunk.byteLength, ms: performance.now(), first: chunk[0] ?? -1 });
        },
        close: () => void ends.push(`${stream} closed`),
        abort: () => void ends.push(`${stream} aborted`),
      });
    },
  };
  const pacer = new Pacer();
  pacer.watch(transport);
  const open = async () => (await transport.createUnidirectionalStream()).getWriter();
  const bytesOf = (stream: number) =>
    left.filter((one) => one.stream === stream).reduce((sum, { bytes }) => sum + bytes, 0);
  return { pacer, open, left, ends, bytesOf };
}

describe("what a thin line carries", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => void vi.useRealTimers());

  test("a key picture leaves at its rate, and all of it leaves", async () => {
    const { pacer, open, left, bytesOf } = line();
    pacer.rate = THIN;
    const began = performance.now();
    const written = (await open()).write(new Uint8Array(KEY));
    await vi.advanceTimersByTimeAsync(100);
    expect(bytesOf(0)).toBeGreaterThan(9_000);
    expect(bytesOf(0)).toBeLessThan(13_000);
    await vi.advanceTimersByTimeAsync(150);
    await written;
    expect(bytesOf(0)).toBe(KEY);
    for (const { bytes } of left) expect(bytes).toBeLessThanOrEqual(1_150);
    expect((left.at(-1)?.ms ?? 0) - began).toBeGreaterThan((8 * KEY) / 800 - 20);
  });

  test("sound that comes meanwhile does not wait", async () => {
    const { pacer, open, left } = line();
    pacer.rate = THIN;
    void (await open()).write(new Uint8Array(KEY));
    await vi.advanceTimersByTimeAsync(50);
    const [voice, saidMs] = [await open(), performance.now()];
    await voice.write(new Uint8Array(160));
    expect(left.find((one) => one.stream === 1)?.ms).toBe(saidMs);
  });

  test("a stream's writes keep their order, and its end comes after them", async () => {
    const { pacer, open, left, ends, bytesOf } = line();
    pacer.rate = THIN;
    const writer = await open();
    void writer.write(new Uint8Array(6_000).fill(1));
    void writer.write(new Uint8Array(100).fill(2));
    pacer.rate = Number.POSITIVE_INFINITY;
    void writer.write(new Uint8Array(6_000).fill(3));
    const closed = writer.close();
    await vi.advanceTimersByTimeAsync(500);
    await closed;
    const order = left.map(({ first }) => first);
    expect(order).toEqual([...order].sort());
    expect(bytesOf(0)).toBe(12_100);
    expect(ends).toEqual(["0 closed"]);
  });

  test("of a stream that is given up no more leaves", async () => {
    const { pacer, open, ends, bytesOf } = line();
    pacer.rate = THIN;
    const writer = await open();
    const written = writer.write(new Uint8Array(KEY)).catch(() => {});
    await vi.advanceTimersByTimeAsync(50);
    const before = bytesOf(0);
    await writer.abort(new Error("over"));
    await vi.advanceTimersByTimeAsync(500);
    await written;
    expect(bytesOf(0)).toBe(before);
    expect(ends).toEqual(["0 aborted"]);
  });
});

test("a line that is not known to be thin is given everything at once", async () => {
  const { open, left } = line();
  await (await open()).write(new Uint8Array(KEY));
  expect(left.map(({ bytes }) => bytes)).toEqual([KEY]);
});

test("what the stream refuses is told to who wrote it", async () => {
  const pacer = new Pacer();
  const transport: Streams = {
    createUnidirectionalStream: async () =>
      new WritableStream<Uint8Array>({
        write: () => {
          throw new Error("stopped");
        },
      }),
  };
  pacer.watch(transport);
  pacer.rate = 100e6;
  const writer = (await transport.createUnidirectionalStream()).getWriter();
  writer.closed.catch(() => {});
  await expect(writer.write(new Uint8Array(KEY))).rejects.toThrow("stopped");
});
