"""Whether a clip has more than it says: E20 of docs/formats/evidence.md.

    asked         from |---------------| until
    pictures   |0 . . .|1 . . . .|2 . . . .|             one group may have begun before, none begins behind
    sound      |===============================|          as long as there are pictures

What was asked for decides what is in a clip, so that nobody shows minutes of one side beside a second of the
other and calls it a clip of that second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from vivavoce.record.alignment import Stretch, offset_at
from vivavoce.record.evidence import EvidenceTrack
from vivavoce.record.sample_entries import sample_duration_us

__all__ = ["STAYS_US", "Shown", "excess"]

STAYS_US: Final = 1_000_000
"""So long the last picture of a group is shown in its name, where no other comes."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A track of a clip that has samples, and what is added to its timestamps to get the time shown."""

    track: EvidenceTrack
    stretches: Sequence[Stretch]

    def at(self, row: int) -> int:
        timestamp_us = self.track.samples.timestamp_us[row]
        return timestamp_us + offset_at(list(self.stretches), timestamp_us)


def excess(shown: Sequence[Shown], from_us: int, until_us: int) -> Iterator[tuple[Shown, int, int]]:
    """(track, from, until) of what lies outside, in the time in which `from_us` and `until_us` are."""
    first_us, last_us = from_us, until_us
    for one in shown:
        if not one.track.sound:
            count = len(one.track.samples)
            first_us = min(first_us, one.at(0))
            last_us = max(last_us, one.at(count - 1) + STAYS_US)
            yield from _groups(one, from_us, until_us)
    for one in shown:
        if one.track.sound:
            lasts, count = one.track.samples.duration_us, len(one.track.samples)
            if one.at(0) + lasts[0] <= first_us:
                yield one, one.at(0), first_us
            if one.at(count - 1) >= last_us:
                yield one, last_us, one.at(count - 1)


def _groups(one: Shown, from_us: int, until_us: int) -> Iterator[tuple[Shown, int, int]]:
    samples = one.track.samples
    begun = 0
    for row in range(len(samples)):
        if row and samples.group[row] == samples.group[row - 1]:
            continue
        start = one.at(row)
        if start > from_us:
            break
        begun += 1
        if begun > 1:
            yield one, one.at(0), start
            break
    first_end = next(
        (row for row in range(len(samples)) if samples.group[row] != samples.group[0]), len(samples)
    )
    lasts = max(STAYS_US, sample_duration_us(one.track.config, b""))
    if begun < 2 and one.at(first_end - 1) + lasts <= from_us:
        yield one, one.at(0), one.at(first_end - 1)
    last = samples.group[-1]
    begins = next(row for row in range(len(samples) - 1, -1, -1) if not row or samples.group[row - 1] != last)
    if one.at(begins) >= until_us:
        yield one, one.at(begins), one.at(len(samples) - 1)
