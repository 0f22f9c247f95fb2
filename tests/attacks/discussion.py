"""A discussion at a real host, over real QUIC: a side that seals, relays that tamper, viewers who judge."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from tests.attacks.relay import Tamper, TamperingRelay
from tests.line.parts import CLOCK, PICTURE, SOUND, certificate
from vivavoce.clock import ClockEstimate
from vivavoce.host import Host
from vivavoce.line.events import Event, SampleSeen, SealSeen
from vivavoce.line.publish import Publisher
from vivavoce.line.sealing import Sealing
from vivavoce.line.watch import Watcher
from vivavoce.seal.chain import Chain
from vivavoce.seal.signer import Signer
from vivavoce.seal.statement import Founding
from vivavoce.settings import Settings
from vivavoce.terminal.addresses import StageAddress
from vivavoce.terminal.api import AirGrant, HostApi
from vivavoce.terminal.founding import founding_from
from vivavoce.terminal.judge import Judge
from vivavoce.terminal.report import Line, Reporter
from vivavoce.terminal.watch import ask_for_leaves

__all__ = [
    "BUSY",
    "Discussion",
    "Resolve",
    "Viewer",
    "another",
    "asks",
    "discussion",
    "does_not_ask",
    "talk",
    "talking",
]

BUSY: Final = {None, "seal.late", "seal.apart"}
"""What may be said of any side on a busy machine, where nothing was lost: what came late was late."""

Kind = TypeVar("Kind", bound=Sealing)
Resolve = Callable[[HostApi, str, Judge], Awaitable[None]]


async def asks(api: HostApi, id: str, judge: Judge) -> None:
    """For leaves, as `vivavoce watch` does."""
    await ask_for_leaves(api, id, judge, CLOCK)


async def does_not_ask(api: HostApi, id: str, judge: Judge) -> None:
    await asyncio.Event().wait()


@dataclass
class Viewer:
    """Judges north as `vivavoce watch` does, and keeps every state that it saw, every line that it would
    write, and every frame of seals."""

    judge: Judge
    reporter: Reporter
    saw: list[tuple[str, str | None]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    seals: list[SealSeen] = field(default_factory=list)
    samples: dict[tuple[str, str, int, int], bytes] = field(default_factory=dict)
    """By run, track, group and index."""

    def take(self, event: Event) -> None:
        if isinstance(event, SealSeen):
            self.seals.append(event)
        if isinstance(event, SampleSeen):
            one = event.sample
            self.samples[one.run, one.track, one.group, one.index] = one.data
        self.lines += self.reporter.take(event)
        self.note()

    def tick(self, now_us: int) -> None:
        self.lines += self.reporter.tick(now_us)
        self.note()

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
    def is_verified(self) -> bool:
        return self.saw[-1:] == [("verified", None)]

    @property
    def run(self) -> str:
        """That is judged now; empty before the first."""
        there = self.judge._runs.get("north")
        return there.judge.run if there is not None else ""

    @property
    def chain(self) -> Chain:
        """Of the run that is judged now, once its papers came."""
        verdict = self.judge._runs["north"].judge.verdict
        assert verdict is not None
        return verdict.chain

    @property
    def marks(self) -> set[str]:
        """The codes of everything in the history of the run that is judged now."""
        verdict = self.judge._runs["north"].judge.verdict
        assert verdict is not None
        return {one.code for one in verdict.history}

    @property
    def unproven(self) -> list[int]:
        """The first groups of the rows of which something came and nothing proves it."""
        verdict = self.judge._runs["north"].judge.verdict
        assert verdict is not None
        return [one.group for one in verdict.missing()]


@dataclass
class Discussion:
    """At a running host. record: its folder."""

    host: Host
    api: HostApi
    id: str
    founding: Founding
    stage: StageAddress
    folder: Path
    _relays: int = 0

    @property
    def record(self) -> Path:
        return self.host.records / self.id

    @property
    def path(self) -> str:
        return f"{self.id}/north"

    @property
    def line(self) -> tuple[str, str | None]:
        """Where the host's own is."""
        return f"https://127.0.0.1:{self.host.port}/line", self.host.certificate.fingerprint

    @property
    def journal(self) -> list[dict[str, Any]]:
        return [json.loads(row) for row in (self.record / "journal.jsonl").read_text().splitlines() if row]

    async def on_air(self, *, take_over: bool = False) -> AirGrant:
        return await self.api.go_on_air(self.stage, "the-phone", take_over=take_over)

    async def off_air(self, grant: AirGrant) -> None:
        await self.api.leave(self.stage, grant.token)

    def sealing(self, grant: AirGrant, device: Signer | None = None) -> Sealing:
        """Of a side that goes on air now."""
        return self.sealing_by(Sealing, grant, device)

    def sealing_by(self, kind: Callable[..., Kind], grant: AirGrant, device: Signer | None = None) -> Kind:
        about = {"seat": "north", "run": grant.run, "epoch_us": CLOCK.now_us()}
        return kind(self.founding.digest, **about, device=device or Signer())

    def side(
        self,
        grant: AirGrant,
        sealing: Sealing,
        *,
        port: int | None = None,
        kind: Callable[..., Publisher] = Publisher,
    ) -> Publisher:
        """port: of a network between the side and the host."""
        return kind(
            url=f"https://127.0.0.1:{port}/line" if port else grant.line_url,
            fingerprint=grant.fingerprint,
            token=grant.token,
            path=grant.path,
            run=grant.run,
            epoch_us=sealing._epoch_us,
            clock=CLOCK,
            sealing=sealing,
        )

    def relay(self, tamper: Tamper, *, succeeds: TamperingRelay | None = None) -> TamperingRelay:
        """succeeds: whose certificate it shows, as if it were that one."""
        self._relays += 1
        own = succeeds.certificate if succeeds else certificate(self.folder / f"relay-{self._relays}")
        return TamperingRelay(self.line, own, [self.path], tamper)

    @asynccontextmanager
    async def viewer(
        self, relay: TamperingRelay, resolve: Resolve = asks, *, port: int | None = None
    ) -> AsyncIterator[Viewer]:
        """Watches through a relay while it is entered. port: of a network between the two."""
        judge = Judge(self.founding)
        one = Viewer(judge, Reporter(["north"], judge))
        watcher = Watcher(
            url=f"https://127.0.0.1:{port}/line" if port else relay.url,
            fingerprint=relay.fingerprint,
            discussion=self.id,
            clock=CLOCK,
            host_clock=lambda: ClockEstimate(0, 1),
        )
        async with watcher:
            works = _follow(watcher, one), self._tick(one), resolve(self.api, self.id, judge)
            tasks = [asyncio.ensure_future(work) for work in works]
            try:
                yield one
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _tick(self, one: Viewer) -> None:
        while True:
            await asyncio.sleep(0.05)
            if one.judge.unnamed:
                for run, device in (await founding_from(self.api, self.id)).devices.items():
                    one.judge.name(run, device)
            one.tick(CLOCK.now_us())


async def _follow(watcher: Watcher, one: Viewer) -> None:
    async for event in watcher:
        one.take(event)


@asynccontextmanager
async def discussion(folder: Path, *, host_judges: bool = True) -> AsyncIterator[Discussion]:
    """host_judges: the host judges what it lets through, and asks the side for leaves."""
    host = Host(Settings(data=folder / "data", port=0))
    if not host_judges:
        host._founding = lambda discussion: None  # type: ignore[method-assign]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(host)
        api = await stack.enter_async_context(HostApi(host.url, clock=CLOCK))
        yield await another(host, api, folder)


async def another(host: Host, api: HostApi, folder: Path) -> Discussion:
    """A new discussion at a host that runs."""
    made = await api.create({})
    founding = (await founding_from(api, made["id"])).founding
    stage = StageAddress.parse(made["sides"][0]["stage_url"])
    return Discussion(host, api, made["id"], founding, stage, folder)


async def talk(publisher: Publisher, ticks: int | None = None, *, every_s: float = 0.04) -> None:
    """25 packets of sound and 12.5 pictures a second. Each is stamped, sealed and sent at once: what a seal
    covers was stamped before the seal's own clock. ticks: packets; without end by default."""
    publisher.set_tracks([PICTURE, SOUND])
    publisher.write_clock(0, ClockEstimate(0, 1))
    tick = 0
    while ticks is None or tick < ticks:
        at_us = CLOCK.now_us() - publisher._epoch_us
        said = f"{tick} of {publisher._run}".encode()
        publisher.write(SOUND.name, at_us, True, b"sound " + said + bytes(40))
        if tick % 2 == 0:
            publisher.write(PICTURE.name, at_us, tick % 40 == 0, b"picture " + said + bytes(280))
        tick += 1
        await asyncio.sleep(every_s)


@asynccontextmanager
async def talking(publisher: Publisher) -> AsyncIterator[Publisher]:
    """A side that talks until this is left; then it says its end seal and hangs up."""
    async with publisher:
        task = asyncio.create_task(talk(publisher))
        try:
            yield publisher
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
