"""A whole record, judged offline: what holds for which seconds, what does not, what cannot be known.

1. The founding facts are what `record.json` says of title, time and seats; another fact is another founding,
   and then no papers hold.
2. What identity keys revoked is gathered first, from `record.json` and the papers of all runs (S17).
3. Each run's papers and seals are judged (`seal/kept.py`), then each track's samples against them
   (`seal/audit.py`). Every file of samples is read once, a window at a time.
4. Time 0 is that of the export (R16): the host's clock at the first sample. Only what is told depends on it.

It believes nothing that the host wrote: journal and arrival times give only the seconds of a finding.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from vivavoce.errors import EvidenceError, YourInputError
from vivavoce.record.alignment import align
from vivavoce.record.configs import sealed_bytes
from vivavoce.record.contents import Progress, Record, Run, Track, open_record, seals_files
from vivavoce.record.founding import founding_of_record
from vivavoce.record.fragments import Damage, Header, write_header
from vivavoce.record.judging import JudgedRun, Judging
from vivavoce.record.leaves import Hashed, hash_file
from vivavoce.record.revoked import revocations_of_record, revocations_of_seals
from vivavoce.record.seals import read_seals
from vivavoce.record.verdicts import Finding, Judged
from vivavoce.seal.statement import Founding

__all__ = ["verify"]

_OTHER = b"another"
"""In place of a configuration that cannot have been sealed, or of several."""


def verify(path: Path, founding: str = "", progress: Progress | None = None) -> Judged:
    """Judge the record in the folder `path`. founding: the founding hash in hex that it has to have, where it
    is known from elsewhere. progress: called after each window.

    Raises YourInputError `record.unreadable` and UnavailableError `data.newer` as `open_record` does.
    """
    try:
        return _Verifier(open_record(path, samples=False), founding.lower(), progress).judged()
    except OSError as error:
        raise YourInputError("record.unreadable", f"{error.filename}: {error.strerror}.") from None


class _Verifier:
    def __init__(self, record: Record, expected: str, progress: Progress | None) -> None:
        self._record = record
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
            for file in files:
                yield from revocations_of_seals(read_seals(file.read_bytes()))

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
        self._judging.seals(
            about, ((file.name, one) for file in files for one in read_seals(file.read_bytes()))
        )
        least_us: dict[int, int] = {}
        for name in dict.fromkeys([*run.tracks, *(about.seals.tracks if about.seals else ())]):
            self._track(about, name, run.tracks.get(name), least_us)
        about.aligned = align((1_000_000 * at, 1_000_000 * at + least) for at, least in least_us.items())
        known = bool(self._judging.judged.founding)
        self._judging.seals_told(about, unsealed=about.seals is None if known else not files)

    def _track(self, about: JudgedRun, name: str, track: Track | None, least_us: dict[int, int]) -> None:
        hashed = Hashed()
        config = b""
        for file, (header, start) in zip(track.files, track.headers, strict=True) if track else ():
            self._read(about, name, file, start, hashed)
            said = sealed_bytes(header.config) if _is_whole(file, start, header) else b""
            config = (said or _OTHER) if config in (b"", said) else _OTHER
        hashed.leaves.sort()
        for second, least in hashed.least_us.items():
            least_us[second] = min(least, least_us.get(second, least))
        rests = track.rests if track else ()
        self._judging.track(about, name, config, rests, hashed.leaves, end_us=hashed.end_us)

    def _read(self, about: JudgedRun, name: str, file: Path, start: int, hashed: Hashed) -> None:
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

    def _files(self) -> None:
        judged = self._judging.judged
        for found in self._record.findings:
            if found.where.endswith(".mp4"):
                seat, run, name = found.where.split("/")
                detail = f"{name}: {found.what}"
                judged.findings.append(Finding("record.damaged", seat, run, name, detail=detail))
            else:
                judged.unknown.append(f"{found.where}: {found.what}.")


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
