"""Takes one side's line in place of the host, looks at what the stage sends before anybody else had it, and
carries it on to whoever watches there, altered or not."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import moq
from playwright.sync_api import Page, Route

from vivavoce.clock import SystemClock
from vivavoce.errors import EvidenceError
from vivavoce.line.broadcast import Broadcast, OutGroup
from vivavoce.line.catalog import CATALOG_TRACK, CLOCK_TRACK, Catalog, TrackConfig
from vivavoce.line.certificates import Certificate, make
from vivavoce.line.sample import decode_frame
from vivavoce.seal.leavesframe import is_leaves, parse_leaves
from vivavoce.seal.papers import parse_papers
from vivavoce.seal.spans import Missing
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


def as_it_came(came: Came) -> bytes | None:
    return came.payload


class Carrier:
    """A relay of one side. `alter`: what is carried on in place of a frame, or None for nothing. `lacking`:
    the spans whose leaves the side is asked for (L17)."""

    def __init__(self, path: str, certificate: Certificate) -> None:
        self.came: list[Came] = []
        self.catalogs: list[bytes] = []
        self.alter: Callable[[Came], bytes | None] = as_it_came
        self.lacking: list[tuple[int, int, int]] = []
        self.port = 0
        self.fingerprint = certificate.fingerprint
        self._path = path
        self._certificate = certificate
        self._sessions: list[moq.Session] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._over = asyncio.Event()
        self._public = moq.OriginProducer()

    @property
    def query(self) -> str:
        """Of an audience's address, to watch what is carried on."""
        return f"?relay=https://127.0.0.1:{self.port}/line&fingerprint={self.fingerprint}"

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
            request.set_publish(self._public)
            request.set_consume(private)
            self._start(self._serve(request, private))

    async def _serve(self, request: moq.Request, private: moq.OriginProducer) -> None:
        with contextlib.suppress(moq.Error):
            self._sessions.append(await request.accept())
            await self._feed(private.consume())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _feed(self, origin: moq.OriginConsumer) -> None:
        with contextlib.suppress(moq.Error):
            broadcast = await origin.announced_broadcast(self._path)
            out = Broadcast(self._public, self._path)
            for name in (SEALS, CLOCK_TRACK):
                self._start(self._track(broadcast, out, name))
            self._start(self._demand())
            known: set[str] = set()
            catalogs = await broadcast.subscribe_track(CATALOG_TRACK, moq.Subscription(priority=100))
            while (frame := await catalogs.read_frame()) is not None:
                out.track(CATALOG_TRACK).one(len(self.catalogs), frame.payload, 0)
                self.catalogs.append(frame.payload)
                for name, config in Catalog.parse(frame.payload).tracks.items():
                    if name not in known:
                        known.add(name)
                        self._start(self._track(broadcast, out, name, config))

    async def _demand(self) -> None:
        """Say that somebody wants every rendition, and what is lacking (L17)."""
        discussion, seat = self._path.split("/")
        host = Broadcast(self._public, f"{discussion}/host")
        for number in itertools.count():
            if self.catalogs:
                catalog = Catalog.parse(self.catalogs[-1])
                now = SystemClock().now_us()
                report = {"version": 1, "at_us": now, "run": catalog.run, "tracks": {}}
                report["lacking"] = self.lacking
                word = json.dumps(report | {"wanted": list(catalog.tracks)}).encode()
                host.track(f"arrival-{seat}.json").one(number, word, now)
            await asyncio.sleep(0.2)

    async def _track(
        self, broadcast: moq.BroadcastConsumer, out: Broadcast, name: str, config: TrackConfig | None = None
    ) -> None:
        copy = out.track(name, config, _MAX_AGE_US if name == SEALS else 5_000_000)
        with contextlib.suppress(moq.Error):
            last = max((one.group for one in self.came if one.track == name), default=0)
            how = moq.Subscription(priority=80, max_age_us=_MAX_AGE_US, group_start=last)
            groups = await broadcast.subscribe_track(name, how)
            while (group := await groups.recv_group()) is not None:
                self._start(self._group(name, group, copy.group(group.sequence)))

    async def _group(self, name: str, group: moq.GroupConsumer, copy: OutGroup) -> None:
        index = 0
        with contextlib.suppress(moq.Error):
            while (frame := await group.read_frame()) is not None:
                now = SystemClock().now_us()
                came = Came(now, name, group.sequence, index, frame.payload)
                if name != CLOCK_TRACK:
                    self.came.append(came)
                carried = self.alter(came)
                if carried is not None:
                    copy.write(carried, _stamp(frame))
                index += 1
        copy.finish()


def _stamp(frame: Any) -> int:
    return int(getattr(frame, "timestamp_us", 0) or 0)


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
        elif one.index > 0 and is_leaves(one.payload):
            told = parse_leaves(one.payload)
            verdict.resolved(Missing(told.track, told.group, len(told.leaves)), told.leaves, one.at_us)
        elif one.index > 0:
            verdict.seal(one.payload, one.at_us)
            sealed.append(one.at_us)
        verdict.tick(one.at_us)
        states.add(verdict.state)
    apart = max((b - a for a, b in itertools.pairwise(sealed)), default=0)
    return Judgement(verdict, standing, states, apart)
