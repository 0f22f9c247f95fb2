"""Promise: the host judges as every viewer does, asks for what is lost and only for that, and gives what it
has."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from vivavoce.line.hostjudge import HostJudge
from vivavoce.line.sample import Sample
from vivavoce.line.sealing import Sealing
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.seal.digest import leaf
from vivavoce.seal.leavesframe import LeavesFrame, parse_leaves
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import DeviceStatement, Founding, FoundingSide, Revocation
from vivavoce.seal.verdict import MOST_UNSEALED

FOUNDING = Founding("k7m2xq4vw9", "A talk", 1, (FoundingSide("north", "North", "en"),))
RUN = "0123456789abcdef"
FLOOR = TrackConfig("floor.1", "audio", "opus", sample_rate=48_000, channels=1, language="en", role="floor")
HD = TrackConfig("hd.1", "video", "avc1.42e01f", b"\x01", 640, 360, framerate=25)
PACKET_US = 20_000


class Air:
    """A side, and a host to which everything comes at once that is not lost. The side answers, if it is
    to."""

    def __init__(self, *, answers: bool = True) -> None:
        self.side = Sealing(FOUNDING.digest, seat="north", run=RUN, epoch_us=0, device=Signer())
        for track in (FLOOR, HD):
            self.side.track(track)
        self.host = HostJudge(FOUNDING, "north", RUN)
        self.host.frame(0, self.side.papers, 0)
        self.answers = answers
        self.now_us = 0
        self.number = 0
        self.asked: list[tuple[int, int, int]] = []
        self.said: list[tuple[str, str | None]] = []
        self.told: list[bytes] = []
        self._away: list[bytes] = []

    def speaks(self, ms: int, lost: Iterable[int] = (), *, away: bool = False) -> Air:
        """away: the line is lost: nothing comes now, and only the seals come later."""
        lost = set(lost)
        for _ in range(ms // 20):
            at_us, number = self.now_us, self.number
            self._sends("floor.1", number, 0, b"packet %d" % number, reaches=not away and number not in lost)
            group, index = divmod(number, 25)
            self._sends("hd.1", group, index, b"picture %d" % number, reaches=not away)
            if self.side.due(at_us):
                self._seals(away)
            self.tick()
            self.now_us, self.number = at_us + PACKET_US, number + 1
        return self

    def waits(self, ms: int) -> Air:
        for _ in range(0, ms, 100):
            self.tick()
            self.now_us += 100_000
        return self

    def tick(self) -> None:
        self.host.tick(self.now_us)
        if (changed := self.host.changed()) is not None:
            self.said.append(changed)
        lacking = self.host.lacking()
        self.asked += [one for one in lacking if one not in self.asked]
        if lacking and self.answers:
            self.side.asked(lacking, self.now_us)
            for raw in self.side.leaves(0):
                self.told.append(raw)
                self.host.frame(5, raw, self.now_us)

    def _sends(self, track: str, group: int, index: int, data: bytes, *, reaches: bool) -> None:
        key = index == 0
        self.side.sample(track, group, index, self.now_us, key, data)
        if reaches:
            sample = Sample("north", RUN, track, group, index, self.now_us, key, data, self.now_us)
            self.host.sample(sample)

    def _seals(self, away: bool) -> None:
        self._away.append(self.side.seal(self.now_us)[1])
        if not away:
            for raw in self._away:
                self.host.frame(1, raw, self.now_us)
            self._away.clear()


def test_where_nothing_is_lost_nothing_is_asked() -> None:
    air = Air().speaks(3_000)
    assert air.asked == []
    assert air.said == [("pending", None), ("verified", None)] or air.said == [("verified", None)]


def test_a_lost_packet_is_asked_for_once_and_is_a_gap() -> None:
    air = Air().speaks(3_000, lost={57})
    assert len(air.asked) == 1
    (track, group, count), told = air.asked[0], parse_leaves(air.told[0])
    assert group <= 57 < group + count
    assert (told.track, told.group, len(told.leaves)) == (track, group, count)
    assert [code for _, code in air.said if code] == ["sample.missing"]
    assert air.said[-1] == ("verified", None)


@pytest.mark.parametrize(("later_us", "then"), [(0, ("broken", "seal.run")), (1, None)])
def test_the_host_heeds_a_revocation_that_comes_while_the_run_is_on_air(
    later_us: int, then: tuple[str, str] | None
) -> None:
    identity, device, told = Signer(), Signer(), list[bytes]()
    founding = Founding("k7m2xq4vw9", "A talk", 1, (FoundingSide("north", "North", "en", identity.public),))
    voucher = DeviceStatement(device.public, "north", "", 0, 1_000).to_bytes()
    vouchers = [identity.envelope("device", founding.digest, voucher)]
    side = Sealing(founding.digest, seat="north", run=RUN, epoch_us=7, device=device, vouchers=vouchers)
    host = HostJudge(founding, "north", RUN, lambda: told)
    host.frame(0, side.papers, 0)
    for number in range(1, 9):
        host.frame(number, side.seal(200_000 * number)[1], 200_000 * number)
        host.tick(200_000 * number)
    assert host.changed() == ("pending", None)
    said = Revocation(device.public, 7 + later_us).to_bytes()
    told += [b"none", identity.envelope("revocation", founding.digest, said)]
    host.tick(1_700_000)
    assert host.changed() == then


def test_a_side_that_does_not_answer_is_late() -> None:
    air = Air(answers=False).speaks(3_000, lost={57})
    assert ("late", "seal.late") in air.said
    assert "broken" not in {state for state, _ in air.said}


def test_what_the_host_has_is_given_and_what_the_side_told_it_too() -> None:
    air = Air().speaks(3_000, lost={57})
    whole = [leaf(at, 0, at * PACKET_US, True, b"packet %d" % at) for at in range(150)]
    track, group, count = air.asked[0]
    for first, many in ((group, count), (10, 20), (100, 1)):
        raw = air.host.leaves(track, first, many)
        assert raw == LeavesFrame(track, first, whole[first : first + many]).to_bytes()
    assert air.host.leaves(track, 140, 20) is None
    assert air.host.leaves(9, 0, 1) is None
    picture = air.host.leaves(1 - track, 2, 25)
    assert picture is not None
    assert len(parse_leaves(picture).leaves) == 25


def test_without_an_answer_the_host_does_not_give_what_it_lacks() -> None:
    air = Air(answers=False).speaks(3_000, lost={57})
    assert air.host.leaves(*air.asked[0]) is None


def test_leaves_that_lie_are_not_given_on() -> None:
    air = Air(answers=False).speaks(1_500, lost={57})
    track, group, count = air.asked[0]
    air.host.frame(3, LeavesFrame(track, group, [bytes(32)] * count).to_bytes(), air.now_us)
    assert air.host.leaves(track, group, count) is None
    air.answers = True
    air.tick()
    assert air.host.leaves(track, group, count) is not None


def test_after_a_minute_without_a_line_what_came_just_before_is_proven_by_leaves() -> None:
    air = Air().speaks(2_050).speaks(60_000, away=True).speaks(3_000)
    before = next(one for one in air.asked if one[0] == 0 and one[1] <= 101)
    assert air.host.leaves(*before) is not None
    assert air.said[-1] == ("verified", None)


def test_a_side_that_stops_is_not_asked_for_ever() -> None:
    air = Air(answers=False).speaks(1_500, lost={57}).waits(60_000)
    assert len(air.asked) == 1
    assert air.host.lacking() == []


@pytest.mark.parametrize("track", [FLOOR, HD], ids=lambda one: one.kind)
def test_a_side_that_seals_nothing_is_not_remembered_without_end(track: TrackConfig) -> None:
    air = Air().speaks(1_000)
    verdict = air.host._judge.verdict
    assert verdict is not None
    spans, most = verdict._tracks[track.name].spans, 0
    for number in range(1_000, 1_000 + 3 * MOST_UNSEALED):
        place = ("north", RUN, track.name, number, 0, PACKET_US * number, True, b"")
        air.host.sample(Sample(*place, air.now_us))
        if number % 256 == 0:
            air.waits(100)
            most = max(most, spans.unsealed, len(spans._spans), len(spans._packets))
    assert MOST_UNSEALED // 2 < most <= MOST_UNSEALED + 256
    assert air.said[-1:] == [("late", "seal.late")]
    air.now_us += 1_000_000
    air.number += 20_000
    air.speaks(3_000)
    assert air.said[-1:] == [("verified", None)], "as soon as it seals again"
