"""Promise: both languages conclude the same of the same files (docs/formats/record.md, evidence.md)."""

from __future__ import annotations

import filecmp
import json
from pathlib import Path
from typing import Any

import pytest
from tools.vectors import records as written

from tests.vectors import load
from vivavoce.record.verify import verify
from vivavoce.record.verify_mp4 import verify_mp4

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("vector", load("record"))
def test_what_is_concluded(vector: Any, tmp_path: Path) -> None:
    folder = tmp_path / "k7m2xq4vw9"
    files = vector["input"]["files"]
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(bytes.fromhex(data))
    judged = verify(folder) if "record.json" in files else verify_mp4(folder / next(iter(files)))
    assert json.loads(json.dumps(judged.to_json())) == vector["output"]


def test_the_vectors_are_what_their_program_writes(tmp_path: Path) -> None:
    written.write(tmp_path)
    here = ROOT / "vectors" / "record"
    names = sorted(path.name for path in tmp_path.glob("*.json"))
    assert names == sorted(path.name for path in here.glob("*.json"))
    assert filecmp.cmpfiles(here, tmp_path, names, shallow=False) == (names, [], [])
