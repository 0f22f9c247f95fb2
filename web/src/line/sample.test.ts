import { describe, expect, test } from "vitest";
import { VivavoceError } from "../errors";
import { bytesOfHex, hexOfBytes } from "../seal/bytes";
import { checked } from "../vectors";
import { decodeFrame, encodeFrame, MAX_SAMPLE_BYTES } from "./sample";

interface Output {
  timestamp_us: string;
  data: string;
  rewritten?: string;
}

const vectors = checked<{ frame: string }, Output>(
  import.meta.glob("../../../vectors/sample/*.json", { eager: true, import: "default" }),
);

describe("a MoQ frame and the sample in it (L7)", () => {
  test.each(vectors)("$about", ({ input, expect: expected, output }) => {
    const frame = bytesOfHex(input.frame);
    if (expected !== "ok") {
      expect(() => decodeFrame(frame)).toThrow(expect.objectContaining({ code: expected }));
      return;
    }
    const { timestampUs, data } = decodeFrame(frame);
    expect(timestampUs.toString()).toBe(output.timestamp_us);
    expect(hexOfBytes(data)).toBe(output.data);
    expect(hexOfBytes(encodeFrame(timestampUs, data))).toBe(output.rewritten ?? input.frame);
  });

  test.each([-1, 1n << 62n, 0.5])("a timestamp of %s is never written", (timestamp) => {
    expect(() => encodeFrame(timestamp, new Uint8Array())).toThrow(RangeError);
  });

  test("a frame over the limit is refused and one at the limit is not", () => {
    expect(decodeFrame(encodeFrame(0, new Uint8Array(MAX_SAMPLE_BYTES))).data.byteLength).toBe(
      MAX_SAMPLE_BYTES,
    );
    expect(() => decodeFrame(encodeFrame(0, new Uint8Array(MAX_SAMPLE_BYTES + 8)))).toThrow(VivavoceError);
  });
});
