"""How the two drawn people look, and where the parts of a head lie.

Units are pixels of a 640 by 360 picture. A head has units of its own, with the face's middle at (120, 140),
and a layer that shows HEAD_WIDTH by HEAD_HEIGHT of them from (HEAD_LEFT, HEAD_TOP): no more than it
needs to move in, since every picture moves it whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from vivavoce.line.sources.ink import Colour

__all__ = [
    "EYES_AT",
    "HEAD_HEIGHT",
    "HEAD_LEFT",
    "HEAD_TOP",
    "HEAD_WIDTH",
    "LOOKS",
    "MIDDLE",
    "MOUTH_AT",
    "Look",
]

HEAD_LEFT: Final = 26
HEAD_TOP: Final = 30
HEAD_WIDTH: Final = 188
HEAD_HEIGHT: Final = 214
MIDDLE: Final = 120.0
EYES_AT: Final = ((93.0, 139.0), (147.0, 139.0))
MOUTH_AT: Final = (120.0, 188.0)


@dataclass(frozen=True, slots=True)
class Look:
    """How one of the two is drawn. Colours are sRGB."""

    hair_cut: Literal["bob", "short"]
    skin: Colour
    hair: Colour
    iris: Colour
    lips: Colour
    jacket: Colour
    shirt: Colour
    accent: Colour
    wall: Colour
    beard: bool
    glasses: bool


LOOKS: Final[dict[str, Look]] = {
    "north": Look(
        "bob",
        (226, 178, 148),
        (58, 38, 32),
        (86, 100, 74),
        (178, 88, 84),
        (24, 86, 96),
        (240, 234, 222),
        (108, 196, 200),
        (26, 52, 66),
        False,
        False,
    ),
    "south": Look(
        "short",
        (168, 116, 84),
        (96, 94, 96),
        (66, 42, 28),
        (150, 84, 72),
        (106, 44, 62),
        (214, 224, 236),
        (232, 168, 118),
        (58, 38, 52),
        True,
        True,
    ),
}
