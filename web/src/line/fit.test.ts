import { expect, test } from "vitest";
import type { Catalog, VideoTrack } from "./catalog";
import { Fit } from "./fit";

const video = (name: string, width: number, height: number): VideoTrack => ({
  kind: "video",
  name,
  codec: "avc1.42e01f",
  description: Uint8Array.of(1),
  width,
  height,
  rotation: 0,
  framerate: 30,
  bitrate: 0,
});

const catalog = (...tracks: VideoTrack[]): Catalog => ({
  run: "9f86d081884c7d65",
  epochUs: 0,
  tracks,
  devices: { camera: "live", microphone: "live", echoCancellation: false },
});

const hd = video("hd.1", 1280, 720);
const sd = video("sd.1", 640, 360);
const ld = video("ld.1", 320, 180);
const all = catalog(ld, hd, sd);

test("a large place gets as much as the line carries", () => {
  const fit = new Fit();
  fit.resized(1920, 1080);
  expect([0, 1, 2, 3].map((level) => fit.choose(all, level, 0)?.name)).toEqual([
    "hd.1",
    "sd.1",
    "ld.1",
    "ld.1",
  ]);
});

test("a small place is not given more because the line would carry it", () => {
  const fit = new Fit();
  fit.resized(360, 203);
  expect(fit.choose(all, 0, 0)?.name).toBe("ld.1");
});

test("what a side does not list now still counts when the line is judged", () => {
  const fit = new Fit();
  fit.resized(1920, 1080);
  expect(fit.choose(catalog(sd, ld), 1, 0)?.name).toBe("sd.1");
});

test("a decoder that could not keep up is spared for a while, but never left without a picture", () => {
  const fit = new Fit();
  fit.resized(1920, 1080);
  const until = fit.tooMuch(hd, 1_000);
  expect(fit.choose(all, 0, 2_000)?.name).toBe("sd.1");
  expect(fit.choose(all, 0, until + 1)?.name).toBe("hd.1");
  fit.tooMuch(ld, 100_000);
  expect(fit.choose(all, 0, 100_001)?.name).toBe("ld.1");
});
