"""A side of a discussion, publishing from a program (docs/formats/line.md)."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from vivavoce.clock import Clock, ClockEstimate
from vivavoce.line.catalog import Devices, TrackConfig

__all__ = ["Publisher"]


class Publisher:
    """Async context manager: connected while it is entered, and again by itself when the network returns.

    url: the relay's address, `https://127.0.0.1:4443/line`. fingerprint: SHA-256 of its certificate in hex,
    None under a public one. token: from the host, never logged. path: `<discussion>/<seat>`.
    run: 16 hex digits, from the host. epoch_us: this clock's time at timestamp 0.
    Entering raises UnavailableError `line.unreachable` or RefusedError `access.token`.

    All methods return at once: what cannot be sent is kept for two seconds and then dropped.
    """

    def __init__(
        self,
        *,
        url: str,
        fingerprint: str | None,
        token: str,
        path: str,
        run: str,
        epoch_us: int,
        clock: Clock,
    ) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    def set_tracks(self, tracks: Sequence[TrackConfig], devices: Devices = Devices()) -> None:  # noqa: B008
        """(Re)publish the catalogue. Raises ValueError if a known name has another configuration (L4)."""
        raise NotImplementedError

    def write(self, track: str, timestamp_us: int, key: bool, data: bytes) -> None:
        """Send one sample. On a picture track `key` opens a new group; sound is one group a packet.
        Pictures before the first key are dropped."""
        raise NotImplementedError

    def write_clock(self, timestamp_us: int, estimate: ClockEstimate) -> None:
        """Say how this clock stands to the host's (L11): at the start and then every two seconds."""
        raise NotImplementedError

    @property
    def needs_key(self) -> bool:
        """Whether a key picture should come next, since the line was lost and is back. Cleared by writing one."""
        raise NotImplementedError

    async def ended(self) -> str:
        """Wait until the host ends this run for good (taken over, renewed, left): the error's code."""
        raise NotImplementedError
