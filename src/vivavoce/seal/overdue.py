"""What is overdue of one track: proofs of what came, and what was sealed and did not come.

1. What waits for its proof longer than `PENDING_US` is late. That is told once, and again only after
   something was proven (V6).
2. Nothing is missed of a track that is not taken, nor of groups before the first that was proven since (V4).
3. What came at joining and was captured before is not waited for; a row of sound that only began then is left
   to leaves (V9).

Source: docs/formats/seal.md. What to do about it is `spans`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from vivavoce.seal.span import Sample, Span

__all__ = ["PENDING_US", "Overdue"]

PENDING_US: Final = 600_000
"""Shown but not proven for longer is late (design, rule 6)."""
_FRESH_US: Final = 400_000
"""What nobody proves troubles a verdict for so long after it came late."""


class Overdue:
    """joined_us, joined_at_us: as `Spans` has them."""

    def __init__(self, joined_us: int, joined_at_us: int) -> None:
        self._joined_us = joined_us
        self._joined_at_us = joined_at_us
        """When this verifier joined, or took the track again."""
        self.taken = True
        """What does not come of the track is missed."""
        self._told_taken = False
        self._proven_from: int | None = None
        """The first group of which something was proven since the track is taken: those before are not
        missed."""
        self._late = False
        """It was told that something is late, and nothing was proven since."""
        self._troubled = False

    def let_go(self, samples: Iterable[Sample]) -> None:
        """The track is not taken any more. samples: all that came of it and may still be judged; those that
        wait cannot be proven any more without what follows."""
        self.taken = False
        for one in samples:
            one.told = one.told or self.waits(one)

    def take(self, now_us: int) -> None:
        """The track is taken again, and joined anew. Nothing changes where it was told so already."""
        if self.taken and self._told_taken:
            return
        self.taken = self._told_taken = True
        self._proven_from = None
        self._joined_at_us = now_us

    def is_proven(self, group: int) -> None:
        """Something of this group is what was signed."""
        self._late = False
        if self._proven_from is None:
            self._proven_from = group

    def is_before(self, sample: Sample) -> bool:
        """Whether it was captured before this verifier joined."""
        return sample.timestamp_us < self._joined_us

    def waits(self, sample: Sample) -> bool:
        """Whether it still has to be proven."""
        held = self.is_before(sample) and sample.came_us <= self._joined_at_us + PENDING_US
        return not sample.judged and not held

    def misses(self, group: int) -> bool:
        """Whether what does not come of this group is missed."""
        return self.taken and self._has_begun(group)

    def began_before(self, span: Span) -> bool:
        """What came at joining, without what its row begins with, only leaves can prove."""
        if not span.sound or self._has_begun(span.group) or not span.marks:
            return False
        until_us = self._joined_at_us + PENDING_US
        return 0 not in span.samples or all(one.came_us <= until_us for one in span.samples.values())

    def late(self, samples: Sequence[Sample]) -> list[Sample]:
        """These are. Returns those that are to be told of: each once, and none until something is proven
        again."""
        untold = [one for one in samples if not one.told and self.taken]
        for one in samples:
            one.told = True
        told, self._late = self._late, self._late or bool(untold)
        return [] if told else untold

    def recovered(self) -> None:
        """The verdict is good again: what is late from now on is told."""
        self._late = False

    def trouble(self) -> None:
        """Something came that nobody will prove."""
        self._troubled = True

    def trouble_if_fresh(self, waiting: Iterable[Sample], now_us: int) -> None:
        """What waits troubles while it is newly late."""
        fresh = range(PENDING_US + 1, PENDING_US + _FRESH_US + 1)
        self._troubled = self._troubled or any(now_us - one.came_us in fresh for one in waiting)

    def take_trouble(self) -> bool:
        """Whether what nobody proves has gone on coming since this was asked, told of or not."""
        troubled, self._troubled = self._troubled, False
        return troubled

    def _has_begun(self, group: int) -> bool:
        return self._proven_from is not None and group >= self._proven_from
