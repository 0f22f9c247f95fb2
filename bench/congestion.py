"""Which congestion controllers run: what the embedded relay and the browser get through a line that loses.

    python bench/congestion.py                 at no loss, 1 and 3 percent
    python bench/congestion.py --loss 0 1      at these
    python bench/congestion.py --json          one JSON object

- One connection at a time over 30 ms each way and a line of 16 Mbit/s with a queue of 200 ms
  (bench/parts/path.py): the binding's relay gives to a terminal as much as goes through, then a page in
  Chromium gives to the relay.
- `Mbit/s`: what arrived in order from the third second on. `CUBIC`: what RFC 9438 gives at this loss.
  `queue`: how long packets waited before the line, on average and at the most.
- A controller that takes every loss for congestion (Reno, CUBIC) gets about what the formula says, and
  without loss fills the queue. One that measures the line (BBR) gets most of it at every loss, and keeps
  the queue short.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.chromium import chromium  # noqa: E402
from tools.setup import find_browser  # noqa: E402

from bench.parts.bulk import FRAME_BYTES, FRAMES, packed_page  # noqa: E402
from bench.parts.figures import machine, table  # noqa: E402
from bench.parts.link import Impairment  # noqa: E402
from bench.parts.path import Net, PathError  # noqa: E402
from bench.parts.windows import cubic_bits_s  # noqa: E402

BULK = [sys.executable, "-m", "bench.parts.bulk"]
PAGE = "http://localhost/bulk"
_FROM_S = 2.0
_TAKES_S = 14.0

Arrivals = list[tuple[float, int]]


def goodput(arrivals: Arrivals) -> float:
    """Bits a second from the third second on; 0 when nothing came then."""
    late = [(at, size) for at, size in arrivals if at > _FROM_S]
    return sum(size for _, size in late) * 8 / (late[-1][0] - _FROM_S) if late else 0.0


@contextlib.contextmanager
def relay(net: Net) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The embedded relay in its namespace, and where it is."""
    with subprocess.Popen(
        [*net.inside("host"), *BULK, "relay", net.address("host")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process, _line(process)
        finally:
            process.terminate()


def _line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    told: dict[str, Any] = json.loads(process.stdout.readline())
    return told


def down(net: Net, at: dict[str, str]) -> Arrivals:
    """The relay gives, a terminal takes."""
    done = subprocess.run(
        [*net.inside("side"), *BULK, "take", at["url"], at["fingerprint"]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [(float(when), int(size)) for when, size in json.loads(done.stdout)["arrivals"]]


def up(net: Net, at: dict[str, str], process: subprocess.Popen[str], folder: Path) -> Arrivals:
    """A page gives, the relay takes."""
    program = find_browser()
    if program is None:
        raise PathError("No browser is installed.")
    with chromium(folder) as browsers:
        page = browsers.context(own_camera=True, executable=net.wrapper("side", program)).new_page()
        page.route(f"{PAGE}**", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        page.goto(PAGE)
        page.add_script_tag(path=packed_page(folder))
        page.evaluate(
            "([url, fingerprint, frames, size]) => __bulkGive(url, fingerprint, frames, size)",
            [at["url"], at["fingerprint"], FRAMES, FRAME_BYTES],
        )
        page.wait_for_timeout(_TAKES_S * 1000)
        return [(float(when), int(size)) for when, size in _line(process)["arrivals"]]


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    found = []
    for percent in options.loss:
        line = Impairment(
            delay_ms=options.delay_ms,
            loss=percent / 100,
            bits_s=options.bandwidth * 1e6,
            queue_ms=options.queue_ms,
        )
        with (
            tempfile.TemporaryDirectory() as folder,
            Net(["side", "host"], {("side", "host"): line}, seed=options.seed) as net,
            relay(net) as (process, at),
        ):
            for who, link in (("relay to viewer", "host>side"), ("Chromium to relay", "side>host")):
                net.counters()
                is_down = link == "host>side"
                arrivals = down(net, at) if is_down else up(net, at, process, Path(folder))
                counted = net.counters()["links"][link]
                found.append(
                    {
                        "who": who,
                        "loss_percent": percent,
                        "mbit_s": round(goodput(arrivals) / 1e6, 2),
                        "cubic_mbit_s": round(cubic_bits_s(options.delay_ms / 500, percent / 100) / 1e6, 2)
                        if percent
                        else None,
                        "queue_ms": round(counted["waited_ms"] / max(1, counted["packets"]), 1),
                        "longest_queue_ms": round(counted["longest_wait_ms"], 1),
                        "lost": counted["lost"],
                        "dropped": counted["dropped"],
                    }
                )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--loss", type=float, nargs="+", default=[0, 1, 3], help="percent, each way")
    parser.add_argument("--delay-ms", type=float, default=30, help="each way")
    parser.add_argument("--bandwidth", type=float, default=16, help="Mbit/s")
    parser.add_argument("--queue-ms", type=float, default=200, help="the queue before the line")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    here = machine()
    try:
        found = measure(options)
    except PathError as error:
        sys.exit(str(error))
    if options.json:
        print(json.dumps({"machine": here, "line_mbit_s": options.bandwidth, "found": found}))
        return
    print(f"{here['at']}, {here['system']}, {here['cores']} cores, load {here['load_before']}")
    print(f"a line of {options.bandwidth:g} Mbit/s, {options.delay_ms:g} ms each way\n")
    names = ("who", "loss_percent", "mbit_s", "cubic_mbit_s", "queue_ms", "longest_queue_ms", "dropped")
    rows = [[one[name] if one[name] is not None else "-" for name in names] for one in found]
    print(table(["", "loss %", "Mbit/s", "CUBIC", "queue ms", "longest", "dropped"], rows))


if __name__ == "__main__":
    main()
