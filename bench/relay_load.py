"""What the relay with us around it costs, against the bare one of the binding, feeding many viewers.

    python bench/relay_load.py                     10 and 30 viewers, five interleaved rounds of each
    python bench/relay_load.py --viewers 200       as many as told, where the machine carries them
    python bench/relay_load.py --json              one JSON object

- One side publishes a picture and a voice, 1.1 Mbit/s together, 30 pictures and 100 packets a second, a group
  of its own for each packet, as a stage page does. Every viewer subscribes to both. Over loopback, encrypted.
- Ours: `vivavoce.line.relay.Relay` in a process of its own: gates, private origins, every sample checked and
  copied; no recorder. Bare: `moq.Server` with one origin for all, in a process that does nothing else.
- The figure is the relay process's own processor time in the window. A round measures bare, ours, and bare
  again, which is the null run. Publisher and viewers are other processes; viewers take every group,
  and only the first of each process looks at what is in it.
- Delivered is what went over loopback in the window by the kernel's count, in bitrates of all viewers: when
  the kinds differ in it, the machine did not carry the load and the ratio means nothing.
- 200 viewers and the relay do not fit two cores. What 200 would give is told from the straight line through
  two loads, which the relay's work follows.
- Left out: HTTP, the recorder, the exporters of `vivavoce serve`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import moq
import psutil
import structlog

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.fakes.line import DISCUSSION, AuthorityTwin, grant  # noqa: E402
from tests.line.parts import CLOCK, PICTURE, SOUND, certificate  # noqa: E402

from bench.parts.figures import Headroom, machine, table  # noqa: E402
from vivavoce.line.publish import Publisher  # noqa: E402
from vivavoce.line.relay import Relay  # noqa: E402

PATH = f"{DISCUSSION}/north"
PICTURES, PICTURE_BYTES, GROUP = 30, 4_170, 60
PACKETS, PACKET_BYTES = 100, 120
"""A second; Opus in packets of 10 ms, as the pages send it."""
BITS = (PICTURES * PICTURE_BYTES + PACKETS * PACKET_BYTES) * 8
"""1.1 Mbit/s before QUIC puts its own on top."""
VIEWER_PROCESSES = 2
FULL = 200
"""The viewers that the promise is about; two cores do not carry them together with their own end."""
STAGGER_S = 0.01
NULL = "bare, again"


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


class Child:
    """This program in another part: what it says, and its end."""

    def __init__(self, *arguments: object) -> None:
        self.arguments = [str(one) for one in arguments]
        self.process = subprocess.Popen(
            [sys.executable, __file__, *self.arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hears(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(self.arguments)} ended before it said anything")
        return dict(json.loads(line))

    def tell(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write("\n")
            self.process.stdin.flush()

    def end(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.process.communicate(timeout=None if self.process.poll() is not None else 10)


@contextlib.contextmanager
def child(*arguments: object) -> Iterator[Child]:
    one = Child(*arguments)
    try:
        yield one
    finally:
        try:
            one.end()
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()


def measure(kind: str, viewers: int, seconds: float, warm_s: float) -> dict[str, float]:
    """Processor seconds a second of a relay that feeds so many."""
    with contextlib.ExitStack() as stack:
        hub = stack.enter_context(child("--part", "relay", "--kind", kind))
        where = hub.hears()
        at = ["--port", where["port"], "--fingerprint", where["fingerprint"]]
        side = stack.enter_context(child("--part", "publish", *at))
        side.hears()
        shares = [len(range(one, viewers, VIEWER_PROCESSES)) for one in range(min(VIEWER_PROCESSES, viewers))]
        watching = [stack.enter_context(child("--part", "view", *at, "--count", share)) for share in shares]
        for one in watching:
            one.hears()
        time.sleep(warm_s)
        process = psutil.Process(hub.process.pid)
        sent = psutil.net_io_counters(pernic=True)["lo"].bytes_sent
        headroom, began, before = Headroom.start(), time.monotonic(), process.cpu_times()
        time.sleep(seconds)
        after, passed = process.cpu_times(), time.monotonic() - began
        idle = headroom.stop()
        sent = psutil.net_io_counters(pernic=True)["lo"].bytes_sent - sent
        for one in watching:
            one.tell()
        frames = [one.hears()["frames_a_second"] for one in watching]
        memory = process.memory_info().rss
        side.tell()
        hub.tell()
    return {
        "core": (after.user + after.system - before.user - before.system) / passed,
        "user": (after.user - before.user) / passed,
        "system": (after.system - before.system) / passed,
        "delivered": sent * 8 / passed / ((viewers + 1) * BITS),
        "frames_a_second": min(frames),
        "headroom": idle,
        "memory_mb": memory / 1e6,
    }


def rounds(viewers: int, options: argparse.Namespace) -> dict[str, Any]:
    kinds = {"bare": "bare", "ours": "ours", NULL: "bare"}
    done: list[dict[str, dict[str, float]]] = []
    for number in range(options.rounds):
        names = list(kinds)
        turn = number % len(names)
        found = {}
        for name in names[turn:] + names[:turn]:
            found[name] = measure(kinds[name], viewers, options.seconds, options.warm)
            one = found[name]
            print(
                f"{viewers} viewers, round {number + 1} {name}: {one['core']:.3f} cores, "
                f"delivered {one['delivered']:.2f}, {one['frames_a_second']:.0f} frames/s, "
                f"headroom {one['headroom']:.0%}",
                file=sys.stderr,
                flush=True,
            )
        done.append(found)
    ratios = {}
    for name, (over, under) in {"ours / bare": ("ours", "bare"), "null: bare / bare": (NULL, "bare")}.items():
        each = [found[over]["core"] / found[under]["core"] for found in done]
        ratios[name] = {
            "middle": round(statistics.median(each), 3),
            "range": [round(min(each), 3), round(max(each), 3)],
        }
    # Against both bare runs of the round, which halves what a disturbance of one of them does.
    each = [2 * found["ours"]["core"] / (found["bare"]["core"] + found[NULL]["core"]) for found in done]
    ratios["ours / mean of bare"] = {
        "middle": round(statistics.median(each), 3),
        "range": [round(min(each), 3), round(max(each), 3)],
    }
    return {
        "viewers": viewers,
        "kinds": {
            name: {
                figure: round(statistics.median(found[name][figure] for found in done), 3)
                for figure in done[0][name]
            }
            for name in kinds
        },
        "ratios": ratios,
        "by_round": {name: [round(found[name]["core"], 4) for found in done] for name in kinds},
        "adds_cores": round(
            statistics.median(
                found["ours"]["core"] - (found["bare"]["core"] + found[NULL]["core"]) / 2 for found in done
            ),
            4,
        ),
        "carried": all(
            one["frames_a_second"] > 0.95 * (PICTURES + PACKETS) for found in done for one in found.values()
        ),
    }


def at_many(loads: list[dict[str, Any]], viewers: int) -> dict[str, Any] | None:
    """What the ratio would be with so many viewers; None with less than two loads.

    Bare is on the straight line through the first and the last load of each round. Ours is that and what it
    added in the round, the mean of the loads: its work is for each sample of a side, not for each viewer. The
    loads' `adds_cores` show whether that holds.
    """
    if len(loads) < 2:
        return None
    few, most = loads[0], loads[-1]
    bare: list[float] = []
    ours: list[float] = []
    null: list[float] = []
    for number in range(len(few["by_round"]["bare"])):
        cores = [{name: each[number] for name, each in load["by_round"].items()} for load in (few, most)]
        means = [(one["bare"] + one[NULL]) / 2 for one in cores]
        each = (means[1] - means[0]) / (most["viewers"] - few["viewers"])
        bare.append(means[0] + (viewers - few["viewers"]) * each)
        added = statistics.mean(one["ours"] - mean for one, mean in zip(cores, means, strict=True))
        ours.append(1 + added / bare[-1])
        null.append(1 + statistics.mean(one[NULL] - one["bare"] for one in cores) / bare[-1])
    return {
        "viewers": viewers,
        "bare_cores": round(statistics.median(bare), 3),
        "ours / mean of bare": round(statistics.median(ours), 3),
        "range": [round(min(ours), 3), round(max(ours), 3)],
        "null": round(statistics.median(null), 3),
        "null_range": [round(min(null), 3), round(max(null), 3)],
    }


def show(told: dict[str, Any]) -> None:
    here = told["machine"]
    print(f"{here['at']}, {here['system']}, {here['cores']} cores, load {here['load_before']}")
    print(f"{BITS / 1e6:.2f} Mbit/s to each viewer; {told['rounds']} rounds of {told['seconds']} s\n")
    for load in told["loads"]:
        print(f"{load['viewers']} viewers")
        if not load["carried"]:
            print("The machine did not carry this load: viewers did not get every frame. No claim.")
        rows = [
            [
                name,
                kind["core"],
                kind["user"],
                kind["system"],
                kind["delivered"],
                kind["frames_a_second"],
                f"{kind['headroom']:.0%}",
                round(kind["memory_mb"]),
            ]
            for name, kind in load["kinds"].items()
        ]
        head = ["", "cores", "user", "system", "delivered", "frames/s", "headroom", "MB"]
        print(table(head, rows), end="\n\n")
        rows = [
            [name, f"{one['middle']:.3f}", "{:.3f} to {:.3f}".format(*one["range"])]
            for name, one in load["ratios"].items()
        ]
        print(table(["ratio, middle round", "", "range"], rows))
        print(f"ours adds {load['adds_cores']:.3f} cores\n")
    if (far := told["extrapolated"]) is not None:
        print(
            f"{far['viewers']} viewers, by the line through these: {far['ours / mean of bare']:.3f} "
            "({:.3f} to {:.3f}), null {:.3f} ({:.3f} to {:.3f}), bare {:.2f} cores".format(
                *far["range"], far["null"], *far["null_range"], far["bare_cores"]
            )
        )


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--viewers", type=int, nargs="+", default=[10, 30])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement")
    parser.add_argument("--warm", type=float, default=2, help="seconds before it")
    parser.add_argument("--json", action="store_true")
    # How it starts its own parts.
    parser.add_argument("--part", choices=["relay", "publish", "view"], help=argparse.SUPPRESS)
    parser.add_argument("--kind", choices=["ours", "bare"], help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--fingerprint", help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    match options.part:
        case "relay":
            asyncio.run(relay(options.kind))
            return
        case "publish":
            asyncio.run(publish(options.port, options.fingerprint))
            return
        case "view":
            asyncio.run(view(options.port, options.count))
            return
    here = machine()
    try:
        loads = [rounds(viewers, options) for viewers in sorted(set(options.viewers))]
    except RuntimeError as error:
        sys.exit(f"{error}: fewer --viewers may fit this machine")
    told = {
        "machine": here,
        "rounds": options.rounds,
        "seconds": options.seconds,
        "loads": loads,
        "extrapolated": at_many(loads, FULL),
    }
    if options.json:
        print(json.dumps(told))
    else:
        show(told)


if __name__ == "__main__":
    main()
