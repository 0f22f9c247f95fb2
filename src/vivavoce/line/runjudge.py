"""Judges one run of one seat by its papers, its seals, its leaves and its samples, as they come. Pure.

1. A run is judged from its papers on: they must name the run that the line names, and hold by the founding
   facts.
2. What came before them waits for them, hashed.
3. A frame of leaves that proves nothing changes nothing.

Whether a device that stands by the host's word is the one that the host names is for others to see.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from vivavoce.errors import EvidenceError
from vivavoce.line.sample import Sample
from vivavoce.seal.digest import leaf
from vivavoce.seal.leavesframe import LeavesFrame, is_leaves, parse_leaves
from vivavoce.seal.papers import Papers, parse_papers
from vivavoce.seal.span import Missing
from vivavoce.seal.spans import GIVEN_UP_US
from vivavoce.seal.statement import Founding, Standing, run_of
from vivavoce.seal.verdict import State, Verdict

__all__ = ["RunJudge", "leaf_of"]

_MOST_WAITING: Final = 4_096
_Leaf = tuple[str, int, int, int, bytes, int]


def leaf_of(sample: Sample) -> bytes:
    """S6, of a sample as it came."""
    return leaf(sample.group, sample.index, sample.timestamp_us, sample.key, sample.data)


class RunJudge:
    """founding: the facts. run: 16 hex digits. patience_us: as of `Verdict`. Times are the verifier's clock.

    papers, by: the run's, and by whose word it stands; None until they came and hold. wrong: why they do not,
    or what else makes the run false whatever its seals say. verdict: None until there are papers.
    """

    def __init__(self, founding: Founding, seat: str, run: str, *, patience_us: int = GIVEN_UP_US) -> None:
        self._founding = founding
        self._patience_us = patience_us
        self.seat, self.run = seat, run
        self.papers: Papers | None = None
        self.by: Standing | None = None
        self.wrong: str | None = None
        self.verdict: Verdict | None = None
        self._waiting: deque[_Leaf | tuple[bytes, int]] = deque(maxlen=_MOST_WAITING)

    @property
    def state(self) -> State:
        """`unsealed` without papers, `broken` where they do not hold."""
        if self.wrong is not None:
            return "broken"
        return "unsealed" if self.verdict is None else self.verdict.state

    @property
    def code(self) -> str | None:
        """What is wrong now."""
        if self.wrong is not None:
            return self.wrong
        history = self.verdict.history if self.verdict is not None else []
        return history[-1].code if history and self.state in ("late", "gap", "broken") else None

    def frame(self, index: int, raw: bytes, now_us: int) -> bool:
        """A frame of the seals' track (line.md, L19). Returns whether the papers were these."""
        if index == 0:
            return self.papers is None and self.wrong is None and self._read(raw)
        if self.verdict is None:
            self._waiting.append((raw, now_us))
        elif is_leaves(raw):
            self.leaves(raw, now_us)
        else:
            self.verdict.seal(raw, now_us)
        return False

    def sample(self, sample: Sample, leaf_hash: bytes | None = None) -> None:
        """A sample came. leaf_hash: its leaf, where somebody hashed it already."""
        leaf_hash = leaf_hash or leaf_of(sample)
        place = (sample.track, sample.group, sample.index, sample.timestamp_us)
        one: _Leaf = (*place, leaf_hash, sample.received_us)
        if self.verdict is None:
            self._waiting.append(one)
        else:
            self.verdict.leaf(*one)

    def leaves(self, raw: bytes, now_us: int) -> LeavesFrame | None:
        """Leaves came, from anywhere. Returns them if they are the sealed ones and a span needed them."""
        try:
            told = parse_leaves(raw)
        except EvidenceError:
            return None
        about = Missing(told.track, told.group, len(told.leaves))
        if self.verdict is None or not self.verdict.resolved(about, told.leaves, now_us):
            return None
        return told

    def tick(self, now_us: int) -> None:
        if self.verdict is not None:
            self.verdict.tick(now_us)

    def missing(self) -> list[Missing]:
        """As `Verdict.missing`."""
        return self.verdict.missing() if self.verdict is not None else []

    def _read(self, raw: bytes) -> bool:
        try:
            papers = parse_papers(raw)
            said, self.by = run_of(
                self._founding,
                papers.statement,
                papers.device,
                papers.vouchers,
                revocations=papers.revocations,
            )
        except EvidenceError as error:
            self.wrong = error.code
            return False
        if (said.run.hex(), said.seat) != (self.run, self.seat):
            self.wrong = "seal.run"
            return False
        self.papers = papers
        place = (self._founding.digest, said.run, said.key, papers.statement)
        self.verdict = Verdict(*place, patience_us=self._patience_us)
        return True

    def catch_up(self) -> None:
        """Judge what waited for the papers. To be called once they have come, and all that is to be told of
        tracks was told."""
        waiting, self._waiting = self._waiting, deque(maxlen=_MOST_WAITING)
        for one in waiting:
            if len(one) == 2:
                self.frame(1, *one)
            elif self.verdict is not None:
                self.verdict.leaf(*one)
