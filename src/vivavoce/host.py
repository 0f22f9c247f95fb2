"""One host: store, desk, recorder, line and pages, in one process.

Only wiring. What is decided is decided in the rooms; what is here is in which order they open and close:

    data folder ─ store ─ desk ─ recorder ─ line ─ pages        opened left to right, closed right to left
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import structlog

from vivavoce import folder
from vivavoce.clock import Clock, SystemClock
from vivavoce.discussion.database import database_url
from vivavoce.discussion.desk import Desk
from vivavoce.discussion.secrets import digest
from vivavoce.discussion.store import Store
from vivavoce.errors import UnavailableError, VivavoceError
from vivavoce.line import certificates
from vivavoce.line.certificates import Certificate
from vivavoce.line.relay import Relay
from vivavoce.record.recorder import Recorder
from vivavoce.seal.founding import founding_of
from vivavoce.seal.statement import Founding
from vivavoce.settings import Settings
from vivavoce.web.app import create_app
from vivavoce.web.metrics import Metrics
from vivavoce.web.server import Server, bound
from vivavoce.web.site import STATIC, Site

__all__ = ["Host"]

_TICK_S: Final = 0.25
_UPKEEP_S: Final = 30.0
_URGENT_US: Final = 24 * 3_600_000_000

_log = structlog.get_logger(__name__)


class Host:
    """Runs while it is entered. After that: url, port, desk, relay, recorder, records, secret_file.

    Entering raises VivavoceError where something stands in the way: `port.busy`, `data.read_only`,
    `data.in_use`, `data.newer`, `data.damaged`, `database.unreachable`, `tls.unusable`, `input.option`.
    """

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.url = ""
        self.port = 0
        self.certificate: Certificate
        self.desk: Desk
        self.relay: Relay
        self.recorder: Recorder
        self.secret_file: Path
        self.metrics = Metrics()
        self._store: Store
        self._server: Server
        self._open = contextlib.AsyncExitStack()
        self._failed: asyncio.Future[None]

    @property
    def records(self) -> Path:
        """The folder of the records, one folder for each discussion's id."""
        return self.settings.data / "records"

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._open.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def failed(self) -> None:
        """Returns never; raises what makes the host stop by itself."""
        await asyncio.shield(self._failed)

    async def _start(self) -> None:
        settings = self.settings
        self._failed = asyncio.get_running_loop().create_future()
        self._open.callback(self._failed.cancel)
        data = self._open.enter_context(folder.held(settings.data))
        self.secret_file, secret = folder.host_secret(data)
        self.certificate = self._certificate()
        sockets = bound(settings.bind, settings.port)
        for each in sockets:
            self._open.callback(each.close)
        self.port = int(sockets[0].getsockname()[1])
        scheme = "https" if settings.is_secure else "http"
        self.url = f"{scheme}://{self._public_host()}:{self.port}"
        url = database_url(settings.database or f"sqlite:///{data / 'vivavoce.db'}")
        self._store = await self._open.enter_async_context(Store(url))
        self.desk = Desk(self._store, self.clock)
        self._open.push_async_callback(self.desk.close)
        self.recorder = Recorder(self.records, self.clock)
        self._open.push_async_callback(self.recorder.close)
        address = f"[{settings.bind}]" if ":" in settings.bind else settings.bind
        self.relay = await self._open.enter_async_context(
            Relay(
                bind=f"{address}:{self.port}",
                certificate=self.certificate,
                authority=self.desk,
                clock=self.clock,
                sinks=(self.recorder, self.metrics),
                max_sessions=settings.sessions,
                upstream=settings.relay,
                founding=self._founding,
                revoked=self._revoked,
            )
        )
        self.desk.attach(self.relay, self.recorder)
        self.desk.on_let_go.append(self.metrics.forget)
        await self.desk.open()
        self.metrics.watch(
            sessions=lambda: self.relay.sessions,
            on_air=lambda: self.desk.on_air,
            recording=self.recorder.health,
            refusals=lambda: self.desk.refusals,
        )
        site = Site(
            desk=self.desk,
            line=self.relay,
            clock=self.clock,
            metrics=self.metrics,
            host_secret=digest(secret),
            base=self.url,
            names=frozenset(name.lower() for name in (*settings.names, *self.certificate.names)),
            loopback=settings.is_loopback,
            line_loopback=settings.line_loopback,
            relay=settings.relay,
        )
        files = (self.certificate.cert, self.certificate.key) if settings.is_secure else None
        self._server = await self._open.enter_async_context(Server(create_app(site), sockets, files))
        self._every(_TICK_S, self._tick)
        self._every(_UPKEEP_S, self._upkeep)
        if not (STATIC / "audience.html").exists():
            _log.warning("the pages are not built; run `make setup`", folder=str(STATIC))
        _log.debug("host started", port=self.port, secure=settings.is_secure)

    def _founding(self, discussion: str) -> Founding | None:
        room = self.desk.rooms.get(discussion)
        return founding_of(room.discussion) if room is not None else None

    def _revoked(self, discussion: str) -> Iterator[bytes]:
        room = self.desk.rooms.get(discussion)
        return (one.raw for one in (room.revoked if room is not None else ()))

    def _every(self, seconds: float, do: Any) -> None:
        async def loop() -> None:
            while True:
                await asyncio.sleep(seconds)
                try:
                    await do()
                except VivavoceError as error:
                    if error.code == "data.in_use":
                        self._fail(error)
                        return
                    _log.error("upkeep failed", code=error.code, why=error.message)
                except Exception as error:
                    _log.error("fault", exc_info=error)

        self._run(loop())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)

        async def stop() -> None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

        self._open.push_async_callback(stop)

    def _fail(self, error: VivavoceError) -> None:
        if not self._failed.done():
            self._failed.set_exception(error)

    async def _tick(self) -> None:
        self.desk.tick()

    async def _upkeep(self) -> None:
        """Renew the certificate before it lapses, and see that the database is still ours."""
        left_us = self.certificate.not_after_us - self.clock.now_us()
        # Renewing interrupts every picture for a moment; it waits while somebody is on air, but not for ever.
        if self.desk.on_air == 0 or left_us < _URGENT_US:
            await self.renew_certificate()
        await self._store.check()

    async def renew_certificate(self) -> bool:
        """Take up a certificate that was due, or whose files were replaced; whether there was one."""
        found = self._certificate()
        if found.fingerprint == self.certificate.fingerprint:
            return False
        if self.settings.is_secure:
            self._server.renew(found.cert, found.key)
        await self.relay.renew(found)
        self.certificate = found
        _log.info("certificate renewed", fingerprint=found.fingerprint)
        return True

    def _public_host(self) -> str:
        """The name in addresses for visitors: under a given certificate, and without a --host of its own, the
        certificate's."""
        if self.settings.listens_everywhere and not self.certificate.pinned:
            for name in self.certificate.names:
                if "*" not in name:
                    return f"[{name}]" if ":" in name else name
        return self.settings.public_host

    def _certificate(self) -> Certificate:
        settings = self.settings
        now_us = self.clock.now_us()
        if settings.tls_cert is None or settings.tls_key is None:
            return certificates.current(settings.data / "tls", settings.names, now_us)
        given = certificates.load(settings.tls_cert, settings.tls_key)
        if now_us >= given.not_after_us:
            raise UnavailableError("tls.unusable", f"The certificate {settings.tls_cert} has lapsed.")
        return given
