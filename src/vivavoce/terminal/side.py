"""A side in the terminal: its source on one end, the line on the other."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from vivavoce.clock import Clock
from vivavoce.errors import RefusedError, UnavailableError, VivavoceError
from vivavoce.line.publish import Publisher
from vivavoce.line.sources.process import SourceProcess, Spec
from vivavoce.line.sources.source import Event, Note, Packet, Tracks
from vivavoce.terminal.addresses import StageAddress
from vivavoce.terminal.api import AirGrant, HostApi
from vivavoce.terminal.founding import founding_from
from vivavoce.terminal.sidekeys import SeatKeys, SideKeys

__all__ = ["Progress", "Side", "why_it_ended"]

_CLOCK_WORD_S: Final = 2.0
_PROBE_EVERY: Final = 3
_LEAVE_S: Final = 3.0

State = Literal["preparing", "live", "reconnecting", "ended"]


@dataclass(slots=True)
class Progress:
    """How a side does. sent_bytes, samples: since it went on air. lag_us: from capture to line, newest.
    epoch_us: the clock's time at timestamp 0."""

    state: State = "preparing"
    note: str = ""
    sent_bytes: int = 0
    samples: int = 0
    lag_us: int | None = None
    run: str = ""
    epoch_us: int = 0
    grant: AirGrant | None = None


class Side:
    """One side on air, once.

    spec_of: what to run, given the seat's facts (name, language). take_over: put another device off the air.
    keys: what it seals with; a device key of its own making where none are given.
    """

    def __init__(
        self,
        api: HostApi,
        stage: StageAddress,
        spec_of: Callable[[dict[str, Any]], Spec],
        *,
        clock: Clock,
        take_over: bool = False,
        keys: SideKeys | None = None,
    ) -> None:
        self._api, self._stage, self._spec_of = api, stage, spec_of
        self._keys = keys or SideKeys()
        self._clock, self._take_over = clock, take_over
        self._device = secrets.token_urlsafe(12)
        self.progress = Progress()
        self.on_air = asyncio.Event()
        """Set when it has gone on air."""

    async def run(self, stop: asyncio.Event) -> str | None:
        """Be on air until the source ends (None), `stop` is set (None), or the host ends the run (its code,
        see `Publisher.ended`). Leaves the air in any case.

        Raises what the host, the line or the source raise; `air.taken` where another device is on air.
        """
        seat = await self._api.seat(self._stage)
        if seat["on_air"] and not self._take_over:
            raise RefusedError("air.taken", f"The device {seat['device']} is on air for {seat['name']}.")
        await self._api.compare_clocks()
        founding = (await founding_from(self._api, self._stage.discussion)).founding
        keys = self._keys.vouched(founding, self._stage.seat, self._clock.now_us())
        async with SourceProcess(self._spec_of(seat), clock=self._clock) as source:
            events = aiter(source)
            tracks = await _first_tracks(events, stop)
            if tracks is None:
                return None
            grant = await self._api.go_on_air(self._stage, self._device, take_over=self._take_over)
            self.progress.grant, self.progress.run = grant, grant.run
            code: str | None = None
            try:
                code = await self._publish(grant, keys, source, events, tracks, stop)
            finally:
                self.progress.state = "ended"
                if code is None:
                    await self._leave(grant)
            return code

    async def _publish(
        self,
        grant: AirGrant,
        keys: SeatKeys,
        source: SourceProcess,
        events: Any,
        tracks: Tracks,
        stop: asyncio.Event,
    ) -> str | None:
        self.progress.epoch_us = epoch_us = self._clock.now_us()
        publisher = Publisher(
            url=grant.line_url,
            fingerprint=grant.fingerprint,
            token=grant.token,
            path=grant.path,
            run=grant.run,
            epoch_us=epoch_us,
            clock=self._clock,
            sealing=keys.sealing(grant.run, epoch_us),
        )
        async with publisher:
            publisher.set_tracks(tracks.tracks, tracks.devices)
            self.progress.state = "live"
            self.on_air.set()
            source.go()
            carrying = asyncio.create_task(self._carry(publisher, source, events, epoch_us))
            telling = asyncio.create_task(self._tell_clock(publisher, epoch_us))
            ended = asyncio.create_task(publisher.ended())
            stopped = asyncio.create_task(stop.wait())
            tasks = {carrying, telling, ended, stopped}
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            if ended in done:
                return ended.result()
            for task in done:
                task.result()
            return None

    async def _carry(self, publisher: Publisher, source: SourceProcess, events: Any, epoch_us: int) -> None:
        asked = False
        async for event in events:
            self.progress.state = "live" if publisher.live else "reconnecting"
            # Asked once a loss: an encoder may take some pictures to obey.
            if publisher.needs_key and not asked:
                source.want_key()
            asked = publisher.needs_key
            match event:
                case Packet(track, at_us, key, data) if at_us >= epoch_us:
                    publisher.write(track, at_us - epoch_us, key, data)
                    self.progress.lag_us = self._clock.now_us() - at_us
                    self.progress.sent_bytes = publisher.sent.size
                    self.progress.samples = publisher.sent.samples
                case Tracks(tracks, devices):
                    publisher.set_tracks(tracks, devices)
                case Note(text):
                    self.progress.note = text

    async def _tell_clock(self, publisher: Publisher, epoch_us: int) -> None:
        beat = 0
        while True:
            estimate = self._api.clock_estimate
            if estimate is not None:
                publisher.write_clock(self._clock.now_us() - epoch_us, estimate)
            await asyncio.sleep(_CLOCK_WORD_S)
            beat += 1
            if beat % _PROBE_EVERY == 0:
                # The pages may be away while the line holds; the last comparison still stands.
                with contextlib.suppress(UnavailableError):
                    await self._api.compare_clocks()

    async def _leave(self, grant: AirGrant) -> None:
        """Best effort: a host that is gone needs no goodbye, and one that took the air back neither."""
        with contextlib.suppress(VivavoceError, TimeoutError):
            await asyncio.wait_for(self._api.leave(self._stage, grant.token), _LEAVE_S)


async def _first_tracks(events: Any, stop: asyncio.Event) -> Tracks | None:
    """What the source will publish; None if `stop` comes first, or the source ends before."""

    async def first() -> Tracks | None:
        event: Event
        async for event in events:
            if isinstance(event, Tracks):
                return event
        return None

    preparing, stopped = asyncio.create_task(first()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({preparing, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return preparing.result() if preparing.done() else None
    finally:
        for task in (preparing, stopped):
            task.cancel()
        await asyncio.gather(preparing, stopped, return_exceptions=True)


def why_it_ended(code: str) -> str:
    """A sentence for the code with which the host ended a run."""
    return {
        "air.not_on": "The air was taken: by another device, or by the host with a new stage address.",
        "air.taken": "Another device is on air now with this one's token.",
        "access.token": "The host no longer accepts this device's token.",
    }.get(code, f"The host ended the run ({code}).")
