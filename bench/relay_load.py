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
import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.parts.crowd import BITS, FRAMES  # noqa: E402
from bench.parts.figures import Headroom, machine, table  # noqa: E402

VIEWER_PROCESSES = 2
FULL = 200
"""The viewers that the promise is about; two cores do not carry them together with their own end."""
NULL = "bare, again"


class Child:
    """A part of the crowd: what it says, and its end."""

    def __init__(self, *arguments: object) -> None:
        self.arguments = [str(one) for one in arguments]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.parts.crowd", *self.arguments],
            cwd=ROOT,
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
        hub = stack.enter_context(child("relay", "--kind", kind))
        where = hub.hears()
        at = ["--port", where["port"], "--fingerprint", where["fingerprint"]]
        side = stack.enter_context(child("publish", *at))
        side.hears()
        shares = [len(range(one, viewers, VIEWER_PROCESSES)) for one in range(min(VIEWER_PROCESSES, viewers))]
        watching = [stack.enter_context(child("view", *at, "--count", share)) for share in shares]
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
        "carried": all(one["frames_a_second"] > 0.95 * FRAMES for found in done for one in found.values()),
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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--viewers", type=int, nargs="+", default=[10, 30])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement")
    parser.add_argument("--warm", type=float, default=2, help="seconds before it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
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
