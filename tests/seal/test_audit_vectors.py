"""Promise: both languages find the same of what was kept (docs/formats/audit.md)."""

from __future__ import annotations

import filecmp
from pathlib import Path
from typing import Any

import pytest
from tools.vectors import audits as written

from tests.vectors import load

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("vector", load("audit"))
def test_what_is_found(vector: Any) -> None:
    assert written.judged(vector["input"]) == vector["output"]


def test_the_vectors_are_what_their_program_writes(tmp_path: Path) -> None:
    written.write(tmp_path)
    here = ROOT / "vectors" / "audit"
    names = sorted(path.name for path in tmp_path.glob("*.json"))
    assert names == sorted(path.name for path in here.glob("*.json"))
    assert filecmp.cmpfiles(here, tmp_path, names, shallow=False) == (names, [], [])
