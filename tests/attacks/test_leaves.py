"""Promise: a packet that was lost is a gap, and nothing else. What came of its row is proven all the same,
live and in the record, by the leaves of the row; leaves that are false change nothing (docs/formats/seal.md,
V6)."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from tests.attacks.discussion import BUSY, Resolve, Viewer, asks, discussion, does_not_ask, talk
from tests.attacks.relay import Tamper
from tests.fakes.line import Network
from tests.line.parts import CLOCK, SOUND
from vivavoce.line.publish import Publisher
from vivavoce.record.verdicts import Judged
from vivavoce.record.verify import verify
from vivavoce.seal.leavesframe import LeavesFrame, parse_leaves
from vivavoce.terminal.api import HostApi
from vivavoce.terminal.judge import Judge

pytestmark = pytest.mark.anyio

LOST: Final = 103
"""The packet that is lost: two seconds after the side began."""
PACKETS: Final = 200
SECONDS: Final = 4.0
BACK_S: Final = 3.0
"""A side that was away is back within this, and so is what it kept."""


class LosingPublisher(Publisher):
    """Seals every packet, and does not send some: as if its network had lost them."""

    def __init__(self, loses: frozenset[int], **about: Any) -> None:
        super().__init__(**about)
        self._loses = loses

    def write(self, track: str, timestamp_us: int, key: bool, data: bytes) -> None:
        live = self._known[track]
        if track == SOUND.name and live.next_group in self._loses:
            live.next_group += 1
            live.count = 0
            self._sealed(live, timestamp_us, data)
            return
        super().write(track, timestamp_us, key, data)


@dataclass
class LosingRelay(Tamper):
    """Drops a packet of sound behind the host."""

    lost: int | None = LOST
    lost_groups: list[int] = field(default_factory=list)

    def group(self, seat: str, track: str, group: int) -> int | None:
        if (seat, track, group) == ("north", SOUND.name, self.lost):
            self.lost_groups.append(group)
            return None
        return group


@dataclass
class Aired:
    """What came of a side's four seconds. asked: the statuses with which the host answered questions for
    leaves."""

    viewer: Viewer
    verified: Judged
    journal: list[dict[str, Any]]
    asked: list[str]
    relay: LosingRelay

    @property
    def found(self) -> dict[str, tuple[str, int]]:
        return {one.code: (one.track, one.count) for one in self.verified.findings}

    @property
    def lost(self) -> tuple[str, int] | None:
        """The track and how many, where this is all that was found but for what a busy machine makes."""
        return self.found.get("sample.missing") if set(self.found) <= {*BUSY, "sample.missing"} else None

    @property
    def host_said(self) -> list[tuple[str, str | None]]:
        return [(one["state"], one["code"]) for one in self.journal if one["event"] == "verdict"]


async def aired(
    folder: Path,
    *,
    side_loses: frozenset[int] = frozenset(),
    relay_loses: int | None = None,
    resolve: Resolve = asks,
    host_judges: bool = True,
    away_s: float = 0,
) -> Aired:
    """away_s: for so long nothing passes between the side and the host, after a second and a half, and for so
    much longer it talks."""
    tamper = LosingRelay(relay_loses)
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(discussion(folder, host_judges=host_judges))
        grant = await at.on_air()
        network = await stack.enter_async_context(Network(at.host.port))
        kind = partial(LosingPublisher, side_loses)
        async with at.side(grant, at.sealing(grant), port=network.port, kind=kind) as publisher:
            packets = PACKETS + round(away_s * PACKETS / SECONDS)
            talking = asyncio.create_task(talk(publisher, packets, every_s=SECONDS / PACKETS))
            relay = await stack.enter_async_context(at.relay(tamper))
            one = await stack.enter_async_context(at.viewer(relay, resolve))
            if away_s:
                await asyncio.sleep(1.5)
                network.down = True
                await asyncio.sleep(away_s)
                network.down = False
            await talking
            if away_s:
                await asyncio.sleep(BACK_S)
        await asyncio.sleep(0.3)
        text = at.host.metrics.page().decode()
    asked = [
        row.partition('status="')[2][:3]
        for row in text.splitlines()
        if row.startswith("vivavoce_http_requests_total") and "leaves" in row
    ]
    return Aired(one, verify(at.record), at.journal, asked, tamper)


async def test_nothing_lost_is_no_gap_and_asks_for_nothing(tmp_path: Path) -> None:
    one = await aired(tmp_path)
    assert ("verified", None) in one.viewer.saw
    assert one.viewer.codes <= BUSY, one.viewer.saw
    assert one.viewer.unproven == []
    assert one.verified.holds
    assert set(one.found) <= BUSY
    assert ("verified", None) in one.host_said


async def test_a_packet_lost_before_the_host_is_a_gap_to_all_and_the_record_holds(tmp_path: Path) -> None:
    one = await aired(tmp_path, side_loses=frozenset({LOST}))
    assert ("gap", "sample.missing") in one.viewer.saw, one.viewer.saw
    assert one.viewer.unproven == []
    assert ("gap", "sample.missing") in one.host_said
    assert one.lost == ("floor.1", 1)
    assert one.verified.holds
    assert one.verified.verdict == "what is there holds; something is missing"


async def test_a_packet_lost_at_the_very_end_is_a_gap_too(tmp_path: Path) -> None:
    one = await aired(tmp_path, side_loses=frozenset({PACKETS - 2}))
    assert one.lost == ("floor.1", 1)
    assert one.verified.holds


async def test_what_came_before_and_after_a_time_without_a_line_is_proven(tmp_path: Path) -> None:
    one = await aired(tmp_path, away_s=8.0)  # a side keeps five seconds
    assert "sample.missing" in one.found
    assert set(one.found) <= {"sample.missing", "seal.apart"}
    assert one.verified.holds


async def test_without_leaves_the_same_packet_leaves_its_row_unproven(tmp_path: Path) -> None:
    one = await aired(tmp_path, side_loses=frozenset({LOST}), host_judges=False)
    assert one.viewer.unproven != []
    assert not one.verified.holds
    assert "sample.unproven" in one.found
    assert one.host_said == []


async def test_a_packet_lost_behind_the_host_is_a_gap_to_its_viewer_alone(tmp_path: Path) -> None:
    one = await aired(tmp_path, relay_loses=LOST)
    assert one.relay.lost_groups == [LOST]
    assert ("gap", "sample.missing") in one.viewer.saw, one.viewer.saw
    assert one.viewer.unproven == []
    assert "200" in one.asked
    assert one.verified.holds
    assert set(one.found) <= BUSY
    assert "sample.missing" not in {code for _, code in one.host_said}


async def test_a_viewer_who_does_not_ask_is_told_that_it_is_late(tmp_path: Path) -> None:
    one = await aired(tmp_path, relay_loses=LOST, resolve=does_not_ask)
    assert one.relay.lost_groups == [LOST]
    assert "seal.late" in one.viewer.codes, one.viewer.saw
    assert one.viewer.unproven != []
    assert one.asked == []


async def test_answers_that_lie_change_nothing(tmp_path: Path) -> None:
    lies: list[bytes] = []

    async def asks_a_liar(api: HostApi, discussion: str, judge: Judge) -> None:
        while True:
            await asyncio.sleep(0.05)
            for one in judge.lacking(CLOCK.now_us()):
                place = one.span.track, one.span.group
                true = parse_leaves(await api.leaves(discussion, one.run, *place, one.span.count))
                turned = bytes([true.leaves[0][0] ^ 1]) + true.leaves[0][1:]
                lies.append(LeavesFrame(*place, (turned, *true.leaves[1:])).to_bytes())
                judge.leaves(one, lies[-1], CLOCK.now_us())

    one = await aired(tmp_path, relay_loses=LOST, resolve=asks_a_liar)
    assert lies
    assert one.viewer.unproven != [], "as if nobody had answered"
    assert "seal.late" in one.viewer.codes
    assert "broken" not in one.viewer.states
    assert one.viewer.codes <= {*BUSY, "sample.missing"}
