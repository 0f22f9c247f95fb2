"""A relay, a side and many viewers, each a program of its own: `python -m bench.parts.crowd PART ...`.

They say what they are with a line of JSON, and go on until their standard input says that it is over.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import sys
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any

import moq
import structlog
from tests.fakes.line import DISCUSSION, AuthorityTwin, grant
from tests.line.parts import CLOCK, PICTURE, SOUND, certificate

from vivavoce import loop
from vivavoce.line.publish import Publisher
from vivavoce.line.relay import Relay

__all__ = ["BITS", "FRAMES"]

PATH = f"{DISCUSSION}/north"
PICTURES, PICTURE_BYTES, GROUP = 30, 4_170, 60
PACKETS, PACKET_BYTES = 100, 120
"""A second; Opus in packets of 10 ms, as the pages send it."""
BITS = (PICTURES * PICTURE_BYTES + PACKETS * PACKET_BYTES) * 8
"""1.1 Mbit/s before QUIC puts its own on top."""
FRAMES = PICTURES + PACKETS
STAGGER_S = 0.01


async def relay(kind: str) -> None:
    """Listen until the standard input ends; the first line says where."""
    if kind == "ours":
        with tempfile.TemporaryDirectory() as folder:
            async with Relay(
                bind="127.0.0.1:0",
                certificate=certificate(Path(folder)),
                authority=AuthorityTwin({"token-north": grant()}),
                clock=CLOCK,
            ) as ours:
                say({"port": ours.port, "fingerprint": ours.fingerprint})
                await until_told()
        return
    # A session always ends by an error, and the binding's own tasks do not look at it.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    origin = moq.OriginProducer()
    async with moq.Server(
        "127.0.0.1:0", tls_generate=["localhost"], publish=origin, subscribe=origin
    ) as server:
        # The binding answers this only until it serves.
        [fingerprint] = server.cert_fingerprints()
        serving = asyncio.create_task(server.serve())
        await asyncio.sleep(0)
        say({"port": int(server.local_addr.rpartition(":")[2]), "fingerprint": fingerprint})
        await until_told()
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


async def publish(port: int, fingerprint: str) -> None:
    publisher = Publisher(
        url=f"https://127.0.0.1:{port}/line",
        fingerprint=fingerprint,
        token="token-north",
        path=PATH,
        run=grant().run,
        epoch_us=CLOCK.now_us(),
        clock=CLOCK,
    )
    async with publisher as north:
        start_us = CLOCK.now_us()
        north.set_tracks([PICTURE, SOUND])
        say({"ready": True})
        told = asyncio.create_task(until_told())
        packet = picture = 0
        while not told.done():
            now_us = CLOCK.now_us() - start_us
            while packet * 1_000_000 // PACKETS <= now_us:
                north.write(SOUND.name, packet * 1_000_000 // PACKETS, True, bytes(PACKET_BYTES))
                packet += 1
            while picture * 1_000_000 // PICTURES <= now_us:
                at_us = picture * 1_000_000 // PICTURES
                north.write(PICTURE.name, at_us, picture % GROUP == 0, bytes(PICTURE_BYTES))
                picture += 1
            await asyncio.sleep(0.005)


async def view(port: int, count: int) -> None:
    """Hold `count` sessions open. Says how many frames the first one got a second, at the end."""
    frames = 0
    held: list[Any] = []

    async def take(track: Any) -> None:
        """Accept each group and leave what is in it unread: the binding has it sent all the same."""
        newest: deque[Any] = deque(maxlen=8)
        with contextlib.suppress(moq.Error):
            while (group := await track.recv_group()) is not None:
                newest.append(group)

    async def look(track: Any) -> None:
        nonlocal frames
        with contextlib.suppress(moq.Error):
            while (group := await track.recv_group()) is not None:
                while await group.read_frame() is not None:
                    frames += 1

    async with contextlib.AsyncExitStack() as stack:
        looking: list[asyncio.Task[None]] = []
        for number in range(count):
            client = moq.Client(
                f"https://127.0.0.1:{port}/line",
                tls_verify=False,
                websocket_enabled=False,
                reconnect=False,
                publish=moq.OriginProducer(),
                subscribe=moq.OriginProducer(),
            )
            await stack.enter_async_context(client)
            broadcast = await client.announced_broadcast(PATH)
            tracks = [await broadcast.subscribe_track(one.name) for one in (PICTURE, SOUND)]
            held += [client, broadcast, *tracks]
            read = look if number == 0 else take
            looking += [asyncio.create_task(read(track)) for track in tracks]
            await asyncio.sleep(STAGGER_S)
        frames, began = 0, time.monotonic()
        say({"ready": True})
        await until_told()
        say({"frames_a_second": frames / (time.monotonic() - began)})
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)


def say(told: dict[str, Any]) -> None:
    print(json.dumps(told), flush=True)


async def until_told() -> None:
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["relay", "publish", "view"])
    parser.add_argument("--kind", choices=["ours", "bare"])
    parser.add_argument("--port", type=int)
    parser.add_argument("--fingerprint")
    parser.add_argument("--count", type=int)
    options = parser.parse_args()
    match options.part:
        case "relay":
            run = loop.run if options.kind == "ours" else asyncio.run
            run(relay(options.kind))
        case "publish":
            asyncio.run(publish(options.port, options.fingerprint))
        case "view":
            asyncio.run(view(options.port, options.count))


if __name__ == "__main__":
    main()
