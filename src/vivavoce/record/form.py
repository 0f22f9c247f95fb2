"""What file follows from an evidence: E9 to E13 of docs/formats/evidence.md.

The same code that lays an export out lays it out again, from what the evidence tells of its samples. So a
file whose boxes say anything else, whatever it is, differs from it in some byte.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from vivavoce.errors import EvidenceError
from vivavoce.record.alignment import Stretch
from vivavoce.record.contents import Run, Track
from vivavoce.record.evidence import Evidence, EvidenceTrack
from vivavoce.record.lanes import Part, Plan, arrange, split
from vivavoce.record.mp4 import Layout, lay_out
from vivavoce.seal.statement import Founding

__all__ = ["Form", "form_of"]

_MOST_FILLED_US: Final = 200 * 3600 * 1_000_000
"""Sound tracks times their file's length: a short evidence must not ask for endless filling."""


@dataclass(frozen=True, slots=True)
class Form:
    """plan: its pieces' tracks hold the evidence's samples. layout: where everything lies, and `ftyp` to
    `mdat`'s header as they have to be. tracks: of the evidence, as a piece names them."""

    plan: Plan
    layout: Layout
    tracks: dict[tuple[str, str, str], EvidenceTrack]


def form_of(evidence: Evidence, founding: Founding) -> Form:
    """Raises EvidenceError `record.damaged` for an evidence from which no file follows."""
    parts: list[Part] = []
    tracks: dict[tuple[str, str, str], EvidenceTrack] = {}
    sounds: set[tuple[str, str]] = set()
    for told in evidence.runs:
        run = Run(told.seat, told.run.hex(), 0)
        if any(place[:2] == (run.seat, run.run) for place in tracks):
            raise _damaged(f"the run {run.run} stands there twice")
        stretches = [Stretch(one.from_us, one.offset_us + evidence.start_us, 0) for one in told.stretches]
        for track in told.tracks:
            place = run.seat, run.run, track.config.name
            if place in tracks:
                raise _damaged(f"the track {track.config.name} stands there twice")
            tracks[place] = track
            shown = Track(track.config, samples=track.samples)
            parts += split(run, shown, range(len(track.samples)), stretches)
            if track.sound:
                sounds.add((run.seat, track.config.name))
    if not parts:
        raise _damaged("it tells of no sample")
    length_us = max(part.end_us for part in parts) - min(part.start_us for part in parts)
    if length_us * max(1, len(sounds)) > _MOST_FILLED_US:
        raise _damaged(f"it tells of {length_us / 3.6e9:.0f} hours")
    try:
        plan = arrange({one.seat: {"name": one.name} for one in founding.sides}, parts, Plan())
        if plan.start_us != evidence.start_us:
            raise _damaged("its first sample is not shown at 0")
        layout = lay_out(plan.lanes, created_us=plan.start_us, title=founding.title)
    except (struct.error, OverflowError, ValueError) as error:
        raise _damaged(f"no file can say this: {error}") from None
    return Form(plan, layout, tracks)


def _damaged(why: str) -> EvidenceError:
    return EvidenceError("record.damaged", f"No file follows from this evidence: {why}.")
