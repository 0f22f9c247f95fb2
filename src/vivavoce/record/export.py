"""One standard MP4 out of a record: every sample as it came, nothing transcoded.

The file is written beside its name and takes it when it is complete and on disk; a failure leaves nothing.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from vivavoce.errors import UnavailableError, YourInputError
from vivavoce.record.boxes import uuid_box
from vivavoce.record.contents import Finding, Progress, Record, open_record
from vivavoce.record.lanes import Fill, Piece, Plan, plan
from vivavoce.record.mp4 import lay_out
from vivavoce.record.verify import verify

__all__ = ["PROVENANCE_UUID", "Exported", "ExportedTrack", "export_mp4"]

PROVENANCE_UUID = bytes.fromhex("c1b1a6d3f4c94a6c9f0e5a1dbb0c7e03")


_MAX_OPEN = 64


@dataclass(frozen=True, slots=True)
class ExportedTrack:
    """number: the track's id in the file. samples: of the record. filled: packets that say "nothing came"
    where sound is missing. from_us, to_us: where it lies in the movie."""

    number: int
    name: str
    seat: str
    kind: str
    codec: str
    language: str
    role: str | None
    samples: int
    filled: int
    from_us: int
    to_us: int


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. start_us: the host's clock at the movie's start, Unix microseconds. gaps: each with
    seat, run, track, from_group, to_group and why. left_out: samples that are in the record and not in the
    file, counted by reason. unended: runs (seat/run) that the record knows no end of. drift_us: the most
    that a side's clock went apart from the host's within a run. verdict: what `verify` says of the record."""

    mp4: Path
    discussion: str
    start_us: int
    seconds: float
    size: int
    tracks: list[ExportedTrack]
    gaps: list[dict[str, Any]]
    left_out: dict[str, int]
    findings: list[Finding]
    unended: list[str]
    drift_us: int
    verdict: str

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "mp4": str(self.mp4)}


def export_mp4(
    record: Path,
    mp4: Path,
    *,
    reading: Progress | None = None,
    writing: Progress | None = None,
) -> Exported:
    """Write the record in the folder `record` as the file `mp4`, in place of what has that name.

    reading, writing: progress in bytes. Raises YourInputError `record.unreadable`, `record.empty` (no sample
    plays) or `input.option` (`mp4` is a folder, or lies in none), UnavailableError `data.newer` or
    `disk.full`. Does not check what the samples hold, and proves nothing about who sent them.
    """
    if mp4.is_dir() or not mp4.parent.is_dir():
        raise YourInputError(
            "input.option", f"{str(mp4)!r} cannot be a file.", remedy="Name a file to write."
        )
    contents = open_record(record, reading)
    made = plan(contents)
    if not made.lanes:
        raise YourInputError("record.empty", f"The record {str(record)!r} has no sample that plays.")
    layout = lay_out(made.lanes, created_us=made.start_us, title=contents.title)
    gaps = [gap for gap in _gaps(contents)]
    verdict = verify(record).verdict
    provenance = uuid_box(PROVENANCE_UUID, _provenance(contents, made, gaps, verdict))
    staged = mp4.with_name(f".{mp4.name}.{os.getpid()}.part")
    try:
        with staged.open("wb") as out:
            out.write(layout.head)
            _copy(out, made, layout.order, layout.media_bytes, writing)
            out.write(provenance)
            out.flush()
            os.fsync(out.fileno())
            size = out.tell()
        staged.replace(mp4)
    except OSError as error:
        raise _written(mp4, error) from None
    finally:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
    return Exported(
        mp4=mp4,
        discussion=contents.discussion,
        start_us=made.start_us,
        seconds=layout.duration_us / 1e6,
        size=size,
        tracks=_tracks(made),
        gaps=gaps,
        left_out=made.left_out,
        findings=contents.findings,
        unended=[f"{run.seat}/{run.run}" for run in contents.runs if run.ended is None],
        drift_us=max(
            (abs(one.drift_us) for stretches in made.stretches.values() for one in stretches), default=0
        ),
        verdict=verdict,
    )


def _copy(
    out: BinaryIO, made: Plan, order: list[tuple[int, int, int]], total: int, progress: Progress | None
) -> None:
    done = 0
    with contextlib.closing(_Files()) as files:
        sources = [_Source(pieces, files) for pieces in made.pieces]
        for number, first, last in order:
            for row in range(first, last):
                done += out.write(sources[number].read(row))
            if progress:
                progress(done, total)


class _Source:
    """The bytes of a lane's rows. Rows are asked for in order. files: opened ones, shared by all lanes."""

    def __init__(self, pieces: list[Piece | Fill], files: _Files) -> None:
        self._pieces = pieces
        self._files = files
        self._at = 0

    def read(self, row: int) -> bytes:
        while row >= self._pieces[self._at].first + len(self._pieces[self._at]):
            self._at += 1
        piece = self._pieces[self._at]
        if isinstance(piece, Fill):
            return piece.packets[row - piece.first]
        samples = piece.track.samples
        source = piece.rows[row - piece.first]
        file = self._files.open(piece.track.files[samples.file[source]])
        file.seek(samples.offset[source])
        return file.read(samples.size[source])


class _Files:
    """Keeps the files open that were read last: a long record has more than a process may open."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, BinaryIO] = OrderedDict()

    def open(self, path: Path) -> BinaryIO:
        file = self._open.pop(path, None) or path.open("rb")
        self._open[path] = file
        if len(self._open) > _MAX_OPEN:
            self._open.popitem(last=False)[1].close()
        return file

    def close(self) -> None:
        for file in self._open.values():
            file.close()


def _gaps(contents: Record) -> Iterator[dict[str, Any]]:
    for run in contents.runs:
        for name, track in run.tracks.items():
            for gap in track.gaps:
                yield {"seat": run.seat, "run": run.run, "track": name, **asdict(gap)}


def _tracks(made: Plan) -> list[ExportedTrack]:
    return [
        ExportedTrack(
            number=number,
            name=lane.name,
            seat=seat,
            kind=lane.config.kind,
            codec=lane.config.codec,
            language=lane.config.language,
            role=lane.config.role,
            samples=sum(len(piece) for piece in pieces if isinstance(piece, Piece)),
            filled=sum(len(piece) for piece in pieces if isinstance(piece, Fill)),
            from_us=lane.start_us,
            to_us=lane.end_us,
        )
        for number, (lane, seat, pieces) in enumerate(
            zip(made.lanes, made.seats, made.pieces, strict=True), 1
        )
    ]


def _provenance(contents: Record, made: Plan, gaps: list[dict[str, Any]], verdict: str) -> bytes:
    tracks = [
        {
            "number": number,
            "seat": seat,
            "pieces": [_piece(piece) for piece in pieces],
        }
        for number, (seat, pieces) in enumerate(zip(made.seats, made.pieces, strict=True), 1)
    ]
    said = {
        "version": 1,
        "discussion": contents.discussion,
        "title": contents.title,
        "seats": contents.seats,
        "start_us": made.start_us,
        "tracks": tracks,
        "gaps": gaps,
        "left_out": made.left_out,
        "verdict": verdict,
    }
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()


def _piece(piece: Piece | Fill) -> dict[str, Any]:
    place = {"first_sample": piece.first + 1, "samples": len(piece)}
    if isinstance(piece, Fill):
        return {"filled": True, **place}
    return {"run": piece.run.run, "track": piece.track.config.name, **place, "shift_us": piece.shift_us}


def _written(mp4: Path, error: OSError) -> UnavailableError:
    what = f"{str(mp4)!r} cannot be written: {error.strerror}."
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return UnavailableError("disk.full", what, remedy="Free some space, or name a file on another disk.")
    return UnavailableError("data.read_only", what, remedy="Name a file that you may write.")
