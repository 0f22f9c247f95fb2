"""What the routes share: the desk, the line, the clock, and where this host is."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Protocol
from urllib.parse import urlsplit

from fastapi import Depends, Request

from vivavoce.clock import Clock
from vivavoce.discussion.desk import Desk
from vivavoce.discussion.secrets import Throttle
from vivavoce.web.built import STATIC
from vivavoce.web.metrics import Metrics

__all__ = ["STATIC", "Line", "Site", "TheSite", "host_of"]


class Line(Protocol):
    """What the pages ask the relay."""

    @property
    def port(self) -> int: ...

    @property
    def fingerprint(self) -> str | None: ...

    def catalogs(self, discussion: str) -> dict[str, str]: ...

    def devices(self, discussion: str) -> dict[str, tuple[str, str]]: ...

    def leaves(self, discussion: str, run: str, track: int, group: int, count: int) -> bytes | None: ...


@dataclass(slots=True)
class Site:
    """host_secret: SHA-256. base: `http://localhost:8080`, what visitors use. names: in lower case, by which
    the host may be called. loopback: only this machine can reach it. line_loopback: the line's address for
    pages that were asked for by a name of this machine alone. relay: where viewers take the line, if not
    here."""

    desk: Desk
    line: Line
    clock: Clock
    metrics: Metrics
    host_secret: bytes
    base: str
    names: frozenset[str]
    loopback: bool
    line_loopback: str = "127.0.0.1"
    relay: str | None = None
    static: Path = STATIC
    throttle: Throttle = field(default_factory=Throttle)
    reports: Throttle = field(default_factory=lambda: Throttle(limit=120))
    leaves: Throttle = field(default_factory=lambda: Throttle(limit=1200))
    """A viewer asks at most eight times a second, and hardly ever; a whole office may share an address."""
    revocations: Throttle = field(default_factory=lambda: Throttle(limit=60))

    def answers_to(self, host: str) -> bool:
        """Whether the host may be called so: by its names, `*.example.org` among them, or by any address."""
        parent = host.partition(".")[2]
        return host in self.names or f"*.{parent}" in self.names or is_address(host) or is_loopback_name(host)

    def base_for(self, request: Request) -> str:
        """The base of addresses to hand out: as the page was asked for, unless that was by a name
        of this machine alone and others can reach the host too."""
        asked = host_of(request.headers.get("host", ""))
        if asked is None or (is_loopback_name(asked) and not self.loopback):
            return self.base
        return f"{urlsplit(self.base).scheme}://{request.headers['host']}"

    def line_url(self, request: Request) -> str:
        """Where the page that asks finds this host's own line. `localhost` becomes an address: browsers
        try ::1 first, where the line does not listen, and QUIC is slow to give up."""
        asked = host_of(request.headers.get("host", "")) or self.line_loopback
        if is_loopback_name(asked):
            asked = self.line_loopback
        host = f"[{asked}]" if ":" in asked else asked
        return f"https://{host}:{self.line.port}/line"


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


TheSite = Annotated[Site, Depends(_site)]


def host_of(header: str) -> str | None:
    """The host of a Host header, in lower case, without port and brackets; None if it is not one."""
    try:
        parts = urlsplit(f"//{header}")
        parts.port  # noqa: B018  raises for a port that is none
    except ValueError:
        return None
    if not parts.hostname or parts.netloc != header or "@" in header:
        return None
    return parts.hostname.rstrip(".").lower()


def is_loopback_name(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
