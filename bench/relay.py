"""What the relay's copying costs, and how soon a device is back: `python bench/relay.py [--seconds N]`.

Prints one JSON object:

- `direct_us`, `copied_us`: capture to arrival of pictures, p50 and p99, over a plain relay of the binding
  and over ours, publisher, relay and viewer in one process, in interleaved rounds.
- `core_per_side`: processor seconds a second that one side (50 packets and 60 pictures a second, of two
  renditions) adds to a host, its publisher included.
- `back_us`: from the return of the network to the first sample at the host, after outages of 1, 2 and 5 s.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from pathlib import Path

import moq
import structlog

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.fakes.line import DISCUSSION, Network
from tests.line.parts import CLOCK, PICTURE, SMALL, SOUND, House, Talking, house, until

from vivavoce.line.delay import DelaySummary, DelayWindow
from vivavoce.line.events import SampleSeen

_PATH = f"{DISCUSSION}/north"


async def _direct(seconds: float, window: DelayWindow) -> None:
    origin = moq.OriginProducer()
    async with moq.Server(
        "127.0.0.1:0", tls_generate=["localhost"], publish=origin, subscribe=origin
    ) as server:
        serving = asyncio.create_task(server.serve())
        await asyncio.sleep(0)
        url = f"https://{server.local_addr}/line"
        mine = moq.OriginProducer()
        track = mine.create_broadcast(_PATH)
        pictures = track.publish_track("hd.1", moq.TrackInfo(priority=60))
        track.announce()
        async with _client(url, mine), _client(url, moq.OriginProducer()) as viewer:
            broadcast = await viewer.announced_broadcast(_PATH)
            seen = await broadcast.subscribe_track("hd.1")

            async def watch() -> None:
                async for group in seen:
                    async for frame in group:
                        now_us = CLOCK.now_us()
                        window.add(now_us, now_us - frame.timestamp_us, 0)

            watching = asyncio.create_task(watch())
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                group = pictures.append_group()
                for _ in range(60):
                    group.write_frame(bytes(5_000), CLOCK.now_us())
                    await asyncio.sleep(1 / 60)
                group.finish()
            watching.cancel()
        serving.cancel()
        await asyncio.gather(watching, serving, return_exceptions=True)


def _client(url: str, publish: moq.OriginProducer) -> moq.Client:
    return moq.Client(
        url,
        tls_verify=False,
        websocket_enabled=False,
        reconnect=False,
        publish=publish,
        subscribe=moq.OriginProducer(),
    )


async def _copied(seconds: float, window: DelayWindow) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with house(Path(folder)) as at, at.publisher() as north, at.watcher() as watcher:
            start_us = CLOCK.now_us()

            async def watch() -> None:
                async for event in watcher:
                    if isinstance(event, SampleSeen):
                        sample = event.sample
                        window.add(sample.received_us, sample.received_us - start_us - sample.timestamp_us, 0)

            watching = asyncio.create_task(watch())
            north.set_tracks([PICTURE])
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                for number in range(60):
                    north.write("hd.1", CLOCK.now_us() - start_us, number == 0, bytes(5_000))
                    await asyncio.sleep(1 / 60)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _side(at: House, seconds: float) -> float:
    """Processor seconds a second that one side adds."""
    idle = time.process_time()
    await asyncio.sleep(seconds)
    idle = time.process_time() - idle
    async with at.publisher() as north:
        start_us = CLOCK.now_us()
        north.set_tracks([PICTURE, SMALL, SOUND])
        begin, end = time.process_time(), time.monotonic() + seconds
        tick = 0
        while time.monotonic() < end:
            now_us = CLOCK.now_us() - start_us
            north.write("floor.1", now_us, True, bytes(240))
            if tick % 5 < 3:
                north.write("hd.1", now_us, tick % 100 == 0, bytes(6_000))
                north.write("sd.1", now_us, tick % 100 == 0, bytes(1_200))
            tick += 1
            await asyncio.sleep(max(0.0, start_us / 1e6 + tick / 50 - CLOCK.now_us() / 1e6))
        return (time.process_time() - begin - idle) / seconds


async def _back(at: House) -> dict[str, int]:
    waits: dict[str, int] = {}
    async with (
        Network(at.port) as network,
        at.publisher("south", port=network.port) as south,
        Talking(south),
    ):
        await until(lambda: at.sink.counts()["south/floor.1"] > 50, "south is heard")
        for outage_s in (1, 2, 5):
            network.down = True
            await asyncio.sleep(outage_s)
            network.down = False
            back_us, before = CLOCK.now_us(), at.sink.counts()["south/floor.1"]
            await until(lambda: at.sink.counts()["south/floor.1"] > before, "south is back")  # noqa: B023
            waits[f"{outage_s} s"] = at.sink.samples["south/floor.1"][before].received_us - back_us
            await asyncio.sleep(1)
    return waits


def _p(summary: DelaySummary | None) -> dict[str, int]:
    assert summary is not None
    return {"p50": summary.p50_us, "p99": summary.p99_us, "count": summary.count}


async def main(seconds: float, rounds: int = 5) -> dict[str, object]:
    direct, copied = DelayWindow(1 << 60, 1 << 20), DelayWindow(1 << 60, 1 << 20)
    for _ in range(rounds):
        await _direct(seconds / rounds, direct)
        await _copied(seconds / rounds, copied)
    with tempfile.TemporaryDirectory() as folder:
        async with house(Path(folder)) as at:
            core = await _side(at, seconds / 2)
            back = await _back(at)
    now_us = CLOCK.now_us()
    return {
        "direct_us": _p(direct.summary(now_us)),
        "copied_us": _p(copied.summary(now_us)),
        "core_per_side": round(core, 3),
        "back_us": back,
    }


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10, help="of each kind; 10 unless told")
    print(json.dumps(asyncio.run(main(parser.parse_args().seconds))))
