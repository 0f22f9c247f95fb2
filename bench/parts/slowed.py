"""A processor that is slower than it is: processes get a share of it, by Linux's control groups (version 1).

Not every thread is slowed alike, as a slower processor would: all of them together get so much time a slice.
The slices are short, so that nothing stands still for longer than a picture.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

__all__ = ["missing", "slowed"]

_ROOT = Path("/sys/fs/cgroup/cpu")
_SLICE_US = 10_000


def missing() -> str | None:
    """What this machine lacks, in words; None if nothing is known to."""
    if not (_ROOT / "cpu.cfs_quota_us").exists():
        return f"there are no control groups (version 1) at {_ROOT}"
    if not os.access(_ROOT, os.W_OK):
        return f"{_ROOT} may not be written: run it as root"
    return None


@contextlib.contextmanager
def slowed(processes: list[psutil.Process], cores: float) -> Iterator[None]:
    """Leave these processes, and what they start, so many cores together. OSError where it is not allowed."""
    group = _ROOT / f"vivavoce-{os.getpid()}"
    group.mkdir()
    try:
        (group / "cpu.cfs_period_us").write_text(str(_SLICE_US))
        (group / "cpu.cfs_quota_us").write_text(str(round(cores * _SLICE_US)))
        for process in processes:
            with contextlib.suppress(OSError):  # it has ended
                (group / "cgroup.procs").write_text(str(process.pid))
        yield
    finally:
        for pid in (group / "cgroup.procs").read_text().split():
            with contextlib.suppress(OSError):
                (_ROOT / "cgroup.procs").write_text(pid)
        group.rmdir()
