"""The relay inside the host: who may publish what, and to whom it goes.

Viewers get one public origin that only the relay writes to. Each session gets an origin of its own for what
it announces, which nobody else reads; what a side may publish is copied from there, checked, into the
public one (docs/formats/line.md, L2).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

import moq
import structlog

from vivavoce.clock import Clock
from vivavoce.discussion.authority import Authority, Grant
from vivavoce.errors import UnavailableError, YourInputError
from vivavoce.line.arrival import REPORT_EVERY_US, arrival_track
from vivavoce.line.broadcast import Broadcast, Public
from vivavoce.line.catalog import STATE_TRACK
from vivavoce.line.certificates import Certificate
from vivavoce.line.closing import Closing
from vivavoce.line.gate import Gate
from vivavoce.line.hostjudge import HostJudge
from vivavoce.line.run import Hub, PublicRun
from vivavoce.line.sink import Sink
from vivavoce.seal.statement import Founding

__all__ = ["Authority", "Grant", "Relay"]

_log = structlog.get_logger("vivavoce.line")

_MAX_TOKEN_CHARS = 256
_MAX_QUERY_CHARS = 1024
_MAX_STATE_BYTES = 64 * 1024
_PUBLIC_CACHE_BYTES = 256 * 1024 * 1024
_PAST_US = 60_000_000
_MOST_PAST = 16
"""Runs that are over and whose leaves are still given, and for how long."""


class Relay:
    """Async context manager: listens while it is entered.

    bind: address and UDP port, `127.0.0.1:4443`, `[::]:0`. sinks: told of every sample that is let through.
    max_sessions: further sessions are refused with `line.full`. upstream: address of an external moq-relay
    to which everything public is published too. founding: the founding facts of a discussion that is in use,
    to judge its runs by (seal.md); without it nothing is judged here, and no leaves are asked for or given.
    revoked: what came of revocations in one, envelopes.
    Entering raises UnavailableError `port.busy` or YourInputError `tls.unusable`.
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
        founding: Callable[[str], Founding | None] = lambda discussion: None,
        revoked: Callable[[str], Iterable[bytes]] = lambda discussion: (),
    ) -> None:
        self._bind = bind
        self._certificate = certificate
        self._authority = authority
        self._max_sessions = max_sessions
        self._upstream = upstream
        public = moq.OriginProducer(cache_capacity_bytes=_PUBLIC_CACHE_BYTES)
        self._due_us = clock.now_us()
        self._hub = Hub(
            Public(public),
            clock,
            authority,
            tuple(sinks),
            self._report,
            lambda: max(0, clock.now_us() - self._due_us),
            founding,
            revoked,
        )
        self._server: moq.Server | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._gates: set[Gate] = set()
        self._connected: dict[str, int] = {}
        self._runs: dict[str, PublicRun] = {}
        self._past: dict[tuple[str, str], tuple[HostJudge, int]] = {}
        """Of runs that are over, and until when."""
        self._hosts: dict[str, Broadcast] = {}
        self._host_groups: dict[tuple[str, str], int] = {}

    async def __aenter__(self) -> Self:
        await self._listen(self._bind)
        self._start(self._report_arrivals())
        if self._upstream is not None:
            self._start(self._feed_upstream(self._upstream))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for run in list(self._runs.values()):
            run.end("stopped")
        self._runs.clear()
        for broadcast in self._hosts.values():
            broadcast.close()
        self._hosts.clear()
        await self._hang_up("stopped")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def port(self) -> int:
        """The UDP port that it listens on."""
        if self._server is None:
            raise RuntimeError("the relay is not entered")
        return int(self._server.local_addr.rpartition(":")[2])

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the certificate in hex, which viewers must pin; None under a public certificate."""
        return self._certificate.fingerprint if self._certificate.pinned else None

    @property
    def sessions(self) -> int:
        """How many sessions are open, viewers and sides."""
        return len(self._gates)

    def publish_state(self, discussion: str, state: Mapping[str, Any]) -> None:
        """Publish the host's word about a discussion, as `state.json` of `<discussion>/host` (L12).

        Raises YourInputError `input.too_large` over 64 KiB. Does not check the form.
        """
        raw = json.dumps(state, separators=(",", ":"), ensure_ascii=False).encode()
        if len(raw) > _MAX_STATE_BYTES:
            raise YourInputError(
                "input.too_large", f"A state of {len(raw)} bytes is over {_MAX_STATE_BYTES}."
            )
        self._tell(discussion, STATE_TRACK, raw)

    def catalogs(self, discussion: str) -> dict[str, str]:
        """The newest `catalog.json` of each seat that is on the line, as it came."""
        found: dict[str, str] = {}
        for path, run in self._runs.items():
            if path.partition("/")[0] == discussion and run.state.catalog is not None:
                found[path.partition("/")[2]] = run.state.catalog.raw.decode()
        return found

    def devices(self, discussion: str) -> dict[str, tuple[str, str]]:
        """(run, device key in hex) of each seat that is on the line and seals, as its papers say."""
        found: dict[str, tuple[str, str]] = {}
        for path, run in self._runs.items():
            if path.partition("/")[0] == discussion and run.seals.device is not None:
                found[path.partition("/")[2]] = (run.grant.run, run.seals.device.hex())
        return found

    def leaves(self, discussion: str, run: str, track: int, group: int, count: int) -> bytes | None:
        """The leaves of the first `count` samples of a span, as they travel (seal.md, S20); None where they
        are not remembered here, or not any more. run: 16 hex digits. track: its number in the run's seals."""
        past = self._past.get((discussion, run))
        judges = [past[0]] if past is not None else []
        for path, one in self._runs.items():
            if path.partition("/")[0] == discussion and one.grant.run == run and one.judge is not None:
                judges.append(one.judge)
        return next(filter(None, (judge.leaves(track, group, count) for judge in judges)), None)

    def forget(self, discussion: str) -> None:
        """End every run of a discussion and take its `state.json` back."""
        for path in [path for path in self._runs if path.partition("/")[0] == discussion]:
            self.end_run(discussion, path.partition("/")[2], "left")
        broadcast = self._hosts.pop(discussion, None)
        for key in [key for key in self._host_groups if key[0] == discussion]:
            del self._host_groups[key]
        if broadcast is not None:
            self._hub.public.close(broadcast)

    def cut(self, grant: Grant | str, why: str = "cut") -> None:
        """End every session of a grant (or token_id) now and close its public broadcast; the sinks are told
        `why`. Void the token first: the relay does not remember it."""
        token_id = grant if isinstance(grant, str) else grant.token_id
        for gate in list(self._gates):
            if gate.grant is not None and gate.grant.token_id == token_id:
                gate.close(Closing.ENDED, "cut")
        for path, run in list(self._runs.items()):
            if run.grant.token_id == token_id:
                self._end(path, why)

    def end_run(self, discussion: str, seat: str, why: str) -> None:
        """End whatever run a seat has: close its public broadcast and its sessions, tell the sinks `why`
        (`left`, `taken_over`, `renewed`). Void its token first."""
        path = f"{discussion}/{seat}"
        for gate in list(self._gates):
            if gate.grant is not None and gate.grant.path == path:
                gate.close(Closing.ENDED, "cut")
        self._end(path, why)

    async def renew(self, certificate: Certificate) -> None:
        """Serve under another certificate from now on.

        The binding cannot change it in place: it listens anew on the same port, so every session ends and
        comes back within a second. Runs go on. Raises as entering does.
        """
        bind = self._server.local_addr if self._server is not None else self._bind
        await self._hang_up("renewed")
        self._certificate = certificate
        await self._listen(bind)

    # what a gate needs (gate.Keeper)

    def run_of(self, gate: Gate) -> PublicRun | None:
        """The run that this gate feeds from now on; all other sessions of its seat are closed."""
        grant = gate.grant
        if grant is None or gate not in self._gates:
            return None
        for other in list(self._gates):
            if other is not gate and other.grant is not None and other.grant.path == grant.path:
                same = other.grant.token_id == grant.token_id
                other.close(Closing.REPLACED if same else Closing.ENDED, "replaced")
        run = self._runs.get(grant.path)
        if run is not None and run.grant.run != grant.run:
            self._end(grant.path, "taken_over")
            run = None
        if run is None:
            run = self._runs[grant.path] = PublicRun(self._hub, grant)
        run.cut_groups()
        return run

    def refused(self, what: str, grant: Grant | None) -> None:
        self._authority.refused(what, grant)

    # inside

    async def _listen(self, bind: str) -> None:
        server = moq.Server(
            bind,
            tls_cert=[str(self._certificate.cert)],
            tls_key=[str(self._certificate.key)],
            publish=moq.OriginProducer(),
            subscribe=moq.OriginProducer(),
        )
        try:
            await server.__aenter__()  # type: ignore[no-untyped-call]
        except moq.Error.Bind as error:
            raise UnavailableError("port.busy", f"UDP {bind} cannot be listened on: {error}.") from None
        except moq.Error as error:
            raise YourInputError(
                "tls.unusable", f"QUIC cannot be served under {self._certificate.cert}: {error}."
            ) from None
        self._server = server
        self._accepting = asyncio.get_running_loop().create_task(self._accept(server))

    async def _hang_up(self, why: str) -> None:
        for gate in list(self._gates):
            gate.close(Closing.DONE, why)
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.gather(self._accepting, return_exceptions=True)
        if self._server is not None:
            await self._server.__aexit__()
            self._server = None

    async def _accept(self, server: moq.Server) -> None:
        while True:
            try:
                request = await anext(server)
            except (StopAsyncIteration, moq.Error.Cancelled, moq.Error.Closed):
                return
            except moq.Error as error:
                _log.warning("a session failed before it began", what=str(error)[:200])
                continue
            self._start(self._serve(request))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, request: moq.Request) -> None:
        token = _token(request.query)
        grant = self._authority.grant(token) if token is not None else None
        if token is not None and grant is None:
            self._authority.refused("a token that is not, or no longer, good", None)
            await _reject(request, Closing.TOKEN)
            return
        if len(self._gates) >= self._max_sessions:
            _log.warning("a session was refused, the host is full", sessions=len(self._gates))
            await _reject(request, Closing.FULL)
            return
        gate = Gate(self, request, grant)
        self._gates.add(gate)
        opened = False

        def note_opened() -> None:
            nonlocal opened
            opened = True
            if grant is not None:
                self._connected[grant.token_id] = self._connected.get(grant.token_id, 0) + 1
                if self._connected[grant.token_id] == 1:
                    self._authority.connected(grant)

        try:
            await gate.serve(self._hub.public.origin, note_opened)
        finally:
            self._gates.discard(gate)
            if opened and grant is not None:
                self._connected[grant.token_id] -= 1
                if self._connected[grant.token_id] == 0:
                    del self._connected[grant.token_id]
                    self._authority.disconnected(grant, gate.why)

    def _tell(self, discussion: str, track: str, raw: bytes) -> None:
        """The newest word of the host's own, on a track of its broadcast."""
        if discussion not in self._hosts:
            self._hosts[discussion] = self._hub.public.open(f"{discussion}/host")
        group = self._host_groups.get((discussion, track), 0)
        self._host_groups[discussion, track] = group + 1
        self._hosts[discussion].track(track).one(group, raw, self._hub.clock.now_us())

    def _report(self, grant: Grant, raw: bytes) -> None:
        self._tell(grant.discussion, arrival_track(grant.seat), raw)

    async def _report_arrivals(self) -> None:
        while True:
            self._due_us = self._hub.clock.now_us() + REPORT_EVERY_US
            await asyncio.sleep(REPORT_EVERY_US / 1_000_000)
            now_us = self._hub.clock.now_us()
            for run in list(self._runs.values()):
                run.tick(now_us)
            self._past = {place: one for place, one in self._past.items() if now_us < one[1]}

    def _end(self, path: str, why: str) -> None:
        run = self._runs.pop(path, None)
        if run is not None:
            run.end(why)
            if run.judge is not None:
                until_us = self._hub.clock.now_us() + _PAST_US
                self._past[run.grant.discussion, run.grant.run] = run.judge, until_us
                while len(self._past) > _MOST_PAST:
                    del self._past[next(iter(self._past))]

    async def _feed_upstream(self, url: str) -> None:
        while True:
            try:
                client = moq.Client(
                    url,
                    publish=self._hub.public.origin,
                    subscribe=moq.OriginProducer(),
                    reconnect=False,
                )
                async with client:
                    _log.info("publishing to the upstream relay")
                    assert client.session is not None
                    await client.session.closed()
            except moq.Error as error:
                # Only the kind: the text may hold the address, and the address a secret.
                _log.warning("the upstream relay is not reachable", kind=type(error).__name__)
            await asyncio.sleep(1)


def _token(query: str | None) -> str | None:
    """The token in a session's address; None for a viewer."""
    if not query:
        return None
    values = parse_qs(query[:_MAX_QUERY_CHARS], keep_blank_values=True).get("token")
    return values[0][:_MAX_TOKEN_CHARS] if values else None


async def _reject(request: moq.Request, closing: Closing) -> None:
    # The binding moves an application's codes up by 64 here, and only here; 401 becomes moq-lite's own 2.
    code = closing if closing is Closing.TOKEN else closing - 64
    try:
        await request.reject(code)
    except moq.Error:
        return  # gone already
