"""A whole record, judged offline: what holds for which seconds, what does not, what cannot be known.

1. The founding facts are what `record.json` says of title, time and seats; another fact is another founding,
   and then no papers hold.
2. Each run's papers and seals are judged first (`seal/kept.py`), then each track's samples against them
   (`seal/audit.py`). Every file is read once, a window at a time.
3. Time 0 is that of the export (R16): the host's clock at the first sample. Only what is told depends on it.

It believes nothing that the host wrote: journal and arrival times give only the seconds of a finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from vivavoce.errors import EvidenceError, YourInputError
from vivavoce.line.catalog import TrackConfig
from vivavoce.line.sealing import sealed_config
from vivavoce.record.alignment import Stretch as Aligned
from vivavoce.record.alignment import align, offset_at
from vivavoce.record.contents import Progress, Record, Run, Track, open_record
from vivavoce.record.founding import founding_of_record, revocations_of_record
from vivavoce.record.fragments import Damage, Header, write_header
from vivavoce.record.leaves import Hashed, hash_file
from vivavoce.record.seals import Kept, read_seals
from vivavoce.record.verdicts import Finding, Judged, Span, Verified, VerifiedTrack, without
from vivavoce.seal.audit import Stretch, audit_track
from vivavoce.seal.kept import KeptSeals
from vivavoce.seal.seal import SEALED_WITHIN_US
from vivavoce.seal.statement import Founding

__all__ = ["verify"]

_OTHER = b"another"
"""In place of a configuration that cannot have been sealed, or of several."""
_SEALS = re.compile(r"seals(?:\.part(?P<part>[1-9][0-9]*))?\.log")


def verify(path: Path, founding: str = "", progress: Progress | None = None) -> Judged:
    """Judge the record in the folder `path`. founding: the founding hash in hex that it has to have, where it
    is known from elsewhere. progress: called after each window.

    Raises YourInputError `record.unreadable` and UnavailableError `data.newer` as `open_record` does.
    """
    try:
        return _Verifier(open_record(path, samples=False), founding.lower(), progress).judged()
    except OSError as error:
        raise YourInputError("record.unreadable", f"{error.filename}: {error.strerror}.") from None


@dataclass(slots=True)
class _Track:
    name: str
    samples: int
    stretches: list[Stretch]


@dataclass(slots=True)
class _Run:
    """What is known of a run before the record's time 0 is. faults: with times on the run's own clock."""

    seat: str
    run: str
    seals: KeptSeals | None = None
    tracks: list[_Track] = field(default_factory=list)
    faults: list[tuple[str, str, int, int, int, str]] = field(default_factory=list)
    least_us: dict[int, int] = field(default_factory=dict)
    first_us: int | None = None
    end_us: int = 0
    aligned: list[Aligned] = field(default_factory=list)

    def fault(
        self, code: str, track: str, from_us: int, until_us: int, *, count: int = 0, detail: str = ""
    ) -> None:
        self.faults.append((code, track, from_us, until_us, count, detail))

    def host_us(self, at_us: int) -> int:
        """The host's clock when the run's own says `at_us`."""
        return at_us + offset_at(self.aligned, at_us) if self.aligned else at_us


class _Verifier:
    def __init__(self, record: Record, expected: str, progress: Progress | None) -> None:
        self._record = record
        self._expected = expected
        self._progress: Callable[[int, int], None] = progress or (lambda _done, _total: None)
        self._seals = _seals_files(record.path)
        sizes = [
            file.stat().st_size for run in record.runs for one in run.tracks.values() for file in one.files
        ]
        self._done, self._total = 0, sum(sizes)
        self._judged = Judged(record.discussion, record.title, "")

    def judged(self) -> Judged:
        founding = self._founding()
        runs = {(run.seat, run.run): run for run in self._record.runs}
        for seat, run in self._seals:
            runs.setdefault((seat, run), Run(seat, run, 0))
        kept = [
            self._run(run, founding)
            for run in runs.values()
            if run.tracks or (run.seat, run.run) in self._seals
        ]
        self._place(kept)
        self._files()
        if not kept:
            self._judged.findings.append(Finding("seal.none"))
        self._unknown(kept)
        self._judged.findings.sort(key=lambda one: (one.from_s, one.side, one.track))
        return self._judged

    def _founding(self) -> Founding | None:
        try:
            founding = founding_of_record(self._record.facts)
        except EvidenceError as error:
            self._judged.findings.append(Finding("seal.founding", detail=error.message))
            return None
        self._judged.founding = founding.digest.hex()
        if self._expected not in ("", self._judged.founding):
            detail = f"this record was founded as {self._judged.founding}"
            self._judged.findings.append(Finding("seal.founding", detail=detail))
        return founding

    def _run(self, run: Run, founding: Founding | None) -> _Run:
        about = _Run(run.seat, run.run)
        seals = self._kept(run, about, founding) if founding else None
        about.seals = seals if seals and seals.some else None
        names = dict.fromkeys([*run.tracks, *(about.seals.tracks if about.seals else ())])
        for name in names:
            self._track(about, name, run.tracks.get(name), founding)
        unsealed = (run.seat, run.run) not in self._seals if seals is None else not seals.some
        if unsealed:
            about.fault("seal.none", "", about.first_us or 0, about.end_us)
        for mark in about.seals.marks if about.seals else ():
            until_us = max(mark.until_us, about.end_us if mark.code == "seal.run" else 0)
            detail = f"from number {mark.seq}" if mark.seq >= 0 else ""
            about.fault(mark.code, "", mark.from_us, until_us, count=mark.count, detail=detail)
        return about

    def _kept(self, run: Run, about: _Run, founding: Founding) -> KeptSeals:
        revoked = revocations_of_record(self._record.facts)
        seals = KeptSeals(founding, run.seat, _hex(run.run), revoked)
        for file in self._seals.get((run.seat, run.run), []):
            for found in read_seals(file.read_bytes()):
                if isinstance(found, Kept):
                    (seals.seal if found.index else seals.papers)(found.raw)
                elif not found.torn:
                    about.fault("record.damaged", "seals", seals.clock_us, seals.clock_us, detail=file.name)
        seals.judge()
        return seals

    def _track(self, about: _Run, name: str, track: Track | None, founding: Founding | None) -> None:
        hashed = Hashed()
        config = b""
        for file, (header, start) in zip(track.files, track.headers, strict=True) if track else ():
            self._read(about, name, file, start, hashed)
            said = _config(header.config) if _is_whole(file, start, header) else b""
            config = (said or _OTHER) if config in (b"", said) else _OTHER
        leaves = hashed.leaves
        leaves.sort()
        for second, least in hashed.least_us.items():
            about.least_us[second] = min(least, about.least_us.get(second, least))
        if len(leaves):
            first_us = min(leaves.timestamp_us)
            about.first_us = first_us if about.first_us is None else min(about.first_us, first_us)
            about.end_us = max(about.end_us, hashed.end_us)
        stretches: list[Stretch] = []
        if about.seals and about.seals.by and founding:
            place = founding.digest, _hex(about.run), about.seals
            stretches = audit_track(*place, name, config, track.rests if track else (), leaves)
        about.tracks.append(_Track(name, len(leaves), stretches))
        for one in stretches:
            if one.found != "proven":
                cut = one is stretches[-1] and about.seals is not None and _is_cut(one, about.seals)
                code = "seal.late" if cut else one.found
                about.fault(code, name, one.from_us, one.until_us, count=one.count)

    def _read(self, about: _Run, name: str, file: Path, start: int, hashed: Hashed) -> None:
        damaged: list[int] = []
        with file.open("rb") as opened:
            for found in hash_file(opened, start, hashed):
                if isinstance(found, Damage):
                    # The damaged beginning of a file was told when it was opened.
                    damaged += [] if found.torn or not found.start else [len(hashed.leaves)]
                else:
                    self._progress(self._done + found, self._total)
        self._done += file.stat().st_size
        times = hashed.leaves.timestamp_us
        for row in damaged:
            from_us = times[row - 1] if row else 0
            about.fault(
                "record.damaged", name, from_us, times[row] if row < len(times) else from_us, detail=file.name
            )

    def _place(self, kept: list[_Run]) -> None:
        """Give everything its seconds."""
        for run in kept:
            run.aligned = align(
                (1_000_000 * at, 1_000_000 * at + least) for at, least in run.least_us.items()
            )
        begun = [run for run in kept if run.first_us is not None]
        zero_us = min((run.host_us(run.first_us or 0) for run in begun), default=0)
        for run in kept:
            if run.first_us is not None:
                self._judged.seconds = max(self._judged.seconds, (run.host_us(run.end_us) - zero_us) / 1e6)

            def seconds(at_us: int, run: _Run = run) -> float:
                return (run.host_us(at_us) - zero_us) / 1e6 if run.aligned else at_us / 1e6

            for code, track, from_us, until_us, count, detail in run.faults:
                times = max(0.0, seconds(from_us)), max(0.0, seconds(until_us))
                self._judged.findings.append(Finding(code, run.seat, run.run, track, *times, count, detail))
            tracks, proven, bad = [], [], []
            for one in run.tracks:
                spans = [(each.found, _seconds(each, seconds)) for each in one.stretches]
                good = [span for found, span in spans if found == "proven"]
                tracks.append(VerifiedTrack(one.name, one.samples, good))
                proven += good
                bad += [span for found, span in spans if found not in ("proven", "sample.missing")]
            by, ended = (run.seals.by, run.seals.ended) if run.seals else (None, False)
            lasts = without(proven, bad)
            self._judged.sides.append(Verified(run.seat, run.run, by, lasts, ended, tracks))

    def _files(self) -> None:
        for found in self._record.findings:
            if found.where.endswith(".mp4"):
                seat, run, name = found.where.split("/")
                detail = f"{name}: {found.what}"
                self._judged.findings.append(Finding("record.damaged", seat, run, name, detail=detail))
            else:
                self._judged.unknown.append(f"{found.where}: {found.what}.")

    def _unknown(self, kept: list[_Run]) -> None:
        say = self._judged.unknown.append
        if not self._expected and self._judged.founding:
            say(
                "Whether both sides know these founding facts: compare their hash "
                f"{self._judged.founding} with what each side published."
            )
        for run in kept:
            if run.seals and run.seals.by == "host":
                say(f"Whether {run.seat} is who it is said to be: key introduced by the host.")
            if run.seals and not run.seals.ended:
                say(f"{run.seat}, run {run.run}, has no end seal: more may have followed.")
        if any(one.judgement == "gap" for one in self._judged.findings):
            say("Why something is missing.")
        say("Whether there were runs of which the record keeps nothing.")
        say("The time of day: clocks are the devices' and the host's own word.")


def _seals_files(path: Path) -> dict[tuple[str, str], list[Path]]:
    """By seat and run, in the order of their parts."""
    found: dict[tuple[str, str], list[tuple[int, Path]]] = {}
    for file in path.glob("*/*/seals*.log"):
        if (named := _SEALS.fullmatch(file.name)) is not None:
            place = file.parent.parent.name, file.parent.name
            found.setdefault(place, []).append((int(named["part"] or 1), file))
    return {place: [file for _, file in sorted(files)] for place, files in sorted(found.items())}


def _is_whole(file: Path, length: int, header: Header) -> bool:
    """Whether the file begins with exactly what its header says: players go by the boxes before it. Where
    that is damaged it was told already."""
    with file.open("rb") as opened:
        return not length or opened.read(length) == write_header(header)


def _config(config: TrackConfig) -> bytes:
    """As it would have been sealed; nothing where it could not have been."""
    try:
        return sealed_config(config).to_bytes()
    except ValueError:
        return b""


def _hex(run: str) -> bytes:
    try:
        return bytes.fromhex(run)
    except ValueError:
        return b""


def _is_cut(stretch: Stretch, seals: KeptSeals) -> bool:
    """The record ends before the seal could come that covers this: the host stopped, or the line broke."""
    near = stretch.from_us - seals.until_us >= -SEALED_WITHIN_US
    near = near and stretch.until_us - seals.until_us <= 2 * SEALED_WITHIN_US
    return stretch.found == "sample.unproven" and not seals.ended and near


def _seconds(stretch: Stretch, seconds: Callable[[int], float]) -> Span:
    """With the last sample's own length, as far as those before it tell."""
    step = (stretch.until_us - stretch.from_us) // (stretch.count - 1) if stretch.count > 1 else 0
    return seconds(stretch.from_us), seconds(stretch.until_us + step)
