import { describe, expect, test } from "vitest";
import { buildCatalog, type Catalog, MAX_CATALOG_BYTES, parseCatalog, renditionOf } from "./catalog";

const catalog: Catalog = {
  run: "9f86d081884c7d65",
  epochUs: 1_795_293_844_127_987,
  tracks: [
    {
      kind: "video",
      name: "hd.1",
      codec: "avc1.42e01f",
      description: Uint8Array.of(1, 0x42, 0xe0, 0x1f, 0xff),
      width: 1280,
      height: 720,
      rotation: 90,
      framerate: 30,
      bitrate: 2_500_000,
    },
    {
      kind: "audio",
      name: "booth.12",
      codec: "opus",
      sampleRate: 48_000,
      channels: 1,
      bitrate: 96_000,
      language: "zh-Hant",
      role: "booth",
      interprets: "south/floor",
    },
  ],
  devices: { camera: "live", microphone: "lost", echoCancellation: true },
};

/** The catalogue with one place of its JSON changed. */
function withChange(path: string[], value: unknown): Uint8Array {
  const root = JSON.parse(new TextDecoder().decode(buildCatalog(catalog)));
  let at = root;
  for (const key of path.slice(0, -1)) at = at[key];
  at[path.at(-1) ?? ""] = value;
  return new TextEncoder().encode(JSON.stringify(root));
}

describe("a seat's catalogue (L3 to L6)", () => {
  test("what is built is parsed back", () => {
    expect(parseCatalog(buildCatalog(catalog))).toEqual(catalog);
  });

  test("unknown keys are passed over", () => {
    expect(parseCatalog(withChange(["seals"], { version: 9 }))).toEqual(catalog);
    expect(parseCatalog(withChange(["vivavoce", "tracks", "hd.1", "note"], 1))).toEqual(catalog);
  });

  test("a rendition is a track's name without its number", () => {
    expect(renditionOf("floor.12")).toBe("floor");
  });

  test.each<[string, string, string[], unknown]>([
    ["another version of our section", "line.catalog", ["vivavoce", "version"], 2],
    ["a run that is no run", "line.catalog", ["vivavoce", "run"], "9F86D081884C7D65"],
    ["an epoch before 1970", "line.catalog", ["vivavoce", "epoch_us"], -1],
    ["an epoch with a fraction", "line.catalog", ["vivavoce", "epoch_us"], 0.5],
    [
      "a track that only hang's section lists",
      "line.catalog",
      ["audio", "renditions", "clean.1"],
      { codec: "opus" },
    ],
    [
      "a track that only our section lists",
      "line.catalog",
      ["vivavoce", "tracks", "sd.1"],
      { kind: "video" },
    ],
    ["a picture that we call a sound", "line.catalog", ["vivavoce", "tracks", "hd.1", "kind"], "audio"],
    ["H.264 without a description", "line.catalog", ["video", "renditions", "hd.1", "description"], ""],
    ["a description that is not hex", "line.catalog", ["video", "renditions", "hd.1", "description"], "0g"],
    ["a picture of no width", "line.catalog", ["video", "renditions", "hd.1", "codedWidth"], 0],
    ["a rotation by 45 degrees", "line.catalog", ["vivavoce", "tracks", "hd.1", "rotation"], 45],
    [
      "another container",
      "line.catalog",
      ["video", "renditions", "hd.1", "container"],
      { kind: "cmaf", init: "" },
    ],
    ["a booth without an original", "line.catalog", ["vivavoce", "tracks", "booth.12", "interprets"], null],
    ["a floor that interprets", "line.catalog", ["vivavoce", "tracks", "booth.12", "role"], "floor"],
    ["a sound without a language", "line.catalog", ["vivavoce", "tracks", "booth.12", "language"], ""],
    ["a device in no state", "line.catalog", ["vivavoce", "devices", "camera"], "broken"],
    ["sections that are lists", "line.catalog", ["video"], []],
    [
      "a picture codec that the line does not carry",
      "line.codec",
      ["video", "renditions", "hd.1", "codec"],
      "vp8",
    ],
    [
      "a sound codec that the line does not carry",
      "line.codec",
      ["audio", "renditions", "booth.12", "codec"],
      "aac",
    ],
  ])("%s is refused with %s", (_, code, path, value) => {
    expect(() => parseCatalog(withChange(path, value))).toThrow(expect.objectContaining({ code }));
  });

  test("a track's name has a rendition and a number", () => {
    for (const name of ["hd", "hd.0", "HD.1", "hd.1.x", `${"a".repeat(25)}.1`]) {
      const text = new TextDecoder().decode(buildCatalog(catalog)).replaceAll('"hd.1"', JSON.stringify(name));
      expect(() => parseCatalog(new TextEncoder().encode(text))).toThrow(
        expect.objectContaining({ code: "line.catalog" }),
      );
    }
  });

  test("every truncation of a catalogue is refused, and so is one that is too large", () => {
    const whole = buildCatalog(catalog);
    for (let length = 0; length < whole.byteLength; length++) {
      expect(() => parseCatalog(whole.subarray(0, length))).toThrow(
        expect.objectContaining({ code: "line.catalog" }),
      );
    }
    expect(() => parseCatalog(new Uint8Array(MAX_CATALOG_BYTES + 1))).toThrow(
      expect.objectContaining({ code: "line.catalog" }),
    );
  });
});
