"""The samples of an exported file, read once, in the file's order, and hashed (docs/formats/evidence.md, E12,
E16).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from typing import Final

from vivavoce.record.contents import Progress
from vivavoce.record.evidence import EvidenceTrack
from vivavoce.record.form import Form
from vivavoce.record.lanes import Fill, Piece
from vivavoce.record.sample_entries import opus_duration_us
from vivavoce.record.samples import Samples
from vivavoce.record.verdicts import Finding
from vivavoce.seal.digest import DIGEST_BYTES, leaf
from vivavoce.seal.leaves import Leaves

__all__ = ["Hashed", "hash_samples"]

_AT_ONCE: Final = 1 << 20
"""So many bytes are read at a time, if no sample is larger."""


class Hashed:
    """A track's leaves as they come."""

    def __init__(self, track: EvidenceTrack) -> None:
        self._track = track
        self._leaf = bytearray(DIGEST_BYTES * len(track.samples))
        self._there = bytearray(len(track.samples))

    def take(self, first: int, leaves: list[bytes]) -> None:
        """Of rows that follow each other, from the row `first` on."""
        self._leaf[DIGEST_BYTES * first : DIGEST_BYTES * (first + len(leaves))] = b"".join(leaves)
        self._there[first : first + len(leaves)] = b"\1" * len(leaves)

    def leaves(self) -> Leaves:
        """Of what is there, and of what is known by its leaves alone; sorted. Where nothing lacks, the places
        and times are the evidence's own, not copies."""
        samples, left = self._track.samples, self._track.left
        leaves = Leaves(samples.group, samples.index, samples.timestamp_us, self._leaf)
        if not all(self._there) or len(left):
            whole, leaves = leaves, Leaves()
            for row in range(len(samples)):
                if self._there[row]:
                    place = whole.group[row], whole.index[row], whole.timestamp_us[row]
                    leaves.add(*place, whole.at(row))
        for row in range(len(left)):
            leaves.add(left.group[row], left.index[row], left.timestamp_us[row], left.at(row))
        if len(left):
            leaves.sort()
        return leaves


Tracks = dict[tuple[str, str, str], Hashed]


def hash_samples(
    form: Form, read: Callable[[int], bytes], room: int, progress: Progress
) -> tuple[Tracks, list[Finding]]:
    """(by seat, run and track what is there, what is wrong with single packets).

    read: the next so many bytes of `mdat`, which has `room`. What does not fit there is not there.
    """
    tracks = {place: Hashed(track) for place, track in form.tracks.items()}
    total, done = form.layout.media_bytes, 0
    lanes = [_Lane(form, lane, tracks) for lane in range(len(form.plan.lanes))]
    for lane, first, end in form.layout.order:
        done += lanes[lane].take(first, end, read, room - done)
        progress(done, total)
    return tracks, [one for each in lanes for one in each.faults()]


class _Lane:
    """Takes the bytes of a lane's rows, in order, and knows whose they are."""

    def __init__(self, form: Form, lane: int, tracks: Tracks) -> None:
        self._lane, self._seat = form.plan.lanes[lane], form.plan.seats[lane]
        self._pieces = form.plan.pieces[lane]
        self._tracks = tracks
        self._at, self._end = -1, 0
        self._piece: Piece | Fill
        self._samples: Samples
        self._into: Hashed
        self._sound = False
        self._wrong: list[tuple[str, int, str]] = []

    def take(self, first: int, end: int, read: Callable[[int], bytes], room: int) -> int:
        """Rows `first` to `end`, without the last, as many as fit into `room` bytes. Returns how many bytes
        all of them need."""
        sizes = self._lane.sizes[first:end]
        ends = list(accumulate(sizes, initial=0))
        there = first + bisect_right(ends, room) - 1
        row = first
        while row < there:
            while row >= self._end:
                self._next()
            begins = ends[row - first]
            most = first + bisect_right(ends, begins + _AT_ONCE) - 1
            until = min(there, self._end, max(row + 1, most))
            data = memoryview(read(ends[until - first] - begins))
            cuts = pairwise(at - begins for at in ends[row - first : until - first + 1])
            self._take(row, [data[start:stop] for start, stop in cuts])
            row = until
        return ends[-1]

    def _take(self, row: int, found: list[memoryview]) -> None:
        """Rows of one piece."""
        piece = self._piece
        at = row - piece.first
        if isinstance(piece, Fill):
            for number, data in enumerate(found):
                if data != piece.packets[at + number]:
                    self._wrong.append(("sample.foreign", row + number, "where nothing came"))
            return
        samples, first = self._samples, piece.rows[at]  # a form's pieces have rows that follow each other
        rows = slice(first, first + len(found))
        places = zip(samples.group[rows], samples.index[rows], samples.timestamp_us[rows], strict=True)
        keys = map(bool, samples.key[rows])
        leaves = [leaf(*place, key, data) for place, key, data in zip(places, keys, found, strict=True)]
        self._into.take(first, leaves)
        if self._sound:
            for number, (data, lasts) in enumerate(zip(found, samples.duration_us[rows], strict=True)):
                if opus_duration_us(data) != lasts:
                    what = "a packet does not last what its evidence says"
                    self._wrong.append(("file.form", row + number, what))

    def _next(self) -> None:
        self._at += 1
        piece = self._piece = self._pieces[self._at]
        self._end = piece.first + len(piece)
        if not isinstance(piece, Fill):
            config = piece.track.config
            self._samples = piece.track.samples
            self._sound = config.kind == "audio"
            self._into = self._tracks[piece.run.seat, piece.run.run, config.name]

    def faults(self) -> Iterator[Finding]:
        """One for each stretch of rows that are wrong in the same way."""
        wrong = self._wrong
        first = 0
        for at in range(1, len(wrong) + 1):
            one = wrong[first]
            if at < len(wrong) and (wrong[at][0], wrong[at][1]) == (one[0], one[1] + at - first):
                continue
            times = self._lane.times_us[one[1]] / 1e6, self._lane.times_us[wrong[at - 1][1]] / 1e6
            yield Finding(one[0], self._seat, "", self._lane.config.name, *times, at - first, one[2])
            first = at
