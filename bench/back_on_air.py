"""How soon a side is back: its line is cut for 1, 3 and 6 seconds, then mended.

    python bench/back_on_air.py               each three times
    python bench/back_on_air.py --json        one JSON object

A real stage page sends through a forwarder (tests/browser/forwarder.py) that drops every packet while it
is cut; its questions to the host by HTTP fail meanwhile, too. From the mending it is counted until

- the host has the first sample that arrived after it, and the first that was taken after it (the
  record's times),
- an audience page shows the first picture that was painted after it (its time code, read from pixels in
  each animation frame; without exposure and scan-out).

All of it over loopback: the path's own round trips come on top.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import chromium, through  # noqa: E402
from tests.browser.forwarder import Forwarder  # noqa: E402
from tests.fakes.hosts import serving  # noqa: E402

from bench.parts.figures import Headroom, machine, percentile, quiet, table  # noqa: E402
from bench.parts.pages import RATE, go_on_air, reading_context  # noqa: E402
from vivavoce.record.contents import open_record  # noqa: E402

OUTAGES_S = (1.0, 3.0, 6.0)
AFTERWARDS_S = 6.0


def outage(stage: Page, audience: Page, network: Forwarder, seconds: float) -> dict[str, Any]:
    """Cut and mend; when it was mended, when the audience saw a picture painted after that."""
    audience.evaluate("__benchStart(() => __benchCanvas, 0)")
    network.cut()
    stage.wait_for_timeout(seconds * 1000)
    headroom = Headroom.start()
    network.mend()
    mended_ms = time.time() * 1000
    audience.wait_for_timeout(AFTERWARDS_S * 1000)
    samples = audience.evaluate("__benchStop()")["samples"]
    idle = headroom.stop()
    audience_apart = audience.evaluate("__benchAgainstWall()")
    apart = audience_apart - stage.evaluate("__benchAgainstWall()")
    fresh = [at - audience_apart for at, age in samples if at - audience_apart - (age - apart) >= mended_ms]
    return {
        "outage_s": seconds,
        "mended_us": round(mended_ms * 1000),
        "picture_ms": fresh[0] - mended_ms if fresh else math.inf,
        "headroom": idle,
    }


def arrivals(record: Path, found: list[dict[str, Any]]) -> None:
    """Add when the host had the first sample after each mending."""
    samples = [
        (at, run.epoch_us + taken)
        for run in open_record(record).runs
        for track in run.tracks.values()
        for at, taken in zip(track.samples.received_us, track.samples.timestamp_us, strict=True)
    ]
    for one in found:
        mended = one["mended_us"]
        any_ = [at for at, _ in samples if at >= mended]
        fresh = [at for at, taken in samples if at >= mended and taken >= mended]
        one["sample_ms"] = (min(any_) - mended) / 1000 if any_ else math.inf
        one["fresh_sample_ms"] = (min(fresh) - mended) / 1000 if fresh else math.inf


def run(times: int) -> dict[str, Any]:
    here = machine()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        host = stack.enter_context(serving(folder / "data"))
        browsers = stack.enter_context(chromium(folder / "artefacts"))
        network = stack.enter_context(Forwarder(("127.0.0.1", host.port)))
        facts = host.new_discussion(title="Back on air")
        stage = reading_context(browsers).new_page()
        through(stage, network.port)

        def cut_too(route: Route) -> None:
            if network.is_cut:
                route.abort()
            else:
                route.fallback()

        stage.route("**/api/**", cut_too)
        go_on_air(stage, facts["sides"][0]["stage_url"])
        audience = reading_context(browsers, width=1440, height=900).new_page()
        audience.goto(facts["audience_url"])
        audience.wait_for_function(
            """() => {
                globalThis.__benchCanvas = __vivavoceCanvas("north");
                return __benchCanvas && __benchRead(__benchCanvas) !== null;
            }"""
        )
        found = []
        for _ in range(times):
            for seconds in OUTAGES_S:
                quiet(most_busy=0.6, patience_s=10)
                found.append(outage(stage, audience, network, seconds))
        # The pages first: they ask on, and their questions lead through this driver.
        stage.close()
        audience.close()
        host.stop()
        arrivals(host.data / "records" / facts["id"], found)
    return {"machine": here, "what": "ms from mending", "camera_a_second": RATE, "outages": found}


def _whole(ms: float) -> str:
    return f"{ms:.0f}" if math.isfinite(ms) else "not seen"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=3, help="each outage")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    told = run(options.times)
    if options.json:
        print(json.dumps(told))
        return
    here = told["machine"]
    print(f"{here['at']}, {here['system']}, {here['cores']} cores, load {here['load_before']}")
    print("ms from mending to: any sample at the host, a fresh one, a fresh picture before the audience\n")
    rows = []
    for seconds in OUTAGES_S:
        some = [one for one in told["outages"] if one["outage_s"] == seconds]
        row: list[object] = [f"cut for {seconds:g} s"]
        for key in ("sample_ms", "fresh_sample_ms", "picture_ms"):
            values = [one[key] for one in some]
            row += [_whole(percentile(values, 50)), _whole(percentile(values, 100))]
        row.append(f"{min(one['headroom'] for one in some):.0%}")
        rows.append(row)
    head = ["", "sample", "worst", "fresh", "worst", "picture", "worst", "headroom"]
    print(table(head, rows))


if __name__ == "__main__":
    main()
