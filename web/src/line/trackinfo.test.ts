import { Path } from "@moq/net";
import { Track, TrackInfo } from "moq-lite/track.js";
import { Version } from "moq-lite/version.js";
import { Stream } from "moq-stream";
import { describe, expect, test } from "vitest";
import { knowTrackInfo } from "./trackinfo";

const VERSION = Version.DRAFT_05;

/** What the library does before it subscribes, at a host that answers with `answer` or never. */
async function ask(name: string, answer?: InstanceType<typeof TrackInfo>) {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  const asked: Uint8Array[] = [];
  void there.readable.pipeTo(new WritableStream({ write: (chunk) => void asked.push(chunk) }));
  const transport = {
    createBidirectionalStream: async () => ({ readable: back.readable, writable: there.writable }),
  } as unknown as WebTransport;
  const host = new Stream({ readable: new ReadableStream(), writable: back.writable });
  const stream = await Stream.open(transport);
  await new Track(Path.from("bridge/north"), name).encode(stream.writer, VERSION);
  if (answer) void answer.encode(host.writer, VERSION);
  const silence = new Promise<null>((resolve) => setTimeout(resolve, 50, null));
  const info = await Promise.race([TrackInfo.decode(stream.reader, VERSION), silence]);
  return { info, asked: asked.length > 0 };
}

test("the library waits for an answer before it subscribes", async () => {
  expect((await ask("hd.1")).info).toBeNull();
});

describe("with what the format says", () => {
  test("a subscription to samples waits for no answer", async () => {
    knowTrackInfo({ Stream, Track, TrackInfo });
    for (const name of ["hd.1", "floor.12"]) {
      const { info, asked } = await ask(name);
      expect(info?.timescale).toBe(1_000_000);
      expect(asked).toBe(true);
    }
  });

  test.each(["state.json", "seals", "floor.1/again", "hd.0"])("%s is asked for as before", async (name) => {
    expect((await ask(name)).info).toBeNull();
    const told = new TrackInfo({ timescale: 90_000, latencyMax: 7 });
    expect((await ask(name, told)).info).toMatchObject({ timescale: 90_000, latencyMax: 7 });
  });
});
