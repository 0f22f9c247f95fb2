"""The burst finder and the ear for holes, on sound whose faults are known."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from bench.parts.hearing import BURST, EVERY, LOOP, RATE, find, judge, signal, tone, track
from numpy.typing import NDArray

Samples = NDArray[np.float64]
QUANTUM = 128
WALL = 1_800_000_000_000.0


def part(name: str, samples: Samples, wall_ms: float, *, first: int = 0, start: int = 0) -> dict[str, Any]:
    """As bench/parts/hearing.js tells it: a stamp a quantum, whole milliseconds."""
    frames = np.arange(0, len(samples), QUANTUM, dtype=np.float64)
    stamps = np.stack([frames + start, np.floor(wall_ms + frames * 1000 / RATE)], axis=1)
    return {
        "name": name,
        "first": first,
        "stamps": base64.b64encode(stamps.astype("<f8").tobytes()).decode(),
        "samples": base64.b64encode(np.round(samples * 32767).astype("<i2").tobytes()).decode(),
        "outputLatencyMs": 8.0,
    }


def said(seconds: int) -> Samples:
    return np.tile(signal(), -(-seconds * RATE // LOOP))[: seconds * RATE]


def heard_after(delay_ms: float, sound: Samples) -> Samples:
    return np.concatenate([np.zeros(round(delay_ms * RATE / 1000)), sound])[: len(sound)]


@pytest.mark.parametrize("delay_ms", [0, 7, 83.5, 640, 2400])
@pytest.mark.parametrize("noise", [0, 0.05], ids=["clean", "in noise"])
def test_every_burst_is_heard_at_its_age(delay_ms: float, noise: float) -> None:
    sound = said(8)
    hiss = np.random.default_rng(1).normal(0, noise or 1e-9, len(sound))
    mouth = track([part("mouth", sound, WALL, first=256, start=256)])
    ear = track([part("ear", np.clip(heard_after(delay_ms, sound) + hiss, -1, 1), WALL, start=7 * QUANTUM)])
    verdict = judge(mouth, ear)
    assert len(verdict.ages_ms) >= 8000 / 250 - delay_ms / 250 - 2
    assert np.allclose(verdict.ages_ms, delay_ms, atol=1.1), "walls are told in whole milliseconds"
    assert verdict.lost == 0


def test_a_burst_that_was_not_said_is_not_heard() -> None:
    mouth = track([part("mouth", said(4), WALL)])
    hiss = np.clip(np.random.default_rng(2).normal(0, 0.1, 4 * RATE), -1, 1)
    assert judge(mouth, track([part("ear", hiss, WALL)])).ages_ms == []


def test_the_loop_may_have_begun_before_the_record_did() -> None:
    sound = said(8)
    cut = 3 * RATE + 640
    cut -= cut % QUANTUM
    mouth = track([part("mouth", sound[cut:], WALL + cut / 48, first=0, start=cut)])
    ear = track([part("ear", heard_after(50, sound), WALL)])
    assert np.allclose(judge(mouth, ear).ages_ms, 50, atol=1.1)


def test_a_burst_left_out_is_lost_and_the_next_one_is_not() -> None:
    sound = said(8)
    holed = sound.copy()
    holed[10 * EVERY : 10 * EVERY + BURST] = 0
    mouth, ear = track([part("mouth", sound, WALL)]), track([part("ear", heard_after(40, holed), WALL)])
    verdict = judge(mouth, ear, from_ms=WALL + 1000)
    assert verdict.lost == 1
    assert 55 <= verdict.silent_ms <= 65


def test_a_delay_that_changes_is_followed() -> None:
    sound = said(8)
    late = np.concatenate([np.zeros(4800), sound[: 4 * RATE], np.zeros(9600), sound[4 * RATE :]])
    ages = judge(track([part("mouth", sound, WALL)]), track([part("ear", late, WALL)])).ages_ms
    assert np.allclose(ages[:15], 100, atol=1.1)
    assert np.allclose(ages[17:], 300, atol=1.1)


@pytest.mark.parametrize("hole_ms", [0, 10, 20, 60, 500])
def test_holes_are_counted_in_ms(hole_ms: int) -> None:
    sound = said(4)
    begin = RATE + 7000
    sound[begin : begin + hole_ms * 48] = 0
    silent, longest, _ = tone(sound)
    assert abs(silent - hole_ms) <= 4
    assert silent == longest


def test_two_holes_are_not_one() -> None:
    sound = said(4)
    for begin in (RATE, 2 * RATE):
        sound[begin : begin + 960] = 0
    silent, longest, _ = tone(sound)
    assert abs(silent - 40) <= 8
    assert longest < 30


@pytest.mark.parametrize(
    ("left_out_ms", "steps"), [(0, 0), (1, 1), (2, 1), (4, 0)], ids=["none", "1 ms", "2 ms", "a whole turn"]
)
def test_sound_left_out_is_a_step_of_the_phase(left_out_ms: int, steps: int) -> None:
    sound = said(4)
    # Between two bursts, where a listener would hear it too.
    at = RATE + 8000
    assert tone(np.concatenate([sound[:at], sound[at + left_out_ms * 48 :]]))[2] == steps


def test_silence_all_along_is_silence() -> None:
    silent, _, steps = tone(np.zeros(2 * RATE))
    assert silent > 1980
    assert steps == 0


def test_bursts_are_not_taken_for_one_another() -> None:
    table = signal()
    bursts = [table[at : at + BURST] for at in range(0, LOOP, EVERY)]
    assert find(table, bursts[3])[0] == 3 * EVERY
    tone_alone = table[BURST : BURST + 100 * 48].mean()
    for one, other in ((0, 1), (2, 9), (7, 15)):
        assert find(bursts[one] - tone_alone, bursts[other])[1] < 0.5


def test_an_ear_that_recorded_nothing_is_told() -> None:
    with pytest.raises(ValueError, match="recorded nothing"):
        track([{"name": "ear", "first": 0, "stamps": "", "samples": "", "outputLatencyMs": 0.0}])
