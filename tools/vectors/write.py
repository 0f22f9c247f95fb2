"""Writes each vector into a file of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tools.vectors.form import configs, forms, keys, papers
from tools.vectors.leaves import frames
from tools.vectors.runs import runs
from tools.vectors.vector import Vector
from tools.vectors.verdicts import verdicts


def write(folder: Path) -> None:
    """folder: which gets one folder of files for each group."""
    groups: dict[str, Iterator[tuple[str, Vector]]] = {
        "form": forms(),
        "key": keys(),
        "config": configs(),
        "papers": papers(),
        "leaves": frames(),
        "run": runs(),
        "verdict": verdicts(),
    }
    for group, vectors in groups.items():
        (folder / group).mkdir(parents=True, exist_ok=True)
        for name, one in vectors:
            text = json.dumps(one, ensure_ascii=False)
            (folder / group / f"{name}.json").write_text(text + "\n", encoding="utf-8")
