"""One session at the relay: what it announces is judged here, and copied or cut off.

1. A session without a token may announce nothing (L2).
2. A session with one may announce its own broadcast; the newest session of a run is the one that counts.
3. Whatever else is announced ends the session; the public origin never sees it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Protocol

import moq
import structlog

from vivavoce.discussion.authority import Grant
from vivavoce.errors import PeerError
from vivavoce.line.again import again_of
from vivavoce.line.catalog import CATALOG_TRACK, CLOCK_TRACK, SEALS_TRACK
from vivavoce.line.closing import Closing
from vivavoce.line.losses import LossWatch
from vivavoce.line.run import PublicRun, TooMuchError
from vivavoce.line.sealed import SEALS_KEPT_US
from vivavoce.line.trackconfig import TrackConfig

__all__ = ["Gate", "Keeper"]

_log = structlog.get_logger("vivavoce.line")

_ACCEPT_TIMEOUT_S = 10
_MAX_FAULTS = 16
"""A glitch is forgiven, a flood is not."""

_AGAIN_S = 0.1
_ON_ITS_WAY_S = 2.0
"""What was written to a track before it left the catalogue comes within this, or not at all: a page keeps
nothing for longer."""
_COPIES_AGAIN_S = 1.0
"""A device without copies is not asked for them with every packet."""
_SEALS_AGAIN_S = 0.5
"""A device that does not seal is asked now and then whether it does by now."""
_ENDING = 64
"""So many packets of sound, half a second or more."""
_AFTER_NOTICE = (Closing.ENDED, Closing.REPLACED)
_NOTICE_S = 1.0
"""The page reads in `state.json` that its run is over and leaves. Chromium 156 crashes a page whose session
is closed by the other end while it opens a stream, and a side opens fifty a second."""

_PRIVATE_CACHE_BYTES = 32 * 1024 * 1024
_MAX_AGE_US = 10_000_000
"""How long a group that was overtaken is still waited for: the record wants it, late or not."""


class Keeper(Protocol):
    """What a gate needs of the relay."""

    def run_of(self, gate: Gate) -> PublicRun | None:
        """The run that this gate feeds from now on, all others of its token being closed; None if its
        grant is void."""

    def refused(self, what: str, grant: Grant | None) -> None: ...


class Gate:
    """One session. `serve` returns when it is over; `close` ends it."""

    def __init__(self, keeper: Keeper, request: moq.Request, grant: Grant | None) -> None:
        self.grant = grant
        self.why = "closed"
        self.run: PublicRun | None = None
        self._keeper = keeper
        self._request = request
        self._session: moq.Session | None = None
        self._closing: Closing | None = None
        self._faults = 0
        self._tracks: dict[str, asyncio.Task[None]] = {}
        self._leaving: dict[str, asyncio.TimerHandle] = {}
        """Tracks that the catalogue does not list any more."""
        self._read: deque[moq.GroupConsumer] = deque(maxlen=_ENDING)
        """Their groups' ends may still be on their way: who lets go before tells the device to stop."""
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, public: moq.OriginProducer, opened: Callable[[], None]) -> None:
        """Accept the session and stay with it. opened: called once it is accepted."""
        private = moq.OriginProducer(cache_capacity_bytes=_PRIVATE_CACHE_BYTES)
        self._request.set_publish(public)
        self._request.set_consume(private)
        try:
            async with asyncio.timeout(_ACCEPT_TIMEOUT_S):
                self._session = await self._request.accept()
        except (moq.Error, TimeoutError):
            return
        if self._closing is not None:
            self._session.cancel(self._closing)
            return
        opened()
        self._start(self._watch(private.consume()))
        try:
            await self._session.closed()
        except moq.Error:
            pass  # a session always ends by an error, a friendly one included
        finally:
            self._stop()

    def close(self, closing: Closing, why: str) -> None:
        """End the session, before or after it was accepted: nothing of it is copied from now on.

        A device whose run is over, or that came back over another session, has a second to close this one by
        itself; everyone else is cut off at once.
        """
        if self._closing is not None:
            return
        self._closing = closing
        self.why = why
        if self._session is not None:
            if closing in _AFTER_NOTICE:
                asyncio.get_running_loop().call_later(_NOTICE_S, self._session.cancel, closing)
            else:
                self._session.cancel(closing)
        self._stop()

    def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        run, self.run = self.run, None
        if run is not None:
            run.cut_groups()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _watch(self, origin: moq.OriginConsumer) -> None:
        feeding: asyncio.Task[None] | None = None
        try:
            async for update in origin.announced(hidden=True):
                if self.grant is None or update.prefix != self.grant.path:
                    if update.active:
                        who = "a viewer" if self.grant is None else f"{self.grant.path}"
                        self._refuse(f"{who} announced {update.prefix[:80]!r}")
                        return
                elif not update.active:
                    if feeding is not None:
                        feeding.cancel()
                    feeding = None
                elif feeding is None:
                    feeding = self._start(self._feed(origin, update.prefix))
        except moq.Error:
            return  # the session is over

    def _refuse(self, what: str) -> None:
        self.close(Closing.FORBIDDEN, "refused")
        self._keeper.refused(what, self.grant)

    async def _feed(self, origin: moq.OriginConsumer, path: str) -> None:
        """Follow the broadcast for as long as it is announced, however often it begins anew."""
        while True:
            tasks: list[asyncio.Task[None]] = []
            try:
                broadcast = await origin.request_broadcast(path)
                catalogs = await broadcast.subscribe_track(CATALOG_TRACK, moq.Subscription(priority=100))
                while (frame := await catalogs.read_frame()) is not None:
                    if self.run is None:
                        self.run = self._keeper.run_of(self)
                        if self.run is None:
                            return
                    if self._attempt(self.run.catalog, frame.payload):
                        self._follow(self.run, broadcast)
                        if not tasks:
                            tasks.append(self._start(self._clock(self.run, broadcast)))
                            tasks.append(self._start(self._seals(self.run, broadcast)))
            except moq.Error:
                pass  # not there yet, or over
            for task in (*tasks, *self._tracks.values()):
                task.cancel()
            for leaving in self._leaving.values():
                leaving.cancel()
            self._leaving.clear()
            self._tracks.clear()
            await asyncio.sleep(_AGAIN_S)

    def _follow(self, run: PublicRun, broadcast: moq.BroadcastConsumer) -> None:
        catalog = run.state.catalog
        assert catalog is not None
        for name, task in self._tracks.items():
            if name not in catalog.tracks and name not in self._leaving:
                # The catalogue overtakes pictures: what is on its way is not to be cut.
                later = asyncio.get_running_loop().call_later
                self._leaving[name] = later(_ON_ITS_WAY_S, task.cancel)
        for name, config in catalog.tracks.items():
            if (leaving := self._leaving.pop(name, None)) is not None:
                leaving.cancel()
            if name not in self._tracks or self._tracks[name].done():
                self._tracks[name] = self._start(self._track(run, broadcast, config))

    async def _clock(self, run: PublicRun, broadcast: moq.BroadcastConsumer) -> None:
        try:
            words = await broadcast.subscribe_track(CLOCK_TRACK, moq.Subscription(priority=90))
            while (frame := await words.read_frame()) is not None:
                self._attempt(run.clock, frame.payload)
        except moq.Error:
            return

    async def _seals(self, run: PublicRun, broadcast: moq.BroadcastConsumer) -> None:
        """Follow the seals, from the first group that is not here whole."""
        while True:
            how = moq.Subscription(priority=95, max_age_us=SEALS_KEPT_US, group_start=run.seals.next_group)
            try:
                groups = await broadcast.subscribe_track(SEALS_TRACK, how)
                while (group := await groups.recv_group()) is not None:
                    self._start(self._sealed(run, group))
            except moq.Error:
                pass  # not there yet, or over
            await asyncio.sleep(_SEALS_AGAIN_S)

    async def _sealed(self, run: PublicRun, group: moq.GroupConsumer) -> None:
        index = 0
        try:
            while (frame := await group.read_frame()) is not None:
                if not self._attempt(partial(run.seal, group.sequence, index), frame.payload):
                    return
                index += 1
            run.seals.whole(group.sequence)
        except moq.Error:
            pass  # with its session; the next one has it from its beginning

    async def _track(self, run: PublicRun, broadcast: moq.BroadcastConsumer, config: TrackConfig) -> None:
        """Follow a track for as long as the catalogue lists it, also if it is listed before it is there."""
        losses = LossWatch()
        copies: asyncio.Task[None] | None = None
        while run.state.catalog is not None and config.name in run.state.catalog.tracks:
            how = moq.Subscription(
                priority=80 if config.kind == "audio" else 60,
                max_age_us=_MAX_AGE_US,
                group_start=run.state.next_group(config.name),
            )
            try:
                groups = await broadcast.subscribe_track(config.name, how)
                while (group := await groups.recv_group()) is not None:
                    sequence = group.sequence
                    self._start(self._group(run, config, sequence, group))
                    if config.kind == "audio":
                        wanted = losses.came(sequence, 1000 * asyncio.get_running_loop().time())
                        if wanted and (copies is None or copies.done()):
                            copies = self._start(self._copies(run, broadcast, config))
                        elif not wanted and copies is not None:
                            copies.cancel()
                            copies = None
            except moq.Error:
                pass  # not there yet, or over
            finally:
                if copies is not None:
                    copies.cancel()
            await asyncio.sleep(_AGAIN_S)

    async def _copies(self, run: PublicRun, broadcast: moq.BroadcastConsumer, config: TrackConfig) -> None:
        """Take a sound track's groups once more while they get lost on their way (L16).

        Whichever of the two comes first counts: a number that was used is ignored.
        """
        try:
            how = moq.Subscription(priority=79, max_age_us=_MAX_AGE_US)
            groups = await broadcast.subscribe_track(again_of(config.name), how)
            while (group := await groups.recv_group()) is not None:
                self._start(self._group(run, config, group.sequence, group))
        except moq.Error:
            pass  # a device that has no copies
        await asyncio.sleep(_COPIES_AGAIN_S)

    async def _group(
        self, run: PublicRun, config: TrackConfig, sequence: int, group: moq.GroupConsumer
    ) -> None:
        copying = None
        whole = False
        try:
            copying = run.begin(config, sequence, group)
            if copying is None:
                group.cancel()
                return
            # A packet is all of its group; to ask for its end too would cost as much again.
            while not copying.full and (frame := await group.read_frame()) is not None:
                copying.frame(frame.payload)
            whole = True
            if copying.full:
                self._read.append(group)
        except moq.Error:
            pass  # cut off by its publisher, or with its session
        except PeerError as error:
            self._fault(error)
        except TooMuchError:
            self._too_much()
        finally:
            if copying is not None:
                copying.end(whole=whole)

    def _attempt(self, take: Callable[[bytes], object], raw: bytes) -> bool:
        try:
            take(raw)
        except PeerError as error:
            self._fault(error)
            return False
        except TooMuchError:
            self._too_much()
            return False
        return True

    def _fault(self, error: PeerError) -> None:
        self._faults += 1
        assert self.grant is not None
        _log.warning("a side broke the format", path=self.grant.path, code=error.code, what=str(error)[:300])
        if self._faults > _MAX_FAULTS:
            self.close(Closing.MALFORMED, "refused")
            self._keeper.refused(f"{self.grant.path} kept breaking the format", self.grant)

    def _too_much(self) -> None:
        assert self.grant is not None
        if self._closing is None:
            self.close(Closing.TOO_MUCH, "refused")
            self._keeper.refused(f"{self.grant.path} sent more than the host may spend on it", self.grant)
