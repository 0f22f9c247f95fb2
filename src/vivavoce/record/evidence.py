"""What an exported MP4 and a clip carry so that they prove themselves: E1 to E8 of docs/formats/evidence.md.

    uuid …7e04  version u32  crc u32  entries: kind u8, length u32, content
    1 file   7 revocations   2 run   3 its seals   4 a track   5 its samples in the file   6 those left out
    4 …   2 …

This is the form only; `form.py` says what file follows from it, and `verify_mp4.py` judges.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Final
from zlib import crc32

from vivavoce.errors import UnavailableError
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.alignment import Stretch
from vivavoce.record.boxes import uuid_box
from vivavoce.record.columns import read_left, read_samples, write_left, write_samples
from vivavoce.record.configs import config_of
from vivavoce.record.numbers import Reader, damaged, number, numbers, signed
from vivavoce.record.revoked import MAX_REVOCATION_BYTES
from vivavoce.record.samples import Samples
from vivavoce.seal.digest import DIGEST_BYTES
from vivavoce.seal.leaves import Leaves
from vivavoce.seal.revocations import MOST_KEPT

__all__ = [
    "EVIDENCE_UUID",
    "MAX_EVIDENCE_BYTES",
    "PROVENANCE_UUID",
    "Cut",
    "Evidence",
    "EvidenceRun",
    "EvidenceTrack",
    "evidence_box",
    "read_evidence",
]

PROVENANCE_UUID: Final = bytes.fromhex("c1b1a6d3f4c94a6c9f0e5a1dbb0c7e03")
"""Of the box before it (record.md, R21)."""
EVIDENCE_UUID: Final = bytes.fromhex("c1b1a6d3f4c94a6c9f0e5a1dbb0c7e04")
MAX_EVIDENCE_BYTES: Final = 1 << 30
"""A day of two sides has a third of it."""
_VERSION: Final = 1
_MAX_SAMPLES: Final = 1 << 24
_MAX_RUNS: Final = 4096
_MAX_STRETCHES: Final = 1024
_MAX_SEAT: Final = 1024
_FILE, _RUN, _SEALS, _TRACK, _SAMPLES, _LEFT, _REVOKED = range(1, 8)
_ENTRY: Final = struct.Struct(">BI")
_HEAD: Final = struct.Struct(">II")


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a clip was cut. start_us: time 0 of the record on the host's clock. from_us, until_us: what of
    the record it has whole."""

    start_us: int
    from_us: int
    until_us: int


@dataclass(slots=True)
class EvidenceTrack:
    """config: S5's bytes, and what they say. rests: groups that came without samples. samples: of the file,
    with no place in it yet. left: those that are not in it."""

    raw: bytes
    config: TrackConfig
    rests: list[int] = field(default_factory=list)
    samples: Samples = field(default_factory=Samples)
    left: Leaves = field(default_factory=Leaves)

    @property
    def sound(self) -> bool:
        return self.config.kind == "audio"


@dataclass(slots=True)
class EvidenceRun:
    """run: 8 bytes. stretches: what is added to timestamps to get the time shown. seals: a file as R22 has
    it, or nothing."""

    seat: str
    run: bytes
    stretches: list[Stretch]
    seals: bytes = b""
    tracks: list[EvidenceTrack] = field(default_factory=list)


@dataclass(slots=True)
class Evidence:
    """founding: the facts' bytes. start_us: the host's clock at time 0. provenance: SHA-256 of the box before
    the evidence. revoked: envelopes of revocations, unchecked. whole: its checksum fits; where it does not,
    it was read as far as it made sense."""

    founding: bytes
    start_us: int
    provenance: bytes
    cut: Cut | None = None
    revoked: tuple[bytes, ...] = ()
    runs: list[EvidenceRun] = field(default_factory=list)
    whole: bool = True


def evidence_box(evidence: Evidence) -> bytes:
    """E1. Raises ValueError for a number that E2 has no form for."""
    entries = b"".join(_ENTRY.pack(kind, len(content)) + content for kind, content in _entries(evidence))
    return uuid_box(EVIDENCE_UUID, _HEAD.pack(_VERSION, crc32(entries)), entries)


def read_evidence(content: bytes) -> Evidence:
    """content: of the box, behind its extended type.

    Raises EvidenceError `record.damaged` for what is not of the form, `seal.config` for a configuration that
    no sealer writes, UnavailableError `data.newer` for a later version. Nothing that was signed is looked at.
    """
    if len(content) < _HEAD.size:
        raise damaged("it ends too early")
    version, crc = _HEAD.unpack_from(content)
    whole = crc32(memoryview(content)[_HEAD.size :]) == crc
    if version != _VERSION:
        if whole and version > _VERSION:
            raise UnavailableError("data.newer", f"The file's evidence has format version {version}.")
        raise damaged(f"its version is {version}")
    evidence: Evidence | None = None
    for kind, entry in _split(content, _HEAD.size):
        if evidence is None:
            if kind != _FILE:
                raise damaged("it does not begin with the file")
            evidence = _read_file(entry)
            evidence.whole = whole
        else:
            _read_entry(evidence, kind, entry)
        entry.end()
    if evidence is None:
        raise damaged("it is empty")
    if sum(len(track.samples) for run in evidence.runs for track in run.tracks) > _MAX_SAMPLES:
        raise damaged("it has too many samples")
    return evidence


def _entries(evidence: Evidence) -> Iterator[tuple[int, bytes]]:
    cut = evidence.cut
    place = numbers(1, cut.start_us, cut.from_us, cut.until_us) if cut else numbers(0)
    yield _FILE, _bytes(evidence.founding) + number(evidence.start_us) + evidence.provenance + place
    if evidence.revoked:
        yield _REVOKED, number(len(evidence.revoked)) + b"".join(map(_bytes, evidence.revoked))
    for run in evidence.runs:
        stretches = b"".join(number(one.from_us) + signed(one.offset_us) for one in run.stretches)
        yield _RUN, _bytes(run.seat.encode()) + run.run + number(len(run.stretches)) + stretches
        if run.seals:
            yield _SEALS, run.seals
        for track in run.tracks:
            rests = [0, *sorted(track.rests)]
            steps = numbers(*(after - before for before, after in pairwise(rests)))
            yield _TRACK, _bytes(track.raw) + number(len(track.rests)) + steps
            if len(track.samples):
                yield _SAMPLES, write_samples(track.samples, sound=track.sound)
            if len(track.left):
                yield _LEFT, write_left(track.left)


def _bytes(data: bytes) -> bytes:
    return number(len(data)) + data


def _split(content: bytes, at: int) -> Iterator[tuple[int, Reader]]:
    while at < len(content):
        if len(content) - at < _ENTRY.size:
            raise damaged("an entry ends too early")
        kind, length = _ENTRY.unpack_from(content, at)
        at += _ENTRY.size
        if length > len(content) - at:
            raise damaged("an entry is longer than all")
        yield kind, Reader(content, at, at + length)
        at += length


def _read_file(entry: Reader) -> Evidence:
    founding, start_us, provenance = entry.sized(), entry.number(), entry.take(DIGEST_BYTES)
    kind = entry.number()
    if kind > 1:
        raise damaged("it is neither a whole nor a clip")
    cut = Cut(entry.number(), entry.number(), entry.number()) if kind else None
    return Evidence(founding, start_us, provenance, cut)


def _read_entry(evidence: Evidence, kind: int, entry: Reader) -> None:
    run = evidence.runs[-1] if evidence.runs else None
    track = run.tracks[-1] if run and run.tracks else None
    if kind == _REVOKED and not evidence.revoked and not evidence.runs:
        evidence.revoked = _read_revoked(entry)
    elif kind == _RUN and len(evidence.runs) < _MAX_RUNS:
        evidence.runs.append(_read_run(entry))
    elif kind == _SEALS and run and not run.seals and not run.tracks:
        run.seals = entry.rest()
    elif kind == _TRACK and run:
        raw = entry.sized()
        rests = list(accumulate(entry.numbers(entry.number())))
        run.tracks.append(EvidenceTrack(raw, config_of(raw), rests))
    elif kind == _SAMPLES and track and not len(track.samples) and not len(track.left):
        track.samples = read_samples(entry, sound=track.sound)
    elif kind == _LEFT and track and not len(track.left):
        track.left = read_left(entry)
        there = set(zip(track.samples.group, track.samples.index, strict=True))
        if not there.isdisjoint(zip(track.left.group, track.left.index, strict=True)):
            raise damaged("a sample is in the file and left out of it")
    else:
        raise damaged(f"an entry of kind {kind} has no place there")


def _read_revoked(entry: Reader) -> tuple[bytes, ...]:
    revoked = tuple(entry.sized() for _ in range(entry.count(2)))
    sizes = [len(one) for one in revoked]
    if not 0 < len(revoked) <= MOST_KEPT or not 0 < min(sizes) <= max(sizes) <= MAX_REVOCATION_BYTES:
        raise damaged("revocations are none, too many or too large")
    return revoked


def _read_run(entry: Reader) -> EvidenceRun:
    try:
        seat = entry.sized().decode()
    except UnicodeDecodeError:
        raise damaged("a seat is no text") from None
    if not 0 < len(seat) <= _MAX_SEAT or not seat.isprintable():
        raise damaged("a seat is no name")
    run = entry.take(8)
    stretches = [Stretch(entry.number(), entry.signed(), 0) for _ in range(entry.count(2))]
    rising = all(one.from_us < after.from_us for one, after in pairwise(stretches))
    if not 0 < len(stretches) <= _MAX_STRETCHES or stretches[0].from_us or not rising:
        raise damaged("a run's stretches do not rise from 0, or are too many")
    return EvidenceRun(seat, run, stretches)
