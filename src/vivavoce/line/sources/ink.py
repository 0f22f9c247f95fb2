"""Smooth shapes on a transparent layer: the drawing hand of the synthetic sides.

Everything is drawn larger and reduced, since Pillow's own edges are hard. Slow by design: it draws the
sprites once; `person` only puts them together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

__all__ = ["Colour", "Ink", "Mask", "Points", "mix"]

Colour = tuple[int, int, int] | tuple[int, int, int, int]
Points = Sequence[tuple[float, float]]

_FINE = 3
"""Drawn this many times larger; above three the eye sees no difference at 640 pixels."""


def mix(one: Colour, other: Colour, share: float) -> tuple[int, int, int]:
    """The colour `share` (0 to 1) of the way from one to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one[:3], other[:3], strict=True))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Mask:
    """A part of a layer, with the fine pixel at its corner. Small masks keep the drawing quick."""

    image: Image.Image
    left: int
    top: int

    def shift(self, path: Points) -> list[tuple[float, float]]:
        return [(x - self.left, y - self.top) for x, y in path]


class Ink:
    """A layer of `width` by `height` units; `scale` pixels a unit. (left, top) is the unit at its corner."""

    def __init__(self, width: float, height: float, scale: float, *, left: float = 0, top: float = 0) -> None:
        self._scale = scale * _FINE
        self._left, self._top = left, top
        self._size = (round(width * scale), round(height * scale))
        self._layer = Image.new("RGBA", (self._size[0] * _FINE, self._size[1] * _FINE), (0, 0, 0, 0))

    def shape(self, points: Points, colour: Colour, *, blur: float = 0, within: Mask | None = None) -> None:
        """A closed curve through the points. blur: in units. within: keep to this mask (see `mask`)."""
        self._fill(self.mask(points, blur), colour, blur, within)

    def oval(
        self,
        x: float,
        y: float,
        across: float,
        down: float,
        colour: Colour,
        *,
        blur: float = 0,
        within: Mask | None = None,
    ) -> None:
        """An ellipse around (x, y) with the half axes `across` and `down`."""
        corners = [self._pixel((x - across, y - down)), self._pixel((x + across, y + down))]
        mask = self._mask(corners, blur)
        ImageDraw.Draw(mask.image).ellipse(mask.shift(corners), fill=255)
        self._fill(mask, colour, blur, within)

    def line(
        self, points: Points, width: float, colour: Colour, *, blur: float = 0, within: Mask | None = None
    ) -> None:
        """An open curve with round ends."""
        path = [self._pixel(point) for point in _curve(points, closed=False)]
        half = width * self._scale / 2
        mask = self._mask(path, blur + width)
        draw = ImageDraw.Draw(mask.image)
        path = mask.shift(path)
        draw.line(path, fill=255, width=max(1, round(2 * half)), joint="curve")
        for x, y in path[:: max(1, len(path) - 1)]:
            draw.ellipse((x - half, y - half, x + half, y + half), fill=255)
        self._fill(mask, colour, blur, within)

    def mask(self, points: Points, blur: float = 0) -> Mask:
        """The inside of a closed curve, for `within`. blur: room to leave around it, in units."""
        path = [self._pixel(point) for point in _curve(points, closed=True)]
        mask = self._mask(path, blur)
        ImageDraw.Draw(mask.image).polygon(mask.shift(path), fill=255)
        return mask

    def image(self) -> Image.Image:
        """The finished layer, reduced to its size."""
        return self._layer.resize(self._size, Image.Resampling.BOX)

    def _fill(self, mask: Mask, colour: Colour, blur: float, within: Mask | None) -> None:
        alpha = mask.image
        if blur > 0:
            alpha = alpha.filter(ImageFilter.GaussianBlur(blur * self._scale))
        if len(colour) == 4:
            strength = colour[3]
            alpha = alpha.point([value * strength // 255 for value in range(256)])
        if within is not None:
            kept = Image.new("L", alpha.size, 0)
            kept.paste(within.image, (within.left - mask.left, within.top - mask.top))
            alpha = ImageChops.multiply(alpha, kept)
        layer = Image.new("RGBA", alpha.size, (*colour[:3], 0))
        layer.putalpha(alpha)
        self._layer.alpha_composite(layer, (mask.left, mask.top))

    def _mask(self, path: Points, room: float) -> Mask:
        """An empty mask around the path and `room` units more, within the layer."""
        more = math.ceil(2.5 * room * self._scale) + 2
        across, down = [x for x, _ in path], [y for _, y in path]
        left, top = max(0, math.floor(min(across)) - more), max(0, math.floor(min(down)) - more)
        right = min(self._layer.width, math.ceil(max(across)) + more)
        bottom = min(self._layer.height, math.ceil(max(down)) + more)
        return Mask(Image.new("L", (max(1, right - left), max(1, bottom - top)), 0), left, top)

    def _pixel(self, point: tuple[float, float]) -> tuple[float, float]:
        return (point[0] - self._left) * self._scale, (point[1] - self._top) * self._scale


def _curve(points: Points, *, closed: bool, steps: int = 12) -> list[tuple[float, float]]:
    """Centripetal enough for a face: a Catmull-Rom spline through the points."""
    count = len(points)
    if count < 3:
        return list(points)
    path: list[tuple[float, float]] = []
    for index in range(count if closed else count - 1):
        if closed:
            around = [points[(index + shift) % count] for shift in (-1, 0, 1, 2)]
        else:
            around = [points[min(max(index + shift, 0), count - 1)] for shift in (-1, 0, 1, 2)]
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = around
        for step in range(steps):
            t = step / steps
            path.append(
                (
                    0.5
                    * (
                        2 * bx
                        + (cx - ax) * t
                        + (2 * ax - 5 * bx + 4 * cx - dx) * t**2
                        + (3 * bx - ax - 3 * cx + dx) * t**3
                    ),
                    0.5
                    * (
                        2 * by
                        + (cy - ay) * t
                        + (2 * ay - 5 * by + 4 * cy - dy) * t**2
                        + (3 * by - ay - 3 * cy + dy) * t**3
                    ),
                )
            )
    if not closed:
        path.append(points[-1])
    return path
