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

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from vivavoce.errors import EvidenceError, YourInputError
from vivavoce.record.alignment import Stretch as Aligned
from vivavoce.record.boxed import Boxed, boxed
from vivavoce.record.comparing import Comparing, mdat_of
from vivavoce.record.contents import Progress
from vivavoce.record.evidence import (
    EVIDENCE_UUID,
    MAX_EVIDENCE_BYTES,
    Evidence,
    EvidenceRun,
    read_evidence,
)
from vivavoce.record.excess import Shown, excess
from vivavoce.record.form import form_of
from vivavoce.record.hashed import Hashed, hash_samples
from vivavoce.record.judging import JudgedRun, Judging
from vivavoce.record.revoked import revocations_of_seals
from vivavoce.record.seals import read_seals
from vivavoce.record.trimming import Edge, end_us, left_out, trim, trim_seals, window_of
from vivavoce.record.verdicts import Cutting, Finding, Judged
from vivavoce.seal.leaves import Leaves
from vivavoce.seal.statement import Founding, parse_founding

__all__ = ["verify_mp4"]

_WINDOW: Final = 1 << 20


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


class _Verifier:
    def __init__(self, file: BinaryIO, boxes: Boxed, expected: str, progress: Progress | None) -> None:
        self._file, self._boxes = file, boxes
        self._expected = expected
        self._progress: Progress = progress or (lambda _done, _total: None)
        self._found: list[Finding] = []
        self._shown: list[tuple[JudgedRun, Shown]] = []
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
        judging = Judging(Judged(*said, ""), founding, self._expected, _revoked(evidence))
        judging.judged.file = "clip" if evidence and evidence.cut else "mp4"
        if evidence and founding and form:
            mdat = mdat_of(self._boxes, form)
            self._file.seek(mdat.content if mdat else 0)
            room = mdat.end - mdat.content if mdat else 0
            hashed, wrong = hash_samples(form, self._file.read, room, self._progress)
            for run in evidence.runs:
                self._run(judging, evidence, run, hashed)
            self._found += wrong
            self._found += self._excess(evidence)
            self._found += Comparing(self._boxes, form, evidence.provenance, self._read).told()
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

    def _run(
        self,
        judging: Judging,
        evidence: Evidence,
        run: EvidenceRun,
        hashed: dict[tuple[str, str, str], Hashed],
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
            if len(track.samples):
                self._shown.append((about, Shown(track, about.aligned)))
            leaves = hashed[about.seat, about.run, name].leaves()
            known = {"end_us": end_us(track), "left": len(track.left)}
            one = judging.track(about, name, track.raw, track.rests, leaves, **known)
            for code, from_us, until_us, count in left_out(track, window):
                one.lacking.append((from_us, until_us))
                about.fault(code, name, from_us, until_us, count=count, detail="it was left out of this file")
        judging.seals_told(about, unsealed=about.seals is None)

    def _excess(self, evidence: Evidence) -> Iterator[Finding]:
        """What a clip has beyond what it says."""
        if evidence.cut is None:
            return
        start_us = evidence.cut.start_us
        asked = start_us + evidence.cut.from_us, start_us + evidence.cut.until_us
        runs = {id(shown): run for run, shown in self._shown}
        for one, from_us, until_us in excess([shown for _, shown in self._shown], *asked):
            times = (from_us - evidence.start_us) / 1e6, (until_us - evidence.start_us) / 1e6
            run, name = runs[id(one)], one.track.config.name
            yield Finding("file.form", run.seat, run.run, name, *times, 0, "more than its clip says")

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

    def _read(self, start: int, end: int) -> bytes:
        self._file.seek(start)
        return self._file.read(end - start)

    def _find(self, code: str, detail: str) -> None:
        self._found.append(Finding(code, detail=detail))


def _revoked(evidence: Evidence | None) -> Iterator[bytes]:
    """What it tells, and what papers of any of its runs do: what identity keys signed counts (S17)."""
    if evidence is not None:
        yield from evidence.revoked
        for run in evidence.runs:
            yield from revocations_of_seals(read_seals(run.seals))
