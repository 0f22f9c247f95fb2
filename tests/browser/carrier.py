"""Takes one side's line in place of the host, to look at what the stage sends before anybody else had it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import moq
from playwright.sync_api import Page, Route

from vivavoce.clock import SystemClock
from vivavoce.errors import EvidenceError
from vivavoce.line.catalog import CATALOG_TRACK, Catalog
from vivavoce.line.certificates import Certificate, make
from vivavoce.line.sample import decode_frame
from vivavoce.seal.papers import parse_papers
from vivavoce.seal.statement import Founding, run_of
from vivavoce.seal.verdict import Verdict

SEALS = "seals"
_MAX_AGE_US = 600_000_000


@dataclass(frozen=True)
class Came:
    """A frame, and when it came."""

    at_us: int
    track: str
    group: int
    index: int
    payload: bytes


class Carrier:
    """A relay of one side."""

    def __init__(self, path: str, certificate: Certificate) -> None:
        self.came: list[Came] = []
        self.cut = False
        self.port = 0
        self.fingerprint = certificate.fingerprint
        self._path = path
        self._certificate = certificate
        self._sessions: list[moq.Session] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._over = asyncio.Event()

    def lead(self, page: Page) -> None:
        """The page's line leads here from now on."""

        def rewrite(route: Route) -> None:
            answer = route.fetch()
            if not answer.body():
                route.fulfill(response=answer)
                return
            body = answer.json()
            line = body.get("line", body)
            if "url" in line:
                line["url"] = f"https://127.0.0.1:{self.port}/line"
                line["fingerprint"] = self.fingerprint
            route.fulfill(response=answer, json=body)

        page.route("**/api/line", rewrite)
        page.route("**/air", rewrite)

    def drop(self) -> None:
        """Cut every session off, in the middle of whatever it does."""
        for session in self._sessions:
            self._loop.call_soon_threadsafe(session.cancel, 0)
        self._sessions.clear()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._listen()), daemon=True)
        thread.start()
        if not self._listening.wait(10):
            raise RuntimeError("the carrier does not listen")
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._over.set)
            thread.join(10)
            self._loop.close()

    async def _listen(self) -> None:
        async with moq.Server(
            "127.0.0.1:0",
            tls_cert=[str(self._certificate.cert)],
            tls_key=[str(self._certificate.key)],
            publish=moq.OriginProducer(),
            subscribe=moq.OriginProducer(),
        ) as server:
            self.port = int(server.local_addr.rpartition(":")[2])
            self._start(self._accept(server))
            self._listening.set()
            await self._over.wait()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, server: moq.Server) -> None:
        async for request in server:
            private = moq.OriginProducer()
            request.set_publish(moq.OriginProducer())
            request.set_consume(private)
            self._sessions.append(await request.accept())
            self._start(self._feed(private.consume()))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _feed(self, origin: moq.OriginConsumer) -> None:
        with contextlib.suppress(moq.Error):
            broadcast = await origin.announced_broadcast(self._path)
            self._start(self._track(broadcast, SEALS))
            known = {SEALS}
            catalogs = await broadcast.subscribe_track(CATALOG_TRACK, moq.Subscription(priority=100))
            while (frame := await catalogs.read_frame()) is not None:
                for name in Catalog.parse(frame.payload).tracks:
                    if name not in known:
                        known.add(name)
                        self._start(self._track(broadcast, name))

    async def _track(self, broadcast: moq.BroadcastConsumer, name: str) -> None:
        with contextlib.suppress(moq.Error):
            last = max((one.group for one in self.came if one.track == name), default=0)
            how = moq.Subscription(priority=80, max_age_us=_MAX_AGE_US, group_start=last)
            groups = await broadcast.subscribe_track(name, how)
            while (group := await groups.recv_group()) is not None:
                self._start(self._group(name, group))

    async def _group(self, name: str, group: moq.GroupConsumer) -> None:
        index = 0
        with contextlib.suppress(moq.Error):
            while (frame := await group.read_frame()) is not None:
                now = SystemClock().now_us()
                self.came.append(Came(now, name, group.sequence, index, frame.payload))
                index += 1


@contextlib.contextmanager
def carrier(path: str, folder: Path) -> Iterator[Carrier]:
    """path: `<discussion>/<seat>`. folder: for its certificate."""
    folder.mkdir()
    made = Carrier(path, make(folder, ["127.0.0.1"], SystemClock().now_us()))
    with made.listening():
        yield made


@dataclass
class Judgement:
    verdict: Verdict
    standing: str
    states: set[str]
    """Those that it had meanwhile."""
    apart_us: int
    """The longest between two seals."""


def judged(founding: Founding, came: list[Came]) -> Judgement:
    """What a verifier says who got these frames. Raises EvidenceError for papers that do not hold."""
    first = next((one for one in came if one.track == SEALS and one.index == 0), None)
    if first is None:
        raise EvidenceError("seal.run", "No papers came.")
    papers = parse_papers(first.payload)
    run, standing = run_of(founding, papers.statement, papers.device, papers.vouchers)
    verdict = Verdict(founding.digest, run.run, run.key, papers.statement)
    states: set[str] = set()
    sealed: list[int] = []
    for one in came:
        if one.track != SEALS:
            timestamp_us, data = decode_frame(one.payload)
            if data:
                at = (one.track, one.group, one.index, timestamp_us, one.index == 0)
                verdict.sample(*at, data, one.at_us)
        elif one.index > 0:
            verdict.seal(one.payload, one.at_us)
            sealed.append(one.at_us)
        verdict.tick(one.at_us)
        states.add(verdict.state)
    apart = max((b - a for a, b in itertools.pairwise(sealed)), default=0)
    return Judgement(verdict, standing, states, apart)
