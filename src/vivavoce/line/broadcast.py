"""A broadcast whose every track is ours, the catalogue included.

The binding's own producer publishes a catalogue of its own making under `catalog.json` and keeps the name.
But a broadcast lives on while somebody answers requests for its tracks, and the producer's tracks go when
it does. So the producer goes with its announcement, and every track is given out on request; each is
requested once by ourselves, so that it exists before the first viewer asks and keeps its newest groups.

Between the two a thread may stand still, and a viewer ask. Then the origin keeps what it was given, which is
over, in the catalogue's place, and nobody is given any from there on. So we look as a viewer would, and
announce once more where that is so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import moq

from vivavoce.line.catalog import CATALOG_TRACK, SEALS_TRACK
from vivavoce.line.trackconfig import TrackConfig

__all__ = ["Broadcast", "OutGroup", "OutTrack", "Public", "priority"]

_UNKNOWN_TRACK = 404
_MAX_BACKLOG = 256
"""Groups written before a track is open, which takes a millisecond, or a quarter of a second where the
broadcast is announced again."""

_REST_S = 0.25

_ATTEMPTS = 4
_LOOK_S = 1.0
"""A host that is so busy is not looked at for longer."""

_REACHED_S = 0.02
"""Our own request for a track is over within this: it is nobody's demand."""

_MAX_AGE_US = 5_000_000
"""A group is kept this long for whoever comes late; the newest always."""


def priority(track: str, config: TrackConfig | None = None) -> int:
    """L10: catalogue 100, seals 95, state, clock and arrival 90, sound 80, pictures from 69 (small) down
    to 60 (8K)."""
    if track == CATALOG_TRACK:
        return 100
    if track == SEALS_TRACK:
        return 95
    if config is None:
        return 90
    if config.kind == "audio":
        return 80
    return 60 + max(0, min(9, 24 - (config.width * config.height).bit_length()))


class OutGroup:
    """A group being written. Writing never raises: once the line has dropped a group, it reports False."""

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        self._producer: moq.GroupProducer | None = None
        self._pending: list[Callable[[moq.GroupProducer], None]] | None = []

    def write(self, payload: bytes, timestamp_us: int) -> bool:
        return self._do(lambda producer: producer.write_frame(payload, timestamp_us))

    def finish(self) -> None:
        self._do(lambda producer: producer.finish())

    def abort(self, code: int) -> None:
        self._do(lambda producer: producer.abort(code))

    def start(self, track: moq.TrackProducer) -> bool:
        """The track is open: write what was held back. Returns whether the line has such a group."""
        pending, self._pending = self._pending or [], None
        try:
            self._producer = track.create_group(self.sequence)
        except moq.Error:
            return False
        for step in pending:
            self._do(step)
        return True

    def _do(self, step: Callable[[moq.GroupProducer], None]) -> bool:
        if self._producer is None:
            if self._pending is None:
                return False
            self._pending.append(step)
            return True
        try:
            step(self._producer)
        except moq.Error:
            self._producer = None
            return False
        return True


class OutTrack:
    """A track being published. Groups may be opened at once; they are sent when the track is open.

    wanted: told when somebody subscribes to it, and when nobody does any more.
    """

    def __init__(self, name: str, info: moq.TrackInfo, wanted: Callable[[bool], None] | None = None) -> None:
        self.name = name
        self.info = info
        self.wanted = wanted
        self._producer: moq.TrackProducer | None = None
        self._backlog: list[OutGroup] = []
        self._ended = False
        self._next = 0
        """The number that the binding gives a group by itself; 0 where that is not known."""

    def group(self, sequence: int) -> OutGroup:
        group = OutGroup(sequence)
        if self._producer is not None:
            self._begin(group, self._producer)
        elif not self._ended:
            self._backlog.append(group)
            del self._backlog[:-_MAX_BACKLOG]
        return group

    def one(self, sequence: int, payload: bytes, timestamp_us: int) -> None:
        """A group of one frame."""
        if self._producer is None or not 0 < sequence == self._next:
            group = self.group(sequence)
            group.write(payload, timestamp_us)
            group.finish()
            return
        # One call of the binding instead of four: with a voice it is a hundred times a second.
        self._next = 0
        try:
            self._producer.write_frame(payload, timestamp_us)
        except moq.Error:
            return
        self._next = sequence + 1

    def open(self, producer: moq.TrackProducer) -> None:
        backlog, self._backlog = self._backlog, []
        self._producer, self._next = producer, 0
        for group in backlog:
            self._begin(group, producer)

    def end(self) -> None:
        self._ended = True
        self._backlog.clear()
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                producer.finish()
            except moq.Error:
                return

    def _begin(self, group: OutGroup, producer: moq.TrackProducer) -> None:
        if group.start(producer):
            self._next = max(self._next, group.sequence + 1)


class Public:
    """An origin whose paths are not used again too soon.

    A path that is closed and opened at once is never seen to be closed: whoever watches it keeps the old
    broadcast. So a new one waits until its predecessor's end had time to be told.
    """

    def __init__(self, origin: moq.OriginProducer) -> None:
        self.origin = origin
        self._closed: dict[str, float] = {}

    def open(self, path: str) -> Broadcast:
        """A new broadcast at `path`; writing to it may begin at once."""
        now = asyncio.get_running_loop().time()
        self._closed = {each: at for each, at in self._closed.items() if now - at < _REST_S}
        wait = _REST_S - (now - self._closed[path]) if path in self._closed else 0
        return Broadcast(self.origin, path, wait)

    def close(self, broadcast: Broadcast) -> None:
        """Close what `open` gave."""
        self._closed[broadcast.path] = asyncio.get_running_loop().time()
        broadcast.close()


class Broadcast:
    """A broadcast, announced at `path` of `origin` until it is closed. Needs a running event loop.

    wait_s: announce it only then. Ask for its catalogue's track before anything else is awaited: only then
    is it looked at whether viewers are given it.
    """

    def __init__(self, origin: moq.OriginProducer, path: str, wait_s: float = 0) -> None:
        self.path = path
        self._requests: moq.BroadcastDynamic | None = None
        self._self: moq.BroadcastConsumer | None = None
        self._tracks: dict[str, OutTrack] = {}
        self._accepted: list[tuple[OutTrack, moq.TrackProducer]] = []
        """Nothing is written to these until it is known that it reaches whoever asked."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: asyncio.TimerHandle | None = None
        if wait_s > 0:
            self._waiting = asyncio.get_running_loop().call_later(wait_s, self._announce, origin, _ATTEMPTS)
        else:
            self._announce(origin, _ATTEMPTS)

    def _announce(self, origin: moq.OriginProducer, attempts: int) -> None:
        producer = origin.create_broadcast(self.path)
        self._requests = producer.dynamic()
        ours = producer.consume()
        _announce_last(producer)
        del producer
        self._start(self._answer(self._requests))
        self._start(self._begin(origin, ours, attempts))

    async def _begin(self, origin: moq.OriginProducer, ours: moq.BroadcastConsumer, attempts: int) -> None:
        """Open every track, once the catalogue can be had."""
        if CATALOG_TRACK in self._tracks and attempts > 1 and not await self._is_given(origin):
            assert self._requests is not None
            self._requests.cancel()
            await asyncio.sleep(_REST_S)
            self._accepted.clear()
            self._announce(origin, attempts - 1)
            return
        self._self = ours
        for track, producer in self._accepted:
            self._open(track, producer)
        self._accepted.clear()
        for name in self._tracks:
            self._start(self._request(ours, name))

    async def _is_given(self, origin: moq.OriginProducer) -> bool:
        """Whether who asks for the catalogue is given ours; asked for in vain, or not of us, it is not."""
        try:
            async with asyncio.timeout(_LOOK_S):
                broadcast = await origin.consume().announced_broadcast(self.path)
                (await broadcast.subscribe_track(CATALOG_TRACK)).cancel()
        except moq.Error:
            return False
        except TimeoutError:
            pass
        return any(track.name == CATALOG_TRACK for track, _ in self._accepted)

    def track(
        self,
        name: str,
        config: TrackConfig | None = None,
        max_age_us: int = _MAX_AGE_US,
        wanted: Callable[[bool], None] | None = None,
    ) -> OutTrack:
        """The track of that name, published now if it was not yet. wanted: see OutTrack."""
        track = self._tracks.get(name)
        if track is None:
            info = moq.TrackInfo(priority=priority(name, config), max_age_us=max_age_us, timescale=1_000_000)
            track = self._tracks[name] = OutTrack(name, info, wanted)
            if self._self is not None:
                self._start(self._request(self._self, name))
        return track

    def close(self) -> None:
        """End every track and take the announcement back."""
        if self._waiting is not None:
            self._waiting.cancel()
        for track in self._tracks.values():
            track.end()
        self._tracks.clear()
        if self._requests is not None:
            self._requests.cancel()
        for task in self._tasks:
            task.cancel()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _request(self, broadcast: moq.BroadcastConsumer, name: str) -> None:
        try:
            (await broadcast.subscribe_track(name)).cancel()
        except moq.Error:
            return  # closed meanwhile

    async def _answer(self, requests: moq.BroadcastDynamic) -> None:
        while True:
            try:
                request = await requests.requested_track()
            except moq.Error:
                return  # closed
            try:
                track = self._tracks.get(request.name)
                if track is None:
                    request.abort(_UNKNOWN_TRACK)
                else:
                    producer = request.accept(track.info)
                    if self._self is None:
                        self._accepted.append((track, producer))
                    else:
                        self._open(track, producer)
            except moq.Error:
                continue  # whoever asked is gone

    def _open(self, track: OutTrack, producer: moq.TrackProducer) -> None:
        track.open(producer)
        if track.wanted is not None:
            self._start(self._demand(producer.demand(), track.wanted))

    async def _demand(self, demand: moq.TrackDemand, wanted: Callable[[bool], None]) -> None:
        try:
            await asyncio.sleep(_REACHED_S)
            while True:
                await demand.used()
                wanted(True)
                await demand.unused()
                wanted(False)
        except moq.Error:
            wanted(False)  # the track is gone


def _announce_last(producer: moq.BroadcastProducer) -> None:
    """Announce, and let the binding's producer go within the same call.

    Whoever asks for the catalogue while it is still there is given its own. The binding's methods take a
    reference of their own (UniFFI), so the last one is handed to this one: between two calls of Python a busy
    host has time to serve a hundred viewers.
    """
    inner = producer._inner
    handle, inner._handle = inner._handle, None
    inner._uniffi_clone_handle = lambda: handle
    producer.announce()
