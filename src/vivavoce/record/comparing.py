"""A file's boxes against those that follow from its evidence (docs/formats/evidence.md, E15)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from vivavoce.record.boxed import Boxed, TopBox
from vivavoce.record.differences import differences
from vivavoce.record.evidence import EVIDENCE_UUID, MAX_EVIDENCE_BYTES, PROVENANCE_UUID
from vivavoce.record.form import Form
from vivavoce.record.lanes import Fill
from vivavoce.record.verdicts import Finding

__all__ = ["Comparing", "mdat_of"]

_ORDER: Final = [b"ftyp", b"moov", b"mdat", PROVENANCE_UUID, EVIDENCE_UUID]
_MOST: Final = 32
"""So many boxes too many are told."""


def mdat_of(boxes: Boxed, form: Form) -> TopBox | None:
    """Where the samples should lie; of several the one that has room for just them."""
    there = [one for one in boxes.boxes if one.kind == b"mdat"]
    fitting = [one for one in there if one.end - one.content == form.layout.media_bytes]
    return next(iter(fitting or there), None)


class Comparing:
    """read: the file's bytes from one place until another. provenance: SHA-256 of the box before the
    evidence."""

    def __init__(
        self, boxes: Boxed, form: Form, provenance: bytes, read: Callable[[int, int], bytes]
    ) -> None:
        self._boxes, self._form, self._provenance, self._read = boxes, form, provenance, read
        self._found: list[Finding] = []

    def told(self) -> list[Finding]:
        boxes = self._boxes.boxes
        self._order(boxes)
        header = self._form.layout.head
        head = self._read(0, len(header))
        if head != header:
            self._differences(header)
        mdat = mdat_of(self._boxes, self._form)
        if mdat and mdat.end - mdat.content != self._form.layout.media_bytes:
            over = mdat.end - mdat.content - self._form.layout.media_bytes
            what = "bytes more than its samples" if over > 0 else "bytes less than its samples"
            self._find(f"mdat has {abs(over)} {what}")
        said = [one for one in boxes if one.extended == PROVENANCE_UUID]
        if said and not any(self._digest(one) == self._provenance for one in said):
            self._find("what it says of where it comes from was changed")
        return self._found

    def _order(self, boxes: list[TopBox]) -> None:
        there = [one.extended if one.extended in _ORDER else one.kind for one in boxes]
        if there == _ORDER:
            return
        wanted = list(_ORDER)
        for kind, one in zip(there, boxes, strict=True):
            if wanted and kind == wanted[0]:
                wanted.pop(0)
            elif len(self._found) < _MOST:
                self._find(f"{one.name} at byte {one.start} does not belong there")
        for kind in wanted:
            name = kind.decode() if len(kind) == 4 else "uuid"
            self._find(f"{name} is missing or not in its place")

    def _differences(self, header: bytes) -> None:
        """Name what of `ftyp` and `moov` is another, and whom it concerns."""
        start = header.index(b"moov") - 4
        size = int.from_bytes(header[start : start + 4], "big")
        should = {b"ftyp": header[:start], b"moov": header[start : start + size]}
        told = 0
        for one in self._boxes.boxes:
            wanted = should.pop(one.kind, None)
            if wanted is None:
                continue
            if one.end - one.start > 2 * len(header) + (1 << 20):
                self._find(f"{one.name} is too large")
                told += 1
                continue
            for each in differences(wanted, self._read(one.start, one.end)):
                told += 1
                self._differs(f"{each.path} {each.how}", each.track)
        if not told:
            self._find("the header of mdat")

    def _differs(self, what: str, track: int) -> None:
        if not 1 <= track <= len(self._form.plan.lanes):
            self._find(what, until_s=self._form.layout.duration_us / 1e6)
            return
        lane, seat = self._form.plan.lanes[track - 1], self._form.plan.seats[track - 1]
        runs = {piece.run.run for piece in self._form.plan.pieces[track - 1] if not isinstance(piece, Fill)}
        run = runs.pop() if len(runs) == 1 else ""
        times = lane.start_us / 1e6, lane.end_us / 1e6
        self._found.append(Finding("file.form", seat, run, lane.config.name, *times, 0, what))

    def _digest(self, one: TopBox) -> bytes:
        if one.end - one.start > MAX_EVIDENCE_BYTES:
            return b""
        return hashlib.sha256(self._read(one.start, one.end)).digest()

    def _find(self, detail: str, *, until_s: float = 0.0) -> None:
        self._found.append(Finding("file.form", until_s=until_s, detail=detail))
