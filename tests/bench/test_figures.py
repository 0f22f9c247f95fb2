"""Percentiles, and what is told of rounds."""

from __future__ import annotations

import math
from typing import Any

import pytest
from bench.parts.figures import percentile, table
from bench.parts.sounds import hidden_ms, sound_kind, stretched_ms
from bench.relay_load import NULL, at_many


@pytest.mark.parametrize(
    ("values", "of_hundred", "expected"),
    [
        ([5.0], 50, 5.0),
        ([5.0], 99, 5.0),
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([4.0, 1.0, 3.0, 2.0], 50, 2.0),
        ([float(value) for value in range(1, 101)], 99, 99.0),
        ([float(value) for value in range(1, 101)], 100, 100.0),
        ([float(value) for value in range(1, 101)], 0, 1.0),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(
    values: list[float], of_hundred: float, expected: float
) -> None:
    assert percentile(values, of_hundred) == expected


def test_nothing_has_no_percentile() -> None:
    assert math.isnan(percentile([], 50))


def test_columns_stand_in_step() -> None:
    lines = table(["", "p50"], [["product", 17.0], ["call", 100.25]]).splitlines()
    assert [len(line) for line in lines] == [15] * 3
    assert lines[1] == "product   17.00"


def heard(ages: list[float], own: dict[str, Any], seconds: float = 30.0) -> dict[str, Any]:
    return {
        "ages": ages,
        "lost": 1,
        "silent_ms": 50.0,
        "longest_silent_ms": 30.0,
        "steps": 2,
        "likeness": 0.9,
        "seconds": seconds,
        "output_ms": 8.0,
        "own": own,
        "headroom": 0.5,
        "rate": 1.0,
    }


CALL = {
    "concealedSamples": 4800,
    "insertedSamplesForDeceleration": 480,
    "removedSamplesForAcceleration": 960,
}
PAGE = {"sound": {"hiddenMs": 40.04, "stretchedMs": 12}}


def test_both_ways_count_what_they_made_up_in_ms() -> None:
    assert (hidden_ms(CALL), stretched_ms(CALL)) == (100.0, 30.0)
    assert (hidden_ms(PAGE), stretched_ms(PAGE)) == (40.0, 12.0)


def test_a_page_that_does_not_count_is_not_said_to_hide_nothing() -> None:
    assert hidden_ms({}) is None
    assert sound_kind([heard([40.0], PAGE), heard([40.0], {})])["hidden_ms_a_minute"] is None


def test_rounds_of_sound_are_told_by_the_minute() -> None:
    told = sound_kind([heard([40.0, 42.0], CALL), heard([44.0], CALL)])
    assert told["p50_ms"] == 42.0
    assert told["silent_ms_a_minute"] == 100.0
    assert told["hidden_ms_a_minute"] == 200.0
    assert told["steps_a_minute"] == 4.0
    assert (told["heard"], told["not_heard"]) == (3, 2)


def test_what_many_viewers_would_cost_is_on_the_line_through_two_loads() -> None:
    def load(viewers: int, fixed: float) -> dict[str, Any]:
        bare = 0.02 + 0.01 * viewers
        return {
            "viewers": viewers,
            "by_round": {"bare": [bare, bare], "ours": [bare + fixed] * 2, NULL: [bare, bare]},
        }

    told = at_many([load(20, 0.1), load(80, 0.1)], 200)
    assert told is not None
    assert told["bare_cores"] == pytest.approx(2.02)
    assert told["ours / mean of bare"] == pytest.approx(2.12 / 2.02, abs=1e-3)
    assert told["null"] == 1.0
    assert at_many([load(20, 0.1)], 200) is None
