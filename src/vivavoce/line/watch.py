"""A viewer of a discussion, in a program (docs/formats/line.md)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import moq

from vivavoce.clock import Clock, ClockEstimate
from vivavoce.errors import PeerError
from vivavoce.line.astray import Astray, run_on_air
from vivavoce.line.catalog import CATALOG_TRACK, CLOCK_TRACK, SEALS_TRACK, STATE_TRACK, Catalog
from vivavoce.line.delay import arrival_delay_us
from vivavoce.line.dial import Dialler
from vivavoce.line.events import (
    CatalogSeen,
    Event,
    GroupClosed,
    HostState,
    LineState,
    SampleSeen,
    SealSeen,
    SeatState,
)
from vivavoce.line.sample import Sample
from vivavoce.line.sealed import SEALS_KEPT_US
from vivavoce.line.state import ClockWord, GroupState, RunState
from vivavoce.line.trackconfig import TrackConfig

__all__ = ["Want", "Watcher"]

Want = Callable[[str, TrackConfig, Mapping[str, TrackConfig]], bool]
"""Seat, track, all tracks that the seat lists: whether to take it."""


_HOST = "host"
_NO_TRACK = "?"
_MAX_WAITING = 10_000
_SHOW_WITHIN_S = 1.0
_AGAIN_S = 0.1
_STRAYS_EVERY_S = 0.25
_SEALS_AGAIN_S = 1.0
"""A side that does not seal is asked now and then whether it does by now."""


@dataclass(slots=True)
class _Seat:
    name: str
    announced: bool = False
    fresh: bool = True
    state: RunState | None = None
    clock: ClockWord | None = None
    seals: tuple[str, int] = ("", 0)
    """Of which run, and the newest group of seals."""
    astray: Astray = field(default_factory=Astray)


class Watcher:
    """Async context manager and async iterator of events. Survives a lost line.

    url, fingerprint: as GET /api/line gives. discussion: its id. want: whether to take a track of a seat,
    given all that the seat lists now; all by default. host_clock: the viewer's estimate of the host's clock,
    None while unknown. patience_us: how long an overtaken group is still waited for.
    Entering raises UnavailableError `line.unreachable` or `line.full`.
    """

    def __init__(
        self,
        *,
        url: str,
        fingerprint: str | None,
        discussion: str,
        clock: Clock,
        want: Want = lambda seat, track, listed: True,
        host_clock: Callable[[], ClockEstimate | None] = lambda: None,
        patience_us: int = 2_000_000,
    ) -> None:
        self._url, self._fingerprint, self._discussion = url, fingerprint, discussion
        self._clock = clock
        self._want = want
        self._host_clock = host_clock
        self._patience_us = patience_us
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._seats: dict[str, _Seat] = {}
        self._dialler: Dialler | None = None
        self._session_tasks: set[asyncio.Task[None]] = set()
        self._asked: moq.BroadcastConsumer | None = None
        self._asking: asyncio.Task[None] | None = None
        self.dropped = 0
        """Samples that were not handed out, since nobody took the events."""

    async def __aenter__(self) -> Self:
        self._dialler = Dialler(
            url=self._url,
            fingerprint=self._fingerprint,
            token=None,
            now_us=self._clock.now_us,
            publish=moq.OriginProducer,
            subscribe=moq.OriginProducer,
            changed=self._changed,
            ask=self._ask,
        )
        await self._dialler.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop_session()
        if self._dialler is not None:
            await self._dialler.stop()

    async def __aiter__(self) -> AsyncIterator[Event]:
        while True:
            yield await self._events.get()

    def _emit(self, event: Event) -> None:
        if isinstance(event, SampleSeen) and self._events.qsize() >= _MAX_WAITING:
            self.dropped += 1
            return
        self._events.put_nowait(event)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._session_tasks.add(task)
        task.add_done_callback(self._session_tasks.discard)
        return task

    async def _stop_session(self) -> None:
        tasks = list(self._session_tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _changed(self, session: moq.Session | None, code: str | None) -> None:
        now_us = self._clock.now_us()
        if session is None:
            self._emit(LineState("reconnecting", code, now_us))
            return
        for task in list(self._session_tasks):
            task.cancel()
        self._asked = self._asking = None
        self._emit(LineState("live", None, now_us))
        self._start(self._discover(session.consume()))
        self._start(self._find_again())

    def _ask(self) -> None:
        """Ask for a track that is not there: the relay refuses it, and that is an answer."""
        broadcast = self._asked
        if broadcast is not None and (self._asking is None or self._asking.done()):
            self._asking = self._start(_refused_track(broadcast))

    async def _discover(self, origin: moq.OriginConsumer) -> None:
        forgetting = self._start(self._forget_gone(set(self._seats)))
        following: dict[str, asyncio.Task[None]] = {}
        prefix = f"{self._discussion}/"
        try:
            async for update in origin.announced(self._discussion):
                if not update.prefix.startswith(prefix):
                    continue
                name = update.prefix.removeprefix(prefix)
                task = following.pop(name, None)
                if not update.active:
                    if task is not None:
                        task.cancel()
                    self._gone(name)
                elif task is not None and not task.done():
                    following[name] = task
                elif name == _HOST:
                    following[name] = self._start(self._follow_host(origin, update.prefix))
                else:
                    seat = self._seats.setdefault(name, _Seat(name))
                    if not seat.announced:
                        seat.announced = True
                        self._emit(SeatState(name, True, self._clock.now_us()))
                    seat.fresh = True
                    following[name] = self._start(self._follow_seat(origin, update.prefix, seat))
        except moq.Error:
            return  # the session is over; the next one begins anew
        finally:
            forgetting.cancel()

    async def _forget_gone(self, names: set[str]) -> None:
        """A seat that a new session does not show soon went away in between."""
        for name in names:
            self._seats[name].fresh = False
        await asyncio.sleep(_SHOW_WITHIN_S)
        for name in names:
            if name in self._seats and not self._seats[name].fresh:
                self._gone(name)

    def _gone(self, name: str) -> None:
        seat = self._seats.get(name)
        if seat is not None and seat.announced:
            seat.announced = False
            self._emit(SeatState(name, False, self._clock.now_us()))

    async def _follow_host(self, origin: moq.OriginConsumer, path: str) -> None:
        while True:
            try:
                broadcast = self._asked = await origin.request_broadcast(path)
                track = await broadcast.subscribe_track(STATE_TRACK, moq.Subscription(priority=90))
                while (frame := await track.read_frame()) is not None:
                    self._host_said(frame.payload)
            except moq.Error:
                pass  # a broadcast that is closed and opened at once is not announced anew
            await asyncio.sleep(_AGAIN_S)

    def _host_said(self, raw: bytes) -> None:
        try:
            state = json.loads(raw)
        except ValueError:
            return
        if isinstance(state, dict):
            self._emit(HostState(state, self._clock.now_us()))
            for name, seat in self._seats.items():
                seat.astray.told(run_on_air(state, name))

    async def _find_again(self) -> None:
        """Where a seat went on in another run unseen, asking this session again gives the old one again."""
        while self._dialler is not None:
            await asyncio.sleep(_STRAYS_EVERY_S)
            now_us = self._clock.now_us()
            for seat in self._seats.values():
                followed = seat.state.run if seat.state is not None else None
                if seat.announced and seat.astray.strays(followed, now_us):
                    self._dialler.again()

    async def _follow_seat(self, origin: moq.OriginConsumer, path: str, seat: _Seat) -> None:
        """One run after the other, as long as the seat is announced."""
        while True:
            tasks: list[asyncio.Task[None]] = []
            tracks: dict[str, asyncio.Task[None]] = {}
            try:
                broadcast = self._asked = await origin.request_broadcast(path)
                track = await broadcast.subscribe_track(CATALOG_TRACK, moq.Subscription(priority=100))
                tasks.append(self._start(self._follow_clock(broadcast, seat)))
                tasks.append(self._start(self._follow_seals(broadcast, seat)))
                while (frame := await track.read_frame()) is not None:
                    if self._catalog(seat, frame.payload):
                        self._follow_tracks(broadcast, seat, tracks)
            except moq.Error:
                pass  # the run or the session is over
            finally:
                for task in (*tasks, *tracks.values()):
                    task.cancel()
            await asyncio.sleep(_AGAIN_S)

    def _catalog(self, seat: _Seat, raw: bytes) -> bool:
        try:
            run = Catalog.parse(raw).run
            if seat.state is None or seat.state.run != run:
                seat.state = RunState(seat.name, run)
            change = seat.state.take_catalog(raw)
        except PeerError:
            return False
        if not change.same:
            self._emit(CatalogSeen(seat.name, change.catalog, self._clock.now_us()))
        return True

    def _follow_tracks(
        self, broadcast: moq.BroadcastConsumer, seat: _Seat, tracks: dict[str, asyncio.Task[None]]
    ) -> None:
        assert seat.state is not None
        assert seat.state.catalog is not None
        listed = seat.state.catalog.tracks
        wanted = {name: config for name, config in listed.items() if self._want(seat.name, config, listed)}
        for name in [name for name in tracks if name not in wanted]:
            tracks.pop(name).cancel()
        for name, config in wanted.items():
            if name not in tracks or tracks[name].done():
                tracks[name] = self._start(self._follow_track(broadcast, seat, seat.state, config))

    async def _follow_clock(self, broadcast: moq.BroadcastConsumer, seat: _Seat) -> None:
        try:
            track = await broadcast.subscribe_track(CLOCK_TRACK, moq.Subscription(priority=90))
            while (frame := await track.read_frame()) is not None:
                if seat.state is not None:
                    try:
                        seat.clock = seat.state.take_clock(frame.payload)
                    except PeerError:
                        continue
        except moq.Error:
            return

    async def _follow_seals(self, broadcast: moq.BroadcastConsumer, seat: _Seat) -> None:
        """From the newest group on; of a run that was followed before, from where it was left."""
        while True:
            run = seat.state.run if seat.state is not None else ""
            start = seat.seals[1] if run and seat.seals[0] == run else None
            # Whoever joins is given what the host still holds, as far back as this.
            kept_us = self._patience_us if start is None else SEALS_KEPT_US
            how = moq.Subscription(priority=95, max_age_us=kept_us, group_start=start)
            try:
                track = await broadcast.subscribe_track(SEALS_TRACK, how)
                while (group := await track.recv_group()) is not None:
                    self._start(self._read_seals(seat, group))
            except moq.Error:
                pass  # a side that does not seal, or over
            await asyncio.sleep(_SEALS_AGAIN_S)

    async def _read_seals(self, seat: _Seat, group: moq.GroupConsumer) -> None:
        index = 0
        try:
            while (frame := await group.read_frame()) is not None:
                run = seat.state.run if seat.state is not None else ""
                newest = seat.seals[1] if seat.seals[0] == run else 0
                seat.seals = (run, max(newest, group.sequence))
                self._emit(SealSeen(seat.name, group.sequence, index, frame.payload, self._clock.now_us()))
                index += 1
        except moq.Error:
            return  # cut off; whoever comes back has it from its beginning

    async def _follow_track(
        self, broadcast: moq.BroadcastConsumer, seat: _Seat, state: RunState, config: TrackConfig
    ) -> None:
        while True:
            how = moq.Subscription(
                priority=80 if config.kind == "audio" else 60,
                max_age_us=self._patience_us,
                group_start=state.next_group(config.name) or None,
            )
            try:
                track = await broadcast.subscribe_track(config.name, how)
                while (group := await track.recv_group()) is not None:
                    self._start(self._read(seat, state, config, group))
            except moq.Error:
                pass  # not there yet, or over
            await asyncio.sleep(_AGAIN_S)

    async def _read(
        self, seat: _Seat, state: RunState, config: TrackConfig, group: moq.GroupConsumer
    ) -> None:
        opened: GroupState | None = None
        whole = False
        try:
            opened = state.open_group(config.name, group.sequence)
            if opened is None:
                return
            while (frame := await group.read_frame()) is not None:
                now_us = self._clock.now_us()
                _, sample = opened.take(frame.payload, now_us)
                if sample is not None:
                    self._emit(self._seen(seat, state, sample))
            whole = True
        except (moq.Error, PeerError):
            pass  # cut off, or broken: the event says that it is not whole
        finally:
            if opened is not None:
                self._emit(
                    GroupClosed(
                        seat=seat.name,
                        run=state.run,
                        track=config.name,
                        group=opened.sequence,
                        count=opened.count,
                        whole=whole,
                        at_us=self._clock.now_us(),
                    )
                )

    def _seen(self, seat: _Seat, state: RunState, sample: Sample) -> SampleSeen:
        own = self._host_clock()
        if own is None or seat.clock is None or state.catalog is None:
            return SampleSeen(sample, None, None)
        delay_us = arrival_delay_us(
            epoch_us=state.catalog.epoch_us,
            timestamp_us=sample.timestamp_us,
            side_offset_us=seat.clock.offset_us,
            arrived_us=sample.received_us,
            own_offset_us=own.offset_us,
        )
        return SampleSeen(sample, delay_us, seat.clock.uncertainty_us + own.uncertainty_us)


async def _refused_track(broadcast: moq.BroadcastConsumer) -> None:
    try:
        (await broadcast.subscribe_track(_NO_TRACK)).cancel()
    except moq.Error:
        return
