import { describe, expect, test } from "vitest";
import { Redial } from "./redial";

/**
 * When dials go out in an outage of `lastsMs`, each failing after four seconds.
 * `reachable`: whether the host answers plain requests at that time.
 */
function dials(lastsMs: number, reachable: (atMs: number) => boolean): number[] {
  const redial = new Redial();
  const sent: number[] = [];
  redial.lost(0);
  for (let now = 0; now < lastsMs; now += 50) {
    redial.answered(reachable(now));
    for (const at of sent) if (at === now - 4000) redial.settled(now, false);
    const due = redial.due(now);
    if (due !== null && due <= now) {
      redial.dialled(now);
      sent.push(now);
    }
  }
  return sent;
}

describe("when to dial again", () => {
  test("at once when the host answers", () => {
    expect(dials(60_000, (at) => at >= 30_000).find((at) => at >= 30_000)).toBeLessThanOrEqual(30_000);
  });

  test("hardly while nothing answers, so that browsers do not punish it", () => {
    expect(dials(120_000, () => false).length).toBeLessThanOrEqual(8);
  });

  test("every second and a half at first, while requests get through and the line does not", () => {
    const sent = dials(8_000, () => true);
    expect(sent).toEqual([0, 1500, 3000, 4500, 6000, 7500]);
  });

  test("ever more rarely after that", () => {
    expect(dials(5 * 60_000, () => true).length).toBeLessThanOrEqual(14);
  });

  test("never while the line is up", () => {
    const redial = new Redial();
    expect(redial.due(0)).toBeNull();
    redial.lost(0);
    expect(redial.due(0)).not.toBeNull();
    redial.up();
    expect(redial.due(10_000)).toBeNull();
  });

  test("a refusal is not answered sooner than after 300 ms", () => {
    const redial = new Redial();
    redial.lost(0);
    redial.answered(true);
    redial.dialled(0);
    redial.settled(5, false);
    expect(redial.due(10)).toBe(300);
  });
});
