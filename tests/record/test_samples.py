"""Which of a track's samples decode, and what is seen to be missing: record.md R11, R12, R18."""

from __future__ import annotations

import pytest

from vivavoce.record.fragments import Entry
from vivavoce.record.gaps import Gap
from vivavoce.record.samples import Samples

Row = tuple[int, int, int, int]  # file, group, index, timestamp


def samples(rows: list[Row], *, size: int = 9) -> Samples:
    made = Samples()
    for file, group, index, timestamp in rows:
        made.add(file, Entry(0, size, group, index, timestamp, 0, 1, key=index == 0))
    made.sort()
    return made


WHOLE: list[Row] = [(0, 0, 0, 0), (0, 0, 1, 10), (0, 1, 0, 20), (0, 1, 1, 30)]


@pytest.mark.parametrize(
    ("rows", "times", "left_out", "gaps"),
    [
        pytest.param(WHOLE, [0, 10, 20, 30], {}, [], id="whole"),
        pytest.param(WHOLE[::-1], [0, 10, 20, 30], {}, [], id="overtaken"),
        pytest.param([], [], {}, [], id="nothing"),
        pytest.param(
            [*WHOLE[:2], (0, 4, 0, 50)], [0, 10, 50], {}, [Gap(1, 3, "missing")], id="groups are missing"
        ),
        pytest.param(
            [(0, 0, 0, 0), (0, 0, 2, 20), (0, 0, 3, 30), (0, 1, 0, 40)],
            [0, 40],
            {"after a hole in its group": 2},
            [Gap(0, 0, "hole")],
            id="a hole costs the rest of its group",
        ),
        pytest.param(
            [(0, 0, 1, 10), (0, 1, 0, 20)],
            [20],
            {"after a hole in its group": 1},
            [Gap(0, 0, "hole")],
            id="the start of a group is missing",
        ),
        pytest.param(
            [(0, 0, 0, 0), (0, 0, 1, 10), (1, 0, 0, 0), (1, 0, 1, 10), (1, 0, 2, 20), (1, 1, 0, 30)],
            [0, 10, 20, 30],
            {},
            [],
            id="sent again to a host that came back",
        ),
        pytest.param(
            [(0, 0, 0, 0), (0, 0, 1, 10), (1, 0, 1, 15), (1, 0, 2, 20)],
            [0, 10, 20],
            {"another sample has its place": 1},
            [],
            id="another with the same number",
        ),
        pytest.param(
            [(0, 0, 0, 0), (0, 1, 0, 0), (0, 2, 0, 5)],
            [0, 5],
            {"its time does not rise": 1},
            [],
            id="time stands still",
        ),
    ],
)
def test_what_decodes_is_kept_in_order(
    rows: list[Row], times: list[int], left_out: dict[str, int], gaps: list[Gap]
) -> None:
    made = samples(rows)
    kept, out = made.playable(picture=True)
    assert [made.timestamp_us[row] for row in kept] == times
    assert out == left_out
    assert list(made.gaps()) == gaps


def test_a_picture_group_has_to_start_with_a_key_picture() -> None:
    made = Samples()
    made.add(0, Entry(0, 9, 0, 0, 0, 0, 1, key=False))
    assert made.playable(picture=True) == ([], {"no key picture before it": 1})
    assert made.playable(picture=False) == ([0], {})


def test_a_sample_without_bytes_is_left_out_and_breaks_nothing() -> None:
    made = samples([(0, 0, 0, 0)])
    made.add(0, Entry(0, 0, 0, 1, 5, 0, 1, key=False))
    made.add(0, Entry(0, 9, 0, 2, 9, 0, 1, key=False))
    assert made.playable(picture=True) == ([0, 2], {"empty": 1})
