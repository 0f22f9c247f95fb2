"""Copies of a sound track's groups, for whoever's line loses packets (L16).

The copy of a group leaves with the next group, so that no one packet that is lost takes both with it. Nothing
is made while nobody takes it.
"""

from __future__ import annotations

from vivavoce.line.broadcast import Broadcast, OutTrack
from vivavoce.line.trackconfig import TrackConfig

__all__ = ["Again", "again_of"]

_MAX_AGE_US = 500_000
"""An older copy helps nobody."""


def again_of(track: str) -> str:
    """The name of a sound track's copies. It is in no catalogue."""
    return f"{track}/again"


class Again:
    """The copies of one track of `broadcast`, published with it."""

    def __init__(self, broadcast: Broadcast, config: TrackConfig) -> None:
        self._wanted = False
        self._held: tuple[int, bytes, int] | None = None
        self._out: OutTrack = broadcast.track(again_of(config.name), config, _MAX_AGE_US, self._demand)

    def add(self, sequence: int, payload: bytes, timestamp_us: int) -> None:
        """A group of the track, whole: its number and its only frame."""
        held, self._held = self._held, (sequence, payload, timestamp_us)
        if self._wanted and held is not None:
            self._out.one(*held)

    def _demand(self, wanted: bool) -> None:
        self._wanted = wanted
