"""Draws a talking person: two looks, one hand.

The parts are drawn once (`torso`, `head`, `features`), and a picture is put together from them: a wall with
shoulders at one of a few heights of breath, and a head whose face is pasted a little off its middle to
turn, then tilted and moved as a whole. Mouths and eyes are drawn when first needed and kept.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from PIL import Image

from vivavoce.line.sources import features, gesture, head, looks, studio, torso

__all__ = ["Person"]

_BREATHS: Final = 9
_MOUTHS: Final = 8
_SPREADS: Final = 4
_LIDS: Final = 5
_FINE: Final = 2
"""A head is put together twice as large as it is shown, so that moving it does not blur it."""


class Person:
    """One drawn side.

    side: `north` or `south`, which decides the look and the turns. name: what stands in the picture.
    width, height: pixels, 16 to 9, at least 160 by 90. Making one takes about half a second.
    """

    def __init__(self, side: str, name: str, width: int = 640, height: int = 360) -> None:
        self._side = side
        self._look = looks.LOOKS[side]
        self._scale = width / 640
        self._size = (width, height)
        self._clock = studio.ClockFace(self._scale)
        wall = studio.wall(self._look, width, height, name)
        body = torso.shoulders(self._look, self._scale)
        self._breaths = [self._breath(wall, body, step / (_BREATHS - 1)) for step in range(_BREATHS)]
        fine = self._scale * _FINE
        self._behind = head.back_hair(self._look, fine)
        self._behind.alpha_composite(head.face(self._look, fine))
        self._front = head.front(self._look, fine)
        self._front_box = self._front.getbbox() or (0, 0, 1, 1)
        self._front = self._front.crop(self._front_box)
        self._hair = head.hair(self._look, fine)
        self._brows = [features.brow(self._look, fine, way=way) for way in (-1, 1)]
        self._eye = lru_cache(maxsize=256)(self._drawn_eye)
        self._mouth = lru_cache(maxsize=128)(self._drawn_mouth)

    def draw(self, at_us: int) -> Image.Image:
        """The picture (RGB) at a Unix microsecond, which its clock shows in UTC."""
        now = gesture.pose(self._side, at_us)
        picture = self._breaths[round(now.breath * (_BREATHS - 1))].copy()
        placed, corner = self._placed(self._head(now), now)
        picture.paste(placed, corner, placed)
        self._clock.draw(picture, at_us)
        return picture

    def _breath(self, wall: Image.Image, body: Image.Image, share: float) -> Image.Image:
        picture = wall.copy()
        lifted = body.transform(
            self._size,
            Image.Transform.AFFINE,
            (1, 0, 0, 0, 1, (2.4 * share) * self._scale),
            Image.Resampling.BILINEAR,
        )
        picture.alpha_composite(lifted)
        return picture.convert("RGB")

    def _head(self, now: gesture.Pose) -> Image.Image:
        fine = self._scale * _FINE
        whole = self._behind.copy()
        right, down = round(now.turn * fine), round(now.nod * fine)

        def put(part: Image.Image, x: float, y: float) -> None:
            corner = (
                round((x - looks.HEAD_LEFT) * fine) + right,
                round((y - looks.HEAD_TOP) * fine) + down,
            )
            whole.alpha_composite(part, corner)

        lids = round(now.closed * (_LIDS - 1))
        eye = self._eye(lids, round(now.aside * 3), round(now.down * 2))
        for (x, y), brow in zip(looks.EYES_AT, self._brows, strict=True):
            put(eye, x - 26, y - 18)
            put(brow, x - 26, y - 29.5 - now.brow)
        x, y = looks.MOUTH_AT
        put(self._mouth(round(now.opened * _MOUTHS), round(now.spread * _SPREADS)), x - 40, y - 24)
        whole.alpha_composite(self._front, (self._front_box[0] + right, self._front_box[1] + down))
        whole.alpha_composite(self._hair)
        return whole

    def _placed(self, whole: Image.Image, now: gesture.Pose) -> tuple[Image.Image, tuple[int, int]]:
        """The head tilted about its neck and reduced, and its corner in the picture."""
        width, height = round(looks.HEAD_WIDTH * self._scale), round(looks.HEAD_HEIGHT * self._scale)
        turn = math.radians(now.tilt)
        cos, sin = math.cos(turn), math.sin(turn)
        pivot_x, pivot_y = width / 2, height * 0.94
        shift_x, shift_y = now.head_x * self._scale, now.head_y * self._scale
        x0 = pivot_x - cos * (pivot_x + shift_x) - sin * (pivot_y + shift_y)
        y0 = pivot_y + sin * (pivot_x + shift_x) - cos * (pivot_y + shift_y)
        f = _FINE
        matrix = (cos * f, sin * f, x0 * f, -sin * f, cos * f, y0 * f)
        placed = whole.transform((width, height), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
        return placed, (
            round((200 + looks.HEAD_LEFT) * self._scale),
            round((looks.HEAD_TOP - 8) * self._scale),
        )

    def _drawn_eye(self, lids: int, aside: int, down: int) -> Image.Image:
        return features.eye(
            self._look, self._scale * _FINE, closed=lids / (_LIDS - 1), aside=aside / 3, down=down / 2
        )

    def _drawn_mouth(self, opened: int, spread: int) -> Image.Image:
        return features.mouth(
            self._look, self._scale * _FINE, opened=opened / _MOUTHS, spread=spread / _SPREADS
        )
