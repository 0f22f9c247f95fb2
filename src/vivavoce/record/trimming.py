"""What a clip trimmed, and what a file left out although its record has it: E17, E22 and E23 of
docs/formats/evidence.md.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vivavoce.record.alignment import Stretch
from vivavoce.record.evidence import EvidenceTrack
from vivavoce.record.sample_entries import sample_duration_us
from vivavoce.record.samples import Samples
from vivavoce.seal.digest import leaf
from vivavoce.seal.kept import KeptSeals, Mark, SealedSpan
from vivavoce.seal.seal import SEALED_WITHIN_US

__all__ = ["Edge", "Window", "end_us", "left_out", "trim", "trim_seals", "window_of"]


Window = tuple[int, int]
"""From and until which a clip has everything, on a run's own clock, µs."""


@dataclass(frozen=True, slots=True)
class Edge:
    """From and until what a track has in a clip, on its run's clock. kept: it has anything."""

    from_us: int
    until_us: int
    kept: bool


def window_of(stretches: Sequence[Stretch], from_us: int, until_us: int) -> Window:
    """The run's own clock at two moments of the host's. stretches: with what is added to get that."""
    return _own(stretches, from_us), max(_own(stretches, from_us), _own(stretches, until_us))


def _own(stretches: Sequence[Stretch], host_us: int) -> int:
    found = 0
    for at, one in enumerate(stretches):
        own = host_us - one.offset_us
        if at == 0 or own >= one.from_us:
            found = own
    return max(0, found)


def trim(seals: KeptSeals, name: str, track: EvidenceTrack | None, window: Window) -> Edge:
    """Take away from what was sealed of a track what lies outside of the clip (E22)."""
    edge = _edge(track)
    sealed = seals.tracks.get(name)
    if sealed is not None:
        groups = (track.samples.group[0], track.samples.group[-1]) if track and edge.kept else (0, 0)
        known = sorted(track.left.group) if track else []
        sealed.spans = [
            span
            for span in sealed.spans
            if _is_known(span, sealed.sound, known)
            or not _is_outside(span, sealed.sound, edge, groups, window)
        ]
    return edge


def trim_seals(seals: KeptSeals, window: Window) -> None:
    """Seals before the first are trimmed where that is early enough, and the last has to be late enough
    (E23). A host that stopped has no seal of its last moment, and that is told as it is of a record."""
    seals.marks = [
        one
        for one in seals.marks
        if not (one.code == "seal.missing" and one.seq == 0 and one.until_us <= window[0])
    ]
    if not seals.ended and seals.until_us < window[1] - 2 * SEALED_WITHIN_US:
        seals.marks.append(Mark("seal.missing", seals.newest + 1, 1, seals.until_us, window[1]))


def _edge(track: EvidenceTrack | None) -> Edge:
    if track is None or not len(track.samples):
        return Edge(0, 0, kept=False)
    return Edge(track.samples.timestamp_us[0], end_us(track), kept=True)


def end_us(track: EvidenceTrack) -> int:
    """Where the last sample that is in the file ends (E10), on the run's clock."""
    samples = track.samples
    if not len(samples):
        return 0
    lasts = samples.duration_us[-1] if track.sound else sample_duration_us(track.config, b"")
    return samples.timestamp_us[-1] + lasts


def _is_known(span: SealedSpan, sound: bool, groups: list[int]) -> bool:
    """Of a span that was cut through leaves are there."""
    at = bisect_left(groups, span.group)
    return at < len(groups) and groups[at] < span.group + (span.count if sound else 1)


def _is_outside(span: SealedSpan, sound: bool, edge: Edge, groups: tuple[int, int], window: Window) -> bool:
    early, late = span.clock_us <= window[0], span.clock_us >= window[1]
    if not edge.kept:
        return early or late
    last = span.group + max(span.count, 1) - 1 if sound else span.group
    if last < groups[0]:
        return early or edge.from_us <= window[0]
    if span.group > groups[1]:
        return late or edge.until_us >= window[1]
    return False


def left_out(track: EvidenceTrack, window: Window | None) -> Iterator[tuple[str, int, int, int]]:
    """(code, from, until, how many) of what is known by its leaves alone and is no edge of a clip."""
    left = track.left
    if not len(left):
        return
    edge, last_of = _edge(track), _last_of_groups(track.samples)
    first = 0
    codes = [_code(track, row, last_of, edge, window) for row in range(len(left))]
    for row in range(1, len(left) + 1):
        if row < len(left) and codes[row] == codes[first]:
            continue
        if code := codes[first]:
            times = left.timestamp_us[first:row]
            yield code, min(times), max(times), row - first
        first = row


def _code(track: EvidenceTrack, row: int, last_of: dict[int, int], edge: Edge, window: Window | None) -> str:
    left, samples = track.left, track.samples
    group, index = left.group[row], left.index[row]
    if window and edge.kept:
        if group < samples.group[0] and edge.from_us <= window[0]:
            return ""
        if group > samples.group[-1] and edge.until_us >= window[1]:
            return ""
    if not track.sound and last_of.get(group, -1) > index:
        place = group, index, left.timestamp_us[row]
        if left.at(row) not in (leaf(*place, False, b""), leaf(*place, True, b"")):
            return "sample.hole"
    return "sample.missing"


def _last_of_groups(samples: Samples) -> dict[int, int]:
    """A group's last index that is in the file. Places rise."""
    return dict(zip(samples.group, samples.index, strict=True))
