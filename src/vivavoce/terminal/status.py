"""The status line of a side that publishes: state, time on air, bits a second, delay."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.status import Status as RichStatus

from vivavoce.clock import Clock
from vivavoce.errors import VivavoceError
from vivavoce.line.delay import DelayWindow
from vivavoce.line.events import SampleSeen
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.line.watch import Watcher
from vivavoce.terminal.addresses import StageAddress
from vivavoce.terminal.screen import say
from vivavoce.terminal.side import Progress, Side

__all__ = ["Status", "status_text"]

_EVERY_S: Final = 0.5
_WINDOW_US: Final = 3_000_000


def status_text(progress: Progress, on_air_us: int, bits: float, there_and_back_us: int | None) -> str:
    """One line. on_air_us: for how long. bits: a second. there_and_back_us: from capture, over the host,
    to a viewer on this machine; both ends on this machine's clock."""
    if progress.state == "preparing":
        return "Preparing"
    if progress.state == "ended":
        return "Off the air"
    seconds = on_air_us // 1_000_000
    text = "On air" if progress.state == "live" else "Reconnecting"
    text += f"  {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    text += f"  {bits / 1e6:.2f} Mbit/s"
    if progress.state == "live" and there_and_back_us is not None:
        text += f"  {there_and_back_us / 1000:.0f} ms to a viewer here, measured"
    return text + (f"  {progress.note}" if progress.note else "")


class Status:
    """Shows how a side does until cancelled. Into a pipe: a line at each change of state."""

    def __init__(self, side: Side, stage: StageAddress, clock: Clock) -> None:
        self._progress, self._on_air = side.progress, side.on_air
        self._stage, self._clock = stage, clock
        self._delays = DelayWindow(_WINDOW_US)
        self._console = Console(stderr=False)

    async def run(self) -> None:
        echo = asyncio.create_task(self._echo())
        try:
            await self._show()
        finally:
            echo.cancel()
            await asyncio.gather(echo, return_exceptions=True)

    async def _show(self) -> None:
        rate = _Rate()
        if not self._console.is_terminal:
            before = ""
            while True:
                state = self._progress.state
                if state != before:
                    say(f"{self._stage.seat}: {status_text(self._progress, 0, 0, None).split('  ')[0]}")
                    before = state
                await asyncio.sleep(_EVERY_S / 5)
        with RichStatus("Preparing", console=self._console, refresh_per_second=4) as shown:
            while True:
                now_us = self._clock.now_us()
                bits = rate.of(self._progress.sent_bytes, now_us)
                summary = self._delays.summary(now_us)
                delay_us = None if summary is None else summary.p50_us
                since_us = now_us - self._progress.epoch_us if self._progress.epoch_us else 0
                shown.update(f"{self._stage.seat}  {status_text(self._progress, since_us, bits, delay_us)}")
                await asyncio.sleep(_EVERY_S)

    async def _echo(self) -> None:
        """Take the own floor back from the host, as a viewer would: the only delay that needs no trust in
        anyone's clock. One sound track is light enough."""
        await self._on_air.wait()
        grant = self._progress.grant
        if grant is None:
            return

        def first_sound(seat: str, track: TrackConfig, _listed: Mapping[str, TrackConfig]) -> bool:
            return seat == self._stage.seat and track.rendition == "floor"

        with contextlib.suppress(VivavoceError):
            watcher = Watcher(
                url=grant.line_url,
                fingerprint=grant.fingerprint,
                discussion=self._stage.discussion,
                clock=self._clock,
                want=first_sound,
            )
            async with watcher:
                async for event in watcher:
                    if isinstance(event, SampleSeen) and event.sample.run == grant.run:
                        captured_us = self._progress.epoch_us + event.sample.timestamp_us
                        at_us = event.sample.received_us
                        self._delays.add(at_us, at_us - captured_us, 0)


class _Rate:
    """Bits a second, over some two seconds."""

    def __init__(self) -> None:
        self._seen: list[tuple[int, int]] = []

    def of(self, size: int, now_us: int) -> float:
        self._seen.append((now_us, size))
        while len(self._seen) > 2 and now_us - self._seen[0][0] > 2_500_000:
            self._seen.pop(0)
        (then_us, before), (now, after) = self._seen[0], self._seen[-1]
        return (after - before) * 8e6 / (now - then_us) if now > then_us else 0.0
