"""The relay inside the host: who may publish what, and to whom it goes.

Viewers get one public origin that only the relay writes to. Each session gets an origin of its own for what
it announces, which nobody else reads; what a side may publish is copied from there, checked, into the
public one (docs/formats/line.md, L2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from vivavoce.clock import Clock
from vivavoce.line.certificates import Certificate
from vivavoce.line.sink import Sink

__all__ = ["Authority", "Grant", "Relay"]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows: one seat, for one run, by one device.

    discussion, seat, run: as in L1 and L6. device: a short id that may be shown. token_id: names the token
    in logs and to `Relay.cut`; it is not the token and does not reveal it.
    """

    discussion: str
    seat: str
    run: str
    device: str
    token_id: str

    @property
    def path(self) -> str:
        """The one broadcast that may be announced with it."""
        return f"{self.discussion}/{self.seat}"


class Authority(Protocol):
    """Decides who may publish and is told what happens. All calls are on the event loop, return at once
    and do not raise."""

    def grant(self, token: str) -> Grant | None:
        """What this token allows now; None if nothing (guessed, or void)."""

    def connected(self, grant: Grant) -> None:
        """The first session with this token is open. Not called again while one is."""

    def disconnected(self, grant: Grant, why: str) -> None:
        """The last session with this token has closed. `why`: "closed", "cut", "refused", "stopped". Always after
        `connected`. A device whose network failed is noticed only when QUIC gives up (about ten seconds):
        until then `sending` falls silent."""

    def sending(self, grant: Grant, at_us: int) -> None:
        """A sample arrived at `at_us`, the host's clock; at most four calls a second."""

    def refused(self, what: str, grant: Grant | None) -> None:
        """Somebody tried what is not allowed and was disconnected. grant: whose token it used, if any."""


class Relay:
    """Async context manager: listens while it is entered.

    bind: address and UDP port, `127.0.0.1:4443`, `[::]:0`. sinks: told of every sample that is let through.
    max_sessions: further sessions are refused with `line.full`. upstream: address of an external moq-relay
    to which everything public is published too.
    Entering raises UnavailableError `port.busy` or `tls.unusable`.
    """

    def __init__(
        self,
        *,
        bind: str,
        certificate: Certificate,
        authority: Authority,
        clock: Clock,
        sinks: Sequence[Sink] = (),
        max_sessions: int = 4096,
        upstream: str | None = None,
    ) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    @property
    def port(self) -> int:
        """The UDP port that it listens on."""
        raise NotImplementedError

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the certificate in hex, which viewers must pin; None under a public certificate."""
        raise NotImplementedError

    @property
    def sessions(self) -> int:
        """How many sessions are open, viewers and sides."""
        raise NotImplementedError

    def publish_state(self, discussion: str, state: Mapping[str, Any]) -> None:
        """Publish the host's word about a discussion, as `state.json` of `<discussion>/host` (L12)."""
        raise NotImplementedError

    def cut(self, grant: Grant | str, why: str = "cut") -> None:
        """End every session of a grant (or token_id) now and close its public broadcast. Void the token first:
        the relay does not remember it."""
        raise NotImplementedError

    def end_run(self, discussion: str, seat: str, why: str) -> None:
        """End whatever run a seat has: close its public broadcast and its sessions, tell the sinks `why`."""
        raise NotImplementedError

    async def renew(self, certificate: Certificate) -> None:
        """Serve new sessions under another certificate."""
        raise NotImplementedError
