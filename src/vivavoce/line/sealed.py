"""A run's seals on their way from a device to the public: handed on untouched, each once (line.md, L19).

What is handed on is not judged here. It is refused where it is neither seal nor leaves by its form, where
papers change, and where it is more than a group may have, so that nobody can fill the host's disk with
something else; whether a seal holds is for each verifier to say.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vivavoce.errors import EvidenceError, PeerError
from vivavoce.line.broadcast import OutGroup, OutTrack
from vivavoce.seal.cbor import MAX_BYTES
from vivavoce.seal.envelope import open_envelope
from vivavoce.seal.leavesframe import is_leaves, parse_leaves
from vivavoce.seal.papers import parse_papers
from vivavoce.seal.sealer import CONFIGS_EVERY

__all__ = ["LEAVES_A_GROUP", "LEAVES_BYTES_A_GROUP", "SEALS_KEPT_US", "SealsCopy"]

SEALS_KEPT_US: Final = 600_000_000
"""Who was away for a while reads what was sealed meanwhile: a megabyte a side."""
_MOST_OPEN: Final = 8
_MOST_WAITED: Final = 64
"""Whole groups behind one that is not: two minutes of them, then it is given up."""
_MOST_GROUP: Final = 1 << 53
LEAVES_A_GROUP: Final = 16
LEAVES_BYTES_A_GROUP: Final = 64 * 1024
"""All frames of leaves in a group together: ten rows a second, or what a device that slept has to tell."""


@dataclass(slots=True)
class _Open:
    out: OutGroup
    count: int = 0
    seals: int = 0
    leaves: int = 0
    leaves_bytes: int = 0


class SealsCopy:
    """out: makes the public track; asked for with the first frame. tell: (group, index, raw), each once."""

    def __init__(self, out: Callable[[], OutTrack], tell: Callable[[int, int, bytes], None]) -> None:
        self._make, self._tell = out, tell
        self._out: OutTrack | None = None
        self._open: OrderedDict[int, _Open] = OrderedDict()
        self._papers: bytes | None = None
        self.next_group = 0
        """Every group before this one is whole, or given up."""
        self._whole: set[int] = set()
        """Those behind it that are."""
        self.device: bytes | None = None
        """The device key that the run's papers name."""

    def take(self, group: int, index: int, raw: bytes, at_us: int) -> None:
        """A frame came at `at_us`; one that came before is ignored. Raises PeerError `line.sample` for what
        is no frame of a seals' track."""
        if group < self.next_group or group in self._whole:
            return
        opened = self._open.get(group)
        if opened is not None and index < opened.count:
            return
        is_seal = self._look(group, index, raw, opened)
        if opened is None:
            self._out = self._out or self._make()
            opened = self._open[group] = _Open(self._out.group(group))
        opened.out.write(raw, at_us)  # by this a relay knows which groups are old
        opened.count = index + 1
        if is_seal:
            opened.seals += 1
        elif index > 0:
            opened.leaves += 1
            opened.leaves_bytes += len(raw)
        self._tell(group, index, raw)
        while len(self._open) > _MOST_OPEN:
            self.whole(min(self._open))

    def whole(self, group: int) -> None:
        """Nothing more of this group comes."""
        opened = self._open.pop(group, None)
        if opened is not None:
            opened.out.finish()
        if group >= self.next_group:
            self._whole.add(group)
        if len(self._whole) > _MOST_WAITED:
            self.next_group = min(self._whole)
        while self.next_group in self._whole:
            self._whole.discard(self.next_group)
            self.next_group += 1

    def _look(self, group: int, index: int, raw: bytes, opened: _Open | None) -> bool:
        """Whether it is a seal; else it is leaves or, at index 0, papers."""
        if len(raw) > MAX_BYTES or group >= _MOST_GROUP or (index > 0 and _is_full(opened, raw)):
            raise PeerError(
                "line.sample", f"Frame {index} of {len(raw)} bytes is too much for a group of seals."
            )
        try:
            if index > 0 and is_leaves(raw):
                parse_leaves(raw)
                return False
            if index > 0:
                open_envelope(raw)
                return True
            papers = parse_papers(raw)
        except EvidenceError as error:
            raise PeerError("line.sample", f"Frame {index} of a group of seals: {error.message}") from None
        if self._papers not in (None, raw):
            raise PeerError("line.sample", "The run's papers are others than before.")
        self._papers, self.device = raw, papers.device
        return False


def _is_full(opened: _Open | None, raw: bytes) -> bool:
    """Whether there is no room for a seal or leaves, or no papers to begin with."""
    if opened is None:
        return True
    if is_leaves(raw):
        return opened.leaves >= LEAVES_A_GROUP or opened.leaves_bytes + len(raw) > LEAVES_BYTES_A_GROUP
    return opened.seals >= CONFIGS_EVERY
