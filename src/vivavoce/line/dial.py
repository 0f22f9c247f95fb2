"""Keeps one session to a relay alive: notices a dead one within about a second, and dials until one is up.

QUIC itself waits some ten seconds before it gives up, and its retries grow further and further apart; a
discussion cannot. So when a session falls silent, others are dialled beside it, and the first to answer takes
its place. If the silent one speaks first, it stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import moq

from vivavoce.errors import RefusedError, UnavailableError
from vivavoce.line.closing import Closing

__all__ = ["Dialler", "Silence", "closing_of"]

_DIAL_EVERY_S = 0.3
_DIAL_TIMEOUT_S = 2.0
_LOOK_EVERY_S = 0.2
_SILENT_US = 1_000_000
_ASK_US = 500_000
_LATE_REFUSAL_S = 0.1
_SPARES_S = _DIAL_TIMEOUT_S + 1.0
"""How long a dial that was given up may still come through at the relay."""


class Silence:
    """Decides when a session is dead, from what its transport counted. Takes times, reads none.

    1. A session that received something since the last look is alive.
    2. One that received nothing for half a second is asked something, at every look until it answers.
    3. One that received nothing for a second, and sent three packets meanwhile, is dead. One that had
       nothing to send is merely idle.
    """

    def __init__(self, now_us: int) -> None:
        self._received = -1
        self._sent_then = 0
        self._heard_us = now_us

    def look(self, sent: int, received: int, now_us: int) -> Literal["alive", "ask", "dead"]:
        """sent, received: packets so far. To be asked a few times a second."""
        if received != self._received:
            self._received, self._sent_then, self._heard_us = received, sent, now_us
            return "alive"
        silent_us = now_us - self._heard_us
        if silent_us >= _SILENT_US and sent - self._sent_then >= 3:
            return "dead"
        return "ask" if silent_us >= _ASK_US else "alive"


@dataclass(slots=True)
class _Line:
    client: moq.Client
    session: moq.Session


class Dialler:
    """Dials `url`, with the token in its query, and again whenever the session is lost.

    publish, subscribe: give each session its origins. changed: told (session, None) when a session is up,
    (None, code) when the line is lost; code: of `vivavoce.errors`. ask: sends anything that the relay
    answers, so that a silent line can be told from an idle one.
    """

    def __init__(
        self,
        *,
        url: str,
        fingerprint: str | None,
        token: str | None,
        now_us: Callable[[], int],
        publish: Callable[[], moq.OriginProducer],
        subscribe: Callable[[], moq.OriginProducer],
        changed: Callable[[moq.Session | None, str | None], None],
        ask: Callable[[], None] = lambda: None,
    ) -> None:
        self._address = url
        self._url = f"{url}?token={quote(token)}" if token is not None else url
        self._fingerprints = [fingerprint] if fingerprint is not None else None
        self._now_us = now_us
        self._publish = publish
        self._subscribe = subscribe
        self._changed = changed
        self._ask = ask
        self._line: _Line | None = None
        self._task: asyncio.Task[None] | None = None
        self._spares_until_s = 0.0
        self._again = False
        self.ended: asyncio.Future[Closing] = asyncio.get_running_loop().create_future()

    async def start(self) -> None:
        """Connect once. Raises UnavailableError `line.unreachable`, or RefusedError as the relay closed."""
        try:
            line = await asyncio.wait_for(self._dial(), 5)
        except (moq.Error, TimeoutError):
            raise UnavailableError("line.unreachable", f"No relay answers at {self._address}.") from None
        refused = await _refusal(line.session)
        if refused is not None:
            await _drop(line)
            raise _refused(refused, self._address)
        self._take(line)
        self._task = asyncio.get_running_loop().create_task(self._keep())

    def again(self) -> None:
        """Hang up and dial anew, though nothing is wrong with the line: a new session is told everything from
        its beginning."""
        self._again = True

    async def stop(self) -> None:
        """Hang up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._line is not None:
            await _drop(self._line)
            self._line = None

    def _take(self, line: _Line) -> None:
        self._line = line
        self._changed(line.session, None)

    async def _dial(self) -> _Line:
        client = moq.Client(
            self._url,
            tls_fingerprints=self._fingerprints,
            websocket_enabled=False,
            reconnect=False,
            publish=self._publish(),
            subscribe=self._subscribe(),
        )
        try:
            async with asyncio.timeout(_DIAL_TIMEOUT_S):
                await client.__aenter__()  # type: ignore[no-untyped-call]
        except BaseException:
            await client.__aexit__()
            raise
        assert client.session is not None
        return _Line(client, client.session)

    async def _keep(self) -> None:
        while self._line is not None:
            old = self._line
            closing = await self._watch(old)
            if closing is not None and not self._may_dial_again(closing):
                self._line = None
                await _drop(old)
                self._changed(None, closing.error)
                if not self.ended.done():
                    self.ended.set_result(closing)
                return
            self._changed(None, "line.unreachable" if closing is None else closing.error)
            new = await self._redial(None if closing is not None or self._again else old)
            self._again = False
            if new is not old:
                await _drop(old)
            self._take(new)

    def _may_dial_again(self, closing: Closing) -> bool:
        """Of several dials under way when a host comes back, one that was given up may be the newest there
        and have put out the one that was taken: that is no other device with this token."""
        spares = asyncio.get_running_loop().time() < self._spares_until_s
        return closing.retry or (closing is Closing.REPLACED and spares)

    async def _watch(self, line: _Line) -> Closing | None:
        """Returns when the session has closed (why), or fell silent or is not wanted any more (None)."""
        closed = asyncio.ensure_future(_closed(line.session))
        silence = Silence(self._now_us())
        try:
            while True:
                done, _ = await asyncio.wait([closed], timeout=_LOOK_EVERY_S)
                if done:
                    return closed.result()
                if self._again:
                    return None
                stats = line.session.stats()
                match silence.look(stats.packets_sent or 0, stats.packets_received or 0, self._now_us()):
                    case "ask":
                        self._ask()
                    case "dead":
                        return None
        finally:
            closed.cancel()

    async def _redial(self, old: _Line | None) -> _Line:
        """Dial until one answers, or until the old one does."""
        dials: set[asyncio.Task[_Line]] = set()
        heard = (old.session.stats().packets_received or 0) if old is not None else 0
        try:
            while True:
                dials.add(asyncio.get_running_loop().create_task(self._dial()))
                done, dials = await asyncio.wait(
                    dials, timeout=_DIAL_EVERY_S, return_when=asyncio.FIRST_COMPLETED
                )
                up = [task.result() for task in done if task.exception() is None]
                for spare in up[1:]:
                    self._spares_until_s = asyncio.get_running_loop().time() + _SPARES_S
                    await _drop(spare)
                if up:
                    return up[0]
                if old is not None and (old.session.stats().packets_received or 0) > heard + 1:
                    return old
                if done:
                    await asyncio.sleep(_DIAL_EVERY_S)
        finally:
            if dials:
                self._spares_until_s = asyncio.get_running_loop().time() + _SPARES_S
            for task in dials:
                task.cancel()


def closing_of(error: moq.Error) -> Closing:
    """Why a session closed; DONE if it does not say so in our terms."""
    details = moq.protocol_error(error)
    if details is not None and details.code is not None and details.code in set(Closing):
        return Closing(details.code)
    return Closing.TOKEN if moq.is_auth(error) else Closing.DONE


async def _closed(session: moq.Session) -> Closing:
    try:
        await session.closed()
    except moq.Error as error:
        return closing_of(error)
    return Closing.DONE


async def _refusal(session: moq.Session) -> Closing | None:
    """A relay refuses a moment after it has accepted the connection."""
    rtt_us = session.stats().rtt_us or 0
    try:
        return await asyncio.wait_for(_closed(session), _LATE_REFUSAL_S + 2 * rtt_us / 1_000_000)
    except TimeoutError:
        return None


async def _drop(line: _Line) -> None:
    await line.client.__aexit__()


def _refused(closing: Closing, address: str) -> RefusedError | UnavailableError:
    if closing is Closing.TOKEN:
        return RefusedError("access.token", f"The relay at {address} does not accept the token.")
    if closing is Closing.FULL:
        return UnavailableError("line.full", f"The relay at {address} is full.")
    return UnavailableError(
        "line.unreachable", f"The relay at {address} closed the session ({closing.name})."
    )
