"""What the two synthetic sides say and when: turns and syllables, as functions of the wall clock.

Both sides compute the same plan from their own clocks, so they take turns without a word between them.
A turn is TURN_US long, the even ones are north's, the odd ones south's; the speaker keeps to its middle, so a
clock that is a few hundred milliseconds off never makes them speak at once. Half way through, the listener
may put in a short sound of assent. It is speech-like, not speech: nobody's words, in no language.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = [
    "TURN_US",
    "VOWELS",
    "Syllable",
    "Vowel",
    "is_speaking",
    "speaker",
    "syllable_at",
    "turn_of",
    "utterance",
]

TURN_US: Final = 8_000_000
_LEAD_US: Final = 350_000
_TAIL_US: Final = 650_000


@dataclass(frozen=True, slots=True)
class Vowel:
    """formants: Hz, of a middle-sized voice. opened: of the mouth, 0 to 1. spread: -1 round, 1 wide."""

    formants: tuple[float, float, float, float]
    opened: float
    spread: float


VOWELS: Final[dict[str, Vowel]] = {
    "a": Vowel((760, 1260, 2500, 3500), 1.0, 0.1),
    "e": Vowel((520, 1780, 2500, 3500), 0.6, 0.6),
    "i": Vowel((310, 2180, 2900, 3600), 0.32, 0.9),
    "o": Vowel((500, 900, 2450, 3400), 0.6, -0.7),
    "u": Vowel((330, 780, 2350, 3350), 0.3, -1.0),
    "ə": Vowel((500, 1420, 2450, 3450), 0.42, 0.1),
    "m": Vowel((260, 1080, 2200, 3200), 0.0, 0.0),
}
"""Peterson and Barney 1952, rounded. `m` is the hum of assent."""

_ONSETS: Final = ("", "", "t", "k", "s", "sh", "n", "n", "m", "l", "r", "d", "p", "v")


@dataclass(frozen=True, slots=True)
class Syllable:
    """One syllable. start_us, end_us: Unix microseconds. onset: the consonant before it, or "".
    vowel, glide: keys of VOWELS, at its start and end. pitch, pitch_end: times the speaker's own.
    loudness: 0 to 1."""

    start_us: int
    end_us: int
    onset: str
    vowel: str
    glide: str
    pitch: float
    pitch_end: float
    loudness: float


def turn_of(at_us: int) -> int:
    return at_us // TURN_US


def speaker(at_us: int) -> str:
    """Whose turn it is: `north` or `south`."""
    return "north" if turn_of(at_us) % 2 == 0 else "south"


def is_speaking(side: str, at_us: int) -> bool:
    """Whether the side is between the first and the last syllable of its own turn."""
    said = utterance(side, turn_of(at_us))
    return speaker(at_us) == side and bool(said) and said[0].start_us <= at_us < said[-1].end_us


def syllable_at(side: str, at_us: int) -> Syllable | None:
    """What the side is saying at this moment, if anything."""
    return next((one for one in utterance(side, turn_of(at_us)) if one.start_us <= at_us < one.end_us), None)


@lru_cache(maxsize=16)
def utterance(side: str, turn: int) -> tuple[Syllable, ...]:
    """All that a side says in one turn, its own or the other's, in order and without overlap."""
    rng = random.Random(f"{side} {turn}")
    start, end = turn * TURN_US, (turn + 1) * TURN_US
    if ("north" if turn % 2 == 0 else "south") != side:
        return _assent(rng, start)
    return tuple(_phrases(rng, start + _LEAD_US, end - _TAIL_US))


def _assent(rng: random.Random, start: int) -> tuple[Syllable, ...]:
    if rng.random() < 0.5:
        return ()
    at = start + rng.randrange(3_200_000, 5_200_000)
    return (
        Syllable(at, at + 190_000, "", "m", "m", 0.94, 0.9, 0.34),
        Syllable(at + 230_000, at + 470_000, "", "m", "ə", 0.96, 1.12, 0.4),
    )


def _phrases(rng: random.Random, at: int, end: int) -> list[Syllable]:
    said: list[Syllable] = []
    while end - at > 700_000:
        count = min(rng.randrange(5, 13), (end - at) // 260_000)
        last_phrase = end - at < 2_600_000
        asks = rng.random() < 0.2
        stress = rng.randrange(count)
        for index in range(count):
            place = index / max(1, count - 1)
            length = rng.randrange(118_000, 205_000)
            stressed = index % 3 == stress % 3
            length += 36_000 * stressed + (90_000 if index == count - 1 else 0)
            if at + length > end:
                break
            pitch = (
                1.16
                - 0.26 * place
                + (0.16 if index == stress else 0.05 * stressed)
                + rng.uniform(-0.03, 0.03)
            )
            final = index == count - 1
            turn = 1.28 if final and asks else 0.8 if final and last_phrase else 0.9 if final else 0.97
            vowel = rng.choice("aaeeiou") if stressed else rng.choice("aeiouəəə")
            glide = rng.choice("iuə") if rng.random() < 0.25 else vowel
            loudness = (0.95 if stressed else 0.7) * (1 - 0.25 * place)
            said.append(
                Syllable(at, at + length, rng.choice(_ONSETS), vowel, glide, pitch, pitch * turn, loudness)
            )
            at += length
            if rng.random() < 0.22:
                at += rng.randrange(15_000, 60_000)
        at += rng.randrange(240_000, 560_000)
    return said
