"""The samples of an exported file, read once, in the file's order, and hashed (docs/formats/evidence.md, E12,
E16).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator

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


class Hashed:
    """A track's leaves as they come."""

    def __init__(self, track: EvidenceTrack) -> None:
        self._track = track
        self._leaf = bytearray(DIGEST_BYTES * len(track.samples))
        self._there = bytearray(len(track.samples))

    def take(self, row: int, digest: bytes) -> None:
        self._leaf[DIGEST_BYTES * row : DIGEST_BYTES * (row + 1)] = digest
        self._there[row] = 1

    def leaves(self) -> Leaves:
        """Of what is there, and of what is known by its leaves alone; sorted."""
        samples, left = self._track.samples, self._track.left
        leaves = Leaves(
            array("Q", samples.group), array("I", samples.index), array("Q", samples.timestamp_us), self._leaf
        )
        if not all(self._there):
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
    for lane, first, last in form.layout.order:
        sizes = form.plan.lanes[lane].sizes
        for row in range(first, last):
            done += sizes[row]
            if done <= room:
                lanes[lane].take(row, read(sizes[row]))
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

    def take(self, row: int, data: bytes) -> None:
        while row >= self._end:
            self._next()
        piece = self._piece
        at = row - piece.first
        if isinstance(piece, Fill):
            if data != piece.packets[at]:
                self._wrong.append(("sample.foreign", row, "where nothing came"))
            return
        source = piece.rows[at]
        samples = self._samples
        place = samples.group[source], samples.index[source], samples.timestamp_us[source]
        self._into.take(source, leaf(*place, samples.key[source] != 0, data))
        if self._sound and opus_duration_us(data) != samples.duration_us[source]:
            self._wrong.append(("file.form", row, "a packet does not last what its evidence says"))

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
