"""Twins of what stands around the relay: an authority, a sink, and a network that can fail."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from vivavoce.discussion.authority import Grant
from vivavoce.line.sample import Sample
from vivavoce.line.trackconfig import TrackConfig

DISCUSSION = "k7m2xq4vw9"


def grant(seat: str = "north", run: str = "0123456789abcdef", token: str | None = None) -> Grant:
    """A grant whose token is its token_id's namesake in `AuthorityTwin`."""
    return Grant(DISCUSSION, seat, run, "7f3a", token or f"id-{seat}")


@dataclass
class AuthorityTwin:
    """Grants what `tokens` holds and remembers everything that it is told."""

    tokens: dict[str, Grant] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    sent_at_us: list[int] = field(default_factory=list)

    def grant(self, token: str) -> Grant | None:
        return self.tokens.get(token)

    def connected(self, grant: Grant) -> None:
        self.told.append(("connected", grant.token_id))

    def disconnected(self, grant: Grant, why: str) -> None:
        self.told.append(("disconnected", why))

    def sending(self, grant: Grant, at_us: int) -> None:
        self.sent_at_us.append(at_us)

    def refused(self, what: str, grant: Grant | None) -> None:
        self.told.append(("refused", what))

    def refusals(self) -> list[str]:
        return [what for kind, what in self.told if kind == "refused"]


@dataclass
class SinkTwin:
    """Keeps every call. samples: by track. closed: (track, group, count, whole). seals: (seat, group, index,
    frame). verdicts: (seat, state, code)."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)
    closed: list[tuple[str, int, int, bool]] = field(default_factory=list)
    runs: list[tuple[str, str]] = field(default_factory=list)
    tracks: list[str] = field(default_factory=list)
    clocks: int = 0
    seals: list[tuple[str, int, int, bytes]] = field(default_factory=list)
    verdicts: list[tuple[str, str, str | None]] = field(default_factory=list)

    def run_started(self, discussion: str, seat: str, run: str, **_: Any) -> None:
        self.runs.append((seat, "started"))

    def track_added(self, discussion: str, seat: str, run: str, config: TrackConfig, *, at_us: int) -> None:
        self.tracks.append(config.name)

    def sample(self, discussion: str, sample: Sample) -> None:
        self.samples.setdefault(f"{sample.seat}/{sample.track}", []).append(sample)

    def group_closed(
        self,
        discussion: str,
        seat: str,
        run: str,
        track: str,
        group: int,
        *,
        count: int,
        whole: bool,
        at_us: int,
    ) -> None:
        self.closed.append((f"{seat}/{track}", group, count, whole))

    def counts(self) -> Counter[str]:
        return Counter({place: len(samples) for place, samples in self.samples.items()})

    def clock(self, discussion: str, seat: str, run: str, **_: Any) -> None:
        self.clocks += 1

    def sealed(
        self, discussion: str, seat: str, run: str, *, group: int, index: int, raw: bytes, at_us: int
    ) -> None:
        self.seals.append((seat, group, index, raw))

    def judged(
        self, discussion: str, seat: str, run: str, *, state: str, code: str | None, at_us: int
    ) -> None:
        self.verdicts.append((seat, state, code))

    def run_ended(self, discussion: str, seat: str, run: str, *, why: str, at_us: int) -> None:
        self.runs.append((seat, why))


class Network(asyncio.DatagramProtocol):
    """Carries UDP between clients and one server. `down` drops everything, both ways.

    `port` is what clients dial. Each client has its own port towards the server, as behind a router.
    """

    def __init__(self, server_port: int) -> None:
        self.down = False
        self.port = 0
        self.carried: Counter[str] = Counter()
        self._server = ("127.0.0.1", server_port)
        self._transport: asyncio.DatagramTransport | None = None
        self._ways: dict[tuple[str, int], asyncio.DatagramTransport] = {}
        self._opening: dict[tuple[str, int], list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Network:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = int(self._transport.get_extra_info("sockname")[1])
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._transport is not None:
            self._transport.abort()
        # A way that is being opened is waited for: cancelled, it would leave its socket behind.
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for way in self._ways.values():
            way.abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def move(self, server_port: int) -> None:
        """From now on everything goes to another server, which knows none of the sessions."""
        self._server = ("127.0.0.1", server_port)
        for way in self._ways.values():
            way.abort()
        self._ways.clear()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.down:
            return
        self.carried["up"] += 1
        if addr in self._ways:
            self._ways[addr].sendto(data)
        elif addr in self._opening:
            self._opening[addr].append(data)
        else:
            self._opening[addr] = [data]
            task = asyncio.get_running_loop().create_task(self._open(addr))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _open(self, client: tuple[str, int]) -> None:
        loop = asyncio.get_running_loop()
        way, _ = await loop.create_datagram_endpoint(lambda: _Back(self, client), remote_addr=self._server)
        self._ways[client] = way
        for data in self._opening.pop(client):
            way.sendto(data)

    def back(self, data: bytes, client: tuple[str, int]) -> None:
        if not self.down and self._transport is not None and not self._transport.is_closing():
            self.carried["down"] += 1
            self._transport.sendto(data, client)


class _Back(asyncio.DatagramProtocol):
    def __init__(self, network: Network, client: tuple[str, int]) -> None:
        self._network = network
        self._client = client

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._network.back(data, self._client)

    def error_received(self, error: Exception) -> None:
        """The server's port is closed for a moment: as good as a lost packet."""
