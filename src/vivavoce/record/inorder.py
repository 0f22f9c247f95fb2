"""A run of a record, judged while it is read: seals a part at a time, each track as far as those tell of it.

    seals.log   |==============>                read
    hd.1.mp4    |========|=====>                read as far as the seals tell of it; audited up to the bar

What was audited is let go of, so a record may be of any length. That stands on `seal/inorder.py`, and on
samples that lie near their place, as an undisturbed recorder writes them; gaps are no hindrance. At anything
else it gives up before anything was told, and the run has to be judged with all of it at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from vivavoce.record.fragments import Damage
from vivavoce.record.leaves import Hashed
from vivavoce.record.seals import Kept
from vivavoce.seal.audit import Stretch, TrackAudit
from vivavoce.seal.inorder import SealsInOrder
from vivavoce.seal.kept import SealedTrack

__all__ = ["TrackInOrder", "judge_in_order"]

Begin = Callable[[str, SealedTrack], "TrackInOrder | None"]


class TrackInOrder:
    """hashed: of what is held, its leaves; of all that was read, its times. samples: that were read."""

    def __init__(self, audit: TrackAudit, hashed: Hashed, windows: Iterator[Damage | int]) -> None:
        self.hashed = hashed
        self.samples = 0
        self.stretches: list[Stretch] = []
        self._audit = audit
        self._windows = windows
        self._ended = False
        self._newest = -1

    def go_on(self, newest: int) -> bool:
        """Audit what was handed on, but the last span. newest: the last group that the seals tell of."""
        if not self._read(newest):
            return False
        spans = self._audit.sealed.spans
        self._audit.go_on(spans[:-1])
        del spans[:-1]
        self._audit.forget()
        return True

    def end(self) -> bool:
        """Audit all that is left. False also where the record says of a group that it was empty, and no seal
        does: that takes all spans."""
        if not self._read(None):
            return False
        self._audit.go_on(self._audit.sealed.spans)
        if self._audit.rests:
            return False
        self.stretches = self._audit.ended()
        return True

    def _read(self, newest: int | None) -> bool:
        """Read on until something behind group `newest` was found, or to the end."""
        leaves, held = self.hashed.leaves, len(self.hashed.leaves)
        while not self._ended and (newest is None or self._newest <= newest):
            rows, found = len(leaves), next(self._windows, None)
            self._ended = found is None
            if isinstance(found, Damage) and not found.torn:
                return False
            groups = leaves.group[rows:]
            if groups:
                if min(groups) < self._audit.until:
                    return False
                self._newest = max(self._newest, max(groups))
                self.samples += len(groups)
        if len(leaves) > held:
            leaves.sort()
        return True


def judge_in_order(
    seals: SealsInOrder, found: Iterable[Kept | Damage], begin: Begin, part: int
) -> dict[str, TrackInOrder] | None:
    """Every track that is sealed, by its name; None where it gives up. found: what lies in the run's files of
    seals. begin: makes what reads a track; None where that cannot be judged so. part: so many seals are
    judged at a time, while as many wait for what belongs between them."""
    tracks: dict[str, TrackInOrder] = {}

    def go_on(count: int) -> bool:
        if not seals.go_on(count):
            return False
        for name, sealed in seals.tracks.items():
            track = tracks.get(name) or begin(name, sealed)
            if track is None or not track.go_on(seals.newest_group.get(sealed.number, -1)):
                return False
            tracks[name] = track
        return True

    for one in found:
        if isinstance(one, Kept):
            (seals.seal if one.index else seals.papers)(one.raw)
        elif not one.torn:
            return None
        if seals.waiting >= 2 * part and not go_on(part):
            return None
    if seals.waiting and not go_on(seals.waiting):
        return None
    ended = seals.end() and all(track.end() for track in tracks.values())
    return tracks if ended else None
