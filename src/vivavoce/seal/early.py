"""Samples of tracks whose configuration no seal has told yet (docs/formats/seal.md, V6, V7, V9).

1. They are kept until it comes: `MOST_EARLY` of a track, of `MOST_TRACKS` tracks. Of a track that has more,
   all are let go, and it begins again with a group.
2. What waits longer than `PENDING_US` is late, and what is let go is late at once. That is told once for each
   track, and again after the verdict recovered. Until it stops the verdict does not.
3. What was captured before the verifier joined, and came then, is not waited for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from vivavoce.seal.overdue import PENDING_US

__all__ = ["Early", "EarlySample"]

MOST_EARLY: Final = 4_096
MOST_TRACKS: Final = 32


@dataclass(frozen=True, slots=True)
class EarlySample:
    """As `Spans.sample` takes it. came_us: when, on the verifier's clock."""

    group: int
    index: int
    timestamp_us: int
    leaf: bytes
    came_us: int


@dataclass(slots=True)
class _Track:
    samples: list[EarlySample] = field(default_factory=list)
    let_go: list[EarlySample] = field(default_factory=list)
    """Of which nobody has asked yet."""
    seen_us: int = -1
    """When the newest came that was late when somebody asked."""
    told: bool = False
    """Since the verdict recovered."""


class Early:
    def __init__(self) -> None:
        self._tracks: dict[str, _Track] = {}
        self._beyond: tuple[str, EarlySample] | None = None
        """The first of a track more than are kept, since somebody asked."""
        self._told_beyond = False
        self._troubled = False

    def add(self, track: str, sample: EarlySample) -> None:
        if track not in self._tracks and len(self._tracks) >= MOST_TRACKS:
            self._beyond = self._beyond or (track, sample)
            return
        one = self._tracks.setdefault(track, _Track())
        if len(one.samples) >= MOST_EARLY:
            one.let_go = one.let_go or [each for each in one.samples if each.came_us > one.seen_us]
            one.samples = []
        if one.samples or sample.index == 0:
            one.samples.append(sample)

    def pop(self, track: str) -> list[EarlySample]:
        """Its configuration came: what was kept of it."""
        one = self._tracks.pop(track, None)
        return one.samples if one is not None else []

    def late(self, now_us: int, joined_us: int, joined_at_us: int) -> list[tuple[str, list[EarlySample]]]:
        """What is to be told by now. joined_us, joined_at_us: as `Spans` has them."""

        def waits(one: EarlySample) -> bool:
            return one.timestamp_us >= joined_us or one.came_us > joined_at_us + PENDING_US

        told: list[tuple[str, list[EarlySample]]] = []
        for name, track in self._tracks.items():
            old = [one for one in track.samples if track.seen_us < one.came_us < now_us - PENDING_US]
            late = [one for one in (*track.let_go, *old) if waits(one)]
            track.let_go = []
            track.seen_us = max((one.came_us for one in old), default=track.seen_us)
            self._troubled = self._troubled or bool(late)
            if late and not track.told:
                track.told = True
                told.append((name, late))
        if self._beyond is not None:
            name, sample = self._beyond
            self._beyond, self._troubled = None, True
            if not self._told_beyond:
                self._told_beyond = True
                told.append((name, [sample]))
        return told

    def take_trouble(self) -> bool:
        """Whether something has been found late since this was asked, told or not."""
        troubled, self._troubled = self._troubled, False
        return troubled

    def recovered(self) -> None:
        """What goes on is told again."""
        self._told_beyond = False
        for one in self._tracks.values():
            one.told = False
