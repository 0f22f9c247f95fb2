"""Whether a seat is followed in a run that is over: the host says that another one is on air, and has for a
while (docs/formats/line.md, L15). Pure.

A path that is closed and opened again within a moment may never be seen to be closed: on a busy machine a
quarter of a second is such a moment. Whoever watched it keeps the old broadcast until it dials anew. The same
rules as `web/src/line/astray.ts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["Astray", "run_on_air"]

_PATIENCE_US: Final = 1_500_000
"""An announcement and the host's state take different ways; so long they may differ."""


def run_on_air(state: Mapping[str, Any], seat: str) -> str | None:
    """Of a seat, by the host's state (L12), which may be anything; None for none."""
    seats = state.get("seats")
    told = seats.get(seat) if isinstance(seats, dict) else None
    run = told.get("run") if isinstance(told, dict) and told.get("on_air") is True else None
    return run if isinstance(run, str) else None


class Astray:
    """Of one seat. Times are the viewer's clock."""

    def __init__(self) -> None:
        self._told: str | None = None
        self._since_us: int | None = None

    def told(self, run: str | None) -> None:
        """The host says that this run of the seat is on air; None for none."""
        self._told = run

    def strays(self, followed: str | None, now_us: int) -> bool:
        """followed: the run whose catalogue came last, None where none did. Says so once, and then after as
        long again."""
        if self._told is None or self._told == followed:
            self._since_us = None
            return False
        if self._since_us is None:
            self._since_us = now_us
        if now_us - self._since_us < _PATIENCE_US:
            return False
        self._since_us = now_us
        return True
