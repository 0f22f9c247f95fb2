"""Glass to glass with sealing and verifying on, against off, in one run.

    python bench/sealed.py                          five interleaved rounds of each, ten seconds each
    python bench/sealed.py --rounds 3 --seconds 5   sooner, and less certain
    python bench/sealed.py --json                   one JSON object

The product as `bench/glass.py` measures it. Unsealed, its pages are told that the host knows no founding
facts, as one of before seals would: the stage does not sign and the audience page does not judge; all else
is the same. Sealed is measured twice in a round: against itself it is the null run. A sealed round counts
only if its record holds seals, an unsealed one only if its has none.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import chromium  # noqa: E402
from tests.fakes.hosts import Host  # noqa: E402

from bench.parts.figures import machine  # noqa: E402
from bench.parts.pages import Product, Round, host_of  # noqa: E402
from bench.parts.rounds import Rounds, kinds_table, ratios_table  # noqa: E402

EVERY_MS = 4
WARM_S = 3.0
RATIOS = {
    "sealed / unsealed": ("sealed", "unsealed"),
    "null: sealed, again / sealed": ("sealed, again", "sealed"),
}


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
        signing = functools.partial(measured, Product(browsers, host), seconds, sealed=True)
        plain = functools.partial(measured, Product(browsers, host, sealed=False), seconds, sealed=False)
        kinds: dict[str, Callable[[], Round]] = {
            "sealed": signing,
            "unsealed": plain,
            "sealed, again": signing,
        }
        bench.play(rounds, kinds)
    ratios = {name: bench.ratio(*pair) for name, pair in RATIOS.items()}
    return {"seconds": seconds, "rounds": rounds, "kinds": bench.kinds(), "ratios": ratios}


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
    print(ratios_table(told["ratios"]))


if __name__ == "__main__":
    main()
