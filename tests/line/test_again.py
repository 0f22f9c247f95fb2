"""Promise (L16): sound that gets lost on its way comes a second time, to whoever asks, and counts once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import moq
import pytest

from tests.fakes.line import DISCUSSION
from tests.line.parts import SOUND, catalog, house, until
from vivavoce.line.again import again_of

pytestmark = pytest.mark.anyio

_PATH = f"{DISCUSSION}/north"
_PACKET_US = 10_000


def packet(number: int) -> bytes:
    """A sample as it travels (L7): a timestamp of one byte, then what the encoder gave."""
    return bytes([number]) + b"sound"


async def read(track: moq.TrackConsumer, came: list[tuple[int, bytes]]) -> None:
    """Note the number and the first frame of each group."""
    while (group := await track.recv_group()) is not None:
        frame = await group.read_frame()
        assert frame is not None
        came.append((group.sequence, frame.payload))


async def test_a_viewer_who_asks_gets_each_group_once_more_with_the_next_one(tmp_path: Path) -> None:
    async with house(tmp_path) as at, at.bare("token-north", _PATH) as side, at.client() as client:
        side.track("catalog.json").one(0, catalog([SOUND]), 0)
        sound = side.track("floor.1", SOUND)
        viewer = await client.announced_broadcast(_PATH)
        copies = await viewer.subscribe_track(again_of("floor.1"), moq.Subscription())
        came: list[tuple[int, bytes]] = []
        reading = asyncio.get_running_loop().create_task(read(copies, came))
        # Asked for is not yet known to be asked for.
        await asyncio.sleep(0.3)
        for number in range(10):
            sound.one(number, packet(number), number * _PACKET_US)
            await asyncio.sleep(0.01)
        await until(lambda: len(came) == 9, "all but the newest came again")
        assert came == [(number, packet(number)) for number in range(9)]
        reading.cancel()
        await until(lambda: len(at.sink.samples.get("north/floor.1", [])) == 10, "the sink has each once")
        assert at.sink.tracks == ["floor.1"]


async def test_nothing_is_copied_while_nobody_asks(tmp_path: Path) -> None:
    async with house(tmp_path) as at, at.bare("token-north", _PATH) as side, at.client() as client:
        side.track("catalog.json").one(0, catalog([SOUND]), 0)
        sound = side.track("floor.1", SOUND)
        for number in range(10):
            sound.one(number, packet(number), number * _PACKET_US)
        await until(lambda: len(at.sink.samples.get("north/floor.1", [])) == 10, "the sink has them")
        viewer = await client.announced_broadcast(_PATH)
        copies = await viewer.subscribe_track(again_of("floor.1"), moq.Subscription())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await copies.recv_group()


async def test_the_host_asks_a_side_whose_sound_gets_lost(tmp_path: Path) -> None:
    asked: list[bool] = []
    async with house(tmp_path) as at, at.bare("token-north", _PATH) as side, at.client() as client:
        side.track("catalog.json").one(0, catalog([SOUND]), 0)
        sound = side.track("floor.1", SOUND)
        again = side.track(again_of("floor.1"), SOUND, wanted=asked.append)
        viewer = await client.announced_broadcast(_PATH)
        public = await viewer.subscribe_track("floor.1", moq.Subscription(max_age_us=1_000_000))
        heard: list[tuple[int, bytes]] = []
        reading = asyncio.get_running_loop().create_task(read(public, heard))
        await asyncio.sleep(0.1)
        for number in (0, 2, 3, 1):
            sound.one(number, packet(number), number * _PACKET_US)
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        assert not any(asked), "one loss is none"
        for number in (5, 6, 4):
            sound.one(number, packet(number), number * _PACKET_US)
            await asyncio.sleep(0.02)
        await until(lambda: asked[-1:] == [True], "the host asks for copies")
        # The seventh is lost, its copy is not; it is sent again when nobody needs it any more.
        sound.one(8, packet(8), 8 * _PACKET_US)
        again.one(7, packet(7), 7 * _PACKET_US)
        again.one(8, packet(8), 8 * _PACKET_US)
        await until(lambda: len(at.sink.samples.get("north/floor.1", [])) == 9, "the sink has all nine")
        sound.one(7, packet(7), 7 * _PACKET_US)
        sound.one(9, packet(9), 9 * _PACKET_US)
        await until(lambda: len(at.sink.samples["north/floor.1"]) == 10, "and the tenth")
        assert sorted(sample.group for sample in at.sink.samples["north/floor.1"]) == list(range(10))
        await until(lambda: len(heard) == 10, "viewers have each once")
        assert sorted(number for number, _ in heard) == list(range(10))
        reading.cancel()
