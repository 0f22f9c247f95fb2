"""As much as a connection takes: the binding's relay, and a terminal that takes from it.

    python -m bench.parts.bulk relay ADDRESS         says {"url", "fingerprint"}; gives and takes
    python -m bench.parts.bulk take URL FINGERPRINT  takes what the relay gives

Whoever takes says at the end {"arrivals": [[seconds since the first frame, bytes], …]}. It goes as one group
on one stream: what has arrived in order is what a reader has. The page that gives is bench/parts/bulk.js.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import moq

__all__ = ["FRAMES", "FRAME_BYTES", "packed_page"]

ROOT = Path(__file__).resolve().parent.parent.parent
FRAMES = 900
FRAME_BYTES = 32_768
"""Together under what one group may hold in the library's cache, 1024 frames and 32 MiB."""
_SECONDS = 14.0
_DOWN, _UP, _TRACK = "bulk/down", "bulk/up", "bytes"


def packed_page(folder: Path) -> Path:
    """bench/parts/bulk.js with the library in one file. RuntimeError without the web environment."""
    out = folder / "bulk.js"
    packer = ROOT / "web" / "node_modules" / ".bin" / "rolldown"
    done = subprocess.run(
        [str(packer), str(ROOT / "bench" / "parts" / "bulk.js"), "--format", "iife", "-o", str(out)],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"bulk.js cannot be packed; is `make setup` done? {done.stderr.strip()[-300:]}")
    return out


async def relay(address: str) -> None:
    """Serve until standard input ends."""
    origin = moq.OriginProducer(cache_capacity_bytes=256 * 1024 * 1024)
    async with moq.Server(f"{address}:0", tls_generate=[address], publish=origin, subscribe=origin) as server:
        serving = asyncio.create_task(_accept(server))
        broadcast = origin.create_broadcast(_DOWN)
        track = broadcast.publish_track(_TRACK, moq.TrackInfo())
        group = track.append_group()
        payload = os.urandom(FRAME_BYTES)
        for number in range(FRAMES):
            group.write_frame(payload, number * 1000)
        group.finish()
        broadcast.announce()
        _say({"url": f"https://{server.local_addr}/line", "fingerprint": server.cert_fingerprints()[0]})
        taking = asyncio.create_task(_take(await origin.consume().announced_broadcast(_UP)))
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        for task in (taking, serving):
            task.cancel()
        await asyncio.gather(taking, serving, return_exceptions=True)
        track.finish()


async def _accept(server: moq.Server) -> None:
    sessions = []
    async for request in server:
        sessions.append(await request.accept())


async def take(url: str, fingerprint: str) -> None:
    client = moq.Client(
        url,
        tls_fingerprints=[fingerprint],
        websocket_enabled=False,
        reconnect=False,
        publish=moq.OriginProducer(),
        subscribe=moq.OriginProducer(cache_capacity_bytes=256 * 1024 * 1024),
    )
    async with client:
        await _take(await client.announced_broadcast(_DOWN))


async def _take(broadcast: Any) -> None:
    arrivals: list[tuple[float, int]] = []
    begin = time.monotonic()

    async def read() -> None:
        nonlocal begin
        async for group in await broadcast.subscribe_track(_TRACK):
            async for frame in group:
                if not arrivals:
                    begin = time.monotonic()
                arrivals.append((round(time.monotonic() - begin, 4), len(frame.payload)))

    # A line that loses much may be in the middle of a frame: whatever came until then counts.
    with contextlib.suppress(TimeoutError, moq.Error):
        await asyncio.wait_for(read(), _SECONDS)
    _say({"arrivals": arrivals})


def _say(told: dict[str, Any]) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    asyncio.run(relay(sys.argv[2]) if sys.argv[1] == "relay" else take(sys.argv[2], sys.argv[3]))
