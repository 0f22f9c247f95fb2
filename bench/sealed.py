"""Glass to glass with sealing and verifying on, against off, in one run.

    python bench/sealed.py                          five interleaved rounds of each, ten seconds each
    python bench/sealed.py --rounds 3 --seconds 5   sooner, and less certain
    python bench/sealed.py --json                   one JSON object

The product as `bench/glass.py` measures it. Unsealed, its pages are told that the host knows no founding
facts, as one of before seals would: the stage does not sign and the audience page does not judge; all else
is the same. Sealed is measured twice in a round: against itself it is the null run. A sealed round counts
only if its record holds seals, an unsealed one only if its has none.

Then what it takes of a core: both on air at once, so that what else the machine does is the same for both.
What each browser takes is by its own count of all its processes: the difference is what sealing adds to a
side's, and judging one side to a viewer's. Which of the two goes on air first turns from round to round.

Measured once the pages are warm: in a page's first seconds its code is still being compiled.
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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import chromium  # noqa: E402
from tests.fakes.hosts import Host  # noqa: E402

from bench.parts.figures import machine, table  # noqa: E402
from bench.parts.pages import Product, Round, host_of  # noqa: E402
from bench.parts.rounds import Rounds, kinds_table, ratios_table  # noqa: E402

EVERY_MS = 4
WARM_S = 10.0
CORES_S = 25.0
RATIOS = {
    "sealed / unsealed": ("sealed", "unsealed"),
    "null: sealed, again / sealed": ("sealed, again", "sealed"),
}
ENDS = ("the side's browser", "the viewer's browser")


def used_s(page: Page) -> float:
    """Seconds of a core that all processes of a page's browser have taken."""
    browser = page.context.browser
    assert browser is not None
    session = browser.new_browser_cdp_session()
    told = session.send("SystemInfo.getProcessInfo")
    session.detach()
    return float(sum(one["cpuTime"] for one in told["processInfo"]))


def cores(signed: Product, unsigned: Product, seconds: float, *, signed_first: bool) -> Round:
    """Both on air at once. What each browser took, in cores."""
    names = {"sealed": signed, "unsealed": unsigned}
    with contextlib.ExitStack() as stack:
        pages: dict[tuple[str, str], Page] = {}
        for name in names if signed_first else reversed(names):
            _, side, viewer = stack.enter_context(names[name].on_air("What sealing takes"))
            pages |= {(ENDS[0], name): side, (ENDS[1], name): viewer}
        viewer.wait_for_timeout(WARM_S * 1000)
        began = time.monotonic()
        before = {key: used_s(page) for key, page in pages.items()}
        viewer.wait_for_timeout(seconds * 1000)
        lasted_s = time.monotonic() - began
        took = {key: (used_s(page) - before[key]) / lasted_s for key, page in pages.items()}
    return {end: {name: took[end, name] for name in names} for end in ENDS}


def added(rounds: list[Round]) -> dict[str, dict[str, float]]:
    """For each end, in cores: what each took, and what sealing adds, the mean of all rounds and its range."""
    told = {}
    for end in ENDS:
        more = [one[end]["sealed"] - one[end]["unsealed"] for one in rounds]
        both = {name: statistics.mean(one[end][name] for one in rounds) for name in ("sealed", "unsealed")}
        told[end] = {**both, "added": statistics.mean(more), "least": min(more), "most": max(more)}
    return told


def logs(host: Host) -> set[Path]:
    """The files of seals that a host has kept so far."""
    return set((host.data / "records").glob("*/*/*/seals*.log"))


def measured(product: Product, seconds: float, *, sealed: bool) -> Round:
    before = logs(product.host)
    found = product.measure(seconds, WARM_S, EVERY_MS)
    kept = bool(logs(product.host) - before)
    if kept != sealed:
        raise SystemExit(f"A round was {'sealed' if kept else 'unsealed'} that should not have been.")
    return found


def run(rounds: int, seconds: float) -> dict[str, Any]:
    bench = Rounds()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        browsers = stack.enter_context(chromium(folder / "artefacts"))
        host = stack.enter_context(host_of(None, folder / "data"))
        signed, unsigned = (Product(browsers, host, sealed=on) for on in (True, False))
        signing = functools.partial(measured, signed, seconds, sealed=True)
        plain = functools.partial(measured, unsigned, seconds, sealed=False)
        kinds: dict[str, Callable[[], Round]] = {
            "sealed": signing,
            "unsealed": plain,
            "sealed, again": signing,
        }
        bench.play(rounds, kinds)
        # As many of each order.
        orders = [number % 2 == 0 for number in range(rounds + rounds % 2)]
        at_once = [cores(signed, unsigned, CORES_S, signed_first=first) for first in orders]
    ratios = {name: bench.ratio(*pair) for name, pair in RATIOS.items()}
    told = {"seconds": seconds, "rounds": rounds, "kinds": bench.kinds(), "ratios": ratios}
    return {**told, "cores": added(at_once)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    told = {"machine": machine(), **run(options.rounds, options.seconds)}
    if options.json:
        print(json.dumps(told))
        return
    print(f"{told['machine']['cores']} cores, load {told['machine']['load_before']}; glass to glass in ms\n")
    print(kinds_table(told["kinds"]), end="\n\n")
    print(ratios_table(told["ratios"]), end="\n\n")
    columns = ("sealed", "unsealed", "added", "least", "most")
    rows = [[end, *(f"{one[column]:.1%}" for column in columns)] for end, one in told["cores"].items()]
    print(table(["of a core, both at once", *columns], rows))


if __name__ == "__main__":
    main()
