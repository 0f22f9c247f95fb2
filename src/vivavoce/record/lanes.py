"""Which recorded tracks become which tracks of an exported file, and when their samples are shown.

1. Time 0 is the host's clock at the first sample of all. A sample is shown at its timestamp plus its run's
   offset (alignment.py), so the sides stand to each other as the host received them.
2. Tracks of a seat that a decoder cannot tell apart (same rendition, sample entry, rotation, language, role
   and original) become one lane, one after the other: a side that left and came back goes on in the same
   track. Two that overlap, and two with more than 35 minutes between them, do not.
3. The sides come first, each with its pictures, the largest first, then its sounds, the floor first.
4. Where sound is missing between two packets of a lane, packets that say "nothing came" fill the time: some
   players put sound end to end and would be early from there on. They are counted apart; nothing fills
   pictures.
5. A player that is not told otherwise shows the largest picture and plays the floor of every side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from vivavoce.line.trackconfig import TrackConfig
from vivavoce.record.alignment import Stretch, align, offset_at
from vivavoce.record.configs import as_sealed
from vivavoce.record.contents import Record, Run, Track
from vivavoce.record.mp4 import MAX_STEP_US, Lane
from vivavoce.record.sample_entries import opus_nothing, sample_duration_us, sample_entry
from vivavoce.record.samples import Samples
from vivavoce.seal.cbor import MAX_INTEGER

__all__ = ["Fill", "Part", "Piece", "Plan", "arrange", "plan", "split"]

if TYPE_CHECKING:  # numpy takes longer to import its types than itself
    from numpy.typing import NDArray

Seats = Mapping[str, Mapping[str, Any]]

_FAR_US = 600_000_000
"""A sample ten minutes from its arrival has a timestamp that means nothing."""
_HOLE_US = 10_000
"""Half the usual packet: less is a clock being set right, not a packet that is missing."""
_ROLES = {"floor": 0, "clean": 1, "booth": 2}


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows of a recorded track that lie in a lane side by side. first: the lane's row where they start.
    shift_us: add it to a sample's timestamp to get the time when it is shown."""

    first: int
    run: Run
    track: Track
    rows: Sequence[int]
    shift_us: int

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Fill:
    """Packets that say "nothing came". first: the lane's row where they start."""

    first: int
    packets: list[bytes]

    def __len__(self) -> int:
        return len(self.packets)


@dataclass(slots=True)
class Plan:
    """lanes[i] is made of pieces[i]. start_us: the host's clock at time 0. left_out: how many samples, why.
    stretches: by run. kept: the rows that are shown, by seat, run and track."""

    start_us: int = 0
    lanes: list[Lane] = field(default_factory=list)
    seats: list[str] = field(default_factory=list)
    pieces: list[list[Piece | Fill]] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    stretches: dict[tuple[str, str], list[Stretch]] = field(default_factory=dict)
    kept: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """Rows of one track with one offset and no step above MAX_STEP_US. start, end: the host's clock."""

    run: Run
    track: Track
    offset_us: int
    rows: Sequence[int]
    start_us: int
    end_us: int


def plan(record: Record) -> Plan:
    """The lanes for a record; none for one without a sample that plays."""
    made = Plan()
    parts = [part for run in record.runs for part in _parts(run, made)]
    if not parts:
        return made
    return arrange(record.seats, parts, made)


def arrange(seats: Seats, parts: list[Part], made: Plan) -> Plan:
    """Put parts, of which there is at least one, into lanes. seats: with their names, in the order of the
    founding. Of the parts' runs nothing is looked at but whose they are."""
    made.start_us = min(part.start_us for part in parts)
    lanes: list[tuple[tuple[object, ...], str, list[Part]]] = []
    for part in sorted(parts, key=lambda part: part.start_us):
        key = _sameness(part)
        for known, _, chain in lanes:
            gap = part.start_us - chain[-1].end_us
            if known == key and 0 < gap <= MAX_STEP_US:
                chain.append(part)
                break
        else:
            lanes.append((key, part.run.seat, [part]))
    order = _seat_order(seats, parts)
    lanes.sort(key=lambda lane: _rank(order, lane[1], lane[2]))
    for _, seat, chain in lanes:
        made.seats.append(seat)
        lane, pieces = _lane(seats, made.start_us, chain)
        made.lanes.append(lane)
        made.pieces.append(pieces)
    _arrange(made)
    return made


def _parts(run: Run, made: Plan) -> Iterator[Part]:
    stretches = align(
        pair
        for track in run.tracks.values()
        for pair in zip(track.samples.timestamp_us, track.samples.received_us, strict=True)
    )
    made.stretches[run.seat, run.run] = stretches
    for track in run.tracks.values():
        samples = track.samples
        rows, left_out = samples.playable(picture=track.config.kind == "video")
        config = as_sealed(track.config)
        if config is None:
            _leave_out(made, "its form cannot be sealed", len(rows))
            continue
        for reason, count in left_out.items():
            _leave_out(made, reason, count)
        near = [row for row in rows if _is_near(samples, row, stretches)]
        if len(near) < len(rows):
            _leave_out(made, "its time is far from its arrival", len(rows) - len(near))
        sealed = replace(track, config=config)
        made.kept[run.seat, run.run, config.name] = near
        yield from split(run, sealed, near, stretches)


def _is_near(samples: Samples, row: int, stretches: list[Stretch]) -> bool:
    timestamp = samples.timestamp_us[row]
    late = samples.received_us[row] - timestamp - offset_at(stretches, timestamp)
    return abs(late) <= _FAR_US and samples.group[row] <= MAX_INTEGER


def split(run: Run, track: Track, rows: Sequence[int], stretches: list[Stretch]) -> Iterator[Part]:
    """The parts of a track. rows: those that are shown; their timestamps rise."""
    if not len(rows):
        return
    times = track.samples.of("timestamp_us", rows)
    begins = np.searchsorted([one.from_us for one in stretches[1:]], times, side="right")
    offsets = np.array([one.offset_us for one in stretches])[begins]
    shown = times + offsets
    apart = (offsets[1:] != offsets[:-1]) | (np.diff(shown) > MAX_STEP_US)
    for first, end in _split_at(apart):
        start_us, end_us = int(shown[first]), int(shown[end - 1])
        yield Part(run, track, int(offsets[first]), rows[first:end], start_us, end_us)


def _split_at(apart: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """(first, end) of what hangs together. apart: of each row but the first, from the one before it."""
    return pairwise([0, *(np.flatnonzero(apart) + 1).tolist(), len(apart) + 1])


def _leave_out(made: Plan, reason: str, count: int) -> None:
    made.left_out[reason] = made.left_out.get(reason, 0) + count


def _sameness(part: Part) -> tuple[object, ...]:
    config = part.track.config
    heard = (config.language, config.role, config.interprets)
    return part.run.seat, config.rendition, sample_entry(config), config.rotation, heard


def _seat_order(seats: Seats, parts: list[Part]) -> dict[str, int]:
    known = ["north", "south", *seats, *sorted({part.run.seat for part in parts})]
    return {seat: at for at, seat in enumerate(dict.fromkeys(known))}


def _rank(order: dict[str, int], seat: str, chain: list[Part]) -> tuple[object, ...]:
    config = chain[0].track.config
    size = -config.width * config.height
    role = _ROLES.get(config.role or "", 3)
    return order[seat], config.kind == "audio", role, size, config.rendition, chain[0].start_us


def _lane(seats: Seats, start_us: int, chain: list[Part]) -> tuple[Lane, list[Piece | Fill]]:
    config = chain[0].track.config
    lane = Lane(config, _name(seats, chain[0].run.seat, config))
    pieces: list[Piece | Fill] = []
    for part in chain:
        samples = part.track.samples
        shift = part.offset_us - start_us
        for rows in [part.rows] if config.kind == "video" else _without_holes(part):
            if config.kind == "audio" and lane.times_us:
                _fill(lane, pieces, samples.timestamp_us[rows[0]] + shift)
            pieces.append(Piece(len(lane.times_us), part.run, part.track, rows, shift))
            lane.times_us.frombytes((samples.of("timestamp_us", rows) + shift).tobytes())
            lane.sizes.extend(samples.of("size", rows).tolist())
            lane.keys.frombytes(samples.of("key", rows).tobytes())
            lane.last_us = _lasts(config, samples, rows[-1])
    return lane, pieces


def _lasts(config: TrackConfig, samples: Samples, row: int) -> int:
    if config.kind == "video":
        return sample_duration_us(config, b"")
    return max(1, min(samples.duration_us[row], MAX_STEP_US))


def _without_holes(part: Part) -> Iterator[Sequence[int]]:
    times, lasts = (part.track.samples.of(name, part.rows) for name in ("timestamp_us", "duration_us"))
    for first, end in _split_at(np.diff(times) - lasts[:-1] >= _HOLE_US):
        yield part.rows[first:end]


def _fill(lane: Lane, pieces: list[Piece | Fill], until_us: int) -> None:
    """Fill a lane's sound from its end on."""
    missing = until_us - lane.end_us
    if missing < _HOLE_US:
        return
    fill = Fill(len(lane.times_us), [])
    at = lane.end_us
    for lasts, packet in opus_nothing(missing, lane.config.channels):
        fill.packets.append(packet)
        lane.times_us.append(at)
        lane.sizes.append(len(packet))
        lane.keys.append(1)
        at += lasts
    pieces.append(fill)


def _name(seats: Seats, seat: str, config: TrackConfig) -> str:
    said = seats.get(seat, {}).get("name")
    name = said if isinstance(said, str) and said else seat.replace("-", " ").capitalize()
    if config.kind == "video":
        return f"{name}, picture, {config.rendition}"
    heard = f"{name}, {config.role}, {config.language}"
    return f"{heard}, interprets {config.interprets}" if config.interprets else heard


def _arrange(made: Plan) -> None:
    """Rule 5, and the largest pictures next to each other where a player composes them."""
    left = 0
    shown: dict[str, TrackConfig] = {}
    places: dict[str, int] = {}
    for lane, seat in zip(made.lanes, made.seats, strict=True):
        config = lane.config
        if config.kind == "video":
            if seat not in shown:
                shown[seat], places[seat] = config, left
                left += config.height if config.rotation in (90, 270) else config.width
            lane.shown = shown[seat].rendition == config.rendition
            lane.left = places[seat]
            lane.alternate = 1 + list(shown).index(seat)
        else:
            lane.shown = config.role == "floor"
