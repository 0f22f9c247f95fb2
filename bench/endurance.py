"""An hour over a bad path: do delay, memory and lips stay where they were?

    python bench/endurance.py                  an hour at 1 % loss, 30 ms each way, 5 ms of jitter
    python bench/endurance.py --minutes 10     shorter
    python bench/endurance.py --json           one JSON object, every reading in it

- A side, a host and a viewer in network namespaces, as in bench/bad_path.py, with sound on. Every ten
  seconds: the age of the picture on the screen, read from its pixels; what the page says of its picture, its
  sound and its lips; the resident memory of the host, of each page's process and of its browser's network
  process.
- At the beginning and at the end the pages' own memory, after the browser collected its garbage: what leaks
  shows there within a minute, and in a process's only within an hour.
- What the audience page thinks of the side's seals at the end, and each mark that it made, with its minute:
  nobody touched anything, so each of them is the path's or the machine's.
- Each is given as the median of the first fifth after a warm-up of a tenth, and of the last fifth. What
  grows for ever grows between them.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.parts.apart import Apart, apart  # noqa: E402
from bench.parts.figures import Headroom, machine, percentile, table  # noqa: E402
from bench.parts.link import Impairment  # noqa: E402
from bench.parts.pages import REPORT, Product  # noqa: E402
from bench.parts.path import PathError  # noqa: E402

EVERY_S = 10.0
_AGE = """() => {
    const canvas = __vivavoceCanvas("north");
    return canvas ? __vivavoceAge(canvas) : null;
}"""
_FORGET = "async () => { await __benchHearing.said(); }"
"""What the microphone's instrument wrote down of its signal, which would grow for as long as nobody asks."""
_AGES = 5
"""Of so many pictures the age is read each time, and the middle one taken."""


_HEAP = """async () => {
    const { breakdown } = await performance.measureUserAgentSpecificMemory();
    const told = {};
    for (const { bytes, types, attribution } of breakdown) {
        if (!types.includes("JavaScript")) continue;
        const scope = attribution[0]?.scope === "Window" ? "page" : "workers";
        told[scope] = (told[scope] ?? 0) + bytes / 1e6;
    }
    return told;
}"""
_BEGINS_S = 15


class Memory:
    """Resident memory, in MB: of the host, of each browser's largest renderer, which is the page's own, and
    of its network process, by which its streams come."""

    def __init__(self, site: Apart) -> None:
        self._host = psutil.Process(site.host.process.pid)
        browsers: dict[int, list[psutil.Process]] = {}
        networks: dict[int, list[psutil.Process]] = {}
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                command = " ".join(process.cmdline())
                if "--type=renderer" in command:
                    browsers.setdefault(process.parents()[1].pid, []).append(process)
                elif "=network.mojom.NetworkService" in command:
                    networks.setdefault(process.parents()[0].pid, []).append(process)
        # The side's browser is begun before the viewer's.
        by_age = functools.partial(sorted, key=lambda pid: psutil.Process(pid).create_time())
        self._processes = {
            f"the {name}'s {what}": found[pid]
            for what, found in (("page", browsers), ("network", networks))
            for name, pid in zip(("side", "viewer"), by_age(found), strict=True)
        }

    def read(self) -> dict[str, float]:
        told = {"host": self._host.memory_info().rss / 1e6}
        for name, processes in self._processes.items():
            told[name] = max(_resident(process) for process in processes)
        return told


def _resident(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        return float(process.memory_info().rss) / 1e6
    return 0.0


def reading(stage: Page, audience: Page, memory: Memory, marks: dict[int, str]) -> dict[str, float | None]:
    """marks: by when, Unix microseconds; those that are new are added."""
    stage.evaluate(_FORGET)
    ages = []
    for _ in range(_AGES):
        ages.append(audience.evaluate(_AGE))
        audience.wait_for_timeout(70)
    seen = sorted(age for age in ages if age is not None)
    report = audience.evaluate(REPORT) or {}
    sound = report.get("sound") or {}
    for mark in (report.get("verdict") or {}).get("newest", []):
        marks[mark["atUs"]] = mark["code"]
    return {
        "picture by its pixels, ms": seen[len(seen) // 2] if seen else None,
        "picture as the page says, ms": report.get("displayDelayMs"),
        "sound as the page says, ms": report.get("loudspeakerDelayMs"),
        "lips, ms": report.get("lipSkewMs"),
        "wait of the playout, ms": sound.get("waitMs"),
        **{f"memory of {name}, MB": size for name, size in memory.read().items()},
        "hidden": sound.get("hiddenMs"),
        "silent": sound.get("silentMs"),
    }


def run(options: argparse.Namespace) -> dict[str, Any]:
    path = Impairment(delay_ms=options.delay_ms, jitter_ms=options.jitter_ms, loss=options.loss / 100)
    with (
        tempfile.TemporaryDirectory() as folder,
        apart(path, Path(folder), seed=options.seed) as site,
    ):
        product = Product(site.browsers, site.host, side=site.side, viewer=site.viewer, sound=True)
        with product.on_air("Endurance") as (_, stage, audience):
            audience.wait_for_timeout(_BEGINS_S * 1000)
            memory = Memory(site)
            began = heaps(stage, audience)
            headroom = Headroom.start()
            began_us, marks = time.time() * 1e6, dict[int, str]()
            end = time.monotonic() + options.minutes * 60
            readings: list[dict[str, float | None]] = []
            while (left := end - time.monotonic()) > 0:
                audience.wait_for_timeout(min(left, EVERY_S) * 1000)
                readings.append(reading(stage, audience, memory, marks))
            idle = headroom.stop()
            ended = heaps(stage, audience)
            verdict = (audience.evaluate(REPORT) or {}).get("verdict") or {}
    return {
        "minutes": options.minutes,
        "loss": options.loss,
        "headroom": round(idle, 2),
        "figures": {name: compared([one.get(name) for one in readings]) for name in names(readings)},
        "a_minute": {name: a_minute(readings, name) for name in ("hidden", "silent")},
        "verdict": verdict.get("state"),
        "marks": verdict.get("marks"),
        "newest_marks": [[round((at - began_us) / 60e6, 1), marks[at]] for at in sorted(marks)],
        "heaps_mb": {name: [began[name], ended.get(name)] for name in began},
        "readings": readings,
    }


def heaps(stage: Page, audience: Page) -> dict[str, float]:
    """What JavaScript holds after a collection, in MB."""
    return {
        f"{name}'s {scope}": round(size, 1)
        for name, page in (("side", stage), ("viewer", audience))
        for scope, size in page.evaluate(_HEAP).items()
    }


def names(readings: list[dict[str, float | None]]) -> list[str]:
    return [name for name in readings[-1] if "," in name]


def compared(values: list[float | None]) -> dict[str, float | None]:
    settled = values[len(values) // 10 :]
    fifth = max(1, len(settled) // 5)

    def median(of: list[float | None]) -> float | None:
        known = [one for one in of if one is not None]
        return round(statistics.median(known), 1) if known else None

    known = [one for one in settled if one is not None]
    return {
        "first": median(settled[:fifth]),
        "last": median(settled[-fifth:]),
        "p95": round(percentile(known, 95), 1) if known else None,
        "missing": sum(one is None for one in settled),
    }


def a_minute(readings: list[dict[str, float | None]], name: str) -> float | None:
    """A count's growth in ms a minute, from the tenth on."""
    known = [one[name] for one in readings[len(readings) // 10 :]]
    first, last = known[0], known[-1]
    if first is None or last is None or len(known) < 2:
        return None
    return round((last - first) / (len(known) - 1) / EVERY_S * 60, 1)


def show(told: dict[str, Any]) -> None:
    at = told["machine"]
    print(f"{at['at']}, {at['system']}, {at['cores']} cores, load {at['load_before']}")
    print(f"{told['minutes']:g} minutes at {told['loss']:g} % loss; headroom {told['headroom']:.0%}\n")
    rows = [
        [name, one["first"], one["last"], one["p95"], one["missing"]] for name, one in told["figures"].items()
    ]
    print(table(["", "first fifth", "last fifth", "p95", "not known"], rows), end="\n\n")
    print(table(["heap after collection, MB", "first", "last"], rows_of(told["heaps_mb"])), end="\n\n")
    newest = "".join(f"; {code} at minute {minute}" for minute, code in told["newest_marks"])
    print(f"the audience page thinks the side {told['verdict']}, and has made {told['marks']} marks{newest}")
    for name, value in told["a_minute"].items():
        print(f"{name}: {value} ms a minute")


def rows_of(heaps_mb: dict[str, list[float]]) -> list[list[object]]:
    return [[name, *values] for name, values in heaps_mb.items()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--delay-ms", type=float, default=30, help="of the whole path, each way")
    parser.add_argument("--jitter-ms", type=float, default=5)
    parser.add_argument("--loss", type=float, default=1, help="percent")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    here = machine()
    try:
        told = {"machine": here, **run(options)}
    except PathError as error:
        sys.exit(str(error))
    if options.json:
        print(json.dumps(told))
    else:
        show(told)


if __name__ == "__main__":
    main()
