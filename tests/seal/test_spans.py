"""Promise: what a seal may still tell of is remembered, and nobody can have a verifier remember for ever."""

from __future__ import annotations

import pytest
from tools.vectors import show

from vivavoce.seal.digest import extended, leaf, span_start
from vivavoce.seal.seal import Delta
from vivavoce.seal.spans import Spans


@pytest.mark.parametrize(
    ("waits", "groups", "forgets"),
    [(False, 10, False), (False, 40, True), (True, 40, False), (True, 5_000, True)],
)
def test_the_first_of_many_spans_is_forgotten(waits: bool, groups: int, forgets: bool) -> None:
    found: list[str] = []
    place = show.FOUNDING.digest, show.RUN_ID, 0
    config = show.HD.to_bytes()
    spans = Spans(*place, config, lambda fault: found.append(fault.code))
    spans.waits = waits
    for group in range(groups):
        one = leaf(group, 0, group, True, b"picture")
        digest = extended(span_start(*place, group, config), one)
        spans.sample(group, 0, group, one, now_us=group)
        assert spans.sealed(Delta(0, group, 1, True, digest), group, seq=group, known=not waits)
    assert found == []
    spans.sample(0, 0, 0, leaf(0, 0, 0, True, b"picture"), now_us=groups)
    assert found == (["seal.late"] if forgets else [])
