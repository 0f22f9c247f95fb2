"""What a page showed over time, and when it had settled."""

from __future__ import annotations

import pytest
from bench.parts.timeline import BIN_MS, Bin, bins, followed_s, settled_s, share


def steady(begin: float, end: float, age: float, every: float = 50) -> list[tuple[float, float]]:
    return [(begin + number * every, age) for number in range(int((end - begin) / every))]


def test_the_age_of_what_is_on_the_screen_rises_while_nothing_new_comes() -> None:
    shown = [*steady(0, 1000, 60), *steady(2000, 3000, 60)]
    told = bins(shown, [], 0, 3000)
    assert [one.pictures for one in told] == [5, 5, 5, 5, 0, 0, 0, 0, 5, 5, 5, 5]
    assert told[2].age_ms == pytest.approx(110)
    assert [one.age_ms for one in told[4:8]] == [360, 610, 860, 1110]


def test_before_the_first_picture_there_is_no_age() -> None:
    assert [one.age_ms for one in bins([(300.0, 60.0)], [], 0, 500)] == [None, 260]


def test_the_smallest_picture_of_a_step_counts() -> None:
    widths = [(0.0, 640), (300.0, 320), (600.0, 640)]
    assert [one.width for one in bins([], widths, 0, 1000)] == [640, 320, 320, 640]


def line(ages: list[float]) -> list[Bin]:
    return [Bin(number * BIN_MS, age, 5, 640) for number, age in enumerate(ages)]


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([60] * 12, 0.0),
        ([900, 700, 400, *[60] * 8], 0.75),
        ([60, 60, 60, 60, 60, 900, *[60] * 8], 1.5),
        ([900] * 12, None),
        ([900] * 9 + [60] * 3, None),
    ],
    ids=[
        "good all along is no time at all",
        "it counts until the last bad step",
        "a queue may take a while to fill",
        "never",
        "too late to tell that it stays",
    ],
)
def test_a_page_has_settled_once_it_is_good_to_the_end(ages: list[float], expected: float | None) -> None:
    told = line(ages)
    assert settled_s(told, 0, len(ages) * BIN_MS, lambda one: (one.age_ms or 0) < 300) == expected


def test_only_what_follows_the_step_counts() -> None:
    told = line([900.0] * 4 + [60.0] * 8 + [900.0] * 4)
    assert settled_s(told, 4 * BIN_MS, 12 * BIN_MS, lambda one: (one.age_ms or 0) < 300) == 0.0
    assert settled_s(told, 16 * BIN_MS, 20 * BIN_MS, lambda one: True) is None


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([60] * 12, 0.0),
        ([60, 900, 700, *[60] * 4, 900, *[60] * 4], 0.75),
        ([900, 60, 60, 60, 900, *[60] * 7], 1.25),
        ([900] * 9 + [60] * 3, None),
    ],
    ids=[
        "good all along is no time at all",
        "a bad moment later on does not count",
        "less than a second is not followed",
        "too late to tell",
    ],
)
def test_a_step_is_followed_once_a_whole_second_is_good(ages: list[float], expected: float | None) -> None:
    told = line(ages)
    assert followed_s(told, 0, len(ages) * BIN_MS, lambda one: (one.age_ms or 0) < 300) == expected


def test_how_much_of_the_time_was_good() -> None:
    told = line([900.0] * 4 + [60.0] * 6 + [900.0] * 2)
    assert share(told, 4 * BIN_MS, 12 * BIN_MS, lambda one: (one.age_ms or 0) < 300) == 0.75
    assert share(told, 12 * BIN_MS, 12 * BIN_MS, lambda one: True) is None
