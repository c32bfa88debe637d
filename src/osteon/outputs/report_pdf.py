"""The report as a PDF of one A4 page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PIL import Image

from osteon.core.errors import OsteonError
from osteon.core.labels import Call
from osteon.core.records import Reading
from osteon.outputs.drawing import CALL_COLOURS, GROUND, Colour, number
from osteon.outputs.format import Format
from osteon.outputs.report import WARNING, Report, compose

if TYPE_CHECKING:
    from fpdf import FPDF

WIDTH: Final = 210.0
HEIGHT: Final = 297.0
MARGIN: Final = 14.0
GAP: Final = 6.0
LEAST: Final = 70.0
"""Least height of the pictures, mm: what is said below them is cut before they are."""

_FONT: Final = "Helvetica"
_TEXT: Final[Colour] = (21, 25, 31)
_QUIET: Final[Colour] = (86, 96, 108)
_RULE: Final[Colour] = (217, 222, 228)
_LINE: Final = 0.42
"""Height of a line of text in mm for each point of its size."""


def render(report: Report) -> bytes:
    """A report as PDF.

    Raises:
        OsteonError: fpdf2 is not installed.
    """
    try:
        from fpdf import FPDF
    except ModuleNotFoundError as error:
        raise OsteonError("a PDF report needs fpdf2", hint="Install osteon[serve].") from error
    page = FPDF(format="A4")
    page.set_auto_page_break(False)
    page.set_margins(MARGIN, MARGIN)
    page.set_title(f"Osteon: {report.heading}")
    page.set_creator("osteon")
    page.set_lang("en")
    page.add_page()
    _header(page)
    half = (WIDTH - 2 * MARGIN - GAP) / 2
    top = page.get_y() + 5
    left = _say(page, report, top, half)
    right = _facts(page, report, top, MARGIN + half + GAP, half)
    below = max(left, right) + 4
    lines = _lines(report)
    room = HEIGHT - MARGIN - 10 - below
    wanted = sum(_height(page, size, words) for size, _, words in lines)
    tall = max(min(LEAST, room), room - wanted - 4)
    end = _pictures(page, report.pictures, below, tall)
    _words(page, lines, end + 3)
    _footer(page)
    return bytes(page.output() or b"")


def _header(page: FPDF) -> None:
    _letters(page, 11, "B")
    page.set_xy(MARGIN, MARGIN)
    page.cell(120, 6, "Osteon: reading of a bone radiograph")
    page.set_xy(WIDTH - MARGIN - 60, MARGIN)
    page.cell(60, 6, WARNING, align="R")
    page.set_draw_color(*_TEXT)
    page.set_line_width(0.5)
    page.line(MARGIN, MARGIN + 7, WIDTH - MARGIN, MARGIN + 7)
    page.set_y(MARGIN + 7)


def _say(page: FPDF, report: Report, top: float, wide: float) -> float:
    """Call and sentences; returns where they end."""
    _letters(page, 15, "B", GROUND)
    page.set_fill_color(*CALL_COLOURS[report.call])
    page.set_xy(MARGIN, top)
    badge = page.get_string_width(_plain(report.heading)) + 9
    page.rect(MARGIN, top, badge, 9, style="F", round_corners=True, corner_radius=1.5)
    page.cell(badge, 9, _plain(report.heading), align="C")
    page.set_y(top + 11.5)
    _letters(page, 9.5)
    for sentence in report.sentences:
        page.set_x(MARGIN)
        page.multi_cell(wide, 4.3, _plain(sentence), align="L", new_x="LMARGIN", new_y="NEXT")
        page.set_y(page.get_y() + 1)
    return page.get_y()


def _facts(page: FPDF, report: Report, top: float, left: float, wide: float) -> float:
    """The scale, and names with their values; returns where they end."""
    _scale(page, report, top + 7, left, wide)
    page.set_y(top + 17)
    for name, value in report.facts:
        row = page.get_y()
        _letters(page, 8.5, colour=_QUIET)
        page.set_xy(left, row)
        page.cell(26, 4.2, _plain(name))
        _letters(page, 8.5)
        page.set_xy(left + 26, row)
        page.multi_cell(wide - 26, 4.2, _plain(value), align="L", new_x="LMARGIN", new_y="NEXT")
    return page.get_y()


def _scale(page: FPDF, report: Report, top: float, left: float, wide: float) -> None:
    """The probability from 0 to 1 with three zones, both operating points and the place of this study."""
    doubt, definite = report.doubt, report.definite
    zones = ((0.0, doubt, Call.NO_FRACTURE), (doubt, definite, Call.DOUBT), (definite, 1.0, Call.FRACTURE))
    for low, high, call in zones:
        page.set_fill_color(*(CALL_COLOURS[call] if report.probability is not None else _RULE))
        page.rect(left + low * wide, top, max(0.0, high - low) * wide, 3, style="F")
    page.set_fill_color(*_TEXT)
    for threshold in (doubt, definite):
        page.rect(left + threshold * wide - 0.25, top - 1, 0.5, 5, style="F")
    _letters(page, 7.5)
    first, second = f"doubt {number(doubt)}", f"definite {number(definite)}"
    x = max(left, min(left + doubt * wide, left + wide - 45))
    page.text(x, top + 7.2, first)
    x = max(x + page.get_string_width(first) + 3, left + definite * wide)
    page.text(min(x, left + wide - page.get_string_width(second)), top + 7.2, second)
    if report.probability is None:
        return
    x = left + report.probability * wide
    page.polygon(((x - 1.6, top - 4), (x + 1.6, top - 4), (x, top - 1.2)), style="F")
    words = f"probability {number(report.probability)}"
    own = page.get_string_width(words)
    page.text(x + 2.5 if report.probability < 0.5 else x - 2.5 - own, top - 2, words)


def _pictures(page: FPDF, pictures: Sequence[Image.Image], top: float, tall: float) -> float:
    """The pictures in as many columns as make them largest; returns where they end."""
    wide = WIDTH - 2 * MARGIN

    def scale(columns: int) -> float:
        rows = -(-len(pictures) // columns)
        across = (wide - GAP * (columns - 1)) / columns
        down = (tall - GAP * (rows - 1)) / rows
        return min(min(across / one.width, down / one.height) for one in pictures)

    columns = max(range(1, len(pictures) + 1), key=scale)
    size, end, y = scale(columns), top, top
    for first in range(0, len(pictures), columns):
        row = pictures[first : first + columns]
        x = MARGIN + (wide - sum(one.width * size for one in row) - GAP * (len(row) - 1)) / 2
        for one in row:
            stream = io.BytesIO()
            one.save(stream, "JPEG", quality=90)
            page.image(stream, x, y, one.width * size, one.height * size, alt_text="Film, heat map and boxes")
            x += one.width * size + GAP
        end = y + max(one.height * size for one in row)
        y = end + GAP
    return end


_Lines = list[tuple[float, str, str]]


def _lines(report: Report) -> _Lines:
    """What is said below the pictures: size, style and words."""
    lines: _Lines = []
    if report.boxes:
        lines.append((8.5, "B", "Places"))
        lines += [
            (8, "", f"{label}, confidence {score}, {call}: {place}") for label, score, call, place in report.boxes
        ]
    if report.notes:
        lines.append((8.5, "B", "Notes"))
        lines += [(8, "", f"- {note}") for note in report.notes]
    if report.about is not None:
        lines += [(8.5, "B", "What the bundle is for"), (8, "", report.about.intended_use)]
        lines.append((8.5, "B", "What it is not for"))
        lines += [(8, "", f"- {line}") for line in report.about.not_for]
    return lines


def _height(page: FPDF, size: float, words: str) -> float:
    page.set_font(_FONT, "", size)
    rows = page.multi_cell(WIDTH - 2 * MARGIN, size * _LINE, _plain(words), dry_run=True, output="LINES")
    return len(rows) * size * _LINE + 0.4 if isinstance(rows, list) else 0.0


def _words(page: FPDF, lines: _Lines, top: float) -> None:
    """Write lines as far as the page goes."""
    page.set_y(top)
    for size, style, words in lines:
        if page.get_y() + _height(page, size, words) > HEIGHT - MARGIN - 8:
            page.set_x(MARGIN)
            _letters(page, 8, colour=_QUIET)
            page.cell(0, 4, "More stands in the model card.")
            return
        _letters(page, size, style)
        page.set_x(MARGIN)
        page.multi_cell(WIDTH - 2 * MARGIN, size * _LINE, _plain(words), align="L", new_x="LMARGIN", new_y="NEXT")
        page.set_y(page.get_y() + 0.4)


def _footer(page: FPDF) -> None:
    base = HEIGHT - MARGIN
    page.set_draw_color(*_RULE)
    page.set_line_width(0.2)
    page.line(MARGIN, base - 5, WIDTH - MARGIN, base - 5)
    _letters(page, 8, "B")
    page.text(MARGIN, base - 1, WARNING)
    _letters(page, 8, colour=_QUIET)
    words = "Written by a program; no human has checked it."
    page.text(WIDTH - MARGIN - page.get_string_width(words), base - 1, words)


def _letters(page: FPDF, size: float, style: str = "", colour: Colour = _TEXT) -> None:
    page.set_font(_FONT, style, size)
    page.set_text_color(*colour)


def _plain(text: str) -> str:
    """A text in the letters that the fonts of every PDF reader have."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _write(reading: Reading, _source: Path | None, destination: Path) -> None:
    destination.write_bytes(render(compose(reading)))


FORMAT = Format("pdf", ".pdf", "application/pdf", _write, shared=False)
