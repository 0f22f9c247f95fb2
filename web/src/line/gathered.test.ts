import { describe, expect, test } from "vitest";
import { gatherWrites } from "./gathered";

/** A transport whose streams note what reaches them, and a task that is over when it is told so. */
function transport(fails = false) {
  const reached: string[] = [];
  const tasks: (() => void)[] = [];
  const orders: unknown[] = [];
  const opens = {
    createUnidirectionalStream: async (options?: { sendOrder?: number }) => {
      orders.push(options?.sendOrder);
      return new WritableStream<Uint8Array>({
        write(chunk) {
          if (fails) throw new Error("stopped");
          reached.push([...chunk].join(" "));
        },
        close: () => void reached.push("end"),
        abort: () => void reached.push("aborted"),
      });
    },
  };
  gatherWrites(opens, (work) => tasks.push(work));
  const over = () => {
    for (const work of tasks.splice(0)) work();
  };
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return { opens, reached, orders, over, settle };
}

describe("writes of one task", () => {
  test("leave together when it is over", async () => {
    const { opens, reached, over, settle } = transport();
    const writer = (await opens.createUnidirectionalStream()).getWriter();
    await writer.write(Uint8Array.of(1));
    await writer.write(Uint8Array.of(2, 3));
    await settle();
    expect(reached).toEqual([]);
    over();
    await writer.write(Uint8Array.of(4));
    over();
    await settle();
    expect(reached).toEqual(["1 2 3", "4"]);
  });

  test("leave with the end of their stream", async () => {
    const { opens, reached, over } = transport();
    const writer = (await opens.createUnidirectionalStream()).getWriter();
    await writer.write(Uint8Array.of(1));
    await writer.close();
    over();
    expect(reached).toEqual(["1", "end"]);
  });

  test("are taken as they were, whatever becomes of the buffer", async () => {
    const { opens, reached } = transport();
    const writer = (await opens.createUnidirectionalStream()).getWriter();
    const buffer = Uint8Array.of(1);
    await writer.write(buffer);
    buffer[0] = 9;
    await writer.write(buffer);
    await writer.close();
    expect(reached).toEqual(["1 9", "end"]);
  });

  test("are forgotten when the stream is given up", async () => {
    const { opens, reached, over, settle } = transport();
    const writer = (await opens.createUnidirectionalStream()).getWriter();
    await writer.write(Uint8Array.of(1));
    await writer.abort(new Error("over"));
    over();
    await settle();
    expect(reached).toEqual(["aborted"]);
  });

  test("keep the order in which their streams are to be sent: sound before pictures", async () => {
    const { opens, orders } = transport();
    await opens.createUnidirectionalStream({ sendOrder: -80 });
    expect(orders).toEqual([-80]);
  });

  test("that fail fail the next ones", async () => {
    const { opens, over, settle } = transport(true);
    const writer = (await opens.createUnidirectionalStream()).getWriter();
    writer.closed.catch(() => {});
    await writer.write(Uint8Array.of(1));
    over();
    await settle();
    await expect(writer.write(Uint8Array.of(2))).rejects.toThrow("stopped");
  });
});
