"""uvicorn's HTTP protocol with two limits that it lacks: how large a request's head may be, and how long it
may take to come."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["HEAD_S", "MAX_HEAD_BYTES", "CappedProtocol"]

MAX_HEAD_BYTES: Final = 128 * 1024
"""A browser's head has 2 KiB. A body of the allowed 64 KiB may come in the same piece and count with it."""
HEAD_S: Final = 15.0
"""Whoever opens a connection and says nothing holds one that somebody else could use."""


class CappedProtocol(HttpToolsProtocol):
    """Answers 400 and closes where a head is too large or too slow."""

    _head_bytes = 0
    _in_head = True
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
            if self._late is None:
                self._expect_head()
            if self._head_bytes > MAX_HEAD_BYTES:
                self._give_up(f"The request's head is over {MAX_HEAD_BYTES} bytes.")
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_came()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        self._head_bytes = 0
        super().on_message_complete()

    def _expect_head(self) -> None:
        self._late = self.loop.call_later(
            HEAD_S, self._give_up, f"The request's head did not come within {HEAD_S:.0f} seconds."
        )

    def _head_came(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _give_up(self, why: str) -> None:
        self._head_came()
        if not self.transport.is_closing():
            self.send_400_response(why)
