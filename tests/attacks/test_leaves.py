"""Promise: a packet that was lost is a gap, and nothing else. What came of its row is proven all the same,
live and in the record, by the leaves of the row; leaves that are false change nothing (docs/formats/seal.md,
V6)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.attacks.relay import Tamper, TamperingRelay
from tests.fakes.line import Network
from tests.line.parts import CLOCK, PICTURE, SOUND, certificate
from vivavoce.clock import ClockEstimate
from vivavoce.host import Host
from vivavoce.line.publish import Publisher
from vivavoce.line.sealing import Sealing
from vivavoce.line.watch import Watcher
from vivavoce.record.verdicts import Judged
from vivavoce.record.verify import verify
from vivavoce.seal.leavesframe import LeavesFrame, parse_leaves
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import Founding
from vivavoce.settings import Settings
from vivavoce.terminal.api import HostApi
from vivavoce.terminal.founding import founding_from
from vivavoce.terminal.judge import Judge
from vivavoce.terminal.watch import _resolve

pytestmark = pytest.mark.anyio

LOST: Final = 103
"""The packet that is lost: two seconds after the side began."""
BUSY: Final = {None, "seal.late", "seal.apart"}
"""What may be said of any side on a busy machine, where nothing was lost: what came late was late."""
SECONDS: Final = 4.0


class LosingPublisher(Publisher):
    """Seals every packet, and does not send some: as if its network had lost them."""

    loses: frozenset[int] = frozenset()

    def write(self, track: str, timestamp_us: int, key: bool, data: bytes) -> None:
        live = self._known[track]
        if track == SOUND.name and live.next_group in self.loses:
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


Resolve = Callable[[HostApi, str, Judge], Awaitable[None]]


async def asks(api: HostApi, discussion: str, judge: Judge) -> None:
    """As `vivavoce watch` does."""
    await _resolve(api, discussion, judge, CLOCK)


async def does_not_ask(api: HostApi, discussion: str, judge: Judge) -> None:
    await asyncio.Event().wait()


@dataclass
class Viewer:
    """Judges as `vivavoce watch` does, and keeps every state that it saw."""

    judge: Judge
    saw: list[tuple[str, str | None]] = field(default_factory=list)

    def note(self) -> None:
        now = self.judge.of("north")
        if not self.saw or self.saw[-1] != (now.state, now.code):
            self.saw.append((now.state, now.code))

    @property
    def states(self) -> set[str]:
        return {state for state, _ in self.saw}

    @property
    def codes(self) -> set[str | None]:
        return {code for _, code in self.saw}

    @property
    def unproven(self) -> list[int]:
        """The first groups of the rows of which something came and nothing proves it."""
        verdict = self.judge._runs["north"].judge.verdict
        assert verdict is not None
        return [one.group for one in verdict.missing()]


@asynccontextmanager
async def viewer(
    api: HostApi, discussion: str, line: tuple[str, str | None], founding: Founding, resolve: Resolve
) -> AsyncIterator[Viewer]:
    watcher = Watcher(
        url=line[0],
        fingerprint=line[1],
        discussion=discussion,
        clock=CLOCK,
        host_clock=lambda: ClockEstimate(0, 1),
    )
    one = Viewer(Judge(founding))

    async def follow() -> None:
        async for event in watcher:
            one.judge.take(event)
            one.note()

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.05)
            if one.judge.unnamed:
                for run, device in (await founding_from(api, discussion)).devices.items():
                    one.judge.name(run, device)
            one.judge.tick(CLOCK.now_us())
            one.note()

    async with watcher:
        works = follow(), tick(), resolve(api, discussion, one.judge)
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            yield one
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


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
    """away_s: for so long nothing passes between the side and the host, after a second and a half."""
    host = Host(Settings(data=folder / "data", port=0))
    if not host_judges:
        host._founding = lambda discussion: None  # type: ignore[method-assign]
    tamper = LosingRelay(relay_loses)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(host)
        api = await stack.enter_async_context(HostApi(host.url, clock=CLOCK))
        made = await api.create({})
        id, secret = made["id"], made["sides"][0]["stage_url"].partition("#")[2]
        async with httpx.AsyncClient(base_url=host.url, trust_env=False) as http:
            answer = await http.post(
                f"/api/discussions/{id}/seats/north/air",
                json={"device": "the-phone"},
                headers={"Authorization": f"Bearer {secret}"},
            )
        grant = answer.json()
        founding = (await founding_from(api, id)).founding
        line = grant["line"]["url"], grant["line"]["fingerprint"]
        network = await stack.enter_async_context(Network(host.port))
        grant["line"]["url"] = f"https://127.0.0.1:{network.port}/line"
        async with _side(grant, founding, side_loses) as publisher:
            talking = asyncio.create_task(_talk(publisher))
            relay = await stack.enter_async_context(
                TamperingRelay(line, certificate(folder / "relay"), [f"{id}/north"], tamper)
            )
            one = await stack.enter_async_context(
                viewer(api, id, (relay.url, relay.fingerprint), founding, resolve)
            )
            if away_s:
                await asyncio.sleep(1.5)
                network.down = True
                await asyncio.sleep(away_s)
                network.down = False
            await talking
            await asyncio.sleep(away_s)
        await asyncio.sleep(0.3)
        text = host.metrics.page().decode()
    asked = [
        row.partition('status="')[2][:3]
        for row in text.splitlines()
        if row.startswith("vivavoce_http_requests_total") and "leaves" in row
    ]
    record = folder / "data" / "records" / id
    journal = [json.loads(row) for row in (record / "journal.jsonl").read_text().splitlines() if row]
    return Aired(one, verify(record), journal, asked, tamper)


def _side(grant: dict[str, Any], founding: Founding, loses: frozenset[int]) -> LosingPublisher:
    epoch_us = CLOCK.now_us()
    publisher = LosingPublisher(
        url=grant["line"]["url"],
        fingerprint=grant["line"]["fingerprint"],
        token=grant["token"],
        path=grant["path"],
        run=grant["run"],
        epoch_us=epoch_us,
        clock=CLOCK,
        sealing=Sealing(founding.digest, seat="north", run=grant["run"], epoch_us=epoch_us, device=Signer()),
    )
    publisher.loses = loses
    return publisher


async def _talk(publisher: Publisher) -> None:
    publisher.set_tracks([PICTURE, SOUND])
    publisher.write_clock(0, ClockEstimate(0, 1))
    start_us = CLOCK.now_us()
    for tick in range(round(50 * SECONDS)):
        at_us = CLOCK.now_us() - start_us
        publisher.write(SOUND.name, at_us, True, f"sound {tick}".encode() + bytes(60))
        if tick % 2 == 0:
            publisher.write(PICTURE.name, at_us, tick % 40 == 0, f"picture {tick}".encode() + bytes(300))
        await asyncio.sleep(0.02)


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
    last = round(50 * SECONDS) - 1
    one = await aired(tmp_path, side_loses=frozenset({last - 1}))
    assert one.lost == ("floor.1", 1)
    assert one.verified.holds


async def test_what_came_before_and_after_a_time_without_a_line_is_proven(tmp_path: Path) -> None:
    one = await aired(tmp_path, away_s=6.0)
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
