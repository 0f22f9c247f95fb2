"""Glass to glass with sealing and verifying on, against off, in one run.

    python bench/sealed.py                          five interleaved rounds of each, ten seconds each
    python bench/sealed.py --rounds 3 --seconds 5   sooner, and less certain
    python bench/sealed.py --json                   one JSON object

The product as `bench/glass.py` measures it. Unsealed, its pages are told that the host knows no founding
facts, as one of before seals would: the stage does not sign and the audience page does not judge; all else
is the same. Sealed is measured twice in a round: against itself it is the null run. A sealed round counts
only if its record holds seals, an unsealed one only if its has none.

Beside it, what each browser takes of a core, by its own count of all its processes: what sealing adds to a
side's, and judging one side to a viewer's. The picture's reading is in the viewer's, sealed or not.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import chromium  # noqa: E402
from tests.fakes.hosts import Host  # noqa: E402

from bench.parts.figures import machine, table  # noqa: E402
from bench.parts.pages import Product, Round, host_of, read  # noqa: E402
from bench.parts.rounds import Rounds, kinds_table, ratios_table  # noqa: E402

EVERY_MS = 4
WARM_S = 3.0
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


def counted(page: Page, painter: Page, find: str, seconds: float) -> Round:
    """As `read`, and what each browser took meanwhile, in cores."""
    pages = dict(zip(ENDS, (painter, page), strict=True))
    before = {name: used_s(one) for name, one in pages.items()}
    found = read(page, painter, find, seconds, EVERY_MS)
    lasted_s = found["ended"] - found["began"]
    return {**found, "cores": {name: (used_s(one) - before[name]) / lasted_s for name, one in pages.items()}}


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
        signed, unsigned = (Product(browsers, host, sealed=on, reading=counted) for on in (True, False))
        signing = functools.partial(measured, signed, seconds, sealed=True)
        plain = functools.partial(measured, unsigned, seconds, sealed=False)
        kinds: dict[str, Callable[[], Round]] = {
            "sealed": signing,
            "unsealed": plain,
            "sealed, again": signing,
        }
        bench.play(rounds, kinds)
    ratios = {name: bench.ratio(*pair) for name, pair in RATIOS.items()}
    told = {"seconds": seconds, "rounds": rounds, "kinds": bench.kinds(), "ratios": ratios}
    return {**told, "cores": {name: cores(bench, name) for name in bench.names}}


def cores(bench: Rounds, name: str) -> dict[str, float]:
    """Of the middle round, for each end."""
    rounds = [one["cores"] for one in bench.of(name)]
    return {end: round(statistics.median(one[end] for one in rounds), 4) for end in ENDS}


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
    rows = [[end, *(f"{kind[end]:.1%}" for kind in told["cores"].values())] for end in ENDS]
    print(table(["of a core, all processes", *told["cores"]], rows))


if __name__ == "__main__":
    main()
