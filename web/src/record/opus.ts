/**
 * What an Opus packet says that it lasts, and packets that say "nothing came".
 *
 * Source: RFC 6716 s.3.1, s.3.2 and s.3.2.1. The same as in `src/vivavoce/record/sample_entries.py`.
 *
 * @module
 */

const USUAL_US = 20_000;
const LONGEST_US = 120_000;
const FILLERS = [
  [31, 20_000],
  [30, 10_000],
  [29, 5_000],
  [28, 2_500],
] as const;

/** 2 500 to 120 000; 20 000 for a packet that says nonsense. */
export function opusDurationUs(packet: Uint8Array): number {
  const [first, second = 0] = packet;
  if (first === undefined) return USUAL_US;
  const setting = first >> 3;
  let frame = 2_500 * 2 ** (setting & 3);
  if (setting < 12) frame = [10_000, 20_000, 40_000, 60_000][setting & 3] as number;
  else if (setting < 16) frame = [10_000, 20_000][setting & 1] as number;
  const count = [1, 2, 2, second & 63][first & 3] as number;
  const lasts = frame * count;
  return lasts > 0 && lasts <= LONGEST_US ? lasts : USUAL_US;
}

/** Packets of one byte, frames of no bytes, that last as long as asked, but for less than 2 500. */
export function* opusNothing(
  lastingUs: number,
  channels: number,
): Generator<readonly [lastsUs: number, packet: Uint8Array]> {
  let left = lastingUs;
  for (const [setting, lasts] of FILLERS)
    for (; left >= lasts; left -= lasts)
      yield [lasts, Uint8Array.of((setting << 3) | (channels === 2 ? 4 : 0))];
}
