"""Who may publish what: asked by the relay, answered by the host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

__all__ = ["Authority", "Grant"]


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
        """The last session with this token has closed; always after `connected`.

        why: "closed" (by the device, or its network), "cut", "refused", "stopped". A device whose network
        failed is noticed only when QUIC gives up, after some ten seconds: until then only `sending` is
        silent.
        """

    def sending(self, grant: Grant, at_us: int) -> None:
        """A sample arrived at `at_us`, the host's clock; at most four calls a second."""

    def refused(self, what: str, grant: Grant | None) -> None:
        """Somebody tried what is not allowed and was disconnected. grant: whose token it used, if any."""
