import { describe, expect, test } from "vitest";
import type { Catalog, VideoTrack } from "./catalog";
import { chooseVideo } from "./choose";

const video = (name: string, width: number, height: number, rotation: 0 | 90 = 0): VideoTrack => ({
  kind: "video",
  name,
  codec: "avc1.42e01f",
  description: Uint8Array.of(1),
  width,
  height,
  rotation,
  framerate: 30,
  bitrate: 0,
});

const catalog = (...tracks: VideoTrack[]): Catalog => ({
  run: "9f86d081884c7d65",
  epochUs: 0,
  tracks,
  devices: { camera: "live", microphone: "live", echoCancellation: false },
});

const both = catalog(video("hd.1", 1280, 720), video("sd.1", 640, 360));

describe("the picture for its place", () => {
  test.each<[string, number, number, string]>([
    ["a phone's half", 390, 219, "sd.1"],
    ["exactly the small one", 640, 360, "sd.1"],
    ["a little more than the small one", 780, 440, "sd.1"],
    ["half a laptop's screen", 960, 540, "hd.1"],
    ["more than there is", 3840, 2160, "hd.1"],
    ["a tall place that a wide picture fills by its width", 390, 800, "sd.1"],
    ["a place not laid out yet: the one that never rests", 0, 0, "hd.1"],
  ])("%s", (_, width, height, name) => {
    expect(chooseVideo(both, width, height)?.name).toBe(name);
  });

  test("a picture that is turned upright is measured as it is shown", () => {
    const turned = catalog(video("hd.1", 1280, 720, 90), video("sd.1", 640, 360, 90));
    expect(chooseVideo(turned, 360, 640)?.name).toBe("sd.1");
    expect(chooseVideo(turned, 640, 1138)?.name).toBe("hd.1");
  });

  test("without a camera there is none", () => {
    expect(chooseVideo(catalog(), 640, 360)).toBeNull();
  });
});
