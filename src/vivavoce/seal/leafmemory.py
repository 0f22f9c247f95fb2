"""The newest leaves of a run, for whoever lacks some of a span (docs/formats/seal.md, S20).

A side remembers those of what it sealed, a host those of what came. Memory is bounded by their number: the
groups that were begun first are forgotten first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

__all__ = ["LeafMemory"]

Track = TypeVar("Track", int, str)

_MOST: Final = 32_768
"""Three pictures and a voice make 150 a second: three minutes and a half, and eight megabytes at most."""


class LeafMemory(Generic[Track]):
    """Track: by what a track is known, its number or its name. most: how many leaves are remembered."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._groups: dict[tuple[Track, int], list[bytes]] = {}
        self._held = 0

    def __len__(self) -> int:
        return self._held

    def add(self, track: Track, group: int, index: int, leaf: bytes) -> None:
        """Those of a group are added one after the other; one that is there already, or that does not follow,
        is left out."""
        leaves = self._groups.get((track, group), [])
        if index != len(leaves):
            return
        leaves.append(leaf)
        self._groups[track, group] = leaves
        self._held += 1
        while self._held > self._most:
            self._held -= len(self._groups.pop(next(iter(self._groups))))

    def put(self, track: Track, group: int, leaves: Sequence[bytes], *, sound: bool) -> None:
        """Those of a whole span."""
        for at, leaf in enumerate(leaves):
            self.add(track, group + at if sound else group, 0 if sound else at, leaf)

    def of(self, track: Track, group: int, count: int, *, sound: bool) -> tuple[bytes, ...] | None:
        """The first `count` leaves of the span that begins with `group`; None where one of them is not
        remembered. sound: its samples are the first of `count` groups in a row."""
        if not sound:
            leaves = self._groups.get((track, group), [])[:count]
        else:
            leaves = []
            for at in range(group, group + count):
                leaves += self._groups.get((track, at), [])[:1]
                if len(leaves) <= at - group:
                    return None
        return tuple(leaves) if 0 < count == len(leaves) else None
