"""How soon a host is there after its command, and gone after Ctrl-C: `python bench/start.py [--times N]`.

From starting the process to the line that says where to go, and from SIGINT to its end; with a fresh data
folder and with one that was there. The interpreter's own start (`python -c pass`) stands beside it: the rest
is ours. Imports must be compiled, as `make setup` does it.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

VIVAVOCE = Path(sys.executable).with_name("vivavoce")


def once(data: Path) -> tuple[float, float]:
    """(seconds until it says where to go, seconds until it is gone)."""
    began = time.monotonic()
    command = [str(VIVAVOCE), "serve", "--data", str(data), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as host:
        assert host.stdout is not None
        try:
            said = host.stdout.readline()
            started = time.monotonic() - began
            if "http" not in said:
                sys.exit(f"the host did not start: {said!r}")
            began = time.monotonic()
            host.send_signal(signal.SIGINT)
            if host.wait(timeout=30):
                sys.exit(f"the host ended with {host.returncode}")
        finally:
            host.kill()
    return started, time.monotonic() - began


def bare() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    fresh: list[float] = []
    again: list[float] = []
    gone: list[float] = []
    pure: list[float] = []
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}")
    for _ in range(times):
        with tempfile.TemporaryDirectory() as folder:
            for kind in (fresh, again):
                started, ended = once(Path(folder) / "data")
                kind.append(started)
                gone.append(ended)
        pure.append(bare())
    for name, values in {
        "start, fresh folder": fresh,
        "start, old folder": again,
        "stop": gone,
        "python alone": pure,
    }.items():
        print(f"{name:20} {statistics.median(values):5.2f} s, worst {max(values):5.2f} s")


if __name__ == "__main__":
    main()
