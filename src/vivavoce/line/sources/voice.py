"""The voice of a synthetic side: formant waves, one grain a beat of the vocal cords.

Each beat sets the throat ringing at its formants, and the ringing dies away within some milliseconds; a
voice is the sum of these grains. Consonants are gaps, bursts and hisses. Source: X. Rodet, "Time-domain
formant-wave-function synthesis", Computer Music Journal 8 (1984). Works a syllable at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vivavoce.line.sources import speech

__all__ = ["RATE", "Voice"]

RATE: Final = 48_000

Sound = NDArray[np.float32]

_GRAIN: Final = 1152
_TAIL: Final = 2400
_WIDTHS: Final = np.array([75.0, 95.0, 130.0, 190.0])
_LEVELS: Final = np.array([1.0, 0.55, 0.24, 0.13])
_ECHOES: Final = ((0.011, 0.09), (0.0173, 0.07), (0.0271, 0.05), (0.0413, 0.03))
"""A small furnished room, in seconds and share: a voice without any room sounds as if inside one's head."""


@dataclass(frozen=True, slots=True)
class _Speaker:
    """pitch: Hz at rest. size: how much higher the formants lie than the table's. breath: share of noise.
    gain: brings both to the same loudness."""

    pitch: float
    size: float
    breath: float
    gain: float


_SPEAKERS: Final = {"north": _Speaker(188, 1.13, 0.045, 1.25), "south": _Speaker(104, 0.95, 0.03, 1.95)}

_HISS: Final = {
    "s": (6900, 1900),
    "sh": (3300, 1000),
    "t": (4600, 2200),
    "k": (1900, 700),
    "p": (900, 700),
    "d": (3600, 1800),
    "v": (5200, 2600),
}
_HUM: Final = {"n": (280, 1650), "m": (260, 1080), "l": (360, 1250), "r": (420, 1320)}


class Voice:
    """A side's microphone. Reads the sound one stretch after another, beginning at `start_us` (Unix
    microseconds); what is said follows the shared plan in `speech`."""

    def __init__(self, side: str, start_us: int) -> None:
        self._side = side
        self._speaker = _SPEAKERS[side]
        self._rng = np.random.default_rng(11 if side == "north" else 23)
        self._start_us = self._said_until_us = start_us
        self._read = 0
        self._ahead: Sound = np.zeros(0, dtype=np.float32)

    @property
    def at_us(self) -> int:
        """The Unix microsecond of the next sample."""
        return self._start_us + self._read * 1_000_000 // RATE

    def skip_to(self, at_us: int) -> None:
        """Forget what was missed, after the machine slept or was overwhelmed."""
        self._start_us = self._said_until_us = at_us
        self._read = 0
        self._ahead = np.zeros(0, dtype=np.float32)

    def read(self, count: int) -> NDArray[np.int16]:
        """The next `count` samples of 16 bits, mono, at 48 kHz."""
        end_us = self._start_us + (self._read + count) * 1_000_000 // RATE
        for turn in (speech.turn_of(self.at_us), speech.turn_of(end_us)):
            for said in speech.utterance(self._side, turn):
                if self._said_until_us <= said.start_us < end_us:
                    self._add(said)
                    self._said_until_us = said.start_us + 1
        self._reserve(count)
        out = self._ahead[:count] + self._rng.normal(0, 0.0006, count).astype(np.float32)
        self._ahead = self._ahead[count:]
        self._read += count
        loud: NDArray[np.int16] = (np.tanh(out * self._speaker.gain) * 32_000).astype(np.int16)
        return loud

    def _reserve(self, count: int) -> None:
        if len(self._ahead) < count:
            self._ahead = np.concatenate([self._ahead, np.zeros(count - len(self._ahead), dtype=np.float32)])

    def _add(self, said: speech.Syllable) -> None:
        # Seeded by the moment, so that it sounds the same however the reading is cut.
        sound = _syllable(said, self._speaker, np.random.default_rng(said.start_us % (1 << 32)))
        at = (said.start_us - self._start_us) * RATE // 1_000_000 - self._read
        self._reserve(at + len(sound))
        self._ahead[at : at + len(sound)] += sound


def _syllable(said: speech.Syllable, who: _Speaker, rng: np.random.Generator) -> Sound:
    length = (said.end_us - said.start_us) * RATE // 1_000_000
    out = np.zeros(length + _TAIL, dtype=np.float64)
    opening = _onset(out, said, rng)
    beats = _beats(said, who, length, opening, rng)
    place = beats / length
    vowel, glide = (np.array(speech.VOWELS[one].formants) * who.size for one in (said.vowel, said.glide))
    formants = vowel + (glide - vowel) * place[:, None]
    levels = np.tile(_LEVELS, (len(beats), 1))
    if said.onset in _HUM:
        # The tongue or lips let go over the first 70 ms: formants glide from the consonant's to the vowel's.
        share = np.clip((beats / RATE - 0.045) / 0.05, 0, 1)[:, None]
        low, high = _HUM[said.onset]
        closed = np.array([low, high, 2400, 3300]) * who.size
        formants = closed + (formants - closed) * share
        levels = levels * (0.32 + 0.68 * share)
    rise, fall = (
        np.clip((beats - opening) / (0.028 * RATE), 0, 1),
        np.clip((length - beats) / (0.055 * RATE), 0, 1),
    )
    strength = said.loudness * np.sin(rise * np.pi / 2) * np.sin(fall * np.pi / 2)
    _grains(out, beats, formants, levels * strength[:, None])
    body = np.clip((np.arange(len(out)) - opening) / 1200, 0, 1) * np.clip(
        (length - np.arange(len(out))) / 2400, 0, 1
    )
    out += rng.normal(0, 1, len(out)) * body * who.breath * 0.25 * said.loudness * np.abs(out).mean() * 6
    return _in_room(out * 0.3)


def _beats(
    said: speech.Syllable, who: _Speaker, length: int, opening: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """When the vocal cords close, in samples from the syllable's start; never quite regular."""
    seconds = np.arange(0, length / RATE, 0.001)
    place = seconds * RATE / length
    pitch = who.pitch * (said.pitch + (said.pitch_end - said.pitch) * place)
    pitch = pitch * (1 + 0.012 * np.sin(2 * np.pi * 5.3 * (seconds + said.start_us % 1_000_000 / 1e6)))
    cycles = np.concatenate([[0.0], np.cumsum(pitch * 0.001)])
    wanted = np.arange(1, max(2, int(cycles[-1])))
    beats = np.interp(wanted, cycles, np.arange(len(cycles)) * 0.001) * RATE
    beats = beats + rng.normal(0, 0.006, len(beats)) * RATE / who.pitch
    return np.sort(beats[(beats >= opening * 0.98) & (beats < length)])


def _grains(
    out: NDArray[np.float64],
    beats: NDArray[np.float64],
    formants: NDArray[np.float64],
    levels: NDArray[np.float64],
) -> None:
    if not len(beats):
        return
    first = np.ceil(beats).astype(int)
    time = (np.arange(_GRAIN)[None, :] + (first - beats)[:, None]) / RATE
    rise = np.sin(np.clip(time / 0.0016, 0, 1) * np.pi / 2) ** 2
    waves = np.zeros_like(time)
    for index in range(4):
        ring = np.exp(-np.pi * _WIDTHS[index] * time) * np.sin(2 * np.pi * formants[:, index, None] * time)
        waves += levels[:, index, None] * ring
    waves *= rise
    for at, wave in zip(first, waves, strict=True):
        end = min(at + _GRAIN, len(out))
        out[at:end] += wave[: end - at]


def _onset(out: NDArray[np.float64], said: speech.Syllable, rng: np.random.Generator) -> int:
    """Write the consonant's noise; return where the voice sets in, in samples."""
    if said.onset in _HUM or said.onset == "":
        return 0
    hiss = said.onset in ("s", "sh", "v")
    closed = 0.0 if hiss else 0.038
    last = 0.085 if hiss else 0.018 if said.onset != "k" else 0.028
    level = {"s": 0.16, "sh": 0.2, "v": 0.05, "t": 0.3, "k": 0.32, "p": 0.2, "d": 0.16}[said.onset]
    count, start = int(last * RATE), int(closed * RATE)
    middle, width = _HISS[said.onset]
    spectrum = np.fft.rfft(rng.normal(0, 1, count))
    pitch = np.fft.rfftfreq(count, 1 / RATE)
    noise = np.fft.irfft(spectrum * np.exp(-(((pitch - middle) / width) ** 2)), count)
    noise /= np.abs(noise).max() + 1e-9
    shape = np.sin(np.linspace(0, np.pi, count)) if hiss else np.exp(-np.linspace(0, 5, count))
    out[start : start + count] += noise * shape * level * 1.6 * said.loudness
    return start + int(count * (0.75 if hiss else 1.0))


def _in_room(sound: NDArray[np.float64]) -> Sound:
    out = sound.copy()
    for seconds, share in _ECHOES:
        later = int(seconds * RATE)
        out[later:] += sound[:-later] * share
    return out.astype(np.float32)
