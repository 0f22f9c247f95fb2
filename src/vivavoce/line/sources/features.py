"""What moves in a drawn face: eyes, brows, mouth, each on a patch of its own."""

from __future__ import annotations

from PIL import Image

from vivavoce.line.sources.ink import Ink, Points, mix
from vivavoce.line.sources.looks import Look

__all__ = ["brow", "eye", "mouth"]


def eye(look: Look, scale: float, *, closed: float, aside: float, down: float) -> Image.Image:
    """One eye on a patch of 52 by 36 units around its middle. closed: 0 open to 1 shut. aside, down: where it
    looks, -1 to 1."""
    ink = Ink(52, 36, scale, left=-26, top=-18)
    dark = mix(look.skin, (40, 6, 4), 0.7)
    top, bottom = 8.6 * (1 - closed) - 2.4 * closed, 6.4 - 1.5 * closed
    lids: Points = [
        (-17, 1.5),
        (-9, -top * 0.82),
        (0, -top),
        (9, -top * 0.82),
        (17, 1.5),
        (9, bottom * 0.9),
        (0, bottom),
        (-9, bottom * 0.9),
    ]
    if closed < 0.9:
        inside = ink.mask(lids)
        ink.shape(lids, (244, 240, 236))
        ink.oval(0, -top, 17, 5, (*mix(look.skin, (20, 10, 30), 0.7), 120), blur=2.2, within=inside)
        x, y = aside * 5.5, -1 + down * 3
        ink.oval(x, y, 7.6, 7.6, mix(look.iris, (0, 0, 0), 0.5), within=inside)
        ink.oval(x, y, 6.6, 6.6, look.iris, within=inside)
        ink.oval(x, y + 2, 4.6, 3.6, (*mix(look.iris, (255, 240, 190), 0.4), 150), blur=1.2, within=inside)
        ink.oval(x, y, 3.3, 3.3, (14, 10, 12), within=inside)
        ink.oval(x + 2.4, y - 2.6, 1.7, 1.7, (255, 255, 255), within=inside)
        ink.oval(x - 2.4, y + 2.4, 0.9, 0.9, (255, 255, 255, 150), within=inside)
    else:
        ink.shape(lids, mix(look.skin, (60, 10, 0), 0.12))
    heavy = 2.9 if look.hair_cut == "bob" else 2.2
    ink.line(
        [(-17.5, 2), (-9, -top * 0.82), (0, -top), (9, -top * 0.82), (17.5, 2)],
        heavy,
        mix(dark, (10, 4, 4), 0.6),
    )
    ink.line(
        [(-14, -top * 0.5 - 5), (-6, -top - 3.6), (6, -top - 3.6), (14, -top * 0.5 - 5)],
        1.2,
        (*dark, 120),
        blur=0.5,
    )
    ink.line([(-12, bottom * 0.8), (0, bottom + 0.6), (12, bottom * 0.8)], 1, (*dark, 110), blur=0.3)
    return ink.image()


def brow(look: Look, scale: float, *, way: int) -> Image.Image:
    """One eyebrow on a patch of 52 by 20 units. way: -1 the left in the picture, 1 the right."""
    ink = Ink(52, 20, scale, left=-26, top=-10)
    colour = mix(look.hair, (0, 0, 0), 0.3)
    if look.hair_cut == "bob":
        ink.line(
            [(way * x, y) for x, y in ((-15, 1), (-4, -2), (8, -2.8), (18, 1.8))],
            2.8,
            (*colour, 225),
            blur=0.4,
        )
        ink.line([(way * x, y) for x, y in ((-15, 1.2), (-6, -1), (4, -2))], 3.4, (*colour, 170), blur=0.8)
    else:
        ink.line(
            [(way * x, y) for x, y in ((-15, 2.4), (-4, -1.6), (8, -2.4), (19, 2))],
            5,
            (*colour, 225),
            blur=0.7,
        )
    return ink.image()


def mouth(look: Look, scale: float, *, opened: float, spread: float) -> Image.Image:
    """The mouth on a patch of 80 by 56 units around its middle. opened: 0 to 1. spread: -1 round, 1 wide."""
    ink = Ink(80, 56, scale, left=-40, top=-24)
    half = 21 + 5 * spread - 2.6 * opened
    gap = 15 * opened
    rise = 2.2 + 2.2 * max(spread, 0) * (1 - opened)
    upper = 4.4 if look.hair_cut == "bob" else 3.4
    lower = 5.6 if look.hair_cut == "bob" else 4.6
    top, bottom = -gap * 0.3, gap * 0.7
    lip, deep = look.lips, mix(look.lips, (40, 0, 0), 0.35)
    hollow: Points = [
        (-half + 3, -rise),
        (-half * 0.5, top - 0.6),
        (0, top),
        (half * 0.5, top - 0.6),
        (half - 3, -rise),
        (half * 0.55, bottom * 0.86),
        (0, bottom + 0.3),
        (-half * 0.55, bottom * 0.86),
    ]
    ink.shape(
        [
            (-half, -rise),
            (-half * 0.42, top - upper),
            (-4, top - upper - 0.8),
            (0, top - upper + 0.7),
            (4, top - upper - 0.8),
            (half * 0.42, top - upper),
            (half, -rise),
            (half * 0.5, top + 1.4),
            (0, top + 1.6),
            (-half * 0.5, top + 1.4),
        ],
        deep,
    )
    ink.shape(
        [
            (-half, -rise),
            (-half * 0.55, bottom * 0.84 - 0.8),
            (0, bottom - 0.8),
            (half * 0.55, bottom * 0.84 - 0.8),
            (half, -rise),
            (half * 0.6, bottom + lower * 0.72),
            (0, bottom + lower),
            (-half * 0.6, bottom + lower * 0.72),
        ],
        lip,
    )
    ink.oval(0, bottom + lower * 0.5, half * 0.4, 1.3, (*mix(lip, (255, 255, 255), 0.5), 120), blur=1)
    ink.oval(0, bottom + lower + 3.5, half * 0.5, 2, (*mix(look.skin, (50, 8, 4), 0.5), 90), blur=2)
    if gap > 1.2:
        inside = ink.mask(hollow)
        ink.shape(hollow, (58, 18, 22))
        if gap > 4:
            ink.oval(0, bottom + 1, half * 0.5, gap * 0.32, (186, 84, 84), blur=0.8, within=inside)
        ink.shape(
            [
                (-half * 0.66, top - 4),
                (0, top - 4),
                (half * 0.66, top - 4),
                (half * 0.6, top + gap * 0.22),
                (0, top + gap * 0.27),
                (-half * 0.6, top + gap * 0.22),
            ],
            (246, 242, 234),
            within=inside,
        )
    else:
        ink.line(
            [(-half + 0.5, -rise), (-half * 0.5, 0.2), (0, 0.6), (half * 0.5, 0.2), (half - 0.5, -rise)],
            1.5,
            mix(deep, (20, 0, 0), 0.5),
        )
    for way in (-1, 1):
        ink.line(
            [(way * (half - 0.6), -rise + 0.4), (way * (half + 1.4), -rise - 0.8)],
            1.4,
            (*mix(deep, (20, 0, 0), 0.4), 170),
            blur=0.4,
        )
    return ink.image()
