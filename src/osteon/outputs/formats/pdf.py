"""The report as a PDF: one A4 page, and further ones only where people said more than fits."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image

from osteon.core.errors import OsteonError
from osteon.core.labels import Call
from osteon.outputs.drawing.pen import CALL_COLOURS, GROUND, Colour
from osteon.outputs.drawing.sheet import HEIGHT, POINT, TEXT, WIDTH, Sheet, plain
from osteon.outputs.format import Format, Need
from osteon.outputs.numbers import number
from osteon.outputs.report import WARNING, Report, compose
from osteon.outputs.result import StudyResult

MARGIN: Final = 14.0
GAP: Final = 6.0
LEAST: Final = 70.0
"""Least height of the pictures, mm: what is said below them is cut before they are."""

_QUIET: Final[Colour] = (86, 96, 108)
_RULE: Final[Colour] = (217, 222, 228)
_LINE: Final = 0.42
"""Height of a line of text in mm for each point of its size."""


def render(report: Report) -> bytes:
    """A report as PDF; the same report gives the same bytes.

    Raises:
        OsteonError: reportlab is not installed.
    """
    try:
        from reportlab.pdfgen.canvas import Canvas
    except ModuleNotFoundError as error:
        raise OsteonError("a PDF report needs reportlab", hint="Install osteon[serve].") from error
    stream = io.BytesIO()
    canvas = Canvas(stream, (WIDTH / POINT, HEIGHT / POINT), pageCompression=1, invariant=1, lang="en")
    canvas.setTitle(f"Osteon: {report.heading}")
    canvas.setSubject(WARNING)
    canvas.setAuthor("osteon")
    canvas.setCreator("osteon")
    page = Sheet(canvas)
    _header(page)
    half = (WIDTH - 2 * MARGIN - GAP) / 2
    top = MARGIN + 12
    below = max(_say(page, report, top, half), _facts(page, report, top, MARGIN + half + GAP, half)) + 4
    people, lines = _people(report), _lines(report)
    room = HEIGHT - MARGIN - 10 - below
    wanted = sum(_height(page, *line) for line in people + lines)
    end = _pictures(page, report.pictures, below, max(min(LEAST, room), room - wanted - 4))
    end = _all_words(page, people, end + 3)
    _words(page, lines, end)
    _footer(page, report)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _header(page: Sheet) -> None:
    page.letters(11, bold=True)
    page.write(MARGIN, MARGIN + 4.2, "Osteon: reading of a bone radiograph")
    page.write(WIDTH - MARGIN - page.width(WARNING), MARGIN + 4.2, WARNING)
    page.box(MARGIN, MARGIN + 6.75, WIDTH - 2 * MARGIN, 0.5, TEXT)


def _say(page: Sheet, report: Report, top: float, wide: float) -> float:
    """Call and sentences; returns where they end."""
    page.letters(15, bold=True)
    badge = page.width(report.heading) + 9
    page.box(MARGIN, top, badge, 9, CALL_COLOURS[report.call], radius=1.5)
    page.letters(15, bold=True, colour=GROUND)
    page.block(MARGIN + 4.5, top, badge, report.heading, 9)
    y = top + 11.5
    page.letters(9.5)
    for sentence in report.sentences:
        y = page.block(MARGIN, y, wide, sentence, 4.3) + 1
    return y


def _facts(page: Sheet, report: Report, top: float, left: float, wide: float) -> float:
    """The scale, and names with their values; returns where they end."""
    _scale(page, report, top + 7, left, wide)
    y = top + 17
    for name, value in report.facts:
        page.letters(8.5, colour=_QUIET)
        page.block(left, y, 26, name, 4.2)
        page.letters(8.5)
        y = page.block(left + 26, y, wide - 26, value, 4.2)
    return y


def _scale(page: Sheet, report: Report, top: float, left: float, wide: float) -> None:
    """The probability from 0 to 1 with three zones, both operating points and the place of this study."""
    doubt, definite = report.doubt, report.definite
    zones = ((0.0, doubt, Call.NO_FRACTURE), (doubt, definite, Call.DOUBT), (definite, 1.0, Call.FRACTURE))
    for low, high, call in zones:
        colour = CALL_COLOURS[call] if report.probability is not None else _RULE
        page.box(left + low * wide, top, max(0.0, high - low) * wide, 3, colour)
    for threshold in (doubt, definite):
        page.box(left + threshold * wide - 0.25, top - 1, 0.5, 5, TEXT)
    page.letters(7.5)
    first, second = f"doubt {number(doubt)}", f"definite {number(definite)}"
    x = max(left, min(left + doubt * wide, left + wide - 45))
    page.write(x, top + 7.2, first)
    x = max(x + page.width(first) + 3, left + definite * wide)
    page.write(min(x, left + wide - page.width(second)), top + 7.2, second)
    if report.probability is None:
        return
    x = left + report.probability * wide
    page.pointer(x, top - 1.2)
    words = f"probability {number(report.probability)}"
    page.write(x + 2.5 if report.probability < 0.5 else x - 2.5 - page.width(words), top - 2, words)


def _pictures(page: Sheet, pictures: Sequence[Image.Image], top: float, tall: float) -> float:
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
            page.picture(one, x, y, one.width * size, one.height * size)
            x += one.width * size + GAP
        end = y + max(one.height * size for one in row)
        y = end + GAP
    return end


_Lines = list[tuple[float, bool, str]]


def _people(report: Report) -> _Lines:
    """What people said: all of it is written, over further pages if need be."""
    lines: _Lines = []
    for heading, said in (("Readers", report.people.opinions), ("Measured and marked", report.people.marks)):
        if said:
            lines.append((8.5, True, heading))
            lines += [(8, False, f"- {line}") for line in said]
    if any(plain(words) != words for _, _, words in lines):
        lines.append((7.5, False, "Letters that this page cannot show stand as ?; the report as a web page has them."))
    return lines


def _lines(report: Report) -> _Lines:
    """What is said below the pictures: size, whether bold, and words."""
    lines: _Lines = []
    if report.boxes:
        lines.append((8.5, True, "Boxes"))
        lines += [
            (8, False, f"{label}, confidence {score}, {call}: {place}") for label, score, call, place in report.boxes
        ]
    if report.notes:
        lines.append((8.5, True, "Notes"))
        lines += [(8, False, f"- {note}") for note in report.notes]
    if report.bundle.intended_use:
        lines += [(8.5, True, "What the bundle is for"), (8, False, report.bundle.intended_use)]
    if report.bundle.not_for:
        lines.append((8.5, True, "What it is not for"))
        lines += [(8, False, f"- {line}") for line in report.bundle.not_for]
    return lines


def _height(page: Sheet, size: float, bold: bool, words: str) -> float:
    page.letters(size, bold=bold)
    return len(page.rows(words, WIDTH - 2 * MARGIN)) * size * _LINE + 0.4


def _all_words(page: Sheet, lines: _Lines, top: float) -> float:
    """Write lines, each row of them, on as many pages as they need; returns where they end."""
    y = top
    for size, bold, words in lines:
        page.letters(size, bold=bold)
        for row in page.rows(words, WIDTH - 2 * MARGIN):
            if y + size * _LINE > HEIGHT - MARGIN - 10:
                page.turn()
                _header(page)
                y = MARGIN + 12
                page.letters(size, bold=bold)
            y = page.block(MARGIN, y, WIDTH - 2 * MARGIN, row, size * _LINE)
        y += 0.4
    return y


def _words(page: Sheet, lines: _Lines, top: float) -> None:
    """Write lines as far as the page goes."""
    y = top
    for size, bold, words in lines:
        if y + _height(page, size, bold, words) > HEIGHT - MARGIN - 10:
            page.letters(8, colour=_QUIET)
            page.block(MARGIN, y, WIDTH, "More stands in the report as a web page and in the model card.", 4)
            return
        y = page.block(MARGIN, y, WIDTH - 2 * MARGIN, words, size * _LINE) + 0.4


def _footer(page: Sheet, report: Report) -> None:
    base = HEIGHT - MARGIN
    page.box(MARGIN, base - 5.1, WIDTH - 2 * MARGIN, 0.2, _RULE)
    page.letters(8, bold=True)
    page.write(MARGIN, base - 1, WARNING)
    page.letters(8, colour=_QUIET)
    page.write(WIDTH - MARGIN - page.width(report.checked), base - 1, report.checked)


def _write(result: StudyResult, destination: Path) -> None:
    destination.write_bytes(render(compose(result)))


FORMAT = Format(
    "pdf",
    "Report (PDF)",
    ".pdf",
    "application/pdf",
    _write,
    shared=False,
    needs=frozenset({Need.PIXELS, Need.ALL_IMAGES}),
)
