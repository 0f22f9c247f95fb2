"""A viewer of a discussion, in a program (docs/formats/line.md)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

from vivavoce.clock import Clock, ClockEstimate
from vivavoce.line.catalog import Catalog, TrackConfig
from vivavoce.line.sample import Sample

__all__ = [
    "CatalogSeen",
    "Event",
    "GroupClosed",
    "HostState",
    "LineState",
    "SampleSeen",
    "SeatState",
    "Watcher",
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


Event = LineState | SeatState | CatalogSeen | HostState | SampleSeen | GroupClosed


class Watcher:
    """Async context manager and async iterator of events. Survives a lost line.

    url, fingerprint: as GET /api/line gives them. discussion: its id. want: which tracks of which seat to
    take, all by default. host_clock: the viewer's estimate of the host's clock, None while unknown.
    Entering raises UnavailableError `line.unreachable`.
    """

    def __init__(
        self,
        *,
        url: str,
        fingerprint: str | None,
        discussion: str,
        clock: Clock,
        want: Callable[[str, TrackConfig], bool] = lambda seat, track: True,
        host_clock: Callable[[], ClockEstimate | None] = lambda: None,
    ) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    def __aiter__(self) -> AsyncIterator[Event]:
        raise NotImplementedError
