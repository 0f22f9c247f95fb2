"""A drawn head without what speaks and sees: hair, ears, skin, nose, glasses. On a layer as in `looks`."""

from __future__ import annotations

from PIL import Image

from vivavoce.line.sources.ink import Ink, Points, mix
from vivavoce.line.sources.looks import EYES_AT, HEAD_HEIGHT, HEAD_LEFT, HEAD_TOP, HEAD_WIDTH, MIDDLE, Look

__all__ = ["back_hair", "face", "front", "hair"]


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
        x = MIDDLE + way * 62
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
        ink.oval(MIDDLE + way * 28, 137, 21, 11, (*shade, 70), blur=7, within=inside)
        ink.oval(
            MIDDLE + way * 36, 167, 17, 11, (*mix(look.skin, (224, 84, 74), 0.5), 92), blur=9, within=inside
        )
        ink.oval(MIDDLE + way * 33, 158, 13, 6, (*glow, 70), blur=6, within=inside)
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
                MIDDLE + way * 46,
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
            [(MIDDLE + way * x, y) for x, y in ((17, 173), (25, 183), (27, 192))],
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
            ink.line([(MIDDLE + way * 48.5, 132), (MIDDLE + way * 61, 138)], 2.2, (38, 30, 34))
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
                        (MIDDLE + way * (58 + strand / 2), 150),
                        (MIDDLE + way * (58 + strand / 2), 214),
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
                [(MIDDLE + way * x, y) for x, y in ((58, 84), (58, 108), (55, 130))],
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
