"""Run every benchmark and print the page of results: `make bench`.

    python bench/all.py            all of them, short
    python bench/all.py --long     the soak for ten minutes, the bad path for five rounds, and for an hour

What the machine does not allow is left out, and told.

Each is also a command of its own; figures are ratios or counts inside one run, since machines are noisy.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from bench.parts.path import missing  # noqa: E402

SHORT = {
    "soak.py": ["--minutes", "1"],
    "endurance.py": ["--minutes", "2"],
    "bad_path.py": ["--seconds", "6", "--rounds", "3"],
}
LONG = {"soak.py": ["--minutes", "10"]}
OVER_A_PATH = ("bad_path.py", "steps.py", "congestion.py", "endurance.py")
"""They build network namespaces, which not every machine allows."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--long", action="store_true", help="run the longer ones in full")
    options_of = LONG if parser.parse_args().long else SHORT
    load = os.getloadavg()[0]
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {load:.2f} before the first run\n")
    failed = []
    for path in sorted(HERE.glob("*.py")):
        if path.name in {"all.py", "__init__.py"}:
            continue
        if path.name in OVER_A_PATH and (lacking := missing()) is not None:
            print(f"== bench/{path.name} left out: no path can be built here, {lacking}\n", flush=True)
            continue
        options = options_of.get(path.name, [])
        print(f"== bench/{path.name} {' '.join(options)}", flush=True)
        if subprocess.run([sys.executable, str(path), *options]).returncode:
            failed.append(path.name)
        print(flush=True)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
