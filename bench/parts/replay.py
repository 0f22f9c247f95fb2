"""Sides that cost next to nothing: pictures encoded once beforehand, sent again and again at their pace.

    python -m bench.parts.replay STAGE_URL [STAGE_URL ...] [--rate 30]

A bench that asks what a viewer's page does must not have two encoding browsers on the same cores. Each
picture has the time code's bars (of one moment: it can be read, and says nothing of age) over noise, 640x360,
in groups of two seconds; sound is a quiet tone. Half of the noise moves and half is new in each picture, so
that key pictures have 25 kB and others 6, as a stage page's have of the test camera at the same bitrate.
Prints `on air` when every side is, and goes on until it is ended.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets

import numpy as np

from vivavoce.clock import SystemClock
from vivavoce.line.encode import (
    OPUS_PACKET_US,
    OPUS_SAMPLES,
    SAMPLE_RATE,
    Encoded,
    PictureEncoder,
    SoundEncoder,
)
from vivavoce.line.publish import Publisher
from vivavoce.terminal.addresses import StageAddress
from vivavoce.terminal.api import HostApi

WIDTH, HEIGHT, BITS, CODE = 640, 360, 24, 0x5A5A5A
BITRATE = 1_500_000
GROUP_S = 1.8


def picture(noise: np.ndarray) -> np.ndarray:
    """noise: height by width, 0 to 7."""
    pixels = np.repeat((96 + noise[:, :, None]).astype(np.uint8), 3, axis=2)
    cell = WIDTH / (BITS + 2)
    ones = CODE.bit_count()
    bars = [255 * (ones % 2), *(255 * (CODE >> bit & 1) for bit in range(BITS)), 128]
    for place, light in enumerate(bars):
        pixels[: HEIGHT // 8, round(place * cell) : round((place + 1) * cell)] = light
    return pixels


def pictures(rate: int) -> tuple[PictureEncoder, list[Encoded]]:
    encoder = PictureEncoder(width=WIDTH, height=HEIGHT, framerate=rate, bitrate=BITRATE)
    random = np.random.default_rng(1)
    noise = random.integers(0, 4, (HEIGHT, 2 * WIDTH), dtype=np.uint8)
    step = 1_000_000 // rate
    made: list[Encoded] = []
    for number in range(round(GROUP_S * rate)):
        shifted = np.roll(noise, -7 * number, axis=1)[:, :WIDTH]
        new = random.integers(0, 4, (HEIGHT, WIDTH), dtype=np.uint8)
        made += encoder.encode(picture(shifted + new), number * step)
    return encoder, made


def packets() -> tuple[SoundEncoder, list[bytes]]:
    encoder = SoundEncoder()
    at = np.arange(50 * OPUS_SAMPLES)
    tone = (1000 * np.sin(2 * np.pi * 220 * at / SAMPLE_RATE)).astype(np.int16)
    made: list[bytes] = []
    for number in range(50):
        block = tone[number * OPUS_SAMPLES : (number + 1) * OPUS_SAMPLES]
        made += [one.data for one in encoder.encode(block.reshape(1, -1), number * OPUS_PACKET_US)]
    return encoder, made


async def side(url: str, rate: int, ready: asyncio.Barrier) -> None:
    stage = StageAddress.parse(url)
    clock = SystemClock()
    shown, group = pictures(rate)
    heard, sounds = packets()
    async with HostApi(stage.base, clock=clock, insecure=True) as api:
        estimate = await api.compare_clocks()
        grant = await api.go_on_air(stage, secrets.token_urlsafe(12))
        epoch_us = clock.now_us()
        async with Publisher(
            url=grant.line_url,
            fingerprint=grant.fingerprint,
            token=grant.token,
            path=grant.path,
            run=grant.run,
            epoch_us=epoch_us,
            clock=clock,
        ) as publisher:
            publisher.set_tracks([shown.config("hd.1"), heard.config("floor.1", language="en")])
            publisher.write_clock(0, estimate)
            await asyncio.gather(
                _pictures(publisher, group, rate),
                _sounds(publisher, sounds),
                _clock(publisher, api, epoch_us, clock),
                ready.wait(),
            )


async def _pictures(publisher: Publisher, group: list[Encoded], rate: int) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    number = 0
    while True:
        sample = group[number % len(group)]
        publisher.write("hd.1", number * 1_000_000 // rate, sample.key, sample.data)
        number += 1
        await asyncio.sleep(max(0, began + number / rate - loop.time()))


async def _sounds(publisher: Publisher, sounds: list[bytes]) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    number = 0
    while True:
        publisher.write("floor.1", number * OPUS_PACKET_US, True, sounds[number % len(sounds)])
        number += 1
        await asyncio.sleep(max(0, began + number * OPUS_PACKET_US / 1e6 - loop.time()))


async def _clock(publisher: Publisher, api: HostApi, epoch_us: int, clock: SystemClock) -> None:
    while True:
        await asyncio.sleep(2)
        publisher.write_clock(clock.now_us() - epoch_us, await api.compare_clocks())


async def run(urls: list[str], rate: int) -> None:
    ready = asyncio.Barrier(len(urls) + 1)
    async with asyncio.TaskGroup() as group:
        for url in urls:
            group.create_task(side(url, rate, ready))
        await ready.wait()
        print("on air", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stage_url", nargs="+")
    parser.add_argument("--rate", type=int, default=30)
    options = parser.parse_args()
    asyncio.run(run(options.stage_url, options.rate))


if __name__ == "__main__":
    main()
