"""Judges what bench/parts/hearing.js recorded: how old each burst was, and where sound was missing.

The signal repeats after four seconds: an age is known up to `MOST_AGE_MS`. Pure: records in, figures out.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
LOOP = 4 * RATE
EVERY = RATE // 4
BURST = 2_880
TONE_HZ = 250
TONE = 0.05
LEVEL = 0.25
SINES = 64
MOST_AGE_MS = 3_000.0

LEAST_LIKENESS = 0.5
"""Below this a burst was not heard: noise reaches 0.15, a burst through Opus at 32 kbit/s has 0.9."""
MISSING = 0.3
"""The tone is missing where its level is below this share of its own median."""
STEP_RAD = 0.8
"""A phase that turns by more within 10 ms is a step: half a millisecond left out or put in."""
_WINDOW = 384
"""8 ms, two turns of the tone: its Hann window is deaf from 500 Hz on, where the bursts begin."""
_HOP = RATE // 1000

Samples = NDArray[np.float64]


@cache
def signal() -> Samples:
    """One loop of what the mouth says, as bench/parts/hearing.js makes it."""
    seed = 1

    def random() -> float:
        nonlocal seed
        seed = (seed * 1664525 + 1013904223) % 2**32
        return seed / 2**32

    at = np.arange(LOOP)
    table: Samples = TONE * np.sin(2 * np.pi * TONE_HZ * at / RATE)
    at = np.arange(BURST)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * (at + 0.5) / BURST)
    for start in range(0, LOOP, EVERY):
        burst = np.zeros(BURST)
        for _ in range(SINES):
            turn = 2 * np.pi * (500 + 3000 * random()) / RATE
            phase = 2 * np.pi * random()
            burst += np.sin(turn * at + phase)
        burst *= hann
        table[start : start + BURST] += LEVEL * burst / np.max(np.abs(burst))
    return table


@dataclass
class Track:
    """What one mouth said or one ear heard: samples, and the wall time of some of their frames.

    first: the frame at which the signal's loop began (a mouth's). start: the frame of `samples[0]`.
    """

    name: str
    first: int
    frames: Samples
    walls_ms: Samples
    samples: Samples
    output_ms: float = 0.0
    start: int = field(init=False)

    def __post_init__(self) -> None:
        self.start = int(self.frames[0]) if len(self.frames) else 0

    def wall_ms(self, frame: float) -> float:
        """When this frame was rendered: blocks are handed over whole, their frames flow at 48 kHz."""
        at = max(0, int(np.searchsorted(self.frames, frame, side="right")) - 1)
        return float(self.walls_ms[at] + (frame - self.frames[at]) * 1000 / RATE)

    def frame(self, wall_ms: float) -> int:
        """The frame that was rendered about then; within what was recorded."""
        at = max(0, int(np.searchsorted(self.walls_ms, wall_ms, side="right")) - 1)
        return int(self.frames[at] + (wall_ms - self.walls_ms[at]) * RATE / 1000)


def track(parts: Sequence[dict[str, Any]]) -> Track:
    """One mouth's or ear's record from what said() or heard() gave of it, call after call.

    Raises ValueError when it recorded nothing.
    """
    stamps = np.concatenate([_decode(part["stamps"], "<f8") for part in parts]).reshape(-1, 2)
    if not len(stamps):
        raise ValueError(f"{parts[0]['name']} recorded nothing: is its context running?")
    samples = np.concatenate([_decode(part["samples"], "<i2") for part in parts]) / 32767
    # A wall clock that was set back a little in between would not sort.
    walls = np.maximum.accumulate(stamps[:, 1])
    return Track(
        parts[0]["name"],
        int(parts[0]["first"]),
        stamps[:, 0],
        walls,
        samples,
        float(np.median([part["outputLatencyMs"] for part in parts])),
    )


def _decode(text: str, kind: str) -> Samples:
    return np.frombuffer(base64.b64decode(text), dtype=kind).astype(np.float64)


def loudest(tracks: Sequence[Track]) -> Track:
    """The ear that heard most: a page may have contexts that play nothing."""
    return max(tracks, key=lambda one: float(np.mean(one.samples**2)) if len(one.samples) else 0.0)


@dataclass
class Verdict:
    """What an ear heard of a mouth.

    ages_ms: of each burst heard, from handed to the microphone's track to handed to the loudspeaker's buffer.
    said_ms: the wall time of each of them. lost: bursts that should have been heard and were not.
    silent_ms: time without the tone. longest_silent_ms: the longest of it in one piece. steps: places where
    the tone's phase jumps. likeness: the median of how like the bursts were to what was said, 1 at most.
    seconds: of what was judged.
    """

    ages_ms: list[float]
    said_ms: list[float]
    lost: int
    silent_ms: float
    longest_silent_ms: float
    steps: int
    likeness: float
    seconds: float


def judge(mouth: Track, ear: Track, from_ms: float = 0.0, until_ms: float = float("inf")) -> Verdict:
    """What `ear` heard between two wall times of what `mouth` said.

    Bursts said less than MOST_AGE_MS before the end, or before `from_ms`, are not asked for when they are not
    there. Does not check that both clocks are one machine's.
    """
    end = ear.start + len(ear.samples)
    from_ms = max(from_ms, ear.wall_ms(ear.start), mouth.wall_ms(mouth.start))
    until_ms = min(until_ms, ear.wall_ms(end))
    if until_ms <= from_ms:
        raise ValueError(f"{ear.name} heard nothing while {mouth.name} said something")
    begin, stop = ear.frame(from_ms), min(end, ear.frame(until_ms))
    heard = ear.samples[begin - ear.start : stop - ear.start]
    ages, said, likenesses, missed = _bursts(mouth, ear, heard, begin, from_ms, until_ms)
    # A burst may still be on its way when the record ends; it counts as lost when later ones were heard.
    last = max(said, default=from_ms)
    silent, longest, steps = tone(heard)
    return Verdict(
        ages_ms=ages,
        said_ms=said,
        lost=sum(at < last for at in missed),
        silent_ms=silent,
        longest_silent_ms=longest,
        steps=steps,
        likeness=float(np.median(likenesses)) if likenesses else float("nan"),
        seconds=len(heard) / RATE,
    )


def _bursts(
    mouth: Track, ear: Track, heard: Samples, begin: int, from_ms: float, until_ms: float
) -> tuple[list[float], list[float], list[float], list[float]]:
    ages: list[float] = []
    said: list[float] = []
    likenesses: list[float] = []
    missed: list[float] = []
    band = above_tone(heard)
    table = signal()
    guess_ms: float | None = None
    last_frame = mouth.frames[-1]
    for number in itertools.count(max(0, -(-(mouth.start - mouth.first) // EVERY))):
        frame = mouth.first + number * EVERY
        at_ms = mouth.wall_ms(frame)
        if frame > last_frame or at_ms >= until_ms:
            break
        if at_ms < from_ms:
            continue
        place = number * EVERY % LOOP
        burst = above_tone(table[place : place + BURST])
        # Near where the last one was first; all the way when it is not there.
        spans = [] if guess_ms is None else [(guess_ms - 40, guess_ms + 40)]
        for early, late in [*spans, (-20.0, MOST_AGE_MS)]:
            low = max(0, ear.frame(at_ms + early) - begin)
            found, likeness = find(band[low : ear.frame(at_ms + late) - begin + BURST], burst)
            if likeness >= LEAST_LIKENESS:
                guess_ms = ear.wall_ms(begin + low + found) - at_ms
                ages.append(guess_ms)
                said.append(at_ms)
                likenesses.append(likeness)
                break
        else:
            missed.append(at_ms)
    return ages, said, likenesses, missed


def find(where: Samples, burst: Samples) -> tuple[int, float]:
    """Where `burst` begins in `where`, and how like it is there: 1 is the same but for its loudness."""
    if len(where) < len(burst):
        return 0, 0.0
    size = 1 << (len(where) + len(burst) - 2).bit_length()
    product = np.fft.irfft(np.fft.rfft(where, size) * np.conj(np.fft.rfft(burst, size)), size)
    product = product[: len(where) - len(burst) + 1]
    energy = np.concatenate([[0.0], np.cumsum(where**2)])
    energy = energy[len(burst) :] - energy[: -len(burst)]
    # Against the quietest of rooms noise would be like anything.
    floor = 1e-3 * float(np.sum(burst**2))
    likeness = product / np.sqrt(np.maximum(energy, floor) * np.sum(burst**2))
    best = int(np.argmax(likeness))
    return best, float(likeness[best])


def above_tone(samples: Samples) -> Samples:
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    spectrum[(hertz < 400) | (hertz > 4000)] = 0
    return np.fft.irfft(spectrum, len(samples))


def tone(heard: Samples) -> tuple[float, float, int]:
    """Ms without the tone, the longest of them in one piece, and how often its phase steps."""
    turned = heard * np.exp(-2j * np.pi * TONE_HZ * np.arange(len(heard)) / RATE)
    window = np.hanning(_WINDOW)
    pieces = []
    reach = 10 * RATE
    for begin in range(0, len(turned) - _WINDOW + 1, reach):
        piece = turned[begin : begin + reach + _WINDOW - 1]
        size = 1 << (len(piece) + _WINDOW - 2).bit_length()
        whole = np.fft.ifft(np.fft.fft(piece, size) * np.fft.fft(window, size))
        pieces.append(whole[_WINDOW - 1 : len(piece)])
    if not pieces:
        return 0.0, 0.0, 0
    smooth = np.concatenate(pieces)[::_HOP]
    level = np.abs(smooth)
    typical = float(np.median(level))
    # Where most of it is silent the median is no measure; the tone as said is.
    least = MISSING * max(typical, 0.2 * TONE * float(np.sum(window)) / 2)
    missing = level < least
    runs = [len(list(group)) for gone, group in itertools.groupby(missing) if gone]
    apart = 10
    turn = np.abs(np.angle(smooth[apart:] * np.conj(smooth[:-apart])))
    # A phase is known only where the tone is there.
    stepped = (turn > STEP_RAD) & ~missing[apart:] & ~missing[:-apart]
    steps = sum(1 for gone, _ in itertools.groupby(stepped) if gone)
    return float(sum(runs)), float(max(runs, default=0)), steps
