"""The evidence for what of a record stands in a file (docs/formats/evidence.md): everything that was kept of
its runs' seals, which samples are where, and leaves for those that are not there and without which a span
could not be proven.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Sequence
from contextlib import closing

from vivavoce.errors import EvidenceError
from vivavoce.record.alignment import Stretch
from vivavoce.record.configs import sealed_bytes
from vivavoce.record.contents import Record, Run, Track, seals_files
from vivavoce.record.evidence import Evidence, EvidenceRun, EvidenceTrack
from vivavoce.record.founding import founding_of_record
from vivavoce.record.lanes import Plan
from vivavoce.record.mp4_file import Files
from vivavoce.record.revoked import revocations_of_record, revocations_of_seals
from vivavoce.record.samples import Samples
from vivavoce.record.seals import SEALS_START, Kept, read_seals, write_entry
from vivavoce.seal.cbor import MAX_INTEGER
from vivavoce.seal.digest import leaf
from vivavoce.seal.revocations import Revocations
from vivavoce.seal.statement import Founding

__all__ = ["Wanted", "evidence_of", "kept_seals", "revoked_of", "seals_file", "track_of"]

Wanted = Callable[[int], bool]
"""Whether a group belongs to a span of which something is kept."""


def evidence_of(record: Record, made: Plan, provenance: bytes) -> Evidence | None:
    """For a file of all that plays. provenance: the box before the evidence. None where there is nothing to
    prove it by: no founding facts, or no seals."""
    try:
        founding = founding_of_record(record.facts)
    except EvidenceError:
        return None
    seals = kept_seals(record)
    if not seals:
        return None
    revoked = revoked_of(record, founding, seals)
    digest = hashlib.sha256(provenance).digest()
    evidence = Evidence(founding.to_bytes(), made.start_us, digest, revoked=revoked)
    known = {(run.seat, run.run): run for run in record.runs}
    with closing(Files()) as files:
        for place in dict.fromkeys([*known, *seals]):
            run = known.get(place, Run(*place, 0))
            stretches = made.stretches.get(place) or [Stretch(0, made.start_us, 0)]
            told = run_of(run, stretches, made.start_us, seals.get(place, []))
            if told is None:
                continue
            for name, track in run.tracks.items():
                rows = made.kept.get((*place, name), [])
                one = track_of(track, rows, files, sorted(track.rests), _wanted(track, rows))
                if one:
                    told.tracks.append(one)
            evidence.runs.append(told)
    return evidence


def revoked_of(
    record: Record, founding: Founding, seals: dict[tuple[str, str], list[Kept]]
) -> tuple[bytes, ...]:
    """All that identity keys revoked, by `record.json` or by papers of any run, in the file or not."""
    revoked = Revocations(founding)
    revoked.keep(revocations_of_record(record.facts))
    for kept in seals.values():
        revoked.keep(revocations_of_seals(kept))
    return tuple(revoked)


def run_of(run: Run, stretches: list[Stretch], start_us: int, kept: Sequence[Kept]) -> EvidenceRun | None:
    """None for a run whose number is none: nobody can have sealed it."""
    try:
        number = bytes.fromhex(run.run)
    except ValueError:
        number = b""
    if len(number) != 8:
        return None
    moved = [Stretch(one.from_us, one.offset_us - start_us, 0) for one in stretches]
    return EvidenceRun(run.seat, number, moved, seals=seals_file(kept))


def kept_seals(record: Record) -> dict[tuple[str, str], list[Kept]]:
    """Every whole entry of a record's files of seals, each once, by seat and run."""
    found: dict[tuple[str, str], list[Kept]] = {}
    for place, files in seals_files(record.path).items():
        once: dict[tuple[int, bytes], Kept] = {}
        for file in files:
            for one in read_seals(file.read_bytes()):
                if isinstance(one, Kept):
                    # Papers stand at the beginning of every group, and are the same.
                    once.setdefault((min(one.index, 1), one.raw), one)
        if once:
            found[place] = list(once.values())
    return found


def seals_file(kept: Sequence[Kept]) -> bytes:
    return SEALS_START + b"".join(map(write_entry, kept)) if kept else b""


def track_of(
    track: Track, rows: Sequence[int], files: Files, rests: list[int], wanted: Wanted
) -> EvidenceTrack | None:
    """rows: those that are in the file. wanted: of which groups leaves are needed."""
    config = sealed_bytes(track.config)
    if not config or not (rows or rests):
        return None
    samples = track.samples
    one = EvidenceTrack(config, track.config, rests, _columns(samples, rows))
    places = {(samples.group[row], samples.index[row]) for row in rows}
    group, expected = -1, 0
    for row in range(len(samples)):
        place = samples.group[row], samples.index[row]
        if place[0] != group:
            group, expected = place[0], 0
        # Behind a hole no leaf helps: the digest goes through all of them.
        if place[1] > expected or place[0] > MAX_INTEGER:
            continue
        expected = place[1] + 1
        if place in places or not wanted(place[0]):
            continue
        places.add(place)
        timestamp_us = samples.timestamp_us[row]
        digest = leaf(*place, timestamp_us, bool(samples.key[row]), files.sample(track, row))
        one.left.add(*place, min(timestamp_us, MAX_INTEGER), digest)
    return one


def _columns(samples: Samples, rows: Sequence[int]) -> Samples:
    chosen = Samples()
    for name in ("group", "index", "timestamp_us", "size", "duration_us", "key"):
        column = getattr(samples, name)
        setattr(chosen, name, array(column.typecode, map(column.__getitem__, rows)))
    return chosen


def _wanted(track: Track, rows: Sequence[int]) -> Wanted:
    if track.config.kind == "audio":
        return lambda _group: True
    return {track.samples.group[row] for row in rows}.__contains__
