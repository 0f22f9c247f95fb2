"""A whole record, judged offline: what holds for which seconds, what does not, what cannot be known.

1. The founding facts are what `record.json` says of title, time and seats; another fact is another founding,
   and then no papers hold.
2. What identity keys revoked is gathered first, from `record.json` and the papers of all runs (S17).
3. Each run's papers and seals are judged (`seal/kept.py`), and each track's samples against them
   (`seal/audit.py`). A run that was recorded undisturbed is judged while it is read (`inorder.py`), so that a
   long one needs no more memory than a short one; any other once it was read. What is found does not depend
   on the way.
4. Time 0 is that of the export (R16): the host's clock at the first sample. Only what is told depends on it.

It believes nothing that the host wrote: journal and arrival times give only the seconds of a finding.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from vivavoce.errors import EvidenceError, YourInputError
from vivavoce.record.alignment import align
from vivavoce.record.configs import sealed_bytes
from vivavoce.record.contents import Progress, Record, Run, Track, open_record, seals_files
from vivavoce.record.founding import founding_of_record
from vivavoce.record.fragments import Damage, Header, write_header
from vivavoce.record.inorder import TrackInOrder, judge_in_order
from vivavoce.record.judging import JudgedRun, JudgedTrack, Judging
from vivavoce.record.leaves import Hashed, hash_file
from vivavoce.record.revoked import revocations_of_record, revocations_of_seals
from vivavoce.record.seals import Kept, read_seals_file
from vivavoce.record.verdicts import Finding, Judged
from vivavoce.seal.audit import TrackAudit
from vivavoce.seal.kept import KeptSeals, SealedTrack
from vivavoce.seal.statement import Founding

__all__ = ["PART_SEALS", "verify"]

PART_SEALS: Final = 256
"""Some forty seconds: leaves come within that, and samples find their place."""
_OTHER = b"another"
"""In place of a configuration that cannot have been sealed, or of several."""


def verify(
    path: Path, founding: str = "", progress: Progress | None = None, *, part: int = PART_SEALS
) -> Judged:
    """Judge the record in the folder `path`. founding: the founding hash in hex that it has to have, where it
    is known from elsewhere. progress: called after each window. part: how many seals are judged at a time
    while a run is read; 0: none before it was read.

    Raises YourInputError `record.unreadable` and UnavailableError `data.newer` as `open_record` does.
    """
    try:
        return _Verifier(open_record(path, samples=False), founding.lower(), progress, part).judged()
    except OSError as error:
        raise YourInputError("record.unreadable", f"{error.filename}: {error.strerror}.") from None


class _Verifier:
    def __init__(self, record: Record, expected: str, progress: Progress | None, part: int) -> None:
        self._record = record
        self._part = part
        self._progress: Callable[[int, int], None] = progress or (lambda _done, _total: None)
        self._seals = seals_files(record.path)
        sizes = [
            file.stat().st_size for run in record.runs for one in run.tracks.values() for file in one.files
        ]
        self._done, self._total = 0, sum(sizes)
        judged = Judged(record.discussion, record.title, "")
        self._judging = Judging(judged, _founding(record, judged), expected, self._revoked())

    def _revoked(self) -> Iterator[bytes]:
        """By the host's word that they came, and by papers of any run: what identity keys signed counts."""
        yield from revocations_of_record(self._record.facts)
        for files in self._seals.values():
            yield from revocations_of_seals(_seals(files))

    def judged(self) -> Judged:
        runs = {(run.seat, run.run): run for run in self._record.runs}
        for seat, run in self._seals:
            runs.setdefault((seat, run), Run(seat, run, 0))
        for one in runs.values():
            if one.tracks or (one.seat, one.run) in self._seals:
                self._run(one)
        self._files()
        self._judging.place()
        return self._judging.judged

    def _run(self, run: Run) -> None:
        about = self._judging.run(run.seat, run.run)
        files = self._seals.get((run.seat, run.run), [])
        least_us = self._in_order(about, run, files)
        if least_us is None:
            least_us = self._at_once(about, run, files)
        about.aligned = align((1_000_000 * at, 1_000_000 * at + least) for at, least in least_us.items())
        known = bool(self._judging.judged.founding)
        self._judging.seals_told(about, unsealed=about.seals is None if known else not files)

    def _in_order(self, about: JudgedRun, run: Run, files: list[Path]) -> dict[int, int] | None:
        """Judge the run while it is read. Returns the least delays of its seconds; None, and then nothing was
        told, where it is not in order."""
        seals = self._judging.seals_in_order(about)
        if seals is None or not self._part:
            return None

        def begin(name: str, sealed: SealedTrack) -> TrackInOrder | None:
            track, hashed = run.tracks.get(name), Hashed()
            if _config(track) not in (b"", sealed.config):
                return None
            audit = TrackAudit(*seals.place, seals, sealed, track.rests if track else (), hashed.leaves)
            windows = (self._windows(file, start, hashed) for file, start in _starts(track))
            return TrackInOrder(audit, hashed, chain.from_iterable(windows))

        done = self._done
        tracks = judge_in_order(seals, _seals(files), begin, self._part)
        if tracks is None or not run.tracks.keys() <= tracks.keys():
            self._done = done
            return None
        about.seals = seals
        least_us: dict[int, int] = {}
        for name in _names(run, seals):
            one = tracks[name]
            track = JudgedTrack(name, one.samples, one.stretches)
            self._judging.audited(about, track, one.hashed.first_us, one.hashed.end_us)
            _lower(least_us, one.hashed)
        return least_us

    def _at_once(self, about: JudgedRun, run: Run, files: list[Path]) -> dict[int, int]:
        """Judge the run, however it is."""
        self._judging.seals(about, ((file.name, one) for file in files for one in _seals([file])))
        least_us: dict[int, int] = {}
        for name in _names(run, about.seals):
            track = run.tracks.get(name)
            hashed = Hashed()
            for file, start in _starts(track):
                self._read(about, name, file, start, hashed)
            hashed.leaves.sort()
            _lower(least_us, hashed)
            rests = track.rests if track else ()
            self._judging.track(about, name, _config(track), rests, hashed.leaves, end_us=hashed.end_us)
        return least_us

    def _read(self, about: JudgedRun, name: str, file: Path, start: int, hashed: Hashed) -> None:
        damaged: list[int] = []
        for found in self._windows(file, start, hashed):
            if isinstance(found, Damage) and not found.torn and found.start:
                # The damaged beginning of a file was told when it was opened.
                damaged.append(len(hashed.leaves))
        times = hashed.leaves.timestamp_us
        for row in damaged:
            from_us = times[row - 1] if row else 0
            about.fault(
                "record.damaged", name, from_us, times[row] if row < len(times) else from_us, detail=file.name
            )

    def _windows(self, file: Path, start: int, hashed: Hashed) -> Iterator[Damage | int]:
        at = 0
        with file.open("rb") as opened:
            for found in hash_file(opened, start, hashed):
                end = found.end if isinstance(found, Damage) else found
                self._done, at = self._done + end - at, end
                self._progress(self._done, self._total)
                yield found

    def _files(self) -> None:
        judged = self._judging.judged
        for found in self._record.findings:
            if found.where.endswith(".mp4"):
                seat, run, name = found.where.split("/")
                detail = f"{name}: {found.what}"
                judged.findings.append(Finding("record.damaged", seat, run, name, detail=detail))
            else:
                judged.unknown.append(f"{found.where}: {found.what}.")


def _names(run: Run, seals: KeptSeals | None) -> Iterable[str]:
    """The tracks that are there or were sealed, in the order in which they are told."""
    return dict.fromkeys([*run.tracks, *(seals.tracks if seals else ())])


def _starts(track: Track | None) -> Iterator[tuple[Path, int]]:
    """Each, and where its samples begin."""
    for file, (_, start) in zip(track.files, track.headers, strict=True) if track else ():
        yield file, start


def _seals(files: list[Path]) -> Iterator[Kept | Damage]:
    """All that lies in these."""
    for file in files:
        with file.open("rb") as opened:
            yield from read_seals_file(opened)


def _config(track: Track | None) -> bytes:
    """By what its files would be decoded, as S5 has it; empty where there are none."""
    config = b""
    for file, (header, start) in zip(track.files, track.headers, strict=True) if track else ():
        said = sealed_bytes(header.config) if _is_whole(file, start, header) else b""
        config = (said or _OTHER) if config in (b"", said) else _OTHER
    return config


def _lower(least_us: dict[int, int], hashed: Hashed) -> None:
    for second, least in hashed.least_us.items():
        least_us[second] = min(least, least_us.get(second, least))


def _founding(record: Record, judged: Judged) -> Founding | None:
    try:
        return founding_of_record(record.facts)
    except EvidenceError as error:
        judged.findings.append(Finding("seal.founding", detail=error.message))
        return None


def _is_whole(file: Path, length: int, header: Header) -> bool:
    """Whether the file begins with exactly what its header says: players go by the boxes before it. Where
    that is damaged it was told already."""
    try:
        said = write_header(header)
    except (struct.error, OverflowError, YourInputError):
        return False  # what no header that was written holds
    with file.open("rb") as opened:
        return not length or opened.read(length) == said
