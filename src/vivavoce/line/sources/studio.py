"""What stands around a synthetic side: the wall behind it, its name, and the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vivavoce.line.sources.ink import Ink, mix
from vivavoce.line.sources.looks import Look

__all__ = ["ClockFace", "clock_text", "wall"]

_FONTS: Final = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "Arial.ttf")


def clock_text(at_us: int) -> str:
    """UTC to the hundredth, cut and not rounded: `20:41:07.35`."""
    moment = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    return f"{moment:%H:%M:%S}.{at_us % 1_000_000 // 10_000:02d}"


def wall(look: Look, width: int, height: int, name: str) -> Image.Image:
    """The picture without the person: a quiet studio wall with a soft light, and the side's name."""
    down, across = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    light = np.exp(-(((across - 0.5) / 0.36) ** 2 + ((down - 0.36) / 0.46) ** 2))
    edge = 1 - 0.5 * ((across - 0.5) ** 2 * 2.2 + (down - 0.45) ** 2 * 1.2)
    slats = 1 + 0.035 * np.tanh(6 * np.sin(across * 2 * np.pi * 11))
    base = np.array(look.wall, dtype=np.float64)
    glow = np.array(mix(look.wall, look.accent, 0.46), dtype=np.float64)
    colour = (base * 0.7 + (glow - base * 0.7) * (0.62 * light)[..., None]) * (edge * slats)[..., None]
    grain = np.random.default_rng(7).normal(0, 0.8, (height, width, 1))
    picture = Image.fromarray(np.clip(colour + grain, 0, 255).astype(np.uint8), "RGB").convert("RGBA")
    scale = width / 640
    ink = Ink(640, 360, scale)
    ink.oval(86, 128, 34, 34, (*look.accent, 26), blur=13)
    ink.oval(560, 104, 42, 42, (*look.accent, 24), blur=15)
    ink.line([(24, 27), (24, 47)], 3, look.accent)
    picture.alpha_composite(ink.image())
    ImageDraw.Draw(picture).text(
        (34 * scale, 37 * scale), name, font=_font(name, 20 * scale), fill=(245, 245, 245, 255), anchor="lm"
    )
    return picture


class ClockFace:
    """Draws the time with digits that never shift: each has a cell of the same width."""

    def __init__(self, scale: float) -> None:
        font = ImageFont.load_default(38 * scale)
        small = ImageFont.load_default(13 * scale)
        height = round(46 * scale)
        digit = round(max(font.getlength(one) for one in "0123456789") + 1.5 * scale)
        point = round(font.getlength(":") + 4 * scale)
        self._cells = {one: _cell(one, digit, height, font) for one in "0123456789"}
        self._cells |= {one: _cell(one, point, height, font) for one in ":."}
        inner = 8 * digit + 3 * point
        label = round(small.getlength("UTC") + 10 * scale)
        pad = round(16 * scale)
        self.size = (inner + label + 2 * pad, round(54 * scale))
        plate = Ink(self.size[0] / scale, self.size[1] / scale, scale)
        right, low = self.size[0] / scale, self.size[1] / scale
        plate.line([(low / 2, low / 2), (right - low / 2, low / 2)], low - 1, (8, 12, 18, 188))
        self._plate = plate.image().resize(self.size)
        ImageDraw.Draw(self._plate).text(
            (self.size[0] - pad, 33 * scale), "UTC", font=small, fill=(190, 198, 206, 255), anchor="rm"
        )
        self._left, self._top = pad, round(4 * scale)

    def draw(self, picture: Image.Image, at_us: int) -> None:
        """Put the time onto the picture, low in its middle."""
        x = (picture.width - self.size[0]) // 2
        y = picture.height - self.size[1] - round(picture.height / 36)
        picture.paste(self._plate, (x, y), self._plate)
        x += self._left
        for one in clock_text(at_us):
            cell = self._cells[one]
            picture.paste((250, 250, 250), (x, y + self._top), cell)
            x += cell.width


def _cell(
    text: str, width: int, height: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont
) -> Image.Image:
    cell = Image.new("L", (width, height), 0)
    ImageDraw.Draw(cell).text((width / 2, height / 2), text, font=font, fill=255, anchor="mm")
    return cell


def _font(text: str, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font for Latin; for other scripts one of the system's, since Pillow's has Latin only."""
    if not text.isascii():
        for name in _FONTS:
            try:
                return ImageFont.truetype(name, size)
            except OSError:
                continue
    return ImageFont.load_default(size)
