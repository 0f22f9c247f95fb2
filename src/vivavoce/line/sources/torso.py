"""The part of a drawn person that only breathes: neck, shirt, jacket."""

from __future__ import annotations

from PIL import Image

from vivavoce.line.sources.ink import Ink, Points, mix
from vivavoce.line.sources.looks import Look

__all__ = ["shoulders"]


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
