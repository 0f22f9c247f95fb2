"""Which samples and seals of a record make a clip: E20 and E21 of docs/formats/evidence.md.

    asked             from |-----------------| until
    pictures      |0 . . . .|1 . . . .|2 . . . .|            groups, whole
    sound         |================================|         packets, as long as there are pictures
    seals     |10 . . . . . . . . .|20 . . . . . . . . .|    from one with configurations to what covers all

Times are of the movie that an export of the whole record makes, in microseconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from vivavoce.errors import EvidenceError
from vivavoce.record.alignment import offset_at
from vivavoce.record.contents import Record, Run, Track
from vivavoce.record.excess import STAYS_US
from vivavoce.record.lanes import Plan
from vivavoce.record.sample_entries import sample_duration_us
from vivavoce.record.seals import Kept
from vivavoce.record.trimming import Window
from vivavoce.seal.config import parse_config
from vivavoce.seal.envelope import open_envelope
from vivavoce.seal.seal import Seal, parse_seal
from vivavoce.seal.sealer import CONFIGS_EVERY

__all__ = ["Chosen", "Rows", "chosen_rows", "chosen_seals"]


_ANSWERED_WITHIN: Final = 3
"""So many groups of the seals' track later a frame may stand that tells something of what they sealed."""

Rows = dict[tuple[str, str, str], list[int]]


def chosen_rows(record: Record, made: Plan, from_us: int, until_us: int) -> Rows:
    """By seat, run and track what of the whole stands in the clip."""
    chosen: Rows = {}
    first_us, last_us = from_us, until_us
    for run in record.runs:
        for track in run.tracks.values():
            rows = made.kept.get((run.seat, run.run, track.config.name), [])
            if track.config.kind == "audio" or not rows:
                continue
            place = run.seat, run.run, track.config.name
            for start, end, group in _groups(_shown(run, track, made, rows), track, rows):
                if start < until_us and end > from_us:
                    chosen.setdefault(place, []).extend(group)
                    first_us, last_us = min(first_us, start), max(last_us, end)
    for run in record.runs:
        for track in run.tracks.values():
            place = run.seat, run.run, track.config.name
            rows = made.kept.get(place, [])
            if track.config.kind == "audio" and rows:
                times = _shown(run, track, made, rows)
                lasts = track.samples.duration_us
                chosen[place] = [
                    row
                    for at, row in zip(times, rows, strict=True)
                    if at < last_us and at + lasts[row] > first_us
                ]
    return {place: rows for place, rows in chosen.items() if rows}


def _shown(run: Run, track: Track, made: Plan, rows: Sequence[int]) -> list[int]:
    stretches = made.stretches[run.seat, run.run]
    times = track.samples.timestamp_us
    return [times[row] + offset_at(stretches, times[row]) - made.start_us for row in rows]


def _groups(times: list[int], track: Track, rows: list[int]) -> list[tuple[int, int, list[int]]]:
    """(start, end, rows) of each picture group: the last picture stays until the next, but not for long."""
    groups: list[tuple[int, int, list[int]]] = []
    lasts = sample_duration_us(track.config, b"")
    first = 0
    for at in range(1, len(rows) + 1):
        last = at == len(rows)
        if not last and track.samples.group[rows[at]] == track.samples.group[rows[first]]:
            continue
        end = times[at - 1] + lasts if last else min(times[at], times[at - 1] + STAYS_US)
        groups.append((times[first], end, rows[first:at]))
        first = at
    return groups


@dataclass(slots=True)
class Chosen:
    """Of one run's seals. kept: entries, papers first. rows: of sound, of which something is in the clip, by
    track. empty: groups that were sealed without samples. overlap: they tell of time that is in the clip."""

    kept: list[Kept] = field(default_factory=list)
    overlap: bool = False
    rows: dict[str, list[range]] = field(default_factory=dict)
    empty: dict[str, set[int]] = field(default_factory=dict)

    def wants(self, name: str, group: int) -> bool:
        """Whether a packet stands in a row of which something is in the clip."""
        rows = self.rows.get(name, [])
        at = bisect_right(rows, group, key=lambda row: row.start)
        return at > 0 and group in rows[at - 1]


@dataclass(frozen=True, slots=True)
class _Entry:
    kept: Kept
    seal: Seal


def chosen_seals(kept: Sequence[Kept], groups: dict[str, list[int]], window: Window) -> Chosen:
    """kept: all of the run. groups: of each track that are in the clip, rising. window: from and until which
    everything has to be there, on the run's own clock."""
    entries, others = _parsed(kept)
    papers = [one for one in kept if not one.index]
    if not entries:
        return Chosen(papers)
    overlap = entries[0].seal.clock_us < window[1] and entries[-1].seal.clock_us > window[0]
    chosen = Chosen(overlap=overlap)
    concerned = _concerned(entries, groups, chosen)
    begin = min([at for at in concerned[:1]] + [_at_clock(entries, window[0])])
    begins = [at for at in range(begin + 1) if entries[at].seal.seq % CONFIGS_EVERY == 0]
    begin = max(begins, default=0)
    end = max([*concerned[-1:], _since(entries, window[1])])
    taken = entries[begin : end + 1]
    between = range(taken[0].kept.group, taken[-1].kept.group + 1 + _ANSWERED_WITHIN)
    seals = [one.kept for one in taken]
    chosen.kept = [*papers, *seals, *(one for one in others if one.group in between)]
    _empty(taken, _names(entries), chosen)
    return chosen


def _parsed(kept: Sequence[Kept]) -> tuple[list[_Entry], list[Kept]]:
    """(seals in their order, what is neither papers nor a seal)."""
    entries: list[_Entry] = []
    others: list[Kept] = []
    for one in kept:
        if not one.index:
            continue
        try:
            entries.append(_Entry(one, parse_seal(open_envelope(one.raw).payload)))
        except EvidenceError:
            others.append(one)
    entries.sort(key=lambda one: one.seal.seq)
    return entries, others


def _names(entries: Sequence[_Entry]) -> dict[int, tuple[str, bool]]:
    """Of each track's number its name, and whether it is sound."""
    names: dict[int, tuple[str, bool]] = {}
    for entry in entries:
        for number, raw in entry.seal.configs:
            try:
                config = parse_config(raw)
            except EvidenceError:
                continue
            names.setdefault(number, (config.name, raw[1:2] == b"\x01"))
    return names


def _concerned(entries: Sequence[_Entry], groups: dict[str, list[int]], chosen: Chosen) -> list[int]:
    """Which seals tell of what is in the clip."""
    names = _names(entries)
    found: list[int] = []
    for at, entry in enumerate(entries):
        concerned = False
        for delta in entry.seal.deltas:
            name, sound = names.get(delta.track, ("", False))
            there = groups.get(name, [])
            row = range(delta.group, delta.group + (delta.count if sound else 1))
            first = bisect_left(there, row.start)
            if first < len(there) and there[first] < row.stop:
                concerned = True
                if sound:
                    chosen.rows.setdefault(name, []).append(row)
        if concerned:
            found.append(at)
    for rows in chosen.rows.values():
        rows.sort(key=lambda row: row.start)
    return found


def _empty(taken: Sequence[_Entry], names: dict[int, tuple[str, bool]], chosen: Chosen) -> None:
    for entry in taken:
        for delta in entry.seal.deltas:
            if not delta.count and delta.track in names:
                chosen.empty.setdefault(names[delta.track][0], set()).add(delta.group)


def _at_clock(entries: Sequence[_Entry], clock_us: int) -> int:
    """The last seal whose clock is not after this, or the first of all."""
    return max((at for at, one in enumerate(entries) if one.seal.clock_us <= clock_us), default=0)


def _since(entries: Sequence[_Entry], clock_us: int) -> int:
    """The first seal whose clock is not before this, or the last of all."""
    return next((at for at, one in enumerate(entries) if one.seal.clock_us >= clock_us), len(entries) - 1)
