"""What the tests of the line build their cases from."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import moq

from tests.fakes.line import DISCUSSION, AuthorityTwin, SinkTwin, grant
from vivavoce.clock import ClockEstimate, SystemClock
from vivavoce.discussion.authority import Grant
from vivavoce.line.broadcast import Broadcast
from vivavoce.line.catalog import Catalog
from vivavoce.line.certificates import Certificate, make
from vivavoce.line.events import GroupClosed, LineState, SampleSeen, SeatState
from vivavoce.line.publish import Publisher
from vivavoce.line.relay import Relay
from vivavoce.line.trackconfig import TrackConfig
from vivavoce.line.watch import Watcher

PICTURE = TrackConfig("hd.1", "video", "avc1.42e01f", b"\x01\x42\xe0\x1f", 640, 360, framerate=30)
SMALL = TrackConfig("sd.1", "video", "avc1.42e015", b"\x01\x42\xe0\x15", 320, 180, framerate=30)
SOUND = TrackConfig("floor.1", "audio", "opus", sample_rate=48_000, channels=1, language="en", role="floor")

CLOCK = SystemClock()


class House:
    """A relay with its twins, and the address that clients dial."""

    def __init__(self, relay: Relay, authority: AuthorityTwin, sink: SinkTwin) -> None:
        self.relay = relay
        self.authority = authority
        self.sink = sink
        self.port = relay.port

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/line"

    def client(self, token: str | None = None, **options: Any) -> moq.Client:
        """A bare client: what a hostile program would use."""
        return moq.Client(
            self.url if token is None else f"{self.url}?token={token}",
            tls_fingerprints=[self.relay.fingerprint or ""],
            websocket_enabled=False,
            reconnect=False,
            publish=options.get("publish", moq.OriginProducer()),
            subscribe=moq.OriginProducer(),
        )

    @asynccontextmanager
    async def bare(self, token: str | None, path: str) -> AsyncIterator[Broadcast]:
        """A session that announces one broadcast, whose tracks the test writes itself."""
        origin = moq.OriginProducer()
        broadcast = Broadcast(origin, path)
        broadcast.track("catalog.json")
        async with self.client(token, publish=origin):
            yield broadcast
            broadcast.close()

    def publisher(
        self,
        seat: str = "north",
        *,
        port: int | None = None,
        token: str | None = None,
        grant: Grant | None = None,
    ) -> Publisher:
        """A side whose token is `token-<seat>`, unless another is given."""
        given = grant or self.authority.tokens[token or f"token-{seat}"]
        return Publisher(
            url=self.url if port is None else f"https://127.0.0.1:{port}/line",
            fingerprint=self.relay.fingerprint,
            token=token or f"token-{seat}",
            path=given.path,
            run=given.run,
            epoch_us=CLOCK.now_us(),
            clock=CLOCK,
        )

    def watcher(self, *, port: int | None = None, patience_us: int = 10_000_000) -> Watcher:
        return Watcher(
            url=self.url if port is None else f"https://127.0.0.1:{port}/line",
            fingerprint=self.relay.fingerprint,
            discussion=DISCUSSION,
            clock=CLOCK,
            host_clock=lambda: ClockEstimate(0, 1),
            patience_us=patience_us,
        )


def catalog(tracks: Sequence[TrackConfig], run: str = "0123456789abcdef", epoch_us: int = 1) -> bytes:
    return Catalog(run, epoch_us, {track.name: track for track in tracks}).to_json()


def certificate(folder: Path) -> Certificate:
    return make(folder, ["localhost", "127.0.0.1"], CLOCK.now_us())


@asynccontextmanager
async def house(folder: Path, **options: Any) -> AsyncIterator[House]:
    """A relay with the tokens `token-north` and `token-south`."""
    authority = AuthorityTwin({f"token-{seat}": grant(seat) for seat in ("north", "south")})
    sink = SinkTwin()
    async with Relay(
        bind="127.0.0.1:0",
        certificate=certificate(folder),
        authority=authority,
        clock=CLOCK,
        sinks=[sink],
        **options,
    ) as relay:
        yield House(relay, authority, sink)


class Seen:
    """What one viewer saw. Entered, it watches in the background."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._task: asyncio.Task[None] | None = None
        self.samples: Counter[str] = Counter()
        self.places: list[tuple[str, int, int]] = []
        self.closed: list[GroupClosed] = []
        self.line: list[str] = []
        self.seats: list[tuple[str, bool]] = []
        self.delays: list[int] = []
        self.states = 0

    async def __aenter__(self) -> Seen:
        await self._watcher.__aenter__()
        self._task = asyncio.get_running_loop().create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._watcher.__aexit__(None, None, None)

    async def _watch(self) -> None:
        async for event in self._watcher:
            match event:
                case SampleSeen():
                    place = f"{event.sample.seat}/{event.sample.track}"
                    self.samples[place] += 1
                    self.places.append((place, event.sample.group, event.sample.index))
                    if event.delay_us is not None:
                        self.delays.append(event.delay_us)
                case GroupClosed():
                    self.closed.append(event)
                case LineState():
                    self.line.append(event.state)
                case SeatState():
                    self.seats.append((event.seat, event.announced))
                case _:
                    self.states += 1


class Talking:
    """A side that talks in the background: 50 packets of sound and 25 pictures a second."""

    def __init__(self, publisher: Publisher, *, size: int = 2_000, every_key: int = 25) -> None:
        self._publisher = publisher
        self._size = size
        self._every_key = every_key
        self._task: asyncio.Task[None] | None = None
        self.written: Counter[str] = Counter()

    async def __aenter__(self) -> Talking:
        self._start_us = CLOCK.now_us()
        self._publisher.set_tracks([PICTURE, SOUND])
        self._publisher.write_clock(0, ClockEstimate(0, 1))
        self._task = asyncio.get_running_loop().create_task(self._talk())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hush()

    def places(self, seat: str) -> Counter[str]:
        return Counter({f"{seat}/{track}": count for track, count in self.written.items()})

    async def hush(self) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _talk(self) -> None:
        tick = 0
        while True:
            timestamp_us = CLOCK.now_us() - self._start_us
            self._publisher.write(SOUND.name, timestamp_us, True, bytes(160))
            self.written[SOUND.name] += 1
            if tick % 2 == 0:
                key = tick % (2 * self._every_key) == 0 or self._publisher.needs_key
                self._publisher.write(PICTURE.name, timestamp_us, key, bytes(self._size))
                self.written[PICTURE.name] += 1
            tick += 1
            await asyncio.sleep(0.02)


async def until(true: Callable[[], bool], what: str, timeout_s: float = 15) -> None:
    """Wait until something is so; the failure names it."""
    try:
        async with asyncio.timeout(timeout_s):
            while not true():  # noqa: ASYNC110 (the condition is anybody's)
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"not within {timeout_s} s: {what}") from None


async def settle(true: Callable[[], bool]) -> None:
    """Wait until something is so, or it is clear that it never will be; what follows says which."""
    with suppress(AssertionError):
        await until(true, "")
