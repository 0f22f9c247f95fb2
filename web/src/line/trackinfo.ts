/**
 * A subscription that does not ask first what the format says of every track.
 *
 * `@moq/net` asks for a track's properties before it subscribes: a round trip before anything can come. Of samples they are
 * known (docs/formats/line.md, L7): what is asked for is answered here, and the subscription leaves with the question.
 * Whoever asks for other tracks, as a line that wants to know whether it is alive, waits for the answer as before.
 *
 * @module
 */

/** A picture or sound track, by its name (L4). */
const OF_SAMPLES = /^[a-z0-9-]{1,24}\.[1-9][0-9]{0,5}$/;
const TIMESCALE = 1_000_000;
/** What a group is kept for by whoever reads it, beside the newest. */
const KEPT_MS = 5_000;

interface Opened {
  reader: object;
  writer: object;
}

interface Library<Info> {
  /** Opens a stream for a question, and has its two halves. */
  Stream: { open(...options: never[]): Promise<Opened> };
  /** The question. */
  Track: { prototype: { readonly track: string; encode(writer: never, version: never): Promise<void> } };
  /** The answer. */
  TrackInfo: {
    new (info: { timescale: number; latencyMax: number }): Info;
    decode(reader: never, version: never): Promise<Info>;
  };
}

/** Let every subscription in this page or worker begin so. */
export function knowTrackInfo<Info>({ Stream, Track, TrackInfo }: Library<Info>): void {
  const readerOf = new WeakMap<object, object>();
  const known = new WeakSet<object>();

  const open = Stream.open.bind(Stream) as (...options: unknown[]) => Promise<Opened>;
  Stream.open = async (...options: unknown[]) => {
    const stream = await open(...options);
    readerOf.set(stream.writer, stream.reader);
    return stream;
  };

  const encode = Track.prototype.encode;
  Track.prototype.encode = function (this: { readonly track: string }, writer: object, version: never) {
    const reader = readerOf.get(writer);
    if (reader && OF_SAMPLES.test(this.track)) known.add(reader);
    return encode.call(this as never, writer as never, version);
  } as typeof encode;

  const decode = TrackInfo.decode.bind(TrackInfo);
  TrackInfo.decode = async (reader: object, version: never) =>
    known.delete(reader)
      ? new TrackInfo({ timescale: TIMESCALE, latencyMax: KEPT_MS })
      : decode(reader as never, version);
}
