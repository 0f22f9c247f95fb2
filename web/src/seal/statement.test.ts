/** Promise: whatever a statement says, it is its run that is refused and not the founding facts. */

import { expect, test } from "vitest";
import { DEVICE, EPOCH_US, FOUNDING, IDENTITY, RUN, RUN_ID, signed } from "./show";
import { deviceStatementBytes, runOf, runStatementBytes } from "./statement";

const client = new Uint8Array();
const BAD_TEXT = "south\n";

function statementOf(seat: string): Promise<Uint8Array> {
  return signed(
    "run",
    runStatementBytes({ run: RUN_ID, key: RUN.key, seat, epochUs: EPOCH_US, client }),
    DEVICE,
  );
}

function voucherOf(name: string): Promise<Uint8Array> {
  const statement = { device: DEVICE.key, seat: "south", name, fromUs: EPOCH_US - 1, untilUs: EPOCH_US + 1 };
  return signed("device", deviceStatementBytes(statement), IDENTITY);
}

test("a seat with a line break begins no run", async () => {
  await expect(runOf(FOUNDING, await statementOf(BAD_TEXT), DEVICE.key)).rejects.toMatchObject({
    code: "seal.run",
  });
});

test("a device's name with a line break vouches for nothing", async () => {
  const statement = await statementOf("south");
  const good = await runOf(FOUNDING, statement, DEVICE.key, [await voucherOf("telephone")]);
  expect(good[1]).toBe("identity");
  await expect(runOf(FOUNDING, statement, DEVICE.key, [await voucherOf(BAD_TEXT)])).rejects.toMatchObject({
    code: "seal.run",
  });
});
