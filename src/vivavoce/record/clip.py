"""A clip out of a record: whole groups of every track, in an MP4 that proves itself.

What stands in it is cutting.py's to choose. Source: docs/formats/evidence.md, E20 to E24.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vivavoce.errors import YourInputError
from vivavoce.record.configs import as_sealed
from vivavoce.record.contents import Progress, Record, Run, open_record
from vivavoce.record.cutting import Rows, chosen_rows, chosen_seals
from vivavoce.record.evidence import Cut, Evidence, EvidenceRun, evidence_box
from vivavoce.record.export import ExportedTrack, provenance_box, tracks_of
from vivavoce.record.founding import founding_of_record
from vivavoce.record.lanes import Part, Plan, arrange, plan, split
from vivavoce.record.mp4 import lay_out
from vivavoce.record.mp4_file import Files, check_place, write_mp4
from vivavoce.record.proof import kept_seals, revoked_of, run_of, track_of
from vivavoce.record.seals import Kept
from vivavoce.record.trimming import window_of
from vivavoce.record.verdicts import Judged, clock_text
from vivavoce.record.verify_mp4 import verify_mp4

__all__ = ["Clipped", "clip_mp4"]


@dataclass(frozen=True, slots=True)
class Clipped:
    """What was written. from_s, until_s: what of the record it has whole. starts_s: where its own beginning
    lies there. judged: the clip's own verdict."""

    mp4: Path
    from_s: float
    until_s: float
    starts_s: float
    seconds: float
    size: int
    tracks: list[ExportedTrack]
    judged: Judged

    def to_json(self) -> dict[str, Any]:
        times = {name: round(getattr(self, name), 3) for name in ("from_s", "until_s", "starts_s", "seconds")}
        about = {"mp4": str(self.mp4), "discussion": self.judged.discussion, "founding": self.judged.founding}
        tracks = [{"name": one.name, "seat": one.seat, "samples": one.samples} for one in self.tracks]
        told = {"size": self.size, "tracks": tracks, "verdict": self.judged.verdict}
        return {**about, **times, **told}


def clip_mp4(
    record: Path,
    mp4: Path,
    from_us: int,
    until_us: int,
    *,
    reading: Progress | None = None,
    writing: Progress | None = None,
) -> Clipped:
    """Cut from the record in the folder `record`, in the time of its export, into the file `mp4`, in place of
    what has that name. reading, writing: progress in bytes.

    Raises YourInputError `record.unreadable`, `record.empty` (nothing plays in that time), `seal.none` (there
    is nothing to prove a clip by) or `input.option` (the times, or the file's place), EvidenceError
    `seal.founding`, UnavailableError `data.newer`, `disk.full` or `data.read_only`.
    """
    check_place(mp4)
    contents = open_record(record, reading)
    whole = plan(contents)
    if not whole.lanes:
        raise YourInputError("record.empty", f"The record {str(record)!r} has no sample that plays.")
    seals = kept_seals(contents)
    if not seals:
        raise YourInputError(
            "seal.none",
            f"The record {str(record)!r} has no seals, so a clip of it would prove nothing.",
            remedy="Export it with `vivavoce export`, and cut that with any editor.",
        )
    founding = founding_of_record(contents.facts)
    until_us = _checked(from_us, until_us, max(lane.end_us for lane in whole.lanes))
    rows = chosen_rows(contents, whole, from_us, until_us)
    made = _planned(contents, whole, rows)
    layout = lay_out(made.lanes, created_us=made.start_us, title=founding.title)
    provenance = provenance_box(contents, made, {"cut": {"from_us": from_us, "until_us": until_us}})
    evidence = Evidence(
        founding.to_bytes(),
        made.start_us,
        hashlib.sha256(provenance).digest(),
        Cut(whole.start_us, from_us, until_us),
        revoked_of(contents, founding, seals),
    )
    with closing(Files()) as files:
        for place in dict.fromkeys([*((run.seat, run.run) for run in contents.runs), *seals]):
            told = _run(contents, place, whole, made, rows, seals.get(place, []), files, evidence)
            if told is not None:
                evidence.runs.append(told)
    size = write_mp4(mp4, made, layout, provenance + evidence_box(evidence), writing)
    return Clipped(
        mp4=mp4,
        from_s=from_us / 1e6,
        until_s=until_us / 1e6,
        starts_s=(made.start_us - whole.start_us) / 1e6,
        seconds=layout.duration_us / 1e6,
        size=size,
        tracks=tracks_of(made),
        judged=verify_mp4(mp4),
    )


def _checked(from_us: int, until_us: int, end_us: int) -> int:
    """Where the clip ends. Raises YourInputError `input.option`."""
    said = clock_text(from_us / 1e6), clock_text(until_us / 1e6), clock_text(end_us / 1e6)
    if from_us >= end_us:
        raise YourInputError(
            "input.option",
            f"--from {said[0]} lies behind the record's end, {said[2]}.",
            remedy="Choose a time that the record has.",
        )
    if until_us <= from_us:
        raise YourInputError(
            "input.option",
            f"--until {said[1]} is not after --from {said[0]}.",
            remedy="Choose a later --until.",
        )
    return min(until_us, end_us)


def _planned(contents: Record, whole: Plan, rows: Rows) -> Plan:
    parts: list[Part] = []
    for run in contents.runs:
        for name, track in run.tracks.items():
            config = as_sealed(track.config)
            there = rows.get((run.seat, run.run, name), [])
            if config and there:
                stretches = whole.stretches[run.seat, run.run]
                parts += split(run, replace(track, config=config), there, stretches)
    if not parts:
        raise YourInputError(
            "record.empty", "Nothing of the record plays in that time.", remedy="Choose another time."
        )
    return arrange(contents.seats, parts, Plan())


def _run(
    contents: Record,
    place: tuple[str, str],
    whole: Plan,
    made: Plan,
    rows: Rows,
    kept: list[Kept],
    files: Files,
    evidence: Evidence,
) -> EvidenceRun | None:
    """A run's part in the clip; None where it has none."""
    stretches = whole.stretches.get(place)
    run = next((one for one in contents.runs if (one.seat, one.run) == place), Run(*place, 0))
    there = {name: rows[(*place, name)] for name in run.tracks if (*place, name) in rows}
    if not stretches or evidence.cut is None:
        return None
    cut = evidence.cut
    window = window_of(stretches, cut.start_us + cut.from_us, cut.start_us + cut.until_us)
    groups = {
        name: sorted({run.tracks[name].samples.group[row] for row in chosen})
        for name, chosen in there.items()
    }
    chosen = chosen_seals(kept, groups, window)
    if not there and not chosen.overlap:
        return None
    told = run_of(run, stretches, made.start_us, chosen.kept)
    if told is None:
        return None
    for name, track in run.tracks.items():
        picked = there.get(name, [])
        rests = sorted(track.rests & chosen.empty.get(name, set()))
        own = set(groups.get(name, []))
        sound = track.config.kind == "audio"

        def wanted(group: int, name: str = name, own: set[int] = own, sound: bool = sound) -> bool:
            return chosen.wants(name, group) if sound else group in own

        one = track_of(track, picked, files, rests, wanted)
        if one:
            told.tracks.append(one)
    return told
