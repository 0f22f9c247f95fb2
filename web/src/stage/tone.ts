/**
 * Two soft notes for the loudspeaker, to be heard before the other side is.
 *
 * @module
 */

const NOTES_HZ = [440, 660];
const NOTE_S = 0.5;

/** Play them once; resolves when they have ended. Must be called within a click. */
export async function playTone(): Promise<void> {
  const audio = new AudioContext();
  try {
    await audio.resume();
    const start = audio.currentTime + 0.05;
    NOTES_HZ.forEach((hz, index) => {
      const tone = new OscillatorNode(audio, { frequency: hz });
      const loud = new GainNode(audio, { gain: 0 });
      const from = start + index * NOTE_S;
      loud.gain.setValueAtTime(0, from);
      loud.gain.linearRampToValueAtTime(0.2, from + 0.03);
      loud.gain.setTargetAtTime(0, from + NOTE_S - 0.15, 0.04);
      tone.connect(loud).connect(audio.destination);
      tone.start(from);
      tone.stop(from + NOTE_S + 0.2);
    });
    await new Promise((resolve) => setTimeout(resolve, (NOTES_HZ.length * NOTE_S + 0.4) * 1000));
  } finally {
    await audio.close();
  }
}
