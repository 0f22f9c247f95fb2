"""Two sides at 1.5 Mbit/s for ten minutes: is every sample in the record, and does any process grow?

    python bench/soak.py --minutes 10

A real recording of a talking person, encoded once and sent over and over in real time by two publishing
processes, through a real host, to a viewer in the terminal and, with --browser, to the audience page in
Chromium. It counts what the sides sent and what the record holds, sample by sample, and each process's
resident memory after a warm-up of a fifth of the time. Fails when a sample is missing or a process grew by
more than 10 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.fakes.hosts import VIVAVOCE, Host, serving  # noqa: E402
from tests.fakes.samples import carphone  # noqa: E402

from vivavoce.clock import ClockEstimate, SystemClock  # noqa: E402
from vivavoce.line.encode import OPUS_PACKET_US, OPUS_SAMPLES, Encoded, PictureEncoder, SoundEncoder  # noqa: E402
from vivavoce.line.publish import Publisher  # noqa: E402
from vivavoce.record.contents import open_record  # noqa: E402

ALLOWED_GROWTH = 10 * 1024 * 1024
FRAME_US = 33_333


@dataclass
class Loop:
    """Encoded pictures and sound that can be sent again and again."""

    pictures: list[Encoded]
    sound: list[Encoded]
    video: Any
    audio: Any


def encoded_loop(bitrate: int) -> Loop:
    encoder = PictureEncoder(width=640, height=360, framerate=30, bitrate=bitrate)
    pictures: list[Encoded] = []
    with av.open(str(carphone())) as source:
        for number, frame in enumerate(source.decode(video=0)):
            if number == 114:  # two groups of 1.9 seconds
                break
            pictures += encoder.encode(frame.reformat(640, 360, "yuv420p"), number * FRAME_US)
    speaker = SoundEncoder()
    sound: list[Encoded] = []
    for number in range(50):
        at = (np.arange(OPUS_SAMPLES) + number * OPUS_SAMPLES) / 48_000
        wave = 6000 * np.sin(2 * np.pi * 180 * at) * (1 + np.sin(2 * np.pi * 4 * at))
        sound += speaker.encode(wave.astype(np.int16)[None, :], number * OPUS_PACKET_US)
    return Loop(pictures, sound, encoder.config("hd.1"), speaker.config("floor.1", language="en"))


async def be_a_side(air: dict[str, Any], seconds: float, bitrate: int) -> None:
    """Publish in real time; print what was sent."""
    loop, clock = encoded_loop(bitrate), SystemClock()
    epoch = clock.now_us()
    sent = {"hd.1": 0, "floor.1": 0, "bytes": 0}
    line = air["line"]
    async with Publisher(
        url=line["url"],
        fingerprint=line["fingerprint"],
        token=air["token"],
        path=air["path"],
        run=air["run"],
        epoch_us=epoch,
        clock=clock,
    ) as publisher:
        publisher.set_tracks([loop.video, loop.audio])
        pictures = sounds = 0
        while (now := clock.now_us() - epoch) < seconds * 1_000_000:
            while pictures * FRAME_US <= now:
                sample = loop.pictures[pictures % len(loop.pictures)]
                publisher.write("hd.1", pictures * FRAME_US, sample.key, sample.data)
                sent["hd.1"] += 1
                sent["bytes"] += len(sample.data)
                if pictures % 60 == 0:
                    publisher.write_clock(now, ClockEstimate(0, 1000))
                pictures += 1
            while sounds * OPUS_PACKET_US <= now:
                publisher.write("floor.1", sounds * OPUS_PACKET_US, True, loop.sound[sounds % 50].data)
                sent["floor.1"] += 1
                sounds += 1
            await asyncio.sleep(0.005)
        await asyncio.sleep(2)
    print(json.dumps(sent))


def air_of(host: Host, facts: Any, side: str) -> Any:
    secret = next(s["stage_url"] for s in facts["sides"] if s["side"] == side).partition("#")[2]
    path = f"/api/discussions/{facts['id']}/seats/{side}/air"
    return host.request("POST", path, {"device": f"soak-{side}"}, bearer=secret)


def growth(readings: list[int]) -> int:
    """Bytes between the middle of the first and of the last fifth of what was read after the warm-up."""
    settled = readings[len(readings) // 5 :]
    fifth = max(1, len(settled) // 5)
    return int(statistics.median(settled[-fifth:]) - statistics.median(settled[:fifth]))


def soak(minutes: float, bitrate: int, browser: bool) -> list[str]:
    """Run it, print the figures, return what failed."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        host = stack.enter_context(serving(folder / "data"))
        facts = host.new_discussion(title="Soak")
        seconds = minutes * 60
        watched = {"host": psutil.Process(host.process.pid)}
        sides: dict[str, subprocess.Popen[str]] = {}
        for side in ("north", "south"):
            order = json.dumps({"air": air_of(host, facts, side), "seconds": seconds, "bitrate": bitrate})
            command = [sys.executable, __file__, "--side", order]
            sides[side] = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            stack.callback(sides[side].kill)
            watched[side] = psutil.Process(sides[side].pid)
        viewer = stack.enter_context(
            subprocess.Popen(
                [str(VIVAVOCE), "watch", facts["audience_url"], "--json", "--seconds", str(seconds + 1)],
                stdout=subprocess.DEVNULL,
            )
        )
        stack.callback(viewer.kill)
        watched["viewer"] = psutil.Process(viewer.pid)
        if browser:
            from tests.browser.chromium import chromium

            browsers = stack.enter_context(chromium(folder))
            browsers.open(facts["audience_url"])
            for process in psutil.Process().children(recursive=True):
                if "--type=renderer" in " ".join(process.cmdline()):
                    watched[f"page {process.pid}"] = process
        readings: dict[str, list[int]] = {name: [] for name in watched}
        end = time.monotonic() + seconds
        while time.monotonic() < end - 1:
            for name, process in watched.items():
                with contextlib.suppress(psutil.NoSuchProcess):
                    readings[name].append(process.memory_info().rss)
            time.sleep(1)
        sent = {side: json.loads(process.communicate(timeout=60)[0]) for side, process in sides.items()}
        viewer.wait(timeout=60)
        failed: list[str] = []
        if host.stop():
            failed.append("the host did not stop cleanly")
        failed += lost_samples(host, facts, sent, seconds)
        for name, values in readings.items():
            grew = growth(values)
            print(f"memory {name:12} {values[-1] / 1e6:7.1f} MB, grew by {grew / 1e6:+6.2f} MB")
            if grew > ALLOWED_GROWTH:
                failed.append(f"{name} grew by {grew} bytes")
        return failed


def lost_samples(host: Host, facts: Any, sent: dict[str, Any], seconds: float) -> list[str]:
    failed: list[str] = []
    record = open_record(host.data / "records" / facts["id"])
    failed += [f"{finding.where}: {finding.what}" for finding in record.findings]
    for run in record.runs:
        told = sent[run.seat]
        rate = told["bytes"] * 8 / seconds / 1e6
        for name, track in run.tracks.items():
            kept, stamps = len(track.samples), track.samples.timestamp_us
            print(
                f"{run.seat} {name}: {told[name]} sent, {kept} in the record ({rate:.2f} Mbit/s of pictures)"
            )
            if kept != told[name] or track.gaps:
                failed.append(f"{run.seat} {name}: {told[name]} sent, {kept} kept, gaps {track.gaps}")
            if any(later <= earlier for earlier, later in pairwise(stamps)):
                failed.append(f"{run.seat} {name}: timestamps do not rise")
    if len(record.runs) != len(sent):
        failed.append(f"{len(record.runs)} runs in the record, {len(sent)} were sent")
    return failed


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--bitrate", type=int, default=1_500_000)
    parser.add_argument("--browser", action="store_true", help="also watch the audience page in Chromium")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        order = json.loads(options.side)
        asyncio.run(be_a_side(order["air"], order["seconds"], order["bitrate"]))
        return
    failed = soak(options.minutes, options.bitrate, options.browser)
    print("failed: " + "; ".join(failed) if failed else "nothing lost, nothing grew by more than 10 MB")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
