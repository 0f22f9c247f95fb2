"""Serves the application: sockets are bound here, so that a busy port is told plainly, and TLS can be
renewed while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from vivavoce.errors import UnavailableError, YourInputError
from vivavoce.web.protocol import CappedProtocol

__all__ = ["Server", "bound"]

_BACKLOG = 1024
_CONNECTIONS = 4096
"""Pages hold one or two each; further ones are answered 503."""


def bound(address: str, port: int) -> list[socket.socket]:
    """TCP sockets for `address`, an IP address, and `port`; 0 takes one that is free for UDP too.

    For 127.0.0.1 also ::1 where there is one: browsers ask there first when told `localhost`, and
    must not find another program. Raises UnavailableError `port.busy`, YourInputError `input.option`.
    """
    if port:
        return _bound(address, port)
    for _ in range(20):
        sockets = _bound(address, 0)
        number = sockets[0].getsockname()[1]
        with socket.socket(sockets[0].family, socket.SOCK_DGRAM) as udp:
            try:
                udp.bind((address, number))
            except OSError:
                for each in sockets:
                    each.close()
                continue
        return sockets
    raise UnavailableError("port.busy", f"No port of {address} is free for both TCP and UDP.")


def _bound(address: str, port: int) -> list[socket.socket]:
    sockets = [_listening(address, port)]
    if address == "127.0.0.1":
        try:
            sockets.append(_listening("::1", sockets[0].getsockname()[1]))
        except YourInputError:
            pass  # a machine without IPv6
        except UnavailableError:
            sockets[0].close()
            raise
    return sockets


def _listening(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        # With the protocol named: asyncio sends small answers at once only on what says that it is TCP.
        tcp = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise YourInputError("input.option", f"--host is {address}: {error.strerror}.") from None
    try:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address == "::1":
            tcp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        tcp.bind((address, port))
        tcp.listen(_BACKLOG)
        tcp.setblocking(False)
    except OSError as error:
        tcp.close()
        if error.errno == errno.EADDRINUSE:
            raise UnavailableError(
                "port.busy", f"TCP port {port} of {address} is held by another program."
            ) from None
        if error.errno in (errno.EACCES, errno.EPERM):
            raise UnavailableError("port.busy", f"TCP port {port} may not be opened by this user.") from None
        raise YourInputError(
            "input.option", f"--host is {address}, not an address of this machine."
        ) from None
    return tcp


class _Uvicorn(uvicorn.Server):
    """Leaves the signals to the host, and says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


class Server:
    """Serves `app` on `sockets` while it is entered. certificate: PEM files of chain and key, for HTTPS."""

    def __init__(
        self, app: ASGIApp, sockets: list[socket.socket], certificate: tuple[Path, Path] | None
    ) -> None:
        self._sockets = sockets
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
            self._tls.set_alpn_protocols(["http/1.1"])
            self.renew(*certificate)
        tls = self._tls
        self._uvicorn = _Uvicorn(
            uvicorn.Config(
                app,
                http=CappedProtocol,
                ws="none",
                loop="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                limit_concurrency=_CONNECTIONS,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=1,
                ssl_context_factory=(lambda _config, _default: tls) if tls is not None else None,
            )
        )
        self._task: asyncio.Task[None] | None = None

    def renew(self, cert: Path, key: Path) -> None:
        """Use another certificate for connections from now on; open ones go on."""
        assert self._tls is not None, "a server without TLS has no certificate"
        self._tls.load_cert_chain(cert, key)

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._uvicorn.serve(sockets=self._sockets))
        up = asyncio.create_task(self._uvicorn.up.wait())
        await asyncio.wait({self._task, up}, return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
        if self._task.done():
            await self._task
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._uvicorn.should_exit = True
        if self._task is not None:
            await self._task
