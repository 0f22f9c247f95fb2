/**
 * Voices and lines for tests: made by rule from a seed, the same each time.
 *
 * @module
 */

/** Numbers from 0 up to 1. Source: Mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A sine: 48 kHz, `from` the first sample's place. */
export const tone = (from: number, length: number, hertz = 220) =>
  Float32Array.from({ length }, (_, at) => 0.5 * Math.sin((2 * Math.PI * hertz * (from + at)) / 48_000));

/** Like a voice: a pitch that wanders around 130 Hz with its harmonics, in syllables of 200 ms. */
export const voice = (from: number, length: number) =>
  Float32Array.from({ length }, (_, at) => {
    const seconds = (from + at) / 48_000;
    const phase = 2 * Math.PI * (130 * seconds + 2 * Math.sin(2 * Math.PI * 0.7 * seconds));
    let sum = 0;
    for (let harmonic = 1; harmonic <= 6; harmonic++) sum += Math.sin(harmonic * phase) / harmonic;
    return 0.25 * sum * Math.max(0, Math.sin(2 * Math.PI * 2.5 * seconds)) ** 0.5;
  });

/** The steepest step from one sample to the next. */
export function steepest(sound: Float32Array): number {
  let most = 0;
  for (let at = 1; at < sound.length; at++)
    most = Math.max(most, Math.abs((sound[at] ?? 0) - (sound[at - 1] ?? 0)));
  return most;
}
