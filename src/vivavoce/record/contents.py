"""A record's folder, read: the discussion, its runs, their tracks and samples, and what is not there.

It reads what a clean end, a crash, or a host that is still recording left, by the same code, and never
writes. The rules are docs/formats/record.md. What does not hold is a finding, and the rest is read all the
same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vivavoce.errors import EvidenceError, UnavailableError, YourInputError
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record import journal
from vivavoce.record.fragments import FORMAT_VERSION, Damage, Header, config_from_json, read_header, scan
from vivavoce.record.gaps import Gap
from vivavoce.record.journal import Event
from vivavoce.record.samples import Samples

__all__ = ["Finding", "Progress", "Record", "Run", "Track", "open_record", "seals_files"]

Progress = Callable[[int, int], None]
"""(bytes done, bytes in all)"""

_FILE = re.compile(r"(?P<track>[a-z0-9-]{1,24}\.[1-9][0-9]{0,5})(?:\.part(?P<part>[1-9][0-9]*))?\.mp4")
_SEALS = re.compile(r"seals(?:\.part(?P<part>[1-9][0-9]*))?\.log")
_MAX_JSON_BYTES = 256 * 1024 * 1024  # the journal of a day with a dozen seats is a tenth of it


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the record that is not as the format says. where: a file, relative to the record."""

    where: str
    what: str


@dataclass(slots=True)
class Track:
    """A track of a run. files: its parts in order; `samples.file` counts them from 0. headers: what each file
    says of itself, and its length, 0 where that is damaged. rests: groups that came without samples."""

    config: TrackConfig
    files: list[Path] = field(default_factory=list)
    headers: list[tuple[Header, int]] = field(default_factory=list)
    rests: set[int] = field(default_factory=set)
    samples: Samples = field(default_factory=Samples)
    gaps: list[Gap] = field(default_factory=list)


@dataclass(slots=True)
class Run:
    """What one device sent while it was on air once. ended: why; None where the record does not know an end,
    and more may have followed. device: a short id. clocks: the journal's `clock` events."""

    seat: str
    run: str
    epoch_us: int
    device: str = ""
    ended: str | None = None
    tracks: dict[str, Track] = field(default_factory=dict)
    clocks: list[Event] = field(default_factory=list)


@dataclass(slots=True)
class Record:
    """seats: the host's facts about each, with `name` and `language`. runs: in the order of arrival.
    facts: all that `record.json` says."""

    path: Path
    discussion: str
    title: str
    seats: dict[str, dict[str, Any]]
    runs: list[Run]
    findings: list[Finding]
    facts: dict[str, Any] = field(default_factory=dict)


def open_record(path: Path, progress: Progress | None = None, *, samples: bool = True) -> Record:
    """Read the record in the folder `path`. progress: called from time to time while track files are read.
    samples: without them only the files' beginnings are read, and gaps are only those that the journal tells.

    Raises YourInputError `record.unreadable` (no such folder, or nothing of a record in it) and
    UnavailableError `data.newer` (a later format). Does not check who said what: see verify.py.
    """
    if not path.is_dir():
        raise YourInputError("record.unreadable", f"There is no folder {str(path)!r}.")
    files = sorted(found for found in path.glob("*/*/*.mp4") if _FILE.fullmatch(found.name))
    reader = _Reader(path, progress, sum(file.stat().st_size for file in files), samples=samples)
    facts = reader.facts()
    events = reader.events()
    if facts is None and not events and not files:
        raise YourInputError("record.unreadable", f"The folder {str(path)!r} holds no record.")
    reader.journalled(events)
    for file in sorted(files, key=_place):
        reader.file(file)
    return reader.record(facts or {})


def _place(file: Path) -> tuple[str, str, str, int]:
    found = _FILE.fullmatch(file.name)
    assert found is not None, "only such files are read"
    return file.parent.parent.name, file.parent.name, found["track"], int(found["part"] or 1)


class _Reader:
    def __init__(self, path: Path, progress: Progress | None, total: int, *, samples: bool) -> None:
        self._path = path
        self._samples = samples
        self._progress = progress or (lambda _done, _total: None)
        self._done, self._total = 0, total
        self._findings: list[Finding] = []
        self._runs: dict[tuple[str, str], Run] = {}
        self._configs: dict[tuple[str, str, str], TrackConfig] = {}
        self._gaps: dict[tuple[str, str, str], list[Gap]] = {}
        self._rests: dict[tuple[str, str, str], set[int]] = {}
        self._discussion = ""
        self._restarted = False
        self._is_ours = False
        """`record.json` has this version: then no track can have a later one, unless it is damaged."""

    def facts(self) -> dict[str, Any] | None:
        raw = self._bytes("record.json")
        if raw is None:
            self._find("record.json", "is missing")
            return None
        try:
            facts = json.loads(raw)
        except (ValueError, RecursionError):
            facts = None
        if not isinstance(facts, dict) or not isinstance(facts.get("version"), int):
            self._find("record.json", "cannot be read")
            return None
        if facts["version"] > FORMAT_VERSION:
            raise UnavailableError(
                "data.newer",
                f"The record {str(self._path)!r} has version {facts['version']}, not {FORMAT_VERSION}.",
            )
        self._is_ours = True
        return facts

    def events(self) -> list[Event]:
        raw = self._bytes("journal.jsonl")
        if raw is None:
            self._find("journal.jsonl", "is missing")
            return []
        events, damaged = journal.decode(raw)
        for line in damaged:
            self._find("journal.jsonl", f"line {line} cannot be read")
        return events

    def journalled(self, events: list[Event]) -> None:
        for event in events:
            try:
                self._event(event)
            except (KeyError, TypeError, ValueError, EvidenceError):
                self._find("journal.jsonl", f"the {event['event']} at {event['at_us']} lacks a field")

    def file(self, file: Path) -> None:
        where = file.relative_to(self._path).as_posix()
        seat, run, name, part = _place(file)
        with file.open("rb") as opened:
            header, start = self._header(opened, where, (seat, run, name, part))
            if header is None:
                return
            self._discussion = self._discussion or header.discussion
            track = self._track(header)
            number = len(track.files)
            track.files.append(file)
            track.headers.append((header, start))
            for found in scan(opened, start) if self._samples else ():
                if isinstance(found, Damage):
                    self._damage(where, found)
                else:
                    track.samples.add(number, found)
                    if not len(track.samples) % 1000:
                        self._progress(self._done + found.offset, self._total)
        self._done += file.stat().st_size
        self._progress(self._done, self._total)

    def record(self, facts: dict[str, Any]) -> Record:
        for run in self._runs.values():
            for name, track in run.tracks.items():
                track.samples.sort()
                told = list(self._gaps.get((run.seat, run.run, name), []))
                if self._restarted:
                    told += track.samples.breaks()
                rests = track.rests = self._rests.get((run.seat, run.run, name), set())
                missing = [part for gap in track.samples.gaps() for part in _without(gap, rests)]
                seen = [gap for gap in missing if not any(_covers(one, gap) for one in told)]
                track.gaps = sorted([*told, *seen], key=lambda gap: gap.from_group)
        title, seats = facts.get("title"), facts.get("seats")
        return Record(
            path=self._path,
            discussion=str(facts.get("discussion") or self._discussion or self._path.name),
            title=title if isinstance(title, str) else "",
            seats={str(seat): fact for seat, fact in seats.items() if isinstance(fact, dict)}
            if isinstance(seats, dict)
            else {},
            runs=sorted(self._runs.values(), key=_first_arrival),
            findings=self._findings,
            facts=facts,
        )

    def _event(self, event: Event) -> None:
        kind = event["event"]
        self._restarted |= kind == "restarted"
        if kind not in {"run", "track", "clock", "gap", "rest", "end"}:
            return
        run = self._run(str(event["seat"]), str(event["run"]))
        if kind == "run":
            run.epoch_us, run.device, run.ended = int(event["epoch_us"]), str(event["device"]), None
        elif kind == "clock":
            run.clocks.append(event)
        elif kind == "end":
            run.ended = str(event["why"])
        elif kind == "track":
            config = config_from_json(event["config"])
            self._configs[run.seat, run.run, str(event["track"])] = config
        elif kind == "rest":
            rests = self._rests.setdefault((run.seat, run.run, str(event["track"])), set())
            rests.add(int(event["group"]))
        # What was missing when the journal was written may have come later; the samples tell it better.
        elif event["why"] != "missing":
            gap = Gap(int(event["from_group"]), int(event["to_group"]), event["why"])
            self._gaps.setdefault((run.seat, run.run, str(event["track"])), []).append(gap)

    def _run(self, seat: str, run: str) -> Run:
        return self._runs.setdefault((seat, run), Run(seat, run, 0))

    def _track(self, header: Header) -> Track:
        run = self._run(header.seat, header.run)
        run.epoch_us = run.epoch_us or header.epoch_us
        return run.tracks.setdefault(header.config.name, Track(header.config))

    def _header(self, opened: Any, where: str, place: tuple[str, str, str, int]) -> tuple[Header | None, int]:
        seat, run, name, part = place
        try:
            header, start = read_header(opened)
        except (EvidenceError, UnavailableError) as error:
            if isinstance(error, UnavailableError) and not self._is_ours:
                raise
            config = self._configs.get((seat, run, name))
            self._find(where, error.message if config else f"{error.message} The journal does not help.")
            epoch = self._run(seat, run).epoch_us
            return (Header("", seat, run, epoch, config, part), 0) if config else (None, 0)
        if (header.seat, header.run, header.config.name) != (seat, run, name):
            self._find(where, f"says that it is {header.seat}/{header.run}/{header.config.name}")
        return header, start

    def _damage(self, where: str, found: Damage) -> None:
        what = "ends inside a sample" if found.torn else "is damaged"
        self._find(where, f"{what}: bytes {found.start} to {found.end} hold no whole sample")

    def _bytes(self, name: str) -> bytes | None:
        path = self._path / name
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(_MAX_JSON_BYTES)

    def _find(self, where: str, what: str) -> None:
        self._findings.append(Finding(where, what))


def _covers(told: Gap, seen: Gap) -> bool:
    return told.from_group <= seen.from_group and seen.to_group <= told.to_group


def _without(gap: Gap, rests: set[int]) -> list[Gap]:
    """What is left of a gap without the groups that came, and had no samples."""
    parts: list[Gap] = []
    first = gap.from_group
    for rest in [*sorted(one for one in rests if gap.from_group <= one <= gap.to_group), gap.to_group + 1]:
        if rest > first:
            parts.append(Gap(first, rest - 1, gap.why))
        first = rest + 1
    return parts


def _first_arrival(run: Run) -> int:
    return min(
        (track.samples.received_us[0] for track in run.tracks.values() if len(track.samples)),
        default=run.epoch_us,
    )


def seals_files(path: Path) -> dict[tuple[str, str], list[Path]]:
    """The files of seals of a record, by seat and run, in the order of their parts."""
    found: dict[tuple[str, str], list[tuple[int, Path]]] = {}
    for file in path.glob("*/*/seals*.log"):
        if (named := _SEALS.fullmatch(file.name)) is not None:
            place = file.parent.parent.name, file.parent.name
            found.setdefault(place, []).append((int(named["part"] or 1), file))
    return {place: [file for _, file in sorted(files)] for place, files in sorted(found.items())}
