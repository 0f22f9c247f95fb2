"""Percentiles, the processor's headroom, and the machine that a figure was taken on."""

from __future__ import annotations

import atexit
import datetime
import os
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil


def percentile(values: Sequence[float], of_hundred: float) -> float:
    """The value that `of_hundred` percent are not above (nearest rank); not a number when there are none."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * of_hundred // 100))
    return ordered[int(rank) - 1]


def machine() -> dict[str, Any]:
    """What a figure is worth nothing without. At its end the program says how much was taken from it."""
    atexit.register(_Stolen().tell)
    return {
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
    }


@dataclass
class Headroom:
    """How much of all cores was left idle between `start` and `stop`, from 0 to 1."""

    _busy: float = 0.0
    _total: float = 0.0

    @classmethod
    def start(cls) -> Headroom:
        return cls(*_times())

    def stop(self) -> float:
        busy, total = _times()
        passed = total - self._total
        return 1 - (busy - self._busy) / passed if passed > 0 else float("nan")


def _times() -> tuple[float, float]:
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    # A guest's time is counted within user's.
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return total - idle, total


def _stolen() -> float:
    return float(getattr(psutil.cpu_times(), "steal", 0.0))


@dataclass
class _Stolen:
    """What a virtual machine's host gave to others while this program ran: no headroom shows it."""

    _before: float = field(default_factory=_stolen)
    _began: float = field(default_factory=time.monotonic)

    def tell(self) -> None:
        share = (_stolen() - self._before) / (os.cpu_count() or 1) / max(1.0, time.monotonic() - self._began)
        if share >= 0.01:
            print(f"{share:.0%} of the processor was given to other machines meanwhile", file=sys.stderr)


def quiet(most_busy: float = 0.3, patience_s: float = 10) -> float:
    """Wait until others leave the processor alone; returns the share that was idle in the last second."""
    end = time.monotonic() + patience_s
    while True:
        watch = Headroom.start()
        time.sleep(1)
        idle = watch.stop()
        if idle >= 1 - most_busy or time.monotonic() > end:
            return idle


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns in step, the first one to the left."""
    texts = [list(head), *[[_text(cell) for cell in row] for row in rows]]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in texts
    )


def _text(cell: object) -> str:
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)
