"""Where the processor goes with two sides and one viewer, and how much of it the pages' main threads take.

    python bench/main_thread.py               five windows of six seconds
    python bench/main_thread.py --threads     every thread that took half a percent of a core
    python bench/main_thread.py --json        one JSON object

- Two stage pages on air and an audience page with its sound on, each in a browser of its own, and a host that
  records. Nothing of this program runs in the pages: no camera that paints, no reading of pixels. Chromium's
  own stand-in devices give the picture (a file of fine motion, 640x360 at 30 a second) and the sound.
- A share is processor time of the kernel's count in a window, divided by the window: 100 % is one core whole.
  A page's main thread is the first thread of its renderer process. What the browser says itself of its tasks
  (Performance.getMetrics) stands beside it.
- The browsers have no graphics processor here: what a real one does for drawing is in "gpu process".
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import CDPSession, Page  # noqa: E402
from tests.browser.chromium import Chromium, chromium  # noqa: E402

from bench.parts.figures import Headroom, machine, table  # noqa: E402
from bench.parts.pages import GRAIN, RATE, SIZE, go_on_air, host_of  # noqa: E402
from bench.parts.processes import MAIN, spent, threads  # noqa: E402

LIMIT = 0.25
"""Of a core, for the main thread of a page."""
LOOP_PICTURES = 60
_METRICS = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


def motion(path: Path) -> None:
    """A camera's file: moving noise over a gradient, as strong as the test camera's."""
    width, height = SIZE
    random = np.random.default_rng(1)
    noise = random.integers(0, 256, (height, 2 * width)).repeat(2, axis=0)[:height]
    ground = np.linspace(60, 140, width)[None, :].repeat(height, axis=0)
    chroma = np.full((height // 2, width // 2), 128, np.uint8).tobytes() * 2
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{RATE}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(LOOP_PICTURES):
            moved = noise[:, number * 2 % width : number * 2 % width + width]
            luma = (ground * (1 - GRAIN) + moved * GRAIN).astype(np.uint8)
            file.write(b"FRAME\n" + luma.tobytes() + chroma)


class Opened:
    """A page in a browser of its own, and that browser's process."""

    def __init__(self, browsers: Chromium, name: str, camera: Path, **options: Any) -> None:
        self.name = name
        before = _browsers()
        context = browsers.context(
            own_camera=True,
            audible=True,
            arguments=[f"--use-file-for-fake-video-capture={camera}"],
            **options,
        )
        self.roots = sorted(_browsers() - before)
        self.page: Page = context.new_page()
        self._metrics: CDPSession = context.new_cdp_session(self.page)
        self._metrics.send("Performance.enable")

    def metrics(self) -> dict[str, float]:
        told = self._metrics.send("Performance.getMetrics")["metrics"]
        return {one["name"]: float(one["value"]) for one in told if one["name"] in _METRICS}


def _browsers() -> set[int]:
    """The browsers that run under this program: the first process of each."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            command = process.cmdline()
            if command and "chrom" in Path(command[0]).name and not any("--type=" in one for one in command):
                found.add(process.pid)
    return found


def window(
    pages: list[Opened], host: int, seconds: float
) -> tuple[dict[tuple[str, int, str], float], dict[str, dict[str, float]], float]:
    """Shares of a core by role, process and thread; the browsers' own metrics by page; headroom."""
    roots = {one.name: one.roots for one in pages} | {"host": [host]}
    told = {one.name: one.metrics() for one in pages}
    headroom, began, before = Headroom.start(), time.monotonic(), threads(roots)
    time.sleep(seconds)
    after, passed = threads(roots), time.monotonic() - began
    idle = headroom.stop()
    shares = {key: value / passed for key, value in spent(before, after).items()}
    metrics = {
        one.name: {name: (value - told[one.name][name]) / passed for name, value in one.metrics().items()}
        for one in pages
    }
    return shares, metrics, idle


def run(options: argparse.Namespace) -> dict[str, Any]:
    windows = []
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        camera = folder / "motion.y4m"
        motion(camera)
        browsers = stack.enter_context(chromium(folder / "artefacts"))
        host = stack.enter_context(host_of(None, folder / "host"))
        facts = host.new_discussion(title="Main threads")
        north, south = (Opened(browsers, name, camera) for name in ("north's stage", "south's stage"))
        audience = Opened(browsers, "audience", camera, width=1440, height=900)
        for stage, side in zip((north, south), facts["sides"], strict=True):
            go_on_air(stage.page, side["stage_url"])
        audience.page.goto(facts["audience_url"])
        audience.page.get_by_role("button", name="Turn on the sound").click()
        audience.page.wait_for_timeout(options.warm * 1000)
        pages = [north, south, audience]
        for _ in range(options.rounds):
            windows.append(window(pages, host.process.pid, options.seconds))
        size = audience.page.evaluate(_SIZES)
    return {"showed": size, **summary(windows, [one.name for one in pages])}


_SIZES = """() => {
    const found = [];
    const find = (root) => {
        for (const element of root.querySelectorAll("*")) {
            if (element.localName === "vv-side" && element.report)
                found.push(`${element.report.width}x${element.report.height} ${element.report.fps}/s`);
            if (element.shadowRoot) find(element.shadowRoot);
        }
    };
    find(document);
    return found;
}"""


def summary(
    windows: list[tuple[dict[tuple[str, int, str], float], dict[str, dict[str, float]], float]],
    pages: list[str],
) -> dict[str, Any]:
    """The middle window of everything. A page's renderer is the process of that role that took most."""
    mains: dict[str, list[float]] = {name: [] for name in pages}
    roles: dict[str, list[float]] = defaultdict(list)
    each: dict[str, list[float]] = defaultdict(list)
    for shares, _, _ in windows:
        by_role: dict[str, float] = defaultdict(float)
        by_thread: dict[str, float] = defaultdict(float)
        by_process: dict[tuple[str, int], float] = defaultdict(float)
        for (role, process, thread), share in shares.items():
            by_role[role] += share
            by_thread[f"{role}: {thread}"] += share
            by_process[role, process] += share
        for name in pages:
            renderers = [key for key in by_process if key[0] == f"{name} renderer"]
            page = max(renderers, key=lambda key: by_process[key])
            mains[name].append(shares.get((*page, MAIN), 0.0))
        for role, share in by_role.items():
            roles[role].append(share)
        for name, share in by_thread.items():
            each[name].append(share)
    middle = {name: round(statistics.median(shares), 4) for name, shares in mains.items()}
    return {
        "main_threads": middle,
        "main_threads_range": {
            name: [round(min(shares), 4), round(max(shares), 4)] for name, shares in mains.items()
        },
        "limit": LIMIT,
        "under_the_limit": all(share < LIMIT for share in middle.values()),
        "the_browser_says": {
            name: {
                metric: round(statistics.median(told[name][metric] for _, told, _ in windows), 4)
                for metric in _METRICS
            }
            for name in pages
        },
        "processes": _sorted(roles, len(windows)),
        "threads": _sorted(each, len(windows)),
        "headroom": [round(of(idle for _, _, idle in windows), 2) for of in (min, max)],
    }


def _sorted(shares: dict[str, list[float]], count: int) -> dict[str, float]:
    # What was not there in a window took nothing of it.
    middle = {name: statistics.median([*each, *[0.0] * (count - len(each))]) for name, each in shares.items()}
    return {name: round(share, 4) for name, share in sorted(middle.items(), key=lambda one: -one[1]) if share}


def show(told: dict[str, Any], every: bool) -> None:
    here = told["machine"]
    print(f"{here['at']}, {here['system']}, {here['cores']} cores, load {here['load_before']}")
    print(
        f"two sides and one viewer, shares of one core; {told['rounds']} windows of {told['seconds']} s, "
        "headroom {:.0%} to {:.0%}; the audience page shows {}\n".format(
            *told["headroom"], ", ".join(told["showed"])
        )
    )
    rows: list[list[object]] = []
    for name, share in told["main_threads"].items():
        low, high = told["main_threads_range"][name]
        metrics = [f"{told['the_browser_says'][name][metric]:.1%}" for metric in _METRICS]
        rows.append([name, f"{share:.1%}", f"{low:.1%} to {high:.1%}", *metrics])
    head = ["main thread of", "middle", "range", "tasks", "script", "layout", "style"]
    print(table(head, rows))
    verdict = "all under" if told["under_the_limit"] else "NOT all under"
    print(f"{verdict} {told['limit']:.0%} of a core\n")
    print(table(["process", "core"], [[name, f"{share:.1%}"] for name, share in told["processes"].items()]))
    total = sum(told["processes"].values())
    print(f"together {total:.1%}\n")
    least = 0.005 if every else 0.03
    rows = [[name, f"{share:.1%}"] for name, share in told["threads"].items() if share >= least]
    print(table(["thread", "core"], rows))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5, help="windows")
    parser.add_argument("--seconds", type=float, default=6, help="of each window")
    parser.add_argument("--warm", type=float, default=5, help="seconds before the first one")
    parser.add_argument("--threads", action="store_true", help="also the threads that took little")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    here = machine()
    told = {"machine": here, "rounds": options.rounds, "seconds": options.seconds, **run(options)}
    if options.json:
        print(json.dumps(told))
    else:
        show(told, options.threads)


if __name__ == "__main__":
    main()
