"""A run's seals on their way from a device to the public: handed on untouched, each once (line.md, L19).

The host does not judge them. It refuses what is no seal by its form, and papers that change, so that nobody
can fill its disk with something else; whether a seal holds is for each verifier to say.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from vivavoce.errors import EvidenceError, PeerError
from vivavoce.line.broadcast import OutGroup, OutTrack
from vivavoce.seal.cbor import MAX_BYTES
from vivavoce.seal.envelope import open_envelope
from vivavoce.seal.papers import parse_papers
from vivavoce.seal.sealer import CONFIGS_EVERY

__all__ = ["SEALS_KEPT_US", "SealsCopy"]

SEALS_KEPT_US: Final = 600_000_000
"""Who was away for a while reads what was sealed meanwhile: a megabyte a side."""
_MOST_OPEN: Final = 8
_MOST_WAITED: Final = 64
"""Whole groups behind one that is not: two minutes of them, then it is given up."""
_MOST_GROUP: Final = 1 << 53


class SealsCopy:
    """out: makes the public track; asked for with the first frame. tell: (group, index, raw), each once."""

    def __init__(self, out: Callable[[], OutTrack], tell: Callable[[int, int, bytes], None]) -> None:
        self._make, self._tell = out, tell
        self._out: OutTrack | None = None
        self._open: OrderedDict[int, tuple[OutGroup, int]] = OrderedDict()
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
        out, count = self._open.get(group, (None, 0))
        if index < count:
            return
        self._look(group, index, raw)
        if out is None:
            self._out = self._out or self._make()
            out = self._out.group(group)
        out.write(raw, at_us)  # by this a relay knows which groups are old
        self._open[group] = (out, index + 1)
        self._tell(group, index, raw)
        while len(self._open) > _MOST_OPEN:
            self.whole(min(self._open))

    def whole(self, group: int) -> None:
        """Nothing more of this group comes."""
        out, _ = self._open.pop(group, (None, 0))
        if out is not None:
            out.finish()
        if group >= self.next_group:
            self._whole.add(group)
        if len(self._whole) > _MOST_WAITED:
            self.next_group = min(self._whole)
        while self.next_group in self._whole:
            self._whole.discard(self.next_group)
            self.next_group += 1

    def _look(self, group: int, index: int, raw: bytes) -> None:
        if len(raw) > MAX_BYTES or index > CONFIGS_EVERY or group >= _MOST_GROUP:
            raise PeerError(
                "line.sample", f"Frame {index} of {len(raw)} bytes is too much for a group of seals."
            )
        try:
            if index > 0:
                open_envelope(raw)
                return
            papers = parse_papers(raw)
        except EvidenceError as error:
            raise PeerError("line.sample", f"Frame {index} of a group of seals: {error.message}") from None
        if self._papers not in (None, raw):
            raise PeerError("line.sample", "The run's papers are others than before.")
        self._papers, self.device = raw, papers.device
