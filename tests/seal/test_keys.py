"""Promise: the list of points of small order is the curve's, not somebody's."""

from __future__ import annotations

import itertools

import pytest

from vivavoce.errors import EvidenceError
from vivavoce.seal.keys import check_key

P = (1 << 255) - 19
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int]


def added(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    both = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + both, P - 2, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - both, P - 2, P) % P
    return x, y


def with_y(y: int) -> Point | None:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    return None if (x * x - square) % P else (x, y)


def small_order() -> set[int]:
    """The y of every multiple of a point of order eight."""
    group_order = (1 << 252) + 27742317777372353535851937790883648493
    for y in itertools.count(2):
        point = with_y(y)
        if point is None:
            continue
        torsion: Point = (0, 1)
        for bit in bin(group_order)[2:]:
            torsion = added(torsion, torsion)
            torsion = added(torsion, point) if bit == "1" else torsion
        multiples = list(itertools.accumulate([torsion] * 8, added))
        if len(set(multiples)) == 8:
            return {one for _, one in multiples}
    raise AssertionError


def test_every_point_of_small_order_is_refused_with_either_sign() -> None:
    found = small_order()
    assert len(found) == 5
    for y in found:
        for sign in (0, 1 << 255):
            with pytest.raises(EvidenceError, match=r"seal\.key"):
                check_key((y | sign).to_bytes(32, "little"))
