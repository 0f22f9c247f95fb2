/**
 * How a side's bits are shared out: sound first and never touched, then the pictures, the smallest first. Pure.
 *
 * 1. Each rendition that somebody watches gets what it is made for, or what is left, if that is worth it.
 * 2. The whole picture gets what is left then. Where that is too little to be worth it, it is not sent and not listed;
 *    the largest that is worth it is sent instead, so that there is something to turn to.
 * 3. What was not worth it comes back only with something to spare.
 * 4. The smallest is always listed.
 *
 * @module
 */

import type { PictureShape } from "./codecs";

/** Less than this share of what a rendition is made for looks worse than the next smaller one. */
const WORTH = 0.36;
const WORTH_AGAIN = 0.46;

export interface Share {
  /** Bits a second of each rendition that is sent, the largest first. */
  bitrates: Map<string, number>;
  /** Those that the line does not carry: they leave the catalogue. */
  unlisted: Set<string>;
  /** Bits a second with which one more would be listed; 0 where all are. */
  next: number;
}

/**
 * Share out `bits` a second of pictures among `shapes` (the largest first). `wanted`: those that somebody watches.
 * `before`: what was unlisted until now.
 */
export function allot(
  bits: number,
  shapes: readonly PictureShape[],
  wanted: (rendition: string) => boolean,
  before: ReadonlySet<string>,
): Share {
  const share: Share = { bitrates: new Map(), unlisted: new Set(), next: 0 };
  const smallest = shapes.at(-1);
  let left = bits;
  for (const shape of [...shapes].reverse()) {
    const { rendition, bitrate } = shape;
    const worth = bitrate * (before.has(rendition) ? WORTH_AGAIN : WORTH);
    const carried = shape === smallest || left >= worth;
    if (!carried) share.unlisted.add(rendition);
    else if (wanted(rendition) || rendition === "hd") {
      const given = Math.max(0.25 * bitrate, Math.min(bitrate, left));
      share.bitrates.set(rendition, given);
      left = Math.max(0, left - given);
    }
  }
  const again = [...shapes].reverse().find((shape) => share.unlisted.has(shape.rendition));
  if (again) {
    let needed = 1.05 * WORTH_AGAIN * again.bitrate;
    for (const shape of shapes) {
      if (shape.bitrate < again.bitrate && wanted(shape.rendition)) needed += shape.bitrate;
    }
    share.next = needed;
  }
  // Somebody watches what was not worth it: they need the next one, before they ask.
  const next = shapes.find((shape) => !share.unlisted.has(shape.rendition));
  if (next && !share.bitrates.has(next.rendition)) {
    share.bitrates.set(next.rendition, Math.max(0.25 * next.bitrate, Math.min(next.bitrate, left)));
  }
  return share;
}
