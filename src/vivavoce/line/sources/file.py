"""A media file as a source, in real time (`publish --file`)."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import av

from vivavoce.clock import Clock
from vivavoce.errors import YourInputError
from vivavoce.line.catalog import Devices
from vivavoce.line.sources.convert import Lane, lanes_of
from vivavoce.line.sources.inspect import Inspection, inspect
from vivavoce.line.sources.source import Control, Event, Note, Packet, Tracks

__all__ = ["FileSource"]

_AHEAD_US: Final = 700_000
"""How far apart a file's tracks may lie and still leave in order; muxers keep within half a second."""

_LATE_US: Final = 500_000
"""A machine that falls further behind than this while encoding goes on from now, and says so."""


class FileSource:
    """path: any file that FFmpeg reads, with a picture, sound tracks, or both. seat: whose, for the booths
    among its tracks. language: of the floor where the file does not say. loop: begin again at the end.

    A sample leaves when its moment in the file has come: sound when its packet would be full.
    """

    def __init__(self, *, path: Path, seat: str, language: str, loop: bool = False) -> None:
        self._path, self._seat, self._language, self._loop = path, seat, language, loop

    def events(self, clock: Clock, control: Control) -> Iterator[Event]:
        found = inspect(self._path, self._language)
        lanes = lanes_of(found, self._seat)
        configs = tuple(lane.config for lane in lanes.values())
        yield Tracks(
            configs,
            Devices(camera="live" if found.picture else "off", microphone="live" if found.sounds else "off"),
        )
        yield Note(_told(lanes))
        if not control.wait_for_go():
            return
        base_us, begins_us = clock.now_us(), 0
        while True:
            for due_us, at_us, lane, made in _in_order(self._samples(found, lanes, begins_us, control)):
                if not control.wait_until(base_us + due_us, clock):
                    return
                behind_us = clock.now_us() - base_us - due_us
                if behind_us > _LATE_US:
                    base_us += behind_us
                    yield Note("this machine is slower than the file")
                yield Packet(lane.config.name, base_us + at_us, made.key, made.data)
            if not self._loop:
                return
            begins_us += found.duration_us

    def _samples(
        self, found: Inspection, lanes: dict[int, Lane], begins_us: int, control: Control
    ) -> Iterator[tuple[int, int, Lane, Any]]:
        """(due, timestamp, lane, sample) of one pass, as the file interleaves them."""
        try:
            with av.open(str(self._path)) as container:
                streams = [container.streams[index] for index in lanes]
                for lane in lanes.values():
                    lane.begin(begins_us - found.start_us)
                for packet in container.demux(streams):
                    if control.stop.is_set():
                        return
                    lane = lanes[packet.stream.index]
                    if control.key.is_set() and lane.config.kind == "video":
                        control.key.clear()
                        lane.want_key()
                    for made in lane.take(packet):
                        yield made.timestamp_us + lane.fill_us, made.timestamp_us, lane, made
        except av.FFmpegError as error:
            raise YourInputError("input.file", f"{self._path.name!r} is damaged: {error.strerror}.") from None


def _in_order(samples: Iterator[tuple[int, int, Lane, Any]]) -> Iterator[tuple[int, int, Lane, Any]]:
    """The samples by when they are due, of a stream that is so within _AHEAD_US."""
    waiting: list[tuple[int, int, tuple[int, int, Lane, Any]]] = []
    for number, sample in enumerate(samples):
        heapq.heappush(waiting, (sample[0], number, sample))
        while waiting[0][0] < sample[0] - _AHEAD_US:
            yield heapq.heappop(waiting)[2]
    while waiting:
        yield heapq.heappop(waiting)[2]


def _told(lanes: dict[int, Lane]) -> str:
    coded = [f"{lane.config.name} is encoded: {lane.why}" for lane in lanes.values() if lane.why]
    return "; ".join(coded) if coded else "everything goes as it is in the file"
