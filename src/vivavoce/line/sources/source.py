"""What a source is: something that yields samples as time passes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from vivavoce.clock import Clock
from vivavoce.line.catalog import Devices
from vivavoce.line.trackconfig import TrackConfig

__all__ = ["PICTURE", "Control", "Event", "Note", "Packet", "Source", "Tracks"]

PICTURE: Final = "hd.1"
"""The picture of a side in the terminal: it makes one, which is the whole one however small (L18)."""


@dataclass(frozen=True, slots=True)
class Tracks:
    """What is published from here on, before its first sample and whenever it changes."""

    tracks: tuple[TrackConfig, ...]
    devices: Devices


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded sample. at_us: its capture by the source's clock, Unix microseconds. key: decodes alone."""

    track: str
    at_us: int
    key: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence for whoever watches the terminal."""

    text: str


Event = Tracks | Packet | Note


@dataclass(slots=True)
class Control:
    """What is asked of a running source, from another thread. go: its samples are wanted from now on.
    stop: end. key: the next picture should decode alone."""

    go: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)
    key: threading.Event = field(default_factory=threading.Event)

    def wait_for_go(self) -> bool:
        """Sleep until samples are wanted; False where the source is to stop instead."""
        while not self.go.wait(0.1):
            if self.stop.is_set():
                return False
        return not self.stop.is_set()

    def wait_until(self, at_us: int, clock: Clock) -> bool:
        """Sleep until the clock shows `at_us`; False where the source is to stop."""
        while (left_us := at_us - clock.now_us()) > 0:
            if self.stop.wait(left_us / 1e6):
                return False
        return not self.stop.is_set()


class Source(Protocol):
    """One side's devices."""

    def events(self, clock: Clock, control: Control) -> Iterator[Event]:
        """Yield events as they happen by the clock, until the source ends or `control.stop` is set.

        `Tracks` comes first, when the source is ready; samples, in order within each track, only after
        `control.go`: a side that is not on air sends nothing. Where `control.key` is set, the next picture
        decodes alone, if the source encodes. Blocks between events.
        Raises VivavoceError: `input.file`, `device.camera`, `device.microphone`.
        """
