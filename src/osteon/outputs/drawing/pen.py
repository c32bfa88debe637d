"""What the overlay picture is drawn with: text, dotted boxes, the probability scale, the colour bar."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from PIL import Image

from osteon.core.geometry import Box
from osteon.core.labels import Call
from osteon.outputs.drawing.colour import table
from osteon.outputs.numbers import number

if TYPE_CHECKING:  # most of what imports this module never draws
    from PIL import ImageDraw, ImageFont

Colour = tuple[int, int, int]

DOTS: Final = 9
"""Distance between the dots of a box, in pixels."""

GROUND: Final[Colour] = (13, 16, 21)
RULE: Final[Colour] = (46, 53, 64)
TEXT: Final[Colour] = (236, 240, 244)
QUIET: Final[Colour] = (150, 160, 172)
CALL_COLOURS: Final[dict[Call, Colour]] = {
    Call.FRACTURE: (232, 83, 74),
    Call.DOUBT: (240, 173, 62),
    Call.NO_FRACTURE: (74, 163, 168),
    Call.ABSTAIN: (128, 138, 150),
}


@cache
def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font; it has no more than Latin letters without accents."""
    from PIL import ImageFont

    return ImageFont.load_default(size)


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws on a picture; places are pixels of the picture.

    Attributes:
        picture: RGB.
        draw: on that picture.
    """

    picture: Image.Image
    draw: ImageDraw.ImageDraw

    @classmethod
    def on(cls, picture: Image.Image) -> Self:
        """One for a picture, RGB."""
        from PIL import ImageDraw

        return cls(picture, ImageDraw.Draw(picture))

    def text(
        self,
        place: tuple[float, float],
        text: str,
        size: int,
        colour: Colour = TEXT,
        anchor: str = "la",
        weight: float = 0,
    ) -> None:
        """Write a line; ``anchor`` as in Pillow, ``weight`` thickens the letters by so many pixels."""
        letters = font(size)
        self.draw.text(place, plain(text), colour, letters, anchor=anchor, stroke_width=weight, stroke_fill=colour)

    def plate(self, place: tuple[float, float], text: str, size: int, colour: Colour) -> None:
        """Write a line on an image, in dark letters on a plate of its colour: it can be read on air and on bone.

        The plate is ``plate_size`` wide and high; a dark rim separates it from a bright image.
        """
        left, top = round(place[0]), round(place[1])
        width, height = self.plate_size(text, size)
        self.draw.rectangle((left - 1, top - 1, left + width, top + height), fill=GROUND)
        self.draw.rectangle((left, top, left + width - 1, top + height - 1), fill=colour)
        self.text((left + width / 2, top + height / 2), text, size, GROUND, anchor="mm", weight=0.3)

    def plate_size(self, text: str, size: int) -> tuple[int, int]:
        """Width and height of the plate of a line, in pixels."""
        return round(self.width(text, size)) + 10, size + 5

    def badge(self, box: Box, colour: Colour) -> None:
        """A rectangle with smooth round corners; its sides lie on whole pixels."""
        from PIL import ImageDraw

        left, top, right, bottom = (round(side) for side in box)
        size = right - left, bottom - top
        mask = Image.new("L", (size[0] * 4, size[1] * 4))
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] * 4 - 1, size[1] * 4 - 1), 28, fill=255)
        self.picture.paste(colour, (left, top), mask.resize(size, Image.Resampling.BOX))

    def width(self, text: str, size: int) -> float:
        """Width of a line in pixels."""
        return self.draw.textlength(plain(text), font(size))

    def wrap(self, text: str, size: int, width: float, limit: int) -> list[str]:
        """Break a text into at most ``limit`` lines of at most ``width`` pixels; the rest becomes dots."""
        lines: list[str] = []
        for word in plain(text).split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.width(longer, size) <= width:
                lines[-1] = longer
            elif len(lines) == limit:
                lines[-1] += " ..."
                break
            else:
                lines.append(word)
        return lines

    def box(self, box: Box, colour: Colour, *, dotted: bool) -> None:
        """A rectangle two pixels thick with a dark rim; dotted for doubt, solid for definite."""
        x0, y0, x1, y1 = (round(side) for side in box)
        if not dotted:
            self.draw.rectangle((x0 - 1, y0 - 1, x1 + 1, y1 + 1), outline=GROUND, width=4)
            self.draw.rectangle((x0, y0, x1, y1), outline=colour, width=2)
            return
        along, down = spaced(x0, x1, DOTS), spaced(y0, y1, DOTS)
        dots = [(x, y) for x in along for y in (y0, y1)] + [(x, y) for y in down for x in (x0, x1)]
        for rim, fill in ((2.3, GROUND), (1.5, colour)):
            for x, y in dots:
                self.draw.ellipse((x - rim, y - rim, x + rim, y + rim), fill=fill)

    def scale(
        self, left: float, top: float, width: float, doubt: float, definite: float, probability: float | None
    ) -> None:
        """The probability from 0 to 1: three zones, both operating points with their values, and where this study lies.

        It takes 58 pixels of height; the bar begins 24 below ``top``.
        """
        bar, thick = top + 24, 10
        calls = ((0.0, doubt, Call.NO_FRACTURE), (doubt, definite, Call.DOUBT), (definite, 1.0, Call.FRACTURE))
        for low, high, call in calls:
            colour = CALL_COLOURS[call] if probability is not None else RULE
            if high > low:
                self.draw.rectangle((left + low * width, bar, left + high * width, bar + thick), fill=colour)
        for threshold in (doubt, definite):
            x = left + threshold * width
            self.draw.rectangle((x - 1, bar - 3, x + 1, bar + thick + 4), fill=TEXT)
        first, second = f"doubt {number(doubt)}", f"definite {number(definite)}"
        first_x = max(left, left + doubt * width - self.width(first, 13) + 1)
        second_x = min(left + definite * width, left + width - self.width(second, 13))
        second_x = max(second_x, first_x + self.width(first, 13) + 12)
        self.text((first_x, bar + thick + 7), first, 13, QUIET)
        self.text((second_x, bar + thick + 7), second, 13, QUIET)
        if probability is not None:
            x = left + probability * width
            self.draw.polygon(((x - 7, bar - 13), (x + 7, bar - 13), (x, bar - 2)), fill=TEXT, outline=GROUND)

    def colour_bar(self, place: tuple[float, float], width: int, doubt: float, definite: float) -> None:
        """The colours of the heat map, from an image at *doubt* to one at *definite*; laid out as ``scale`` is."""
        left, top = place
        strip = np.ascontiguousarray(np.broadcast_to(table()[np.newaxis], (11, 256, 3)))
        bar = round(top) + 24
        self.picture.paste(Image.fromarray(strip).resize((width, 11)), (round(left), bar))
        self.text((left, bar + 17), f"doubt {number(doubt)}", 13, QUIET)
        self.text((left + width, bar + 17), f"definite {number(definite)}", 13, QUIET, anchor="ra")


def spaced(first: int, last: int, step: int) -> list[float]:
    """Places from ``first`` to ``last``, both among them, evenly apart by about ``step``."""
    count = max(1, round((last - first) / step))
    return [first + (last - first) * place / count for place in range(count + 1)]


def plain(text: str) -> str:
    """A text in the letters that the font has."""
    return text.encode("ascii", "replace").decode("ascii")
