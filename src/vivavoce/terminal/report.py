"""What a viewer in the terminal says of each side, from what arrived. Pure: events and `now` in, lines out.

1. A side whose samples arrive stands as the judge says: `verified`, `pending`, `late`, `gap`, `broken`, or
   `unsealed` where there are no seals to judge them by.
2. A group that was cut off, or that is still missing after HOLE_US, is a `gap`, whatever the cause.
3. Nothing for SILENT_US is a `gap`: with `line.unreachable` while this viewer's line is down, with
   `air.not_on` while nobody is announced, else without a code, since the cause is not known.
4. Every change is told at once, and how things stand once a second.
5. Of a sealed side that fell silent it is told when its device signed that nothing followed; of one that is
   not announced any more also when no such seal has come a second later (seal.md, V10).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from vivavoce.line.catalog import Catalog
from vivavoce.line.delay import DelaySummary, DelayWindow
from vivavoce.line.events import CatalogSeen, Event, GroupClosed, LineState, SampleSeen, SeatState
from vivavoce.seal.statement import Standing
from vivavoce.terminal.judge import Judge, Judgement

__all__ = ["HOLE_US", "SILENT_US", "Continuity", "Line", "Reporter"]

SILENT_US: Final = 1_000_000
HOLE_US: Final = 2_500_000
EVERY_US: Final = 1_000_000
_WINDOW_US: Final = 2_000_000

State = Literal["verified", "pending", "late", "gap", "broken", "unsealed"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of `vivavoce watch`. delay: from capture to arrival, measured, trusting the host's clock;
    None while it is not known. by: by whose word the key that sealed is the side's. ended: of a side that is
    not heard, whether its device signed that this was all; None while that is not the question, or not
    known. It is not in the JSON."""

    at_us: int
    side: str
    state: State
    code: str | None
    delay: DelaySummary | None
    by: Standing | None = None
    ended: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """As the contract has it. `held_back_ms` is None: nothing is proven of time yet."""
        moment = datetime.fromtimestamp(self.at_us // 1_000_000, UTC)
        return {
            "at": f"{moment:%Y-%m-%dT%H:%M:%S}.{self.at_us % 1_000_000 // 1000:03d}Z",
            "side": self.side,
            "state": self.state,
            "code": self.code,
            "delay_ms": None if self.delay is None else round(self.delay.p50_us / 1000, 1),
            "held_back_ms": None,
        }


class Continuity:
    """Whether a track's groups all came. Begins with the first it sees; order does not matter."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._ahead: dict[int, int] = {}

    def closed(self, group: int, at_us: int) -> None:
        """A group came, whole or not."""
        if self._next is None:
            self._next = group
        if group >= self._next:
            self._ahead[group] = at_us
        self._advance()

    def holes(self, now_us: int) -> int:
        """How many groups are missing for longer than HOLE_US; each is counted once."""
        lost = 0
        while self._next is not None and self._ahead and min(self._ahead.values()) <= now_us - HOLE_US:
            first = min(self._ahead)
            lost += first - self._next
            self._next = first
            self._advance()
        return lost

    def _advance(self) -> None:
        while self._next in self._ahead:
            del self._ahead[self._next]
            self._next += 1


@dataclass(slots=True)
class _Side:
    name: str
    announced: bool = False
    announced_us: int = 0
    catalog: Catalog | None = None
    heard_us: int | None = None
    told: tuple[State, str | None] | None = None
    told_us: int = 0
    tracks: dict[str, Continuity] = field(default_factory=dict)
    delays: DelayWindow = field(default_factory=lambda: DelayWindow(_WINDOW_US))


class Reporter:
    """sides: whom to report. judge: of their seals; without one all are unsealed. Give every event to `take`
    and call `tick` some ten times a second; both return the lines to be written now. Times are the viewer's
    clock, rising."""

    def __init__(self, sides: Iterable[str], judge: Judge | None = None) -> None:
        self._sides = {name: _Side(name) for name in sides}
        self._judge = judge
        self._line_lost = False

    def take(self, event: Event) -> list[Line]:
        if self._judge is not None:
            self._judge.take(event)
        match event:
            case LineState(state=state, at_us=at_us):
                self._line_lost = state != "live"
                return [line for side in self._sides.values() for line in self._changed(side, at_us)]
            case SeatState(seat=seat, announced=announced, at_us=at_us) if seat in self._sides:
                self._sides[seat].announced = announced
                self._sides[seat].announced_us = at_us
                return self._changed(self._sides[seat], at_us)
            case CatalogSeen(seat=seat, catalog=catalog) if seat in self._sides:
                self._catalog(self._sides[seat], catalog)
            case SampleSeen() if event.sample.seat in self._sides:
                return self._sample(self._sides[event.sample.seat], event)
            case GroupClosed(seat=seat) if seat in self._sides:
                return self._closed(self._sides[seat], event)
            case _:
                pass
        return []

    def tick(self, now_us: int) -> list[Line]:
        lines: list[Line] = []
        if self._judge is not None:
            self._judge.tick(now_us)
        for side in self._sides.values():
            if sum(track.holes(now_us) for track in side.tracks.values()):
                lines.append(self._tell(side, now_us, ("gap", None)))
                continue
            lines += self._changed(side, now_us)
            if now_us - side.told_us >= EVERY_US:
                lines.append(self._tell(side, now_us, self._state(side, now_us)))
        return lines

    def _catalog(self, side: _Side, catalog: Catalog) -> None:
        if side.catalog is None or side.catalog.run != catalog.run:
            side.tracks.clear()
        side.catalog = catalog

    def _sample(self, side: _Side, seen: SampleSeen) -> list[Line]:
        at_us = seen.sample.received_us
        side.heard_us = at_us
        kinds = {} if side.catalog is None else side.catalog.tracks
        pictures = any(track.kind == "video" for track in kinds.values())
        config = kinds.get(seen.sample.track)
        counts = config is not None and (config.kind == "video" or not pictures)
        if counts and seen.delay_us is not None and seen.uncertainty_us is not None:
            side.delays.add(at_us, seen.delay_us, seen.uncertainty_us)
        return self._changed(side, at_us)

    def _closed(self, side: _Side, closed: GroupClosed) -> list[Line]:
        if side.catalog is None or closed.run != side.catalog.run:
            return []
        side.tracks.setdefault(closed.track, Continuity()).closed(closed.group, closed.at_us)
        if closed.whole or self._line_lost or not side.announced:
            return []
        return [self._tell(side, closed.at_us, ("gap", None))]

    def _state(self, side: _Side, now_us: int) -> tuple[State, str | None]:
        if self._line_lost:
            return "gap", "line.unreachable"
        if side.heard_us is not None and now_us - side.heard_us < SILENT_US and side.announced:
            judged = self._judgement(side)
            return judged.state, judged.code
        if side.announced and now_us - side.announced_us < SILENT_US:
            return side.told or (
                "gap",
                "air.not_on",
            )  # it has only just come; its first samples are on their way
        return "gap", None if side.announced else "air.not_on"

    def _changed(self, side: _Side, now_us: int) -> list[Line]:
        state = self._state(side, now_us)
        # What came a moment ago may still be read after a gap was told: the gap stands for its second.
        if state == side.told or (side.told == ("gap", None) and now_us - side.told_us < EVERY_US // 2):
            return []
        return [self._tell(side, now_us, state)]

    def _tell(self, side: _Side, now_us: int, state: tuple[State, str | None]) -> Line:
        side.told, side.told_us = state, now_us
        arrives = side.heard_us is not None and now_us - side.heard_us < SILENT_US
        delay = side.delays.summary(now_us) if arrives and state[0] != "gap" else None
        judged = self._judgement(side)
        silent = state in (("gap", None), ("gap", "air.not_on"))
        # Rule 5: its last seals may still be on their way.
        settled = not side.announced and now_us - side.announced_us >= SILENT_US
        ended = judged.ended if silent and (judged.ended or settled) else None
        return Line(now_us, side.name, *state, delay, judged.by, ended)

    def _judgement(self, side: _Side) -> Judgement:
        return Judgement("unsealed") if self._judge is None else self._judge.of(side.name)
