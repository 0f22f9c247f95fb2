import { describe, expect, test } from "vitest";
import { checked } from "../vectors";
import { allowed, type FeedTrack, returnFeed } from "./feeds";

interface Input {
  listener: string | null;
  language: string | null;
  seats: Record<string, FeedTrack[]>;
}

const vectors = checked<Input, { allowed: string[]; feed: string[] }>(
  import.meta.glob("../../../vectors/feeds/*.json", { eager: true, import: "default" }),
);

describe("nobody ever hears their own voice come back (L13)", () => {
  test.each(vectors)("$about", ({ input, output }) => {
    const seats = new Map(Object.entries(input.seats));
    expect(allowed(input.listener, seats).map((place) => `${place.seat}/${place.track}`)).toEqual(
      output.allowed,
    );
    expect(
      returnFeed(input.listener, input.language, seats).map((place) => `${place.seat}/${place.track}`),
    ).toEqual(output.feed);
  });
});
