"""A relay between the host and a viewer that does to the line what an attack says. Real QUIC throughout."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import moq

from vivavoce.line.broadcast import Broadcast, OutTrack, Public, priority
from vivavoce.line.catalog import CATALOG_TRACK, CLOCK_TRACK, SEALS_TRACK, Catalog
from vivavoce.line.certificates import Certificate
from vivavoce.line.trackconfig import TrackConfig

__all__ = ["Frame", "Tamper", "TamperingRelay"]

_PATIENCE_US: Final = 5_000_000
"""For groups that newer ones overtook on the way from the host, which keeps them so long. A relay without it
would leave out more than its attack when it is busy."""
_KEPT_US: Final = 20_000_000
_AGAIN_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame on its way. seat: `north`. index: from 0 in its group. payload: as on the line."""

    seat: str
    track: str
    group: int
    index: int
    payload: bytes


class Tamper:
    """What an attack overrides. As it stands it changes nothing."""

    def frames(self, frame: Frame) -> Iterable[bytes]:
        """What goes on in the frame's place: nothing, itself, several."""
        return (frame.payload,)

    def group(self, seat: str, track: str, group: int) -> int | None:
        """Under which number a group goes on; None drops it."""
        return group

    def cuts(self, seat: str, track: str, group: int) -> bool:
        """Whether the group is reset where it ends."""
        return False

    def source(self, seat: str, track: str) -> tuple[str, str]:
        """(seat, track) whose groups go out under these names. In place of a seat a whole path may stand, of
        another discussion."""
        return seat, track

    async def wait(self, frame: Frame) -> None:
        """Hold a frame back."""


class TamperingRelay:
    """Async context manager. host: its address and fingerprint. paths: the broadcasts that it carries."""

    def __init__(
        self, host: tuple[str, str | None], certificate: Certificate, paths: Sequence[str], tamper: Tamper
    ) -> None:
        self._host, self._paths, self._tamper = host, paths, tamper
        self.certificate = certificate
        self._origin = moq.OriginProducer()
        self._public = Public(self._origin)
        self._tasks: set[asyncio.Task[None]] = set()
        self._carrying: dict[str, asyncio.Task[None]] = {}
        self._server: Any = None
        self._client: Any = None
        self.url = ""
        self.port = 0

    @property
    def fingerprint(self) -> str | None:
        return self.certificate.fingerprint

    async def __aenter__(self) -> Self:
        cert, key = str(self.certificate.cert), str(self.certificate.key)
        self._server = moq.Server(
            "127.0.0.1:0",
            tls_cert=[cert],
            tls_key=[key],
            publish=self._origin,
            subscribe=moq.OriginProducer(),
        )
        await self._server.__aenter__()
        self.port = int(self._server.local_addr.rpartition(":")[2])
        self.url = f"https://127.0.0.1:{self.port}/line"
        url, fingerprint = self._host
        self._client = moq.Client(
            url,
            tls_fingerprints=[fingerprint or ""],
            websocket_enabled=False,
            reconnect=False,
            publish=moq.OriginProducer(),
            subscribe=moq.OriginProducer(),
        )
        await self._client.__aenter__()
        self._start(self._accept())
        for path in self._paths:
            self._carrying[path] = self._start(self._carry(path))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.__aexit__(None, None, None)
        await self._server.__aexit__()

    def withdraw(self, path: str) -> None:
        """Carry a broadcast no longer: viewers see it end, as when its side leaves."""
        self._carrying[path].cancel()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _accept(self) -> None:
        sessions = []
        while True:
            request = await anext(self._server)
            sessions.append(await request.accept())

    async def _carry(self, path: str) -> None:
        """One run after the other."""
        while True:
            source = await self._client.announced_broadcast(path)
            try:
                catalogs = await source.subscribe_track(CATALOG_TRACK)
                await self._run(path, catalogs)
            except moq.Error:
                pass  # the run is over
            await asyncio.sleep(_AGAIN_S)

    async def _run(self, path: str, catalogs: moq.TrackConsumer) -> None:
        seat = path.rpartition("/")[2]
        out = self._public.open(path)
        carried = {CLOCK_TRACK, SEALS_TRACK}
        tasks = [self._start(self._track(path, out, seat, name)) for name in carried]
        number = 0
        try:
            while (frame := await catalogs.read_frame()) is not None:
                for payload in self._tamper.frames(Frame(seat, CATALOG_TRACK, number, 0, frame.payload)):
                    out.track(CATALOG_TRACK).one(number, payload, frame.timestamp_us)
                    number += 1
                    for name, config in Catalog.parse(payload).tracks.items():
                        if name not in carried:
                            carried.add(name)
                            tasks.append(self._start(self._track(path, out, seat, name, config)))
        finally:
            for task in tasks:
                task.cancel()
            self._public.close(out)

    async def _track(
        self, path: str, out: Broadcast, seat: str, name: str, config: TrackConfig | None = None
    ) -> None:
        from_seat, from_name = self._tamper.source(seat, name)
        source_path = from_seat if "/" in from_seat else path.rpartition("/")[0] + "/" + from_seat
        copy = out.track(name, config, _KEPT_US)
        how = moq.Subscription(priority=priority(name, config), max_age_us=_PATIENCE_US)
        while True:
            try:
                source = await self._client.announced_broadcast(source_path)
                groups = await source.subscribe_track(from_name, how)
                while (group := await groups.recv_group()) is not None:
                    number = self._tamper.group(seat, name, group.sequence)
                    if number is not None:
                        self._start(self._group(copy, seat, name, number, group))
            except moq.Error:
                pass  # not there yet
            await asyncio.sleep(_AGAIN_S)

    async def _group(
        self, copy: OutTrack, seat: str, name: str, number: int, group: moq.GroupConsumer
    ) -> None:
        writing = copy.group(number)
        index = 0
        try:
            while (frame := await group.read_frame()) is not None:
                one = Frame(seat, name, number, index, frame.payload)
                await self._tamper.wait(one)
                for payload in self._tamper.frames(one):
                    writing.write(payload, frame.timestamp_us)
                index += 1
        except moq.Error:
            pass  # cut off at its source
        if self._tamper.cuts(seat, name, number):
            writing.abort(400)
        else:
            writing.finish()
