"""What the commands write to the terminal, and how they are stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["say", "stop_on_signal", "warn"]


def say(text: str) -> None:
    """One or more lines on standard output, at once. Where whoever read them has left, the program is asked
    to stop, as by SIGTERM, and what is said after that goes nowhere."""
    try:
        print(text, flush=True)  # noqa: T201
    except BrokenPipeError:
        # Python would complain of the same once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        signal.raise_signal(signal.SIGTERM)


def warn(text: str) -> None:
    """A line on standard error."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def stop_on_signal() -> Iterator[asyncio.Event]:
    """An event that Ctrl-C or SIGTERM sets. A second one ends the program where it stands."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def first() -> None:
        stop.set()
        for number in numbers:
            loop.remove_signal_handler(number)

    for number in numbers:
        loop.add_signal_handler(number, first)
    try:
        yield stop
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
