"""Promise: a side tells what it is asked for, as often as is sensible, and no more than a group of seals may
have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vivavoce.line.answering import Answering
from vivavoce.line.arrival import Lacking, lacking_in
from vivavoce.line.sealed import LEAVES_A_GROUP, LEAVES_BYTES_A_GROUP
from vivavoce.seal.leavesframe import parse_leaves
from vivavoce.seal.seal import Delta

FLOOR, HD = 1, 0
RUN = "0123456789abcdef"


def side(packets: int = 200) -> Answering:
    answering = Answering()
    answering.sound(FLOOR)
    for at in range(packets):
        answering.memory.add(FLOOR, at, 0, at.to_bytes(32))
        answering.memory.add(HD, at // 20, at % 20, at.to_bytes(32))
    return answering


def test_a_row_and_a_picture_are_told() -> None:
    answering = side()
    answering.asked([(FLOOR, 100, 8), (HD, 3, 20)], 0)
    row, picture = map(parse_leaves, answering.frames(0))
    assert (row.track, row.group, [int.from_bytes(one) for one in row.leaves]) == (1, 100, [*range(100, 108)])
    assert (picture.track, picture.group, len(picture.leaves)) == (HD, 3, 20)
    assert answering.frames(0) == []


@pytest.mark.parametrize("lacking", [(FLOOR, 196, 8), (9, 0, 1), (HD, 3, 21), (FLOOR, 1 << 50, 1)], ids=str)
def test_what_is_not_remembered_is_not_told(lacking: Lacking) -> None:
    answering = side()
    answering.asked([lacking], 0)
    assert answering.frames(0) == []


def test_a_span_is_told_three_times_at_most_and_not_twice_at_once() -> None:
    answering = side()
    told: list[int] = []
    for now_ms in range(0, 5_000, 100):
        answering.asked([(FLOOR, 100, 8)], 1000 * now_ms)
        told += [now_ms for _ in answering.frames(now_ms // 1600)]
    assert told == [0, 300, 600]


@settings(max_examples=50)
@given(rows=st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 900)), max_size=60, unique=True))
def test_a_group_of_seals_has_no_more_than_it_may_and_nothing_is_forgotten(
    rows: list[tuple[int, int]],
) -> None:
    answering = side(4_000)
    answering.asked([(FLOOR, first, count) for first, count in rows], 0)
    told: list[tuple[int, int]] = []
    for group in range(60):
        frames = answering.frames(group)
        assert len(frames) <= LEAVES_A_GROUP
        assert sum(map(len, frames)) <= LEAVES_BYTES_A_GROUP
        told += [(one.group, len(one.leaves)) for one in map(parse_leaves, frames)]
    assert told == rows


def test_the_end_tells_what_was_sealed_last() -> None:
    answering = side()
    for at in range(0, 200, 8):
        seals = [Delta(FLOOR, at, 8, True, bytes(32)), Delta(HD, at // 20, at % 20 + 1, False, bytes(32))]
        answering.sealed(seals, 20_000 * at)
    answering.end()
    told = [parse_leaves(one) for one in answering.frames(7)]
    assert {one.group for one in told if one.track == FLOOR} == set(range(144, 200, 8))
    assert {(one.group, len(one.leaves)) for one in told if one.track == HD} == {(7, 13), (8, 17), (9, 13)}


BAD: dict[str, Any] = {
    "no list": {"run": RUN, "lacking": 3},
    "of another run": {"run": "00" * 8, "lacking": [[1, 2, 3]]},
    "a span of two": {"run": RUN, "lacking": [[1, 2]]},
    "a track over 255": {"run": RUN, "lacking": [[256, 2, 3]]},
    "a negative group": {"run": RUN, "lacking": [[1, -2, 3]]},
    "too many leaves": {"run": RUN, "lacking": [[1, 2, 1025]]},
    "a fraction": {"run": RUN, "lacking": [[1, 2.5, 3]]},
    "true": {"run": RUN, "lacking": [[True, 2, 3]]},
    "no object": [],
    "nothing asked": {"run": RUN},
}


@pytest.mark.parametrize("what", BAD)
def test_a_report_asks_for_nothing_that_says(what: str) -> None:
    assert lacking_in(json.dumps(BAD[what]).encode(), RUN) == []


@pytest.mark.parametrize("raw", [b"", b"{", b"[" * 20_000, b'{"run":' + b" " * 70_000, b"\xff"])
def test_what_is_no_report_asks_for_nothing(raw: bytes) -> None:
    assert lacking_in(raw, RUN) == []


def test_a_report_asks_for_sixteen_at_most() -> None:
    raw = json.dumps({"run": RUN, "lacking": [[1, at, 8] for at in range(40)]}).encode()
    assert lacking_in(raw, RUN) == [(1, at, 8) for at in range(16)]
