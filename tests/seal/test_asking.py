"""Promise: what is on its way is waited for, what is lost is asked for, and nobody is flooded with
questions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vivavoce.seal.asking import VIEWER_ASKS_US, Asking
from vivavoce.seal.leavesframe import MOST_LEAVES
from vivavoce.seal.span import Missing

ROW = Missing(1, 100, 8, 3)
TICK_US = 50_000


def asked(asking: Asking, missing: list[Missing], from_ms: int, until_ms: int) -> list[int]:
    """When something was asked, in ms; every question is answered at once."""
    told: list[int] = []
    for ms in range(from_ms, until_ms, 50):
        for _ in asking.due(missing, ms * 1000):
            asking.done()
            told.append(ms)
    return told


def test_a_span_is_asked_for_after_a_while_and_four_times_at_most() -> None:
    assert asked(Asking(VIEWER_ASKS_US), [ROW], 0, 10_000) == [250, 650, 1050, 1450]


def test_what_comes_in_time_is_not_asked_for() -> None:
    asking = Asking(VIEWER_ASKS_US)
    assert asked(asking, [ROW], 0, 250) == []
    assert asked(asking, [], 250, 2_000) == []


def test_as_long_as_something_comes_the_rest_is_waited_for() -> None:
    asking = Asking(VIEWER_ASKS_US)
    for at in range(20):
        assert asked(asking, [Missing(0, 7, 40, at)], 200 * at, 200 * at + 200) == []
    assert asked(asking, [Missing(0, 7, 40, 19)], 4_000, 5_000)


def test_a_span_that_nobody_may_tell_of_is_not_asked_for() -> None:
    assert asked(Asking(0), [Missing(0, 7, MOST_LEAVES + 1, 3)], 0, 5_000) == []


def test_what_is_not_answered_counts_as_open() -> None:
    asking = Asking(0, at_once=2)
    many = [Missing(1, group, 8, 3) for group in range(10)]
    assert len(asking.due(many, 1)) == 2
    assert asking.due(many, 1_000_000) == []
    asking.done()
    assert len(asking.due(many, 1_000_001)) == 1


Ticks = st.lists(st.sets(st.integers(0, 30), max_size=30), min_size=1, max_size=120)


@given(ticks=Ticks, answered=st.lists(st.booleans(), min_size=500, max_size=500))
def test_the_cap_holds_whatever_is_lost(ticks: list[set[int]], answered: list[bool]) -> None:
    asking = Asking(VIEWER_ASKS_US, a_second=8, at_once=4)
    questions: list[int] = []
    for tick, groups in enumerate(ticks):
        now_us = tick * TICK_US
        for _ in asking.due([Missing(1, group, 8, 0) for group in sorted(groups)], now_us):
            questions.append(now_us)
            if answered[len(questions) % len(answered)]:
                asking.done()
        assert asking.open <= 4
        assert sum(now_us - 1_000_000 < at <= now_us for at in questions) <= 8
