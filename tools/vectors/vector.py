"""One scenario, as vectors/README.md describes it."""

from __future__ import annotations

from typing import Any

Vector = dict[str, Any]


def vector(
    about: str, source: str, given: Vector, expect: str = "ok", output: Vector | None = None
) -> Vector:
    return {"about": about, "source": f"seal.md {source}", "input": given, "expect": expect, "output": output}
