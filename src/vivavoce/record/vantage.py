"""Whose word it is how the sides stand to each other, in numbers (docs/formats/evidence.md, E19).

A record puts the sides together as its host received them. Each side's device signed what its own clock said
when its run began, so both can be compared; neither proves the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vivavoce.record.judging import JudgedRun

__all__ = ["apart", "jumps", "later_by_us"]


def later_by_us(first: JudgedRun, second: JudgedRun) -> int | None:
    """By how much the second run is later beside the first by the devices' own clocks than the file shows it;
    None where one of them signed none."""
    if first.seals is None or second.seals is None:
        return None
    one, other = first.seals.statement, second.seals.statement
    if one is None or other is None:
        return None
    return (other.epoch_us - second.aligned[0].offset_us) - (one.epoch_us - first.aligned[0].offset_us)


def apart(runs: Sequence[JudgedRun]) -> Iterator[str]:
    """A sentence for each run that shares time with one of another side before it."""
    for at, second in enumerate(runs):
        for first in runs[:at]:
            later_us = later_by_us(first, second) if _overlap(first, second) else None
            if first.seat == second.seat or later_us is None:
                continue
            how = "later" if later_us >= 0 else "earlier"
            yield (
                "How the sides stand to each other in time: this is the host's view; by their devices' own "
                f"clocks {second.seat} is {abs(later_us) / 1e6:.3f} s {how} beside {first.seat} than shown "
                f"here (runs {second.run}, {first.run})."
            )
            break


def jumps(runs: Sequence[JudgedRun], zero_us: int) -> Iterator[str]:
    """A sentence for each moment at which a run is shown later or earlier than it went on."""
    for run in runs:
        for before, after in pairwise(run.aligned):
            moved = (after.offset_us - before.offset_us) / 1e6
            at = max(0.0, (after.from_us + after.offset_us - zero_us) / 1e6)
            yield (
                f"Whether {run.seat} paused at {at:.1f} s: by the host's word its device stood still there "
                f"for {moved:.3f} s (run {run.run})."
            )


def _overlap(first: JudgedRun, second: JudgedRun) -> bool:
    starts = first.host_us(first.first_us or 0), second.host_us(second.first_us or 0)
    ends = first.host_us(first.end_us), second.host_us(second.end_us)
    return max(starts) < min(ends)
