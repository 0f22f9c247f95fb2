"""What CUBIC averages, against the table that the standard prints."""

from __future__ import annotations

import pytest
from bench.parts.windows import cubic_bits_s


@pytest.mark.parametrize(
    ("loss", "segments"),
    [(1e-2, 12.2), (1e-3, 38.7), (1e-4, 187), (1e-5, 1054)],
    ids=["as Reno", "as Reno, still", "its own", "its own, larger"],
)
def test_the_average_window_is_the_standards(loss: float, segments: float) -> None:
    # RFC 9438, table 1: a round trip of 0.1 s.
    assert cubic_bits_s(0.1, loss) / (1_200 * 8 / 0.1) == pytest.approx(segments, rel=0.02)


@pytest.mark.parametrize("loss", [0.0, 1.0])
def test_without_loss_there_is_no_average(loss: float) -> None:
    with pytest.raises(ValueError, match="loss"):
        cubic_bits_s(0.1, loss)
