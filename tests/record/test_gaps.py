"""Which groups are missing, told once and not too early: record.md R11."""

from __future__ import annotations

import pytest

from vivavoce.record.gaps import PATIENCE_US, Gap, Groups


def told(seen: list[int], *, at_us: int | None = None) -> list[Gap]:
    """What counts as missing when these groups came at time 0."""
    groups = Groups()
    for group in seen:
        groups.seen(group, 0)
    return groups.settle(at_us)


@pytest.mark.parametrize(
    ("seen", "missing"),
    [
        ([0, 1, 2], []),
        ([7, 8], []),  # L9 does not say where numbers start
        ([0, 2], [(1, 1)]),
        ([0, 5], [(1, 4)]),
        ([0, 5, 3], [(1, 2), (4, 4)]),
        ([0, 5, 1, 2, 3, 4], []),
        ([0, 2, 1], []),
        ([0, 2, 1, 1, 2], []),
        ([3, 1], []),  # older than the first seen
        ([0, 1 << 61], [(1, (1 << 61) - 1)]),
    ],
)
def test_at_the_end_of_a_run_what_was_jumped_over_is_missing(
    seen: list[int], missing: list[tuple[int, int]]
) -> None:
    assert told(seen) == [Gap(first, last, "missing") for first, last in missing]


def test_a_group_that_was_overtaken_has_time_to_come() -> None:
    assert told([0, 2], at_us=PATIENCE_US - 1) == []
    assert told([0, 2], at_us=PATIENCE_US) == [Gap(1, 1, "missing")]


def test_a_gap_is_told_once() -> None:
    groups = Groups()
    groups.seen(0, 0)
    groups.seen(2, 0)
    assert len(groups.settle(None)) == 1
    assert groups.settle(None) == []


def test_a_group_that_its_publisher_did_not_finish_is_cut() -> None:
    groups = Groups()
    assert groups.closed(0, 0, whole=True) == []
    assert groups.closed(1, 0, whole=False) == [Gap(1, 1, "cut")]
