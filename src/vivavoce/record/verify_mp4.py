"""An exported MP4 or a clip, judged offline: E14 to E24 of docs/formats/evidence.md.

1. The evidence is found and read; without it the file is unsealed.
2. What file follows from it is made (form.py), but for the samples' bytes.
3. Those are read once, in the file's order, and hashed.
4. Runs, seals and tracks are judged as a record's are (judging.py), what a clip trimmed aside (trimming.py).
5. Every byte that is no sample's is compared with what it has to be.

Nothing that the file says of itself is believed: its seconds and how its sides stand to each other are the
host's word, and what was left out of it is told.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from vivavoce.errors import EvidenceError, YourInputError
from vivavoce.record.alignment import Stretch as Aligned
from vivavoce.record.boxed import Boxed, TopBox, boxed
from vivavoce.record.contents import Progress
from vivavoce.record.differences import differences
from vivavoce.record.evidence import (
    EVIDENCE_UUID,
    MAX_EVIDENCE_BYTES,
    Evidence,
    EvidenceRun,
    EvidenceTrack,
    read_evidence,
)
from vivavoce.record.export import PROVENANCE_UUID
from vivavoce.record.form import Form, form_of
from vivavoce.record.judging import JudgedRun, Judging
from vivavoce.record.lanes import Fill
from vivavoce.record.sample_entries import opus_duration_us
from vivavoce.record.seals import read_seals
from vivavoce.record.trimming import Edge, end_us, left_out, trim, trim_seals, window_of
from vivavoce.record.verdicts import Cutting, Finding, Judged
from vivavoce.seal.digest import DIGEST_BYTES, leaf
from vivavoce.seal.leaves import Leaves
from vivavoce.seal.statement import Founding, parse_founding

__all__ = ["verify_mp4"]

_WINDOW: Final = 1 << 20
_ORDER: Final = [b"ftyp", b"moov", b"mdat", PROVENANCE_UUID, EVIDENCE_UUID]


def verify_mp4(path: Path, founding: str = "", progress: Progress | None = None) -> Judged:
    """Judge the file `path`. founding: the founding hash in hex that it has to have, where it is known from
    elsewhere. progress: in bytes.

    Raises YourInputError `record.unreadable` for what is no MP4 or cannot be read, and UnavailableError
    `data.newer` for a later evidence.
    """
    try:
        with path.open("rb", buffering=_WINDOW) as file:
            boxes = boxed(file)
            if not boxes.is_mp4:
                raise YourInputError("record.unreadable", f"{str(path)!r} is no MP4 and no record's folder.")
            return _Verifier(file, boxes, founding.lower(), progress).judged()
    except OSError as error:
        raise YourInputError("record.unreadable", f"{error.filename}: {error.strerror}.") from None


class _Hashed:
    """A track's leaves as they come. rows: how many of its samples were there. other: those whose packets do
    not last what was told."""

    def __init__(self, track: EvidenceTrack) -> None:
        self.track = track
        self.leaf = bytearray(DIGEST_BYTES * len(track.samples))
        self.there = bytearray(len(track.samples))
        self.other: list[int] = []

    def leaves(self) -> Leaves:
        samples, left = self.track.samples, self.track.left
        leaves = Leaves(
            array("Q", samples.group), array("I", samples.index), array("Q", samples.timestamp_us), self.leaf
        )
        if not all(self.there):
            whole, leaves = leaves, Leaves()
            for row in range(len(samples)):
                if self.there[row]:
                    place = whole.group[row], whole.index[row], whole.timestamp_us[row]
                    leaves.add(*place, whole.at(row))
        for row in range(len(left)):
            leaves.add(left.group[row], left.index[row], left.timestamp_us[row], left.at(row))
        if len(left):
            leaves.sort()
        return leaves


class _Verifier:
    def __init__(self, file: BinaryIO, boxes: Boxed, expected: str, progress: Progress | None) -> None:
        self._file, self._boxes = file, boxes
        self._expected = expected
        self._progress: Progress = progress or (lambda _done, _total: None)
        self._found: list[Finding] = []
        self._edges: list[tuple[JudgedRun, str, Edge]] = []

    def judged(self) -> Judged:
        evidence = self._evidence()
        founding = self._founding(evidence)
        form = None
        if evidence and founding:
            try:
                form = form_of(evidence, founding)
            except EvidenceError as error:
                self._find("record.damaged", error.message)
        said = (founding.discussion, founding.title) if founding else ("", "")
        judging = Judging(Judged(*said, ""), founding, self._expected)
        judging.judged.file = "clip" if evidence and evidence.cut else "mp4"
        if evidence and founding and form:
            hashed = self._hash(form)
            for run in evidence.runs:
                self._run(judging, evidence, run, hashed)
            self._compare(evidence, form)
            judging.judged.seconds = form.layout.duration_us / 1e6
        judging.judged.findings += self._found
        judging.place(evidence.start_us if evidence else 0)
        if evidence and evidence.cut:
            self._cut(evidence, judging)
        return judging.judged

    def _evidence(self) -> Evidence | None:
        if not self._boxes.whole:
            self._find("record.damaged", f"byte {self._boxes.end} is beyond the file's end, or begins no box")
        mine = [one for one in self._boxes.boxes if one.extended == EVIDENCE_UUID]
        if not mine:
            return None
        try:
            if mine[-1].end - mine[-1].content > MAX_EVIDENCE_BYTES:
                raise EvidenceError("record.damaged", "The file's evidence is too large.")
            evidence = read_evidence(self._read(mine[-1].content, mine[-1].end))
        except EvidenceError as error:
            self._find("record.damaged", error.message)
            return None
        if not evidence.whole:
            self._find("record.damaged", "the checksum of its evidence does not fit")
        return evidence

    def _founding(self, evidence: Evidence | None) -> Founding | None:
        if evidence is None:
            return None
        try:
            return parse_founding(evidence.founding)
        except EvidenceError as error:
            self._find("seal.founding", error.message)
            return None

    def _hash(self, form: Form) -> dict[tuple[str, str, str], _Hashed]:
        """Read all samples, as they follow in the file."""
        hashed = {place: _Hashed(track) for place, track in form.tracks.items()}
        mdat = self._mdat(form)
        if mdat is None:
            return hashed
        self._file.seek(mdat.content)
        room = mdat.end - mdat.content
        total, done = form.layout.media_bytes, 0
        places = [_Rows(form, lane, hashed) for lane in range(len(form.plan.lanes))]
        for lane, first, last in form.layout.order:
            sizes = form.plan.lanes[lane].sizes
            for row in range(first, last):
                done += sizes[row]
                if done <= room:
                    places[lane].take(row, self._file.read(sizes[row]))
            self._progress(done, total)
        for rows in places:
            self._found += rows.faults()
        return hashed

    def _mdat(self, form: Form) -> TopBox | None:
        """Where the samples should lie; of several the one that has room for just them."""
        there = [one for one in self._boxes.boxes if one.kind == b"mdat"]
        fitting = [one for one in there if one.end - one.content == form.layout.media_bytes]
        return next(iter(fitting or there), None)

    def _run(
        self,
        judging: Judging,
        evidence: Evidence,
        run: EvidenceRun,
        hashed: dict[tuple[str, str, str], _Hashed],
    ) -> None:
        about = judging.run(run.seat, run.run.hex())
        about.aligned = [Aligned(one.from_us, one.offset_us + evidence.start_us, 0) for one in run.stretches]
        if run.seals:
            judging.seals(about, (("its evidence", one) for one in read_seals(run.seals)))
        told = {track.config.name: track for track in run.tracks}
        names = dict.fromkeys([*told, *(about.seals.tracks if about.seals else ())])
        cut = evidence.cut
        window = None
        if cut:
            window = window_of(about.aligned, cut.start_us + cut.from_us, cut.start_us + cut.until_us)
        if window and about.seals:
            about.trimmed = about.seals.until_us >= window[1]
            trim_seals(about.seals, window)
            for name in names:
                self._edges.append((about, name, trim(about.seals, name, told.get(name), window)))
        for name in names:
            if name not in told:
                judging.track(about, name, b"", (), Leaves())
                continue
            track = told[name]
            leaves = hashed[about.seat, about.run, name].leaves()
            known = {"end_us": end_us(track), "left": len(track.left)}
            one = judging.track(about, name, track.raw, track.rests, leaves, **known)
            for code, from_us, until_us, count in left_out(track, window):
                one.lacking.append((from_us, until_us))
                about.fault(code, name, from_us, until_us, count=count, detail="it was left out of this file")
        judging.seals_told(about, unsealed=about.seals is None)

    def _compare(self, evidence: Evidence, form: Form) -> None:
        boxes = self._boxes.boxes
        self._order(boxes)
        header = form.layout.head
        head = self._read(0, len(header))
        if head != header:
            self._differences(form, header)
        mdat = self._mdat(form)
        if mdat and mdat.end - mdat.content != form.layout.media_bytes:
            over = mdat.end - mdat.content - form.layout.media_bytes
            what = "bytes more than its samples" if over > 0 else "bytes less than its samples"
            self._find("file.form", f"mdat has {abs(over)} {what}")
        said = [one for one in boxes if one.extended == PROVENANCE_UUID]
        if said and not any(self._digest(one) == evidence.provenance for one in said):
            self._find("file.form", "what it says of where it comes from was changed")

    def _order(self, boxes: list[TopBox]) -> None:
        there = [one.extended if one.extended in _ORDER else one.kind for one in boxes]
        if there == _ORDER:
            return
        wanted = list(_ORDER)
        for kind, one in zip(there, boxes, strict=True):
            if wanted and kind == wanted[0]:
                wanted.pop(0)
            else:
                self._find("file.form", f"{one.name} at byte {one.start} does not belong there")
        for kind in wanted:
            name = kind.decode() if len(kind) == 4 else "uuid"
            self._find("file.form", f"{name} is missing or not in its place")

    def _differences(self, form: Form, header: bytes) -> None:
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
                self._find("file.form", f"{one.name} is too large")
                told += 1
                continue
            for each in differences(wanted, self._read(one.start, one.end)):
                told += 1
                self._differs(form, f"{each.path} {each.how}", each.track)
        if not told:
            self._find("file.form", "the header of mdat")

    def _differs(self, form: Form, what: str, track: int) -> None:
        if not 1 <= track <= len(form.plan.lanes):
            self._find("file.form", what, until_s=form.layout.duration_us / 1e6)
            return
        lane, seat = form.plan.lanes[track - 1], form.plan.seats[track - 1]
        runs = {piece.run.run for piece in form.plan.pieces[track - 1] if not isinstance(piece, Fill)}
        run = runs.pop() if len(runs) == 1 else ""
        times = lane.start_us / 1e6, lane.end_us / 1e6
        self._found.append(Finding("file.form", seat, run, lane.config.name, *times, 0, what))

    def _cut(self, evidence: Evidence, judging: Judging) -> None:
        cut = evidence.cut
        assert cut is not None

        def seconds(run: JudgedRun, at_us: int) -> float:
            return (run.host_us(at_us) - evidence.start_us) / 1e6

        edges = [
            (run.seat, run.run, name, seconds(run, edge.from_us), seconds(run, edge.until_us))
            for run, name, edge in self._edges
            if edge.kept
        ]
        starts_s = (evidence.start_us - cut.start_us) / 1e6
        judging.judged.cut = Cutting(cut.from_us / 1e6, cut.until_us / 1e6, starts_s, edges)
        judging.judged.unknown.append(
            "What was sealed before and after this clip. It was cut from the seconds "
            f"{cut.from_us / 1e6:.1f} to {cut.until_us / 1e6:.1f} of its record, by its cutter's word."
        )

    def _digest(self, one: TopBox) -> bytes:
        if one.end - one.start > MAX_EVIDENCE_BYTES:
            return b""
        return hashlib.sha256(self._read(one.start, one.end)).digest()

    def _read(self, start: int, end: int) -> bytes:
        self._file.seek(start)
        return self._file.read(end - start)

    def _find(self, code: str, detail: str, *, until_s: float = 0.0) -> None:
        self._found.append(Finding(code, until_s=until_s, detail=detail))


class _Rows:
    """Takes the bytes of a lane's rows, in order, and knows whose they are."""

    def __init__(self, form: Form, lane: int, hashed: dict[tuple[str, str, str], _Hashed]) -> None:
        self._lane, self._seat = form.plan.lanes[lane], form.plan.seats[lane]
        self._pieces = form.plan.pieces[lane]
        self._hashed = hashed
        self._at = 0
        self._wrong: list[tuple[str, int, str]] = []

    def take(self, row: int, data: bytes) -> None:
        while row >= self._pieces[self._at].first + len(self._pieces[self._at]):
            self._at += 1
        piece = self._pieces[self._at]
        if isinstance(piece, Fill):
            if data != piece.packets[row - piece.first]:
                self._wrong.append(("sample.foreign", row, "where nothing came"))
            return
        source = piece.rows[row - piece.first]
        config, samples = piece.track.config, piece.track.samples
        into = self._hashed[piece.run.seat, piece.run.run, config.name]
        place = samples.group[source], samples.index[source], samples.timestamp_us[source]
        digest = leaf(*place, bool(samples.key[source]), data)
        into.leaf[DIGEST_BYTES * source : DIGEST_BYTES * (source + 1)] = digest
        into.there[source] = 1
        if config.kind == "audio" and opus_duration_us(data[:2]) != samples.duration_us[source]:
            self._wrong.append(("file.form", row, "a packet does not last what its evidence says"))

    def faults(self) -> Iterator[Finding]:
        """One for each stretch of rows that are wrong in the same way."""
        wrong = self._wrong
        first = 0
        for at in range(1, len(wrong) + 1):
            one = wrong[first]
            if at < len(wrong) and (wrong[at][0], wrong[at][1]) == (one[0], one[1] + at - first):
                continue
            times = self._lane.times_us[one[1]] / 1e6, self._lane.times_us[wrong[at - 1][1]] / 1e6
            yield Finding(one[0], self._seat, "", self._lane.config.name, *times, at - first, one[2])
            first = at
