"""What a host is told at its start, checked.

Each setting is an option of `vivavoce serve` and a variable of the environment (`VIVAVOCE_PORT`).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from vivavoce.errors import YourInputError

__all__ = ["Settings"]

_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*\.?")
_UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104


@dataclass(frozen=True, slots=True)
class Settings:
    """data: folder of the records, the database, certificates and the host's secret; made if missing.

    host: the name or address by which visitors reach this host. An address is also what it listens on;
    with a name it listens on all addresses, `localhost` excepted. port: one number for TCP and UDP, 0 to
    65535; 0 takes a free one. relay: address of an external moq-relay, to which viewers are then sent.
    database: PostgreSQL or SQLite; by default SQLite in `data`. tls_cert, tls_key: PEM files, both or
    neither. sessions: how many may be open on the line, 8 to 100000.
    """

    data: Path = Path("vivavoce-data")
    host: str = "localhost"
    port: int = 8080
    relay: str | None = None
    database: str | None = field(default=None, repr=False)  # may hold a password
    tls_cert: Path | None = None
    tls_key: Path | None = None
    sessions: int = 4096

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65_535:
            raise YourInputError("input.option", f"--port is {self.port}; it must be between 0 and 65535.")
        if not 8 <= self.sessions <= 100_000:
            raise YourInputError(
                "input.option", f"--sessions is {self.sessions}; it must be between 8 and 100000."
            )
        if self._address() is None and _NAME.fullmatch(self.host) is None:
            raise YourInputError(
                "input.option", f"--host is {self.host[:80]!r}, neither a name nor an address."
            )
        if (self.tls_cert is None) != (self.tls_key is None):
            missing = "--tls-key" if self.tls_key is None else "--tls-cert"
            raise YourInputError("tls.unusable", f"{missing} is missing.")
        if self.relay is not None:
            parts = urlsplit(self.relay)
            if parts.scheme != "https" or not parts.hostname:
                raise YourInputError("input.option", f"--relay is {self.relay[:80]!r}, not an https address.")

    def _address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the host."""
        address = self._address()
        return address.is_loopback if address is not None else self.host.rstrip(".").lower() == "localhost"

    @property
    def is_secure(self) -> bool:
        """Whether pages are served by HTTPS: one that is not, off localhost, gets no camera."""
        return not self.is_loopback or self.tls_cert is not None

    @property
    def bind(self) -> str:
        """The address to listen on."""
        if self._address() is not None:
            return self.host
        return "127.0.0.1" if self.is_loopback else "0.0.0.0"  # noqa: S104

    @property
    def listens_everywhere(self) -> bool:
        """Whether --host names no address in particular."""
        return self.host in _UNSPECIFIED

    @property
    def line_loopback(self) -> str:
        """The line's address from this machine itself."""
        if self.is_loopback:
            return self.bind
        return "::1" if self.host == "::" else "127.0.0.1"

    @property
    def public_host(self) -> str:
        """The name or address that stands in addresses given to visitors."""
        if self.listens_everywhere:
            return _outward_address()
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def names(self) -> tuple[str, ...]:
        """The names and addresses that a certificate of the host's own making is for."""
        names = [self.public_host.strip("[]"), "localhost", "127.0.0.1", "::1"]
        if not self.is_loopback:
            machine = socket.gethostname().lower()
            names += [name for name in (machine, f"{machine}.local") if _NAME.fullmatch(name)]
        return tuple(dict.fromkeys(names))


def _outward_address() -> str:
    """This machine's address on the way out. Asks the routing table; sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
