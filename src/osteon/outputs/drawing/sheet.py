"""A sheet of paper to write and draw on, for outputs in PDF."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from PIL import Image

from osteon.outputs.drawing.pen import Colour

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

WIDTH: Final = 210.0
"""Of A4, mm."""

HEIGHT: Final = 297.0
"""Of A4, mm."""

TEXT: Final[Colour] = (21, 25, 31)

POINT: Final = 25.4 / 72
"""A point in mm."""


class Sheet:
    """A page measured in mm from its upper left corner, and the letters it is written in."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._font, self._size = "Helvetica", 8.0

    def letters(self, size: float, *, bold: bool = False, colour: Colour = TEXT) -> None:
        """Choose what is written from here on; the size is in points."""
        self._font, self._size = "Helvetica-Bold" if bold else "Helvetica", size
        self._canvas.setFont(self._font, size)
        self._fill(colour)

    def width(self, words: str) -> float:
        """Width of a line of text."""
        return self._canvas.stringWidth(plain(words), self._font, self._size) * POINT

    def write(self, x: float, baseline: float, words: str) -> None:
        """Write a line."""
        self._canvas.drawString(x / POINT, (HEIGHT - baseline) / POINT, plain(words))

    def rows(self, words: str, wide: float) -> list[str]:
        """A text in rows that are not wider than this."""
        rows, row = [], ""
        for word in words.split():
            if row and self.width(f"{row} {word}") > wide:
                rows.append(row)
                row = ""
            row = f"{row} {word}" if row else word
            while self.width(row) > wide and len(row) > 1:  # one word without an end
                fits = next(end for end in range(len(row) - 1, 0, -1) if end == 1 or self.width(row[:end]) <= wide)
                rows.append(row[:fits])
                row = row[fits:]
        return [*rows, row]

    def block(self, x: float, y: float, wide: float, words: str, tall: float) -> float:
        """Write a text in rows of a height; returns where it ends."""
        for row in self.rows(words, wide):
            self.write(x, y + tall / 2 + 0.3 * self._size * POINT, row)
            y += tall
        return y

    def box(self, x: float, y: float, wide: float, tall: float, colour: Colour, radius: float = 0.0) -> None:
        """Fill a rectangle."""
        self._fill(colour)
        self._canvas.roundRect(
            x / POINT, (HEIGHT - y - tall) / POINT, wide / POINT, tall / POINT, radius / POINT, stroke=0, fill=1
        )

    def pointer(self, x: float, y: float) -> None:
        """A small triangle whose tip points down to here."""
        path = self._canvas.beginPath()
        path.moveTo(x / POINT, (HEIGHT - y) / POINT)
        for across in (-1.6, 1.6):
            path.lineTo((x + across) / POINT, (HEIGHT - y + 2.8) / POINT)
        path.close()
        self._fill(TEXT)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def picture(self, image: Image.Image, x: float, y: float, wide: float, tall: float) -> None:
        """Place a picture, as JPEG."""
        from reportlab.lib.utils import ImageReader

        stream = io.BytesIO()
        image.save(stream, "JPEG", quality=90)
        stream.seek(0)
        place = (x / POINT, (HEIGHT - y - tall) / POINT, wide / POINT, tall / POINT)
        self._canvas.drawImage(ImageReader(stream), *place)

    def turn(self) -> None:
        """Begin another page."""
        self._canvas.showPage()

    def _fill(self, colour: Colour) -> None:
        self._canvas.setFillColorRGB(*(part / 255 for part in colour))


def plain(text: str) -> str:
    """A text in the letters that the fonts of every PDF reader have."""
    return text.encode("cp1252", "replace").decode("cp1252")
