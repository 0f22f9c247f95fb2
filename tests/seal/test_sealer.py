"""Promise: whatever an encoder puts out is sealed, in its order, at least every 200 ms, in few bytes."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

import pytest
from tools.vectors import show as made

from vivavoce.seal.envelope import open_envelope
from vivavoce.seal.seal import SEALED_WITHIN_US, Flags, Seal, parse_seal
from vivavoce.seal.sealer import EVERY_US, Sealer


def sealer() -> Sealer:
    return Sealer(made.FOUNDING.digest, made.RUN_ID, made.public(made.RUN), made.STATEMENT)


def seal(one: Sealer, clock_us: int, **options: Any) -> Seal:
    return parse_seal(open_envelope(one.signed(made.RUN.sign(one.draft(clock_us, **options)))).payload)


def test_a_picture_is_sealed_while_its_group_grows() -> None:
    one = sealer()
    hd = one.add(made.HD)
    for index in range(3):
        one.sample(hd, 7, index, 33_333 * index, index == 0, b"picture")
    first = seal(one, 100_000)
    one.sample(hd, 7, 3, 100_000, False, b"picture")
    one.sample(hd, 8, 0, 133_333, True, b"picture")
    second = seal(one, 200_000)
    third = seal(one, 300_000)
    assert [(d.group, d.count, d.closed) for d in first.deltas] == [(7, 3, False)]
    assert [(d.group, d.count, d.closed) for d in second.deltas] == [(7, 4, True), (8, 1, False)]
    assert third.deltas == ()
    assert third.flags == Flags.HEARTBEAT


def test_sound_is_sealed_in_rows_of_packets() -> None:
    one = sealer()
    floor = one.add(made.FLOOR)
    for group in (1, 2, 3, 9, 10):
        one.sample(floor, group, 0, group * 10_000, True, b"packet")
    assert [(d.group, d.count, d.closed) for d in seal(one, 100_000).deltas] == [(1, 3, True), (9, 2, True)]


def test_the_end_closes_what_is_open() -> None:
    one = sealer()
    one.sample(one.add(made.HD), 0, 0, 0, True, b"picture")
    last = seal(one, 100_000, end=True)
    assert last.deltas[0].closed
    assert last.flags == Flags.END
    assert not one.due(10**9)
    with pytest.raises(ValueError, match="ended"):
        one.draft(200_000)


@pytest.mark.parametrize(
    ("what", "samples"),
    [
        ("a picture left out", [(0, 0), (0, 2)]),
        ("a picture twice", [(0, 0), (0, 0)]),
        ("a group that begins in its middle", [(0, 0), (1, 1)]),
        ("a group that goes back", [(5, 0), (4, 0)]),
    ],
)
def test_what_does_not_follow_is_refused(what: str, samples: list[tuple[int, int]]) -> None:
    one = sealer()
    hd = one.add(made.HD)
    *good, (group, index) = samples
    for at in good:
        one.sample(hd, *at, 0, True, b"picture")
    with pytest.raises(ValueError, match="group"):
        one.sample(hd, group, index, 0, True, b"picture")


def test_groups_go_on_rising_after_they_were_sealed() -> None:
    one = sealer()
    floor = one.add(made.FLOOR)
    one.sample(floor, 5, 0, 0, True, b"packet")
    seal(one, 0)
    with pytest.raises(ValueError, match="group 5"):
        one.sample(floor, 5, 0, 0, True, b"packet")


def test_configurations_come_again_for_those_who_join() -> None:
    one = sealer()
    one.add(made.HD)
    seals = [seal(one, at * EVERY_US) for at in range(11)]
    assert [len(each.configs) for each in seals] == [1, *[0] * 9, 1]
    one.add(made.SD)
    assert [track for track, _ in seal(one, 11 * EVERY_US).configs] == [1]


def test_two_pictures_and_sound_stay_under_twenty_kilobits() -> None:
    one = sealer()
    tracks = [one.add(made.HD), one.add(made.SD), one.add(made.FLOOR)]
    bits, clocks = 0, []
    for ms in range(0, 60_000, 10):
        us = ms * 1000
        for track in tracks[:2] if ms % 30 == 0 else []:
            group, index = divmod(ms // 30, 57)
            one.sample(track, group, index, us, index == 0, hashlib.sha256(b"%d" % ms).digest())
        one.sample(tracks[2], ms // 10, 0, us, True, b"packet")
        if one.due(us):
            bits += 8 * len(one.signed(made.RUN.sign(one.draft(us))))
            clocks.append(us)
    assert max(after - before for before, after in itertools.pairwise(clocks)) <= SEALED_WITHIN_US
    assert bits / 60 < 20_000
