"""What a controller that takes every loss for congestion gets through a line that loses at random."""

from __future__ import annotations

import math

__all__ = ["cubic_bits_s"]

_PACKET_BYTES = 1_200
_C, _BETA = 0.4, 0.7


def cubic_bits_s(round_trip_s: float, loss: float, packet_bytes: int = _PACKET_BYTES) -> float:
    """Bits a second that CUBIC averages: the greater of its own window and the Reno-friendly one.

    loss: over 0, under 1, independent from packet to packet. Does not know of a line's own speed.
    Source: RFC 9438, section 4.3 (alpha 3 * (1 - beta) / (1 + beta)) and section 5.1, equation 5.
    """
    if not 0 < loss < 1:
        raise ValueError(f"loss is {loss}; it must be between 0 and 1.")
    cubic: float = (_C * (3 + _BETA) / (4 * (1 - _BETA))) ** 0.25 * (round_trip_s / loss) ** 0.75
    reno = math.sqrt(1.5 / loss)
    return max(cubic, reno) * packet_bytes * 8 / round_trip_s
