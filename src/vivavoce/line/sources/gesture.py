"""How a synthetic side holds itself at a moment: mouth, eyes, brows, head. A function of the clock."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from vivavoce.line.sources import speech

__all__ = ["Pose", "pose"]

_BLINK_US: Final = 190_000
_MOUTH_EASE_US: Final = 55_000


@dataclass(frozen=True, slots=True)
class Pose:
    """opened, closed (eyelids): 0 to 1. spread, aside, down: -1 to 1. brow: units upward.
    head_x, head_y, turn, nod: units; tilt: degrees; breath: 0 to 1."""

    opened: float
    spread: float
    closed: float
    aside: float
    down: float
    brow: float
    head_x: float
    head_y: float
    turn: float
    nod: float
    tilt: float
    breath: float


def pose(side: str, at_us: int) -> Pose:
    """The pose of `north` or `south` at a Unix microsecond; smooth enough for sixty pictures a second."""
    phase = 0.0 if side == "north" else 2.1
    seconds = at_us % 3_600_000_000 / 1e6
    speaking = _ease(side, at_us)
    opened, spread = _mouth(side, at_us)
    spread += 0.35 * (1 - speaking) * (1 - opened)
    beat = _stress(side, at_us)
    nod = _nods(side, at_us) * (1 - speaking) + 2.2 * beat
    aside, down = _gaze(side, at_us)
    drift = math.sin(seconds * 0.61 + phase) + 0.5 * math.sin(seconds * 1.37 + 2 * phase)
    sway = math.sin(seconds * 0.83 + phase) + 0.6 * math.sin(seconds * 1.91 + phase)
    lively = 0.45 + 0.55 * speaking
    other = 1.0 if side == "north" else -1.0
    return Pose(
        opened=opened,
        spread=max(-1.0, min(1.0, spread)),
        closed=_blink(side, at_us),
        aside=aside,
        down=down,
        brow=1.6 * speaking * max(0.0, math.sin(seconds * 1.1 + phase)) + 1.5 * beat,
        head_x=lively * 2.4 * drift + 1.2 * other * (1 - speaking),
        head_y=lively * 0.9 * sway + nod,
        turn=lively * 2.2 * drift + 3.0 * other * (1 - speaking) + 1.6 * aside,
        nod=0.6 * nod + 0.8 * down,
        tilt=lively * 1.5 * sway + 1.6 * other * (1 - speaking),
        breath=0.5 + 0.5 * math.sin(seconds * 1.6 + phase),
    )


def _smooth(share: float) -> float:
    share = max(0.0, min(1.0, share))
    return share * share * (3 - 2 * share)


def _ease(side: str, at_us: int) -> float:
    """1 while the side has the turn, easing over 0.6 s at either end."""
    into = at_us % speech.TURN_US
    if speech.speaker(at_us) == side:
        return _smooth(into / 600_000)
    return 1 - _smooth(into / 600_000)


def _mouth(side: str, at_us: int) -> tuple[float, float]:
    now = speech.syllable_at(side, at_us)
    if now is None:
        return 0.0, 0.0
    length = now.end_us - now.start_us
    place = (at_us - now.start_us) / length
    vowel, glide = speech.VOWELS[now.vowel], speech.VOWELS[now.glide]
    closing = 70_000 if now.onset in ("m", "p", "v") else _MOUTH_EASE_US
    envelope = _smooth((at_us - now.start_us) / closing) * _smooth((now.end_us - at_us) / 60_000)
    floor = 0.0 if now.onset in ("m", "p") else 0.14
    opened = (vowel.opened + (glide.opened - vowel.opened) * place) * (0.6 + 0.4 * now.loudness)
    spread = vowel.spread + (glide.spread - vowel.spread) * place
    return floor + (opened - floor) * envelope if opened > floor else opened, spread


def _stress(side: str, at_us: int) -> float:
    """A bow of the head with the loud syllables, a little after they begin."""
    now = speech.syllable_at(side, at_us - 30_000)
    if now is None or now.loudness < 0.72:
        return 0.0
    return math.sin(math.pi * (at_us - 30_000 - now.start_us) / (now.end_us - now.start_us)) * now.loudness


@lru_cache(maxsize=8)
def _events(
    side: str, turn: int
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[tuple[int, float, float], ...]]:
    """(blinks, nods, glances) of one turn: when, and for a glance where to."""
    rng = random.Random(f"gesture {side} {turn}")
    start, at = turn * speech.TURN_US, 0
    blinks: list[int] = []
    while (at := at + rng.randrange(1_500_000, 4_200_000)) < speech.TURN_US - 300_000:
        blinks.append(start + at)
    nods = [start + rng.randrange(1_200_000, 3_200_000), start + rng.randrange(4_400_000, 6_400_000)]
    at, glances = 0, []
    while (at := at + rng.randrange(900_000, 2_200_000)) < speech.TURN_US:
        away = rng.random() < 0.3
        glances.append(
            (
                start + at,
                rng.uniform(-0.9, 0.9) if away else rng.uniform(-0.1, 0.1),
                0.6 * away * rng.random(),
            )
        )
    return tuple(blinks), tuple(nods), tuple(glances)


def _blink(side: str, at_us: int) -> float:
    for blink in _events(side, speech.turn_of(at_us))[0]:
        if blink <= at_us < blink + _BLINK_US:
            place = (at_us - blink) / _BLINK_US
            return _smooth(place / 0.35) if place < 0.4 else 1 - _smooth((place - 0.4) / 0.6)
    return 0.0


def _nods(side: str, at_us: int) -> float:
    """The listener's nod: twice down and up in 0.9 s."""
    for nod in _events(side, speech.turn_of(at_us))[1]:
        if nod <= at_us < nod + 900_000:
            place = (at_us - nod) / 900_000
            return 5.5 * math.sin(2 * math.pi * place) ** 2 * (1 - 0.4 * place)
    return 0.0


def _gaze(side: str, at_us: int) -> tuple[float, float]:
    turn = speech.turn_of(at_us)
    before, latest = (0.0, 0.0), (turn * speech.TURN_US, 0.0, 0.0)
    earlier = _events(side, turn - 1)[2]
    if earlier:
        latest = (latest[0] - 1_000_000, *earlier[-1][1:])
    for glance in _events(side, turn)[2]:
        if glance[0] > at_us:
            break
        before, latest = latest[1:], glance
    share = _smooth((at_us - latest[0]) / 90_000)
    return before[0] + (latest[1] - before[0]) * share, before[1] + (latest[2] - before[1]) * share
