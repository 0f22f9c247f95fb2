"""Promise: a broadcast's every track is ours, for whoever asks, however soon."""

from __future__ import annotations

import asyncio
import threading
import time

import moq
import pytest

from vivavoce.line import broadcast as line
from vivavoce.line.broadcast import Broadcast


class _Early(threading.Thread):
    """A viewer with a loop of its own, who asks for a broadcast's catalogue as soon as it is announced."""

    def __init__(self, origin: moq.OriginProducer) -> None:
        super().__init__()
        self._announced = origin.consume().announced()
        self._consumer = origin.consume()
        self.was_given: list[bytes] = []

    def run(self) -> None:
        asyncio.run(self._ask())

    async def _ask(self) -> None:
        update = await anext(self._announced)
        for _ in range(50):
            try:
                broadcast = await self._consumer.request_broadcast(update.prefix)
                catalogs = await broadcast.subscribe_track("catalog.json")
                frame = await catalogs.read_frame()
            except moq.Error:
                await asyncio.sleep(0.05)  # as every viewer does
                continue
            assert frame is not None
            self.was_given.append(frame.payload)
            return


async def _what_an_early_viewer_was_given() -> list[bytes]:
    origin = moq.OriginProducer()
    viewer = _Early(origin)
    viewer.start()
    broadcast = Broadcast(origin, "bridge/north")
    broadcast.track("catalog.json").one(0, b"the side's own", 0)
    await asyncio.to_thread(viewer.join)
    broadcast.close()
    return viewer.was_given


@pytest.mark.anyio
async def test_a_viewer_who_asks_while_a_busy_host_still_announces_is_given_the_catalogue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    announce = moq.BroadcastProducer.announce

    def slowly(producer: moq.BroadcastProducer) -> None:
        announce(producer)
        time.sleep(0.3)

    monkeypatch.setattr(moq.BroadcastProducer, "announce", slowly)
    assert await _what_an_early_viewer_was_given() == [b"the side's own"]


@pytest.mark.anyio
@pytest.mark.parametrize(("attempts", "given"), [(4, [b"the side's own"]), (1, [])])
async def test_a_viewer_who_asks_while_the_host_stands_still_is_given_it_by_another_announcement(
    monkeypatch: pytest.MonkeyPatch, attempts: int, given: list[bytes]
) -> None:
    let_go = line._announce_last
    still = [0.3]

    def standing_still(producer: moq.BroadcastProducer) -> None:
        if not still:
            let_go(producer)
            return
        producer.announce()
        time.sleep(still.pop())

    monkeypatch.setattr(line, "_announce_last", standing_still)
    monkeypatch.setattr(line, "_ATTEMPTS", attempts)
    assert await _what_an_early_viewer_was_given() == given


@pytest.mark.anyio
async def test_packets_keep_their_numbers_whether_they_follow_each_other_or_not() -> None:
    numbers = [7, 8, 9, 6, 10, 30, 31, 3, 32]
    origin = moq.OriginProducer()
    broadcast = Broadcast(origin, "bridge/north")
    broadcast.track("catalog.json").one(0, b"{}", 0)
    given = await origin.consume().announced_broadcast("bridge/north")
    voice = broadcast.track("floor.1")
    packets = await given.subscribe_track("floor.1", moq.Subscription(max_age_us=5_000_000))
    for number in numbers:
        voice.one(number, b"packet %d" % number, number)
    found = {}
    for _ in numbers:
        group = await packets.recv_group()
        assert group is not None
        frame = await group.read_frame()
        assert frame is not None
        assert await group.read_frame() is None
        found[group.sequence] = frame.payload
    assert found == {number: b"packet %d" % number for number in numbers}
    broadcast.close()
