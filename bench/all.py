"""Run every benchmark and print the page of results: `make bench`.

    python bench/all.py            all of them, short
    python bench/all.py --long     the soak for its full ten minutes

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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--long", action="store_true", help="run the soak for ten minutes")
    long = parser.parse_args().long
    load = os.getloadavg()[0]
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {load:.2f} before the first run\n")
    failed = []
    for path in sorted(HERE.glob("*.py")):
        if path.name in {"all.py", "__init__.py"}:
            continue
        options = ["--minutes", "10" if long else "1"] if path.name == "soak.py" else []
        print(f"== bench/{path.name} {' '.join(options)}", flush=True)
        if subprocess.run([sys.executable, str(path), *options]).returncode:
            failed.append(path.name)
        print(flush=True)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
