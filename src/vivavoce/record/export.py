"""One standard MP4 out of a record: every sample as it came, nothing transcoded, its evidence behind them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vivavoce.errors import YourInputError
from vivavoce.record.boxes import uuid_box
from vivavoce.record.contents import Finding, Progress, Record, open_record
from vivavoce.record.evidence import PROVENANCE_UUID, evidence_box
from vivavoce.record.lanes import Fill, Piece, Plan, plan
from vivavoce.record.mp4 import lay_out
from vivavoce.record.mp4_file import check_place, write_mp4
from vivavoce.record.proof import evidence_of
from vivavoce.record.verify import verify

__all__ = ["Exported", "ExportedTrack", "export_mp4", "provenance_box", "tracks_of"]


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
    judging: Progress | None = None,
    writing: Progress | None = None,
) -> Exported:
    """Write the record in the folder `record` as the file `mp4`, in place of what has that name.

    reading, judging, writing: progress in bytes. Raises YourInputError `record.unreadable`, `record.empty`
    (no sample plays) or `input.option` (`mp4` is a folder, or lies in none), UnavailableError `data.newer` or
    `disk.full`. Does not check what the samples hold, and proves nothing about who sent them; the evidence
    that it puts behind them does (docs/formats/evidence.md).
    """
    check_place(mp4)
    contents = open_record(record, reading)
    made = plan(contents)
    if not made.lanes:
        raise YourInputError("record.empty", f"The record {str(record)!r} has no sample that plays.")
    layout = lay_out(made.lanes, created_us=made.start_us, title=contents.title)
    gaps = list(_gaps(contents))
    verdict = verify(record, progress=judging).verdict
    told = {"gaps": gaps, "left_out": made.left_out, "verdict": verdict}
    provenance = provenance_box(contents, made, told)
    evidence = evidence_of(contents, made, provenance)
    behind = provenance + (evidence_box(evidence) if evidence else b"")
    size = write_mp4(mp4, made, layout, behind, writing)
    return Exported(
        mp4=mp4,
        discussion=contents.discussion,
        start_us=made.start_us,
        seconds=layout.duration_us / 1e6,
        size=size,
        tracks=tracks_of(made),
        gaps=gaps,
        left_out=made.left_out,
        findings=contents.findings,
        unended=[f"{run.seat}/{run.run}" for run in contents.runs if run.ended is None],
        drift_us=max(
            (abs(one.drift_us) for stretches in made.stretches.values() for one in stretches), default=0
        ),
        verdict=verdict,
    )


def _gaps(contents: Record) -> Iterator[dict[str, Any]]:
    for run in contents.runs:
        for name, track in run.tracks.items():
            for gap in track.gaps:
                yield {"seat": run.seat, "run": run.run, "track": name, **asdict(gap)}


def tracks_of(made: Plan) -> list[ExportedTrack]:
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


def provenance_box(contents: Record, made: Plan, told: dict[str, Any]) -> bytes:
    """Where a file comes from (R21). told: what an export says beyond that, or a clip."""
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
        "vantage": "host",
        "start_us": made.start_us,
        "tracks": tracks,
        **told,
    }
    return uuid_box(PROVENANCE_UUID, json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode())


def _piece(piece: Piece | Fill) -> dict[str, Any]:
    place = {"first_sample": piece.first + 1, "samples": len(piece)}
    if isinstance(piece, Fill):
        return {"filled": True, **place}
    return {"run": piece.run.run, "track": piece.track.config.name, **place, "shift_us": piece.shift_us}
