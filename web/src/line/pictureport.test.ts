import { beforeEach, describe, expect, it } from "vitest";
import { PicturePort } from "./pictureport";

class Picture {
  closed = false;
  readonly displayWidth = 640;
  readonly displayHeight = 360;
  close() {
    this.closed = true;
  }
}

describe("pictures on their way to the page", () => {
  let sent: number[];
  let port: PicturePort;
  const pictures = new Map<number, Picture>();

  const show = (timestampUs: number, run = "a", rotation = 0) => {
    const picture = new Picture();
    pictures.set(timestampUs, picture);
    return port.show(picture as unknown as VideoFrame, { run, timestampUs, track: "hd.1" }, rotation);
  };

  beforeEach(() => {
    sent = [];
    pictures.clear();
    port = new PicturePort((picture) => {
      for (const [at, one] of pictures) if (one === (picture as unknown as Picture)) sent.push(at);
    });
    port.ready = true;
  });

  it("know how far behind the newest one they are", () => {
    expect(port.behindMs("a", 0)).toBe(Number.NEGATIVE_INFINITY);
    show(100_000);
    expect(port.behindMs("a", 100_000)).toBe(0);
    expect(port.behindMs("a", 60_000)).toBe(40);
    expect(port.behindMs("b", 60_000)).toBe(Number.NEGATIVE_INFINITY);
  });

  it("go at once while the page keeps up", () => {
    for (const at of [1, 2, 3]) {
      expect(show(at)).toBe(true);
      expect(port.answered()?.timestampUs).toBe(at);
    }
    expect(sent).toEqual([1, 2, 3]);
  });

  it("do not queue: while two are unanswered only the newest waits, and goes when one is answered", () => {
    for (const at of [1, 2, 3, 4, 5]) show(at);
    expect(sent).toEqual([1, 2]);
    expect([3, 4].map((at) => pictures.get(at)?.closed)).toEqual([true, true]);
    expect(pictures.get(5)?.closed).toBe(false);
    port.answered();
    expect(sent).toEqual([1, 2, 5]);
  });

  it("are closed when one that is newer was shown, but a new run begins anew", () => {
    show(10);
    port.answered();
    expect(show(9)).toBe(false);
    expect(pictures.get(9)?.closed).toBe(true);
    expect(show(1, "b")).toBe(true);
    expect(sent).toEqual([10, 1]);
  });

  it("are closed while there is nowhere to draw", () => {
    port.ready = false;
    expect(show(1)).toBe(false);
    expect(pictures.get(1)?.closed).toBe(true);
  });

  it("tell their upright size", () => {
    show(1, "a", 90);
    expect([port.width, port.height]).toEqual([360, 640]);
  });

  it("are let go on closing", () => {
    for (const at of [1, 2, 3]) show(at);
    port.close();
    expect(pictures.get(3)?.closed).toBe(true);
  });
});
