"""What somebody could do to an exported MP4: with its boxes, with its evidence, or with both, so that it is
as well-formed as before.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from vivavoce.record.alignment import offset_at
from vivavoce.record.boxed import boxed
from vivavoce.record.boxes import box, uuid_box, walk
from vivavoce.record.evidence import (
    PROVENANCE_UUID,
    Evidence,
    EvidenceTrack,
    evidence_box,
    read_evidence,
)
from vivavoce.record.form import form_of
from vivavoce.record.lanes import Fill
from vivavoce.record.samples import Samples
from vivavoce.seal.statement import parse_founding

__all__ = ["Film", "Node", "edit_boxes", "edit_moov", "pick", "top"]

HOLDING = {b"moov", b"trak", b"edts", b"mdia", b"minf", b"dinf", b"stbl", b"udta"}


@dataclass
class Node:
    """A box: what it holds is either bytes or boxes."""

    kind: bytes
    content: bytes = b""
    inside: list[Node] = field(default_factory=list)

    @classmethod
    def parse(cls, data: bytes) -> list[Node]:
        nodes = []
        for one in walk(data):
            content = data[one.content : one.end]
            if one.kind in HOLDING:
                nodes.append(cls(one.kind, inside=cls.parse(content)))
            else:
                nodes.append(cls(one.kind, content))
        return nodes

    def write(self) -> bytes:
        return box(self.kind, self.content, *(one.write() for one in self.inside))

    def at(self, path: str) -> Node:
        """path: `trak[2]/mdia/hdlr`, numbers from 1."""
        node = self
        for step in path.split("/"):
            kind, _, number = step.partition("[")
            same = [one for one in node.inside if one.kind == kind.encode()]
            node = same[int(number[:-1]) - 1 if number else 0]
        return node


def top(path: Path) -> list[bytes]:
    """The boxes beside each other, whole."""
    data = path.read_bytes()
    with path.open("rb") as file:
        return [data[one.start : one.end] for one in boxed(file).boxes]


def edit_boxes(path: Path, edit: Callable[[list[bytes]], list[bytes]]) -> None:
    path.write_bytes(b"".join(edit(top(path))))


def edit_moov(path: Path, edit: Callable[[Node], None]) -> None:
    """Change what players go by, and keep the samples where they say."""
    ftyp, before, *rest = top(path)
    moov = Node.parse(before)[0]
    edit(moov)
    moved = len(moov.write()) - len(before)
    for trak in (one for one in moov.inside if one.kind == b"trak"):
        stco = trak.at("mdia/minf/stbl/stco")
        places = [place + moved for (place,) in struct.iter_unpack(">I", stco.content[8:])]
        stco.content = stco.content[:8] + struct.pack(f">{len(places)}I", *places)
    path.write_bytes(b"".join([ftyp, moov.write(), *rest]))


class Film:
    """An exported file, taken apart: its evidence, and its samples' bytes for each track. `write` makes a
    file of whatever became of them, with every table and checksum in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _, _, mdat, self.provenance, evidence = top(path)
        self.evidence: Evidence = read_evidence(evidence[24:])
        self.data: dict[int, list[bytes]] = {}
        form = form_of(self.evidence, parse_founding(self.evidence.founding))
        at = 8
        for track in form.tracks.values():
            self.data[id(track)] = [b""] * len(track.samples)
        for lane, first, last in form.layout.order:
            for row in range(first, last):
                size = form.plan.lanes[lane].sizes[row]
                piece = next(one for one in form.plan.pieces[lane] if one.first <= row < one.first + len(one))
                if not isinstance(piece, Fill):
                    track = form.tracks[piece.run.seat, piece.run.run, piece.track.config.name]
                    self.data[id(track)][piece.rows[row - piece.first]] = mdat[at : at + size]
                at += size
        assert at == len(mdat)

    def track(self, seat: str, name: str, run: int = 0) -> EvidenceTrack:
        runs = [one for one in self.evidence.runs if one.seat == seat]
        return next(one for one in runs[run].tracks if one.config.name == name)

    def bytes_of(self, track: EvidenceTrack) -> list[bytes]:
        return self.data[id(track)]

    def write(self, fill: bytes | None = None) -> None:
        """fill: in place of a packet that says that nothing came."""
        for run in self.evidence.runs:
            for track in run.tracks:
                data = self.data.setdefault(id(track), [])
                del track.samples.size[:]
                track.samples.size.extend(map(len, data))
        self._begin_at_0()
        self.evidence.provenance = hashlib.sha256(self.provenance).digest()
        form = form_of(self.evidence, parse_founding(self.evidence.founding))
        parts = [form.layout.head]
        for lane, first, last in form.layout.order:
            for row in range(first, last):
                piece = next(one for one in form.plan.pieces[lane] if one.first <= row < one.first + len(one))
                if isinstance(piece, Fill):
                    parts.append(fill or piece.packets[row - piece.first])
                else:
                    track = form.tracks[piece.run.seat, piece.run.run, piece.track.config.name]
                    parts.append(self.bytes_of(track)[piece.rows[row - piece.first]])
        self.path.write_bytes(b"".join([*parts, self.provenance, evidence_box(self.evidence)]))

    def _begin_at_0(self) -> None:
        first = min(
            track.samples.timestamp_us[0] + offset_at(run.stretches, track.samples.timestamp_us[0])
            for run in self.evidence.runs
            for track in run.tracks
            if len(track.samples)
        )
        self.evidence.start_us += first
        for run in self.evidence.runs:
            run.stretches = [replace(one, offset_us=one.offset_us - first) for one in run.stretches]

    def say(self, provenance: bytes) -> None:
        """What the file says of where it comes from."""
        self.provenance = uuid_box(PROVENANCE_UUID, provenance)

    def keep(self, track: EvidenceTrack, rows: list[int]) -> None:
        """Only these of a track's samples, or some of them twice, in this order."""
        data = self.bytes_of(track)
        self.data[id(track)] = [data[row] for row in rows]
        track.samples = pick(track.samples, rows)


def pick(samples: Samples, rows: list[int]) -> Samples:
    chosen = Samples()
    for row in rows:
        for name in ("group", "index", "timestamp_us", "size", "duration_us", "key"):
            getattr(chosen, name).append(getattr(samples, name)[row])
    return chosen
