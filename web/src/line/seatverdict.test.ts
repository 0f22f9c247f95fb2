/** Promise: whoever watches is told of a verdict when it changes, and not again while it stays. */

import type { Broadcast, Path } from "@moq/net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hexOfBytes } from "../seal/bytes";
import { parsePapers } from "../seal/papers";
import { FOUNDING, FOUNDING_HASH } from "../seal/show";
import { foundingBytes } from "../seal/statement";
import { SEALS_TRACK, type Track } from "./catalog";
import { decodeFrame } from "./sample";
import { SeatVerdict } from "./seatverdict";
import { FLOOR, Host, RUN, Stage, settle } from "./show";

const SOUND = { ...FLOOR, name: "floor.1" } as Track;

vi.setConfig({ testTimeout: 30_000 });
// Nothing is late by a clock that stands still, however busy the processor is.
beforeEach(() => void vi.spyOn(performance, "now").mockReturnValue(0));
afterEach(() => vi.restoreAllMocks());

/** A viewer of a stage on air, who hears its sound. */
class Viewer extends Host {
  /** How the side stood, and with how many marks, whenever this viewer was told that it changed. */
  readonly told: string[] = [];
  readonly verdict: SeatVerdict;
  readonly #stage: Stage;
  #ms = 0;
  #read = 0;
  #hears = false;

  private constructor(stage: Stage) {
    super();
    this.#stage = stage;
    const founding = async () => ({
      facts: hexOfBytes(foundingBytes(FOUNDING)),
      hash: hexOfBytes(FOUNDING_HASH),
      devices: { north: { run: RUN, device: hexOfBytes(this.#device()) } },
    });
    const options = { discussion: FOUNDING.discussion, seat: "north", founding, leaves: async () => null };
    this.verdict = new SeatVerdict(options, () => this.told.push(this.stands));
    this.verdict.take(SOUND);
  }

  /** One to whom the side's papers have come, and no sound yet. */
  static async joins(): Promise<Viewer> {
    const stage = await Stage.make();
    const viewer = new Viewer(stage);
    stage.publication.attach(viewer);
    await viewer.watches(200);
    await vi.waitFor(() => expect(viewer.verdict.report()?.standing).toBe("host"), 10_000);
    viewer.#hears = true;
    return viewer;
  }

  override publish(path: Path.Valid, broadcast: Broadcast.Producer): void {
    super.publish(path, broadcast);
    this.verdict.open(broadcast.consume());
    this.verdict.runs(RUN);
    this.verdict.begin();
  }

  get stands(): string {
    const report = this.verdict.report();
    return `${report?.state} ${report?.marks}`;
  }

  /** `altered`: a bit of the packets of these milliseconds of the run is another. */
  async watches(untilMs: number, altered: readonly number[] = []): Promise<void> {
    for (; this.#ms < untilMs; this.#ms += 20) {
      await this.#stage.runs(20, this);
      for (const { track, group, index, payload } of this.frames.slice(this.#read)) {
        if (track !== SOUND.name || !this.#hears) continue;
        const { timestampUs, data } = decodeFrame(payload);
        const came = data.slice();
        if (altered.includes(Number(timestampUs) / 1000)) came[0] = (came[0] as number) ^ 1;
        this.verdict.sample({ track, group, index, timestampUs: Number(timestampUs), data: came });
      }
      this.#read = this.frames.length;
      this.verdict.tick();
    }
  }

  /** And says so as often as a page asks. */
  async stays(stands: string): Promise<void> {
    await vi.waitFor(() => expect(this.stands).toBe(stands), 10_000);
    for (let at = 0; at < 50; at++) {
      this.verdict.tick();
      await settle();
    }
    expect(this.stands).toBe(stands);
  }

  #device(): Uint8Array {
    const papers = this.frames.find(({ track, index }) => track === SEALS_TRACK && index === 0);
    return parsePapers(papers?.payload ?? new Uint8Array()).device;
  }
}

test("a changed verdict is told once, and not again while it stays", async () => {
  const viewer = await Viewer.joins();
  await viewer.stays("pending 0");
  expect(viewer.told).toEqual(["pending 0"]);
  await viewer.watches(2_000);
  await viewer.stays("verified 0");
  expect(viewer.told).toEqual(["pending 0", "verified 0"]);
});

test("the next change is told again, and so is the way back to what was told before", async () => {
  const viewer = await Viewer.joins();
  await viewer.watches(3_500, [1_000]);
  await viewer.stays("verified 1");
  expect(viewer.told).toEqual(["pending 0", "verified 0", "broken 1", "verified 1"]);
});

test("one mark more is told though the state stays what it was", async () => {
  const viewer = await Viewer.joins();
  await viewer.watches(3_500, [1_000, 1_400]);
  await viewer.stays("verified 2");
  expect(viewer.told).toEqual(["pending 0", "verified 0", "broken 1", "broken 2", "verified 2"]);
});
