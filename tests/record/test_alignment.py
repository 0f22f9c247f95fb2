"""When the host received what a side captured: record.md R16."""

from __future__ import annotations

from random import Random

from vivavoce.record.alignment import align, offset_at

FRAME_US = 33_333


def arrivals(
    *, seconds: int = 60, offset_us: int = 5_000_000, drift_ppm: int = 0, first: int = 0
) -> list[tuple[int, int]]:
    late = Random(3)
    return [
        (at, at + offset_us + at * drift_ppm // 1_000_000 + late.randint(0, 20_000))
        for at in range(first, first + seconds * 1_000_000, FRAME_US)
    ]


def test_nothing_has_no_offset() -> None:
    assert align([]) == []


def test_the_least_delay_counts_and_not_the_queues() -> None:
    (stretch,) = align(arrivals())
    assert 5_000_000 <= stretch.offset_us <= 5_002_000
    assert abs(stretch.drift_us) < 2_000


def test_some_seconds_of_trouble_move_nothing() -> None:
    calm = arrivals()
    troubled = [(at, received + 900_000 * (20_000_000 < at < 28_000_000)) for at, received in calm]
    (stretch,) = align(troubled)
    assert abs(stretch.offset_us - align(calm)[0].offset_us) < 1_000


def test_drift_is_halved_to_both_ends_and_told() -> None:
    (stretch,) = align(arrivals(seconds=600, drift_ppm=50))
    assert abs(stretch.offset_us - 5_015_000) < 3_000
    assert 15_000 < stretch.drift_us < 30_000


def test_a_device_that_slept_goes_on_with_another_offset() -> None:
    before = arrivals(seconds=20)
    after = arrivals(seconds=20, first=20_000_000, offset_us=605_000_000)
    one, two = align(before + after)
    assert (one.from_us, two.from_us) == (0, 20_000_000)
    assert abs(two.offset_us - one.offset_us - 600_000_000) < 2_000
    assert offset_at([one, two], 19_999_999) == one.offset_us
    assert offset_at([one, two], 20_000_000) == two.offset_us


def test_the_order_of_arrival_does_not_matter() -> None:
    mixed = arrivals()
    Random(1).shuffle(mixed)
    assert align(mixed) == align(arrivals())
