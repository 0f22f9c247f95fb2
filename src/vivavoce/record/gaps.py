"""Which groups of a track are missing, told while the discussion runs.

A group travels on a stream of its own, so a later one may overtake it. A number that was jumped over counts
as missing only when `PATIENCE_US` have passed, or the run has ended, without it. The cause is never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["PATIENCE_US", "Gap", "Groups", "Why"]

PATIENCE_US = 10_000_000
"""As long as the gate still waits for a group that was overtaken."""

Why = Literal["missing", "cut", "hole", "disk_full", "off", "overrun", "codec", "restart"]
"""missing: the numbers never came. cut: the group came and its end did not. hole: samples inside it are not
there. disk_full, off, overrun: they came and the recorder could not keep them, for want of space, for another
fault of the disk, for want of speed. codec: they came in a codec that cannot stand in an MP4. restart: the
host was started again between these two, so the first may lack its end, and none between is there."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Groups `from_group` to `to_group`, both included, are not there whole."""

    from_group: int
    to_group: int
    why: Why


@dataclass(slots=True)
class _Missing:
    first: int
    last: int
    noticed_us: int


class Groups:
    """Follows one track of one run. The first group seen opens it: L9 does not say where numbers start."""

    def __init__(self) -> None:
        self._highest: int | None = None
        self._missing: list[_Missing] = []

    def seen(self, group: int, now_us: int) -> None:
        """A sample of this group came."""
        if self._highest is None:
            self._highest = group
        elif group > self._highest:
            if group > self._highest + 1:
                self._missing.append(_Missing(self._highest + 1, group - 1, now_us))
            self._highest = group
        elif group < self._highest and self._missing:
            self._found(group)

    def closed(self, group: int, now_us: int, *, whole: bool) -> list[Gap]:
        """No more of this group will come. whole: its publisher finished it."""
        self.seen(group, now_us)
        return [] if whole else [Gap(group, group, "cut")]

    def settle(self, now_us: int | None) -> list[Gap]:
        """The groups that count as missing from now on, each told once. now_us: None when the run ends."""
        told = [gap for gap in self._missing if now_us is None or now_us - gap.noticed_us >= PATIENCE_US]
        self._missing = [gap for gap in self._missing if gap not in told]
        return [Gap(gap.first, gap.last, "missing") for gap in told]

    def _found(self, group: int) -> None:
        for at, gap in enumerate(self._missing):
            if gap.first <= group <= gap.last:
                before = _Missing(gap.first, group - 1, gap.noticed_us)
                after = _Missing(group + 1, gap.last, gap.noticed_us)
                self._missing[at : at + 1] = [part for part in (before, after) if part.first <= part.last]
                return
