import { Broadcast } from "@moq/net";
import { describe, expect, test } from "vitest";
import { Again } from "./again";

const settle = () => new Promise((resolve) => setTimeout(resolve));
const payload = (n: number) => Uint8Array.of(n);

describe("copies of sound", () => {
  test("leave one group later, with their own number, while somebody takes them", async () => {
    const broadcast = new Broadcast.Producer();
    const again = new Again(broadcast, "floor.1");
    again.add(0, payload(0), 0);
    again.add(1, payload(1), 10_000);
    const copies = broadcast.subscribe("floor.1/again", { latencyMax: 1000 });
    await settle();
    again.add(2, payload(2), 20_000);
    again.add(3, payload(3), 30_000);
    const came: [number, number | undefined][] = [];
    for (let n = 0; n < 2; n++) {
      const group = await copies.recvGroup();
      const frame = await group?.readFrame();
      came.push([group?.sequence ?? -1, frame?.payload[0]]);
    }
    expect(came).toEqual([
      [1, 1],
      [2, 2],
    ]);
    copies.close();
    await settle();
    again.add(4, payload(4), 40_000);
    again.close();
    const late = broadcast.subscribe("floor.1/again", { latencyMax: 1000 });
    expect(await Promise.race([late.recvGroup(), settle().then(() => "nothing")])).not.toHaveProperty(
      "sequence",
    );
  });
});
