"""A source in a process of its own, seen from the event loop.

Not in a thread: drawing and numpy hold the interpreter's lock, and with two sides on two cores the event loop
that carries the line then stalls three times as long, and every sample leaves twice as late.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self

from vivavoce.clock import Clock
from vivavoce.errors import UnavailableError
from vivavoce.line.sources import frames
from vivavoce.line.sources.source import Event

__all__ = ["SourceProcess", "Spec"]

_STOP_S = 3.0
_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Spec:
    """kind: which source. options: its arguments, as JSON can hold them."""

    kind: Literal["synthetic", "file", "camera"]
    options: dict[str, Any] = field(default_factory=dict)


class SourceProcess:
    """Async context manager and async iterator of a source's events.

    clock: the process uses the same. After `Tracks` nothing comes until `go`. Iterating ends when the source
    does, and raises what it raised; UnavailableError `internal` if it vanished.
    """

    def __init__(self, spec: Spec, *, clock: Clock) -> None:
        self._spec, self._clock = spec, clock
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        # A session of its own: Ctrl-C in the terminal is for the publisher, which then stops the source.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "vivavoce.line.sources.child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=_LIMIT,
        )
        spec = {
            "kind": self._spec.kind,
            "options": self._spec.options,
            "offset_ns": self._clock.now_us() * 1000 - time.monotonic_ns(),
        }
        self._send(json.dumps(spec).encode() + b"\n")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return
        process.stdin.close()
        drain = asyncio.ensure_future(process.stdout.read())
        try:
            await asyncio.wait_for(process.wait(), _STOP_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        finally:
            drain.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await drain

    def go(self) -> None:
        """Let it capture and encode from now on."""
        self._send(b"g")

    def want_key(self) -> None:
        """Ask for a picture that decodes alone."""
        self._send(b"k")

    async def __aiter__(self) -> AsyncIterator[Event]:
        process = self._process
        if process is None or process.stdout is None:
            raise RuntimeError("the source is not entered")
        while True:
            try:
                length = int.from_bytes(await process.stdout.readexactly(4), "big")
                body = await process.stdout.readexactly(length)
            except asyncio.IncompleteReadError:
                code = await process.wait()
                if code:
                    raise UnavailableError("internal", f"The source's process ended with {code}.") from None
                return
            yield frames.decode(body)

    def _send(self, data: bytes) -> None:
        if (
            self._process is not None
            and self._process.stdin is not None
            and not self._process.stdin.is_closing()
        ):
            self._process.stdin.write(data)
