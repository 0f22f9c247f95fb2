"""A viewer on a slow processor: what they hear, and what they see.

    python bench/slow_viewer.py                the share of a core that is a quarter of two
    python bench/slow_viewer.py --cores 0.3    less
    python bench/slow_viewer.py --json         one JSON object

- One side on air, 640x360 at 30 a second with sound; the viewer's browser, all of its processes, gets so many
  cores (bench/parts/slowed.py). Side and host keep theirs.
- Two screens: a telephone's, whose place is filled by a small picture, and a desk's, which asks for the
  largest and falls back where the decoder cannot keep up.
- Silent is what an independent ear at the page's loudspeaker did not hear of a tone that never pauses; hidden
  is what the page itself counts as made up. The same without the slowing stands first.
- It is no telephone: its decoder, and what draws, are this machine's software.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page  # noqa: E402
from tests.browser.chromium import Chromium, chromium  # noqa: E402
from tests.fakes.hosts import Host  # noqa: E402

from bench.parts.figures import Headroom, machine, percentile, table  # noqa: E402
from bench.parts.pages import (  # noqa: E402
    REPORT,
    go_on_air,
    host_of,
    read,
    reading_context,
)
from bench.parts.slowed import missing, slowed  # noqa: E402
from bench.parts.voice import PAGE, hear, listen  # noqa: E402

SCREENS = {"telephone": (390, 844), "desk": (1440, 900)}
_BROWSERS = ("chrom",)


def run(options: argparse.Namespace) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory() as folder,
        host_of(None, Path(folder) / "data") as host,
        chromium(Path(folder) / "artefacts") as browsers,
    ):
        stage = reading_context(browsers, sound=True).new_page()
        facts = host.new_discussion(title="Slow")
        go_on_air(stage, facts["sides"][0]["stage_url"])
        found = []
        for name, size in SCREENS.items():
            for cores in (None, options.cores):
                found.append(
                    {
                        "screen": name,
                        "cores": cores,
                        **_watch(browsers, host, facts["audience_url"], stage, size, cores, options),
                    }
                )
        return {"viewers": found}


def _browser_processes() -> set[psutil.Process]:
    found = set()
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if any(part in one.name().lower() for part in _BROWSERS):
                found.add(one)
    return found


def _watch(
    browsers: Chromium,
    host: Host,
    url: str,
    stage: Page,
    size: tuple[int, int],
    cores: float | None,
    options: argparse.Namespace,
) -> dict[str, Any]:
    before = _browser_processes()
    context = reading_context(browsers, sound=True, width=size[0], height=size[1])
    page = context.new_page()
    own = sorted(_browser_processes() - before, key=lambda one: one.pid)
    with contextlib.ExitStack() as stack:
        if cores is not None:
            stack.enter_context(slowed(own, cores))
        page.goto(url)
        page.wait_for_function(
            '__vivavoceCanvas("north")?.width > 0 && __vivavoceCanvas("north").width != 300'
        )
        page.get_by_role("button", name="Turn on the sound").click()
        listen(page, call=False)
        page.wait_for_timeout(options.warm * 1000)
        headroom = Headroom.start()
        sound = hear(stage, page, options.seconds)[PAGE]
        page.evaluate('globalThis.__benchCanvas = __vivavoceCanvas("north")')
        pictures = read(page, stage, "__benchCanvas", options.seconds, 8)
        report = page.evaluate(REPORT) or {}
        idle = headroom.stop()
        context.close()
    told = report.get("sound") or {}
    return {
        "rendition": report.get("rendition"),
        "width": report.get("width"),
        "pictures_s": round(pictures["rate"], 1),
        "age_ms": round(percentile(pictures["ages"], 50)),
        "age_p99_ms": round(percentile(pictures["ages"], 99)),
        "mouth_to_ear_ms": round(statistics.median(sound["ages"])) if sound["ages"] else None,
        "silent_ms": round(sound["silent_ms"]),
        "longest_silent_ms": round(sound["longest_silent_ms"]),
        "hidden_ms": told.get("hiddenMs"),
        "headroom": round(idle, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cores", type=float, default=0.5, help="that the viewer's browser may use")
    parser.add_argument("--seconds", type=float, default=8, help="of sound, and then of pictures")
    parser.add_argument("--warm", type=float, default=6)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    lacking = missing()
    if lacking is not None:
        print(f"Left out: a processor cannot be slowed here, {lacking}.")
        return
    told = {"machine": machine(), **run(options)}
    if options.json:
        print(json.dumps(told))
        return
    rows = [
        [f"{one['screen']}, {'all' if one['cores'] is None else one['cores']} cores"]
        + [
            value if value is not None else "-"
            for name, value in one.items()
            if name not in ("screen", "cores")
        ]
        for one in told["viewers"]
    ]
    names = [name for name in told["viewers"][0] if name not in ("screen", "cores")]
    print(table(["", *(name.replace("_", " ") for name in names)], rows))


if __name__ == "__main__":
    main()
