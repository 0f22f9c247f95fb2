import { describe, expect, test } from "vitest";
import { lacksForPublishing, lacksForWatching } from "./support";

const chromium = {
  isSecureContext: true,
  WebTransport: class {},
  VideoDecoder: class {},
  AudioDecoder: class {},
  VideoEncoder: class {},
  AudioEncoder: class {},
  AudioWorkletNode: class {},
  OffscreenCanvas: class {},
  MediaStreamTrackProcessor: class {},
  navigator: { mediaDevices: { getUserMedia: () => {} }, userAgent: "Chrome/156" },
};

describe("what a browser lacks", () => {
  test("nothing, in Chromium", () => {
    expect(lacksForPublishing(chromium)).toEqual([]);
    expect(lacksForWatching(chromium)).toEqual([]);
  });

  test("everything, where there is nothing", () => {
    expect(lacksForPublishing({})).toEqual([
      "secure-context",
      "webtransport",
      "webcodecs",
      "audio-worklet",
      "offscreen-canvas",
      "camera",
      "capture",
    ]);
  });

  test("a camera is not needed for watching", () => {
    const { navigator: _, VideoEncoder: __, ...withoutCamera } = chromium;
    expect(lacksForWatching(withoutCamera)).toEqual([]);
    expect(lacksForPublishing(withoutCamera)).toEqual(["webcodecs", "camera"]);
  });

  test("Firefox reads cameras in a worker, which the page cannot see", () => {
    const { MediaStreamTrackProcessor: _, ...others } = chromium;
    const firefox = {
      ...others,
      navigator: { ...chromium.navigator, userAgent: "Gecko/20100101 Firefox/160.0" },
    };
    expect(lacksForPublishing(firefox)).toEqual([]);
    expect(lacksForPublishing(others)).toEqual(["capture"]);
  });
});
