"""What a viewer is told, in the order in which it came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from vivavoce.line.catalog import Catalog
from vivavoce.line.sample import Sample

__all__ = [
    "CatalogSeen",
    "Event",
    "GroupClosed",
    "HostState",
    "LineState",
    "SampleSeen",
    "SealSeen",
    "SeatState",
]


@dataclass(frozen=True, slots=True)
class LineState:
    """Whether the viewer is connected. code: of the error that broke it, if any."""

    state: Literal["live", "reconnecting"]
    code: str | None
    at_us: int


@dataclass(frozen=True, slots=True)
class SeatState:
    """A seat's broadcast was announced or is gone."""

    seat: str
    announced: bool
    at_us: int


@dataclass(frozen=True, slots=True)
class CatalogSeen:
    seat: str
    catalog: Catalog
    at_us: int


@dataclass(frozen=True, slots=True)
class HostState:
    """The host's `state.json` (L12), unchecked."""

    state: dict[str, Any]
    at_us: int


@dataclass(frozen=True, slots=True)
class SampleSeen:
    """A sample arrived. delay_us: from capture to arrival, None while either clock is unknown;
    uncertainty_us: it is wrong by at most this, if side and host told their clocks truly."""

    sample: Sample
    delay_us: int | None
    uncertainty_us: int | None


@dataclass(frozen=True, slots=True)
class GroupClosed:
    """No more samples of this group. whole: its publisher finished it, so `count` is all of them."""

    seat: str
    run: str
    track: str
    group: int
    count: int
    whole: bool
    at_us: int


@dataclass(frozen=True, slots=True)
class SealSeen:
    """A frame of a seat's seals came (L19): index 0 of a group is the run's papers, others are envelopes. It
    may come twice where the line was lost. Not judged."""

    seat: str
    group: int
    index: int
    raw: bytes
    at_us: int


Event = LineState | SeatState | CatalogSeen | HostState | SampleSeen | GroupClosed | SealSeen
