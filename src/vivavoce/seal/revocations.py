"""What the identity keys of a discussion revoked, from wherever it comes (docs/formats/seal.md, S17).

papers of any run ─┐
the host          ─┼─> those that an identity key signed ─> every run's `run_of`
a record          ─┘
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Final

from vivavoce.errors import EvidenceError
from vivavoce.seal.papers import parse_papers
from vivavoce.seal.statement import Founding, revocation_of

__all__ = ["MOST_KEPT", "Revocations", "revocations_in"]

MOST_KEPT: Final = 1_024
"""More than a host keeps for all seats of a discussion."""


class Revocations:
    """Their envelopes, each once, in the order in which they came; at most MOST_KEPT. founding: the facts."""

    def __init__(self, founding: Founding) -> None:
        self._founding = founding
        self._kept: dict[bytes, None] = {}

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, raws: Iterable[bytes]) -> None:
        """What no identity key of the facts signed is left out: so nobody can use up the room of others."""
        for raw in raws:
            if raw not in self._kept and len(self._kept) < MOST_KEPT:
                with contextlib.suppress(EvidenceError):
                    revocation_of(self._founding, raw)
                    self._kept[raw] = None


def revocations_in(papers: Iterable[bytes]) -> Iterator[bytes]:
    """All that these papers carry, unchecked. Papers that are none carry nothing."""
    for raw in papers:
        with contextlib.suppress(EvidenceError):
            yield from parse_papers(raw).revocations
