"""What is told of samples that were falsified, and of the marks that a page made."""

from __future__ import annotations

import pytest
from bench.verdict import matched

FALSIFIED = [(10.0, "picture"), (11.2, "sound"), (12.4, "picture")]


@pytest.mark.parametrize(
    ("what", "marks", "expected"),
    [
        ("each has its mark", [(10.1, 1), (11.5, 1), (12.6, 1)], {"untold": 0, "others": 0, "most_ms": 300}),
        ("one has none", [(10.1, 1), (12.6, 1)], {"untold": 1, "others": 0, "most_ms": 200}),
        ("one came with another", [(10.1, 2), (11.5, 1), (12.6, 1)], {"untold": 0, "others": 1}),
        ("one came before any", [(9.0, 1), (10.1, 1), (11.3, 1), (12.5, 1)], {"untold": 0, "others": 1}),
        ("one took too long", [(10.5, 1), (11.3, 1), (12.5, 1)], {"within_limit": 0.667}),
        ("one that has none is not within", [(10.1, 1), (11.3, 1)], {"untold": 1, "within_limit": 0.667}),
    ],
)
def test_each_falsified_sample_has_the_first_mark_before_the_next(
    what: str, marks: list[tuple[float, int]], expected: dict[str, float]
) -> None:
    told = matched(FALSIFIED, marks, [(0.0, "hd")])
    assert {name: told[name] for name in expected} == expected, what


def test_a_picture_that_was_not_shown_needs_no_mark_and_a_sound_does() -> None:
    told = matched(FALSIFIED, [(10.1, 1)], [(0.0, "hd"), (11.0, "sd")])
    assert (told["falsified"], told["not_shown"], told["untold"]) == (2, 1, 1)
