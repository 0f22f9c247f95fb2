"""The event loop of a host.

A host hands on every packet of every side, a hundred a second of each voice, and much of what that costs is
the loop's own work: libuv's does it for a sixth less of the whole (`bench/relay_load.py`). Its clock counts
milliseconds, which is too coarse for who sends pictures and sound at their pace: other commands keep
Python's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["run"]

_T = TypeVar("_T")


def run(work: Coroutine[Any, Any, _T]) -> _T:
    """Run it to its end, as `asyncio.run` does; by that itself where there is no libuv (Windows)."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)
