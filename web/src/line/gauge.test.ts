import { expect, test } from "vitest";
import { Gauge } from "./gauge";
import type { Streams } from "./streams";

test("what a stream has not taken is waiting, until it has or is cut off", async () => {
  const release: (() => void)[] = [];
  const transport: Streams = {
    createUnidirectionalStream: async () =>
      new WritableStream<Uint8Array>({
        write: () => new Promise((resolve) => release.push(() => resolve())),
      }),
  };
  const gauge = new Gauge();
  gauge.watch(transport);
  const one = (await transport.createUnidirectionalStream()).getWriter();
  const other = (await transport.createUnidirectionalStream()).getWriter();
  const first = one.write(new Uint8Array(100));
  other.write(new Uint8Array(30)).catch(() => {});
  const cut = other.write(new Uint8Array(7)).catch(() => "cut");
  expect(gauge.waiting).toBe(137);
  await new Promise((resolve) => setTimeout(resolve));
  release[0]?.();
  await first;
  await new Promise((resolve) => setTimeout(resolve));
  expect(gauge.waiting).toBe(37);
  void other.abort(new Error("over")).catch(() => {});
  release[1]?.();
  expect(await cut).toBe("cut");
  await new Promise((resolve) => setTimeout(resolve));
  expect(gauge.waiting).toBe(0);
});
