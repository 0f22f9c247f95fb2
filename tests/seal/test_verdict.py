"""Promise: no bad line is ever called a lie, and no lie is ever called well."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tools.vectors import show as made
from tools.vectors.verdicts import play

from vivavoce.seal.verdict import Verdict

SHOW = made.Show().on_air(0, 4_000, sd=True)
SAMPLES = [at for at, event in enumerate(SHOW.events) if event[1] == "sample"]
SEALS = [at for at, event in enumerate(SHOW.events) if event[1] == "seal"]
BROKEN = {"sample.altered", "sample.hole", "sample.foreign", "seal.chain", "seal.fork", "seal.signature"}

Events = list[list[Any]]


def verdict() -> Verdict:
    return Verdict(made.FOUNDING.digest, made.RUN_ID, made.public(made.RUN), made.STATEMENT)


def played(events: Events) -> tuple[Verdict, set[str]]:
    one = verdict()
    play(one, events)
    return one, {finding.code for finding in one.history}


def by_time(events: Events) -> Events:
    """Of one group samples stay in their order: a stream keeps it."""
    held: dict[tuple[str, int], int] = {}
    for event in events:
        if event[1] == "sample":
            place = (event[2], event[3])
            event[0] = held[place] = max(event[0], held.get(place, 0))
    return sorted(events, key=lambda event: event[0])


@settings(deadline=None, max_examples=60)
@given(
    delays=st.lists(st.integers(0, 390_000), min_size=40, max_size=40),
    cut=st.sets(st.tuples(st.sampled_from(["hd.1", "sd.1"]), st.integers(0, 7), st.integers(1, 9))),
    lost=st.sets(st.integers(0, 79)),
    doubled=st.sets(st.sampled_from(SEALS)),
)
def test_a_bad_line_is_a_gap_and_never_a_lie(
    delays: list[int], cut: set[tuple[str, int, int]], lost: set[int], doubled: set[int]
) -> None:
    events: Events = []
    for at, event in enumerate(copy.deepcopy(SHOW.events)):
        if event[1] == "sample":
            track, group, index = event[2:5]
            tail = any(track == name and group == where and index >= from_ for name, where, from_ in cut)
            if tail or (track == "floor.1" and group in lost):
                continue
        if event[1] in ("sample", "seal"):
            event[0] += delays[at % len(delays)]
        events.append(event)
        if at in doubled:
            events.append([event[0] + 1_000, *event[1:]])
    _, codes = played(by_time(events))
    assert not codes & BROKEN


@settings(deadline=None, max_examples=150)
@given(
    delays=st.lists(st.integers(0, 3_000_000), min_size=20, max_size=20),
    lost=st.sets(st.sampled_from(SEALS)),
    slow=st.lists(st.integers(0, 900_000), min_size=20, max_size=20),
)
def test_seals_that_come_seconds_late_and_in_any_order_are_no_lie_either(
    delays: list[int], lost: set[int], slow: list[int]
) -> None:
    events: Events = []
    for at, event in enumerate(copy.deepcopy(SHOW.events)):
        if at in lost:
            continue
        if event[1] == "seal":
            event[0] += delays[SEALS.index(at) % len(delays)]
        elif event[1] == "sample" and event[2] == "floor.1":
            event[0] += slow[at % len(slow)]
        events.append(event)
    _, codes = played(by_time(events))
    assert not codes & BROKEN


@settings(deadline=None, max_examples=60)
@given(
    delays=st.lists(st.integers(0, 390_000), min_size=40, max_size=40),
    joins_us=st.integers(500_000, 3_000_000),
)
def test_a_line_that_loses_nothing_raises_no_alarm_whenever_one_joins(
    delays: list[int], joins_us: int
) -> None:
    group = joins_us // 500_000
    newest = max(at for at, seal in enumerate(SEALS) if SHOW.events[seal][0] <= joins_us)
    events: Events = []
    for at, event in enumerate(copy.deepcopy(SHOW.events)):
        running = event[1] == "sample" and event[2] != "floor.1" and event[3] >= group
        sealed = event[1] == "seal" and SEALS.index(at) >= newest - newest % 10
        if event[0] < joins_us and not running and not sealed:
            continue
        event[0] = max(event[0], joins_us)
        if event[1] != "tick":
            event[0] += delays[at % len(delays)]
        events.append(event)
    one, codes = played(by_time(events))
    assert not codes
    assert one.state in ("verified", "pending")


@settings(deadline=None, max_examples=200)
@given(at=st.sampled_from(SAMPLES), bit=st.integers(0, 31), what=st.sampled_from(["data", "time", "track"]))
def test_whatever_is_changed_of_a_sample_is_found(at: int, bit: int, what: str) -> None:
    events: Events = copy.deepcopy(SHOW.events)
    event = events[at]
    if event[0] > 3_600_000:
        return  # its seal is not there yet
    if what == "data":
        raw = bytearray.fromhex(event[7])
        raw[bit // 8 % len(raw)] ^= 1 << bit % 8
        event[7] = raw.hex()
    elif what == "time":
        event[5] ^= 1 << bit
    else:
        other = "sd.1" if event[2] == "hd.1" else "hd.1"
        if event[2] == "floor.1":
            return
        event[7] = next(e[7] for e in events if e[1] == "sample" and e[2:5] == [other, *event[3:5]])
    one, codes = played(events)
    assert codes & BROKEN, event
    assert next(finding.track for finding in one.history) == event[2]


@settings(deadline=None, max_examples=100)
@given(at=st.sampled_from(SEALS), bit=st.integers(0, 8 * 200 - 1))
def test_whatever_is_changed_of_a_seal_is_found(at: int, bit: int) -> None:
    events: Events = copy.deepcopy(SHOW.events)
    raw = bytearray.fromhex(events[at][2])
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    events[at][2] = raw.hex()
    _, codes = played(events)
    assert codes & {"seal.form", "seal.signature"}
