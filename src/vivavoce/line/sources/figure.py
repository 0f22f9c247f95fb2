"""The two drawn people, in parts: what does not move (shoulders), what turns (head), what speaks (face).

Units are pixels of a 640 by 360 picture. A head has units of its own, with the face's middle at (120, 140),
and a layer that shows HEAD_WIDTH by HEAD_HEIGHT of them from (HEAD_LEFT, HEAD_TOP): no more than it
needs to move in, since every picture moves it whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from PIL import Image

from vivavoce.line.sources.ink import Colour, Ink, Points, mix

__all__ = [
    "EYES_AT",
    "HEAD_HEIGHT",
    "HEAD_WIDTH",
    "LOOKS",
    "MOUTH_AT",
    "Look",
    "back_hair",
    "brow",
    "eye",
    "face",
    "front",
    "mouth",
    "shoulders",
]

HEAD_LEFT: Final = 26
HEAD_TOP: Final = 30
HEAD_WIDTH: Final = 188
HEAD_HEIGHT: Final = 214
EYES_AT: Final = ((93.0, 139.0), (147.0, 139.0))
MOUTH_AT: Final = (120.0, 188.0)

_MIDDLE: Final = 120.0


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


def shoulders(look: Look, scale: float) -> Image.Image:
    """Neck, shirt and jacket on a whole transparent picture."""
    ink = Ink(640, 380, scale)
    deep, light = mix(look.jacket, (0, 0, 0), 0.42), mix(look.jacket, (255, 255, 255), 0.16)
    neck: Points = [(288, 170), (352, 170), (356, 226), (378, 250), (320, 300), (262, 250), (284, 226)]
    ink.shape(neck, mix(look.skin, (40, 10, 0), 0.2))
    neck_mask = ink.mask(neck)
    ink.oval(320, 196, 52, 30, (*mix(look.skin, (30, 6, 0), 0.55), 190), blur=9, within=neck_mask)
    shirt: Points = [(272, 240), (320, 262), (368, 240), (384, 300), (352, 400), (288, 400), (256, 300)]
    ink.shape(
        [(278, 232), (320, 330), (362, 232), (386, 262), (350, 400), (290, 400), (254, 262)], look.shirt
    )
    ink.shape(shirt, look.shirt)
    opening: Points = [
        (287, 222),
        (353, 222),
        (340, 252),
        (320, 268 if look.hair_cut == "short" else 284),
        (300, 252),
    ]
    ink.shape(opening, mix(look.skin, (40, 10, 0), 0.16))
    ink.shape(
        [(292, 214), (348, 214), (340, 240), (320, 256), (300, 240)],
        (*mix(look.skin, (30, 6, 0), 0.5), 150),
        blur=6,
    )
    if look.hair_cut == "short":
        for way in (-1, 1):
            collar = [(320 + way * x, y) for x, y in ((37, 218), (54, 238), (40, 282), (1, 268))]
            ink.shape(collar, mix(look.shirt, (255, 255, 255), 0.35))
            ink.line([collar[1], collar[2], collar[3]], 1.1, mix(look.shirt, (60, 70, 90), 0.42))
        ink.line([(320, 268), (320, 400)], 1.2, mix(look.shirt, (60, 70, 90), 0.4))
    else:
        for way in (-1, 1):
            ink.line(
                [(320 + way * x, y) for x, y in ((34, 224), (26, 250), (2, 290))],
                2.2,
                mix(look.shirt, (120, 104, 88), 0.35),
            )
        ink.line([(288, 236), (302, 255), (320, 262), (338, 255), (352, 236)], 1.3, (214, 188, 128))
        ink.oval(320, 265, 3.4, 4, (236, 214, 164))
    for way in (-1, 1):
        half = [
            (320 + way * x, y)
            for x, y in (
                (53, 236),
                (98, 257),
                (148, 275),
                (178, 312),
                (192, 400),
                (6, 400),
                (10, 366),
                (42, 300),
            )
        ]
        ink.shape(half, look.jacket)
        inside = ink.mask(half)
        ink.oval(320 + way * 176, 380, 48, 110, (*deep, 200), blur=22, within=inside)
        ink.oval(320 + way * 104, 270, 70, 12, (*light, 170), blur=11, within=inside)
        ink.line(
            [(320 + way * x, y) for x, y in ((136, 400), (134, 350), (128, 322))],
            1.4,
            (*deep, 180),
            within=inside,
        )
        lapel = [
            (320 + way * x, y)
            for x, y in (
                (50, 233),
                (68, 246),
                (94, 292),
                (76, 300),
                (82, 312),
                (14, 392),
                (4, 392),
                (38, 300),
            )
        ]
        ink.shape(lapel, (*deep, 130), blur=4, within=inside)
        ink.shape(lapel, mix(look.jacket, (255, 255, 255), 0.07))
        ink.line([lapel[1], (320 + way * 84, 270), lapel[2]], 1.2, (*deep, 160))
        ink.line([lapel[2], lapel[3], lapel[4]], 1.2, (*deep, 200))
        ink.line(
            [lapel[0], (320 + way * 42, 290), lapel[7], (320 + way * 22, 346), lapel[6]], 1.5, (*deep, 170)
        )
    ink.oval(404, 286, 4.4, 4.4, look.accent)
    ink.oval(403, 285, 1.7, 1.7, mix(look.accent, (255, 255, 255), 0.6))
    return ink.image()


def back_hair(look: Look, scale: float) -> Image.Image:
    """What lies behind the face: the fall of the hair and the ears."""
    ink = Ink(HEAD_WIDTH, HEAD_HEIGHT, scale, left=HEAD_LEFT, top=HEAD_TOP)
    if look.hair_cut == "bob":
        fall = [
            (120, 40),
            (164, 50),
            (190, 90),
            (194, 146),
            (196, 196),
            (182, 226),
            (160, 222),
            (120, 214),
            (80, 222),
            (58, 226),
            (44, 196),
            (46, 146),
            (50, 90),
            (76, 50),
        ]
        ink.shape(fall, mix(look.hair, (0, 0, 0), 0.3))
    for way in (-1, 1):
        x = _MIDDLE + way * 62
        if look.hair_cut == "short":
            ink.oval(x, 148, 10, 18, mix(look.skin, (60, 10, 0), 0.14))
            ink.oval(x + way * 1, 148, 5.5, 12, mix(look.skin, (60, 10, 0), 0.34), blur=1.6)
    return ink.image()


def face(look: Look, scale: float) -> Image.Image:
    """The skin with its light and shade, cheeks and beard; no features."""
    ink = Ink(HEAD_WIDTH, HEAD_HEIGHT, scale, left=HEAD_LEFT, top=HEAD_TOP)
    if look.hair_cut == "bob":
        outline: Points = [
            (120, 62),
            (158, 72),
            (178, 108),
            (178, 150),
            (168, 186),
            (146, 213),
            (120, 222),
            (94, 213),
            (72, 186),
            (62, 150),
            (62, 108),
            (82, 72),
        ]
    else:
        outline = [
            (120, 60),
            (158, 70),
            (180, 108),
            (180, 150),
            (173, 188),
            (152, 216),
            (120, 226),
            (88, 216),
            (67, 188),
            (60, 150),
            (60, 108),
            (82, 70),
        ]
    ink.shape(outline, look.skin)
    inside = ink.mask(outline)
    shade, glow = mix(look.skin, (52, 8, 6), 0.42), mix(look.skin, (255, 240, 220), 0.5)
    ink.oval(62, 150, 22, 92, (*shade, 120), blur=15, within=inside)
    ink.oval(178, 150, 22, 92, (*shade, 120), blur=15, within=inside)
    ink.oval(120, 232, 60, 16, (*shade, 140), blur=10, within=inside)
    ink.oval(120, 98, 40, 17, (*glow, 100), blur=14, within=inside)
    for way in (-1, 1):
        ink.oval(_MIDDLE + way * 28, 137, 21, 11, (*shade, 70), blur=7, within=inside)
        ink.oval(
            _MIDDLE + way * 36, 167, 17, 11, (*mix(look.skin, (224, 84, 74), 0.5), 92), blur=9, within=inside
        )
        ink.oval(_MIDDLE + way * 33, 158, 13, 6, (*glow, 70), blur=6, within=inside)
    if look.beard:
        beard = [
            (61, 146),
            (67, 164),
            (84, 176),
            (98, 172),
            (120, 169),
            (142, 172),
            (156, 176),
            (173, 164),
            (179, 146),
            (176, 190),
            (153, 220),
            (120, 231),
            (87, 220),
            (64, 190),
        ]
        ink.shape(beard, (*mix(look.hair, (40, 30, 30), 0.2), 232), blur=1.1)
        ink.shape(
            [(96, 200), (120, 195), (144, 200), (140, 219), (120, 225), (100, 219)],
            (*mix(look.hair, (235, 235, 235), 0.45), 120),
            blur=6,
        )
        for way in (-1, 1):
            ink.oval(
                _MIDDLE + way * 46,
                190,
                8,
                24,
                (*mix(look.hair, (240, 240, 240), 0.3), 80),
                blur=6,
                within=inside,
            )
    return ink.image()


def front(look: Look, scale: float) -> Image.Image:
    """Features that keep their form, and the hair before the face: nose, glasses, fringe."""
    ink = Ink(HEAD_WIDTH, HEAD_HEIGHT, scale, left=HEAD_LEFT, top=HEAD_TOP)
    shade = mix(look.skin, (60, 8, 4), 0.42)
    ink.line([(113, 138), (111, 154), (108, 163)], 2.6, (*shade, 60), blur=1.6)
    ink.oval(121, 152, 4, 13, (*mix(look.skin, (255, 244, 228), 0.6), 130), blur=3)
    ink.oval(120, 166, 11, 6.4, (*mix(look.skin, (206, 88, 66), 0.28), 150), blur=3)
    ink.line(
        [(108, 166), (111, 171), (116, 171.4), (120, 173), (124, 171.4), (129, 171), (132, 166)],
        1.8,
        (*shade, 190),
        blur=0.5,
    )
    ink.oval(119, 164, 4, 3, (*mix(look.skin, (255, 250, 240), 0.7), 120), blur=2)
    for way in (-1, 1):
        ink.line(
            [(_MIDDLE + way * x, y) for x, y in ((17, 173), (25, 183), (27, 192))],
            1.6,
            (*shade, 70 if not look.beard else 0),
            blur=1.2,
        )
    if look.glasses:
        for x, y in EYES_AT:
            rim: Points = [
                (x - 22, y - 12),
                (x, y - 15),
                (x + 22, y - 12),
                (x + 21, y + 9),
                (x, y + 15),
                (x - 21, y + 9),
            ]
            ink.shape(rim, (210, 226, 240, 20))
            ink.line([*rim, rim[0], rim[1]], 2.4, (38, 30, 34))
            ink.line([(x - 12, y - 9), (x - 16, y + 2)], 1.6, (255, 255, 255, 70), blur=0.6)
        ink.line([(114, 136), (120, 133.6), (126, 136)], 2.2, (38, 30, 34))
        for way in (-1, 1):
            ink.line([(_MIDDLE + way * 48.5, 132), (_MIDDLE + way * 61, 138)], 2.2, (38, 30, 34))
    return ink.image()


def hair(look: Look, scale: float) -> Image.Image:
    """The hair before the forehead."""
    ink = Ink(HEAD_WIDTH, HEAD_HEIGHT, scale, left=HEAD_LEFT, top=HEAD_TOP)
    light = mix(look.hair, (255, 226, 196) if look.hair_cut == "bob" else (255, 255, 255), 0.34)
    if look.hair_cut == "bob":
        fringe: Points = [
            (134, 62),
            (104, 84),
            (78, 112),
            (70, 136),
            (68, 176),
            (74, 210),
            (60, 224),
            (46, 206),
            (44, 150),
            (48, 92),
            (76, 50),
            (120, 38),
            (164, 50),
            (192, 92),
            (196, 150),
            (194, 206),
            (180, 224),
            (166, 210),
            (172, 176),
            (170, 136),
            (164, 104),
            (150, 78),
        ]
        ink.shape(fringe, look.hair)
        inside = ink.mask(fringe)
        for points in (
            [(130, 58), (92, 74), (64, 112), (56, 168)],
            [(138, 58), (166, 72), (182, 112), (185, 168)],
        ):
            ink.line(points, 7, (*light, 90), blur=4.5, within=inside)
        ink.line([(134, 42), (134, 62)], 1.4, (*mix(look.hair, (0, 0, 0), 0.5), 200), within=inside)
        for way, strands in ((-1, (0, 7, 14)), (1, (0, 7))):
            for strand in strands:
                ink.line(
                    [
                        (134 + way * (8 + strand), 50),
                        (134 + way * (44 + strand), 84 - strand),
                        (_MIDDLE + way * (58 + strand / 2), 150),
                        (_MIDDLE + way * (58 + strand / 2), 214),
                    ],
                    1,
                    (*mix(look.hair, (0, 0, 0), 0.45), 120),
                    within=inside,
                )
    else:
        cap: Points = [
            (62, 132),
            (58, 104),
            (64, 72),
            (88, 46),
            (124, 38),
            (158, 46),
            (178, 74),
            (182, 104),
            (178, 132),
            (173, 116),
            (169, 98),
            (152, 84),
            (122, 78),
            (90, 84),
            (71, 98),
            (67, 116),
        ]
        ink.shape(cap, look.hair)
        inside = ink.mask(cap)
        ink.line([(74, 84), (96, 58), (130, 50), (160, 64)], 9, (*light, 120), blur=5, within=inside)
        for way in (-1, 1):
            ink.line(
                [(_MIDDLE + way * x, y) for x, y in ((58, 84), (58, 108), (55, 130))],
                7,
                (*mix(look.hair, (240, 240, 240), 0.42), 190),
                blur=3,
                within=inside,
            )
        for start in range(0, 60, 9):
            ink.line(
                [(84 + start, 84 - start % 7), (94 + start * 1.1, 62), (110 + start * 1.1, 46)],
                0.9,
                (*mix(look.hair, (20, 16, 18), 0.5), 110),
                within=inside,
            )
    return ink.image()


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
