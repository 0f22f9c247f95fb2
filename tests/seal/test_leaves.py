"""A track's leaves in the order of their groups, however they came."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vivavoce.seal.leaves import Leaves

PLACES = st.tuples(st.integers(0, 9), st.integers(0, 3))


def rows(leaves: Leaves) -> list[tuple[int, int, int, bytes]]:
    told = zip(leaves.group, leaves.index, leaves.timestamp_us, strict=True)
    return [(*one, leaves.at(row)) for row, one in enumerate(told)]


@given(st.lists(st.tuples(st.lists(PLACES, max_size=12), st.booleans(), st.integers(0, 5)), max_size=5))
def test_leaves_that_come_in_parts_stand_in_order(
    parts: list[tuple[list[tuple[int, int]], bool, int]],
) -> None:
    leaves = Leaves()
    expected: list[tuple[int, int, int, bytes]] = []
    number = 0
    for places, rising, dropped in parts:
        for group, index in sorted(places) if rising else places:
            number += 1
            row = group, index, number, number.to_bytes(32, "big")
            leaves.add(*row)
            expected.append(row)
        leaves.sort()
        expected.sort(key=lambda one: one[:2])
        assert rows(leaves) == expected
        leaves.drop(dropped)
        del expected[:dropped]
