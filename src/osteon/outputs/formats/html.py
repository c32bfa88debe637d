"""The report as one HTML file that needs nothing else: no script, no other file, no other host."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image

from osteon.core.labels import Call
from osteon.html.templating import data_url, render
from osteon.outputs.format import Format, Need
from osteon.outputs.numbers import number
from osteon.outputs.report import WARNING, Report, compose
from osteon.outputs.result import StudyResult

_WIDE: Final = 400.0
"""Width of the probability scale, in units of its drawing."""

_CROWDED: Final = 90.0
"""Distance below which the words of the two operating points would touch."""


class _Zone(NamedTuple):
    x: str
    width: str
    kind: str


class _Words(NamedTuple):
    x: str
    y: int
    anchor: str
    words: str


class _Scale(NamedTuple):
    """The probability from 0 to 1 with three zones, both operating points and the position of this study."""

    label: str
    zones: list[_Zone]
    marks: list[str]
    texts: list[_Words]
    pointer: str


class _Picture(NamedTuple):
    source: str
    width: int
    height: int


def page(report: Report) -> str:
    """A report as HTML."""
    return render(
        "outputs/formats/report.html.jinja",
        title=f"Osteon: {report.heading}",
        body_class="reading",
        warning=WARNING,
        report=report,
        kind=_kind(report.call),
        scale=_scale(report),
        pictures=[_Picture(_embedded(one), one.width, one.height) for one in report.pictures],
    )


def _kind(call: Call) -> str:
    return call.value.replace(" ", "-")


def _scale(report: Report) -> _Scale:
    doubt, definite = report.doubt, report.definite
    known = report.probability is not None
    zones = ((0.0, doubt, Call.NO_FRACTURE), (doubt, definite, Call.DOUBT), (definite, 1.0, Call.FRACTURE))
    label = "no probability" if report.probability is None else f"probability {number(report.probability)}"
    # Where the points lie close together their words go to either side.
    first, second = max(0.0, min(doubt, 0.75)) * _WIDE, min(definite * _WIDE, _WIDE)
    crowded = second - first < _CROWDED
    anchor = "start" if first < 70 or not crowded else "end"
    place = max(second, first + _CROWDED) if crowded and anchor == "start" else second
    side = "end" if place > _WIDE - 80 else "start"
    texts = [
        _Words(f"{first:.1f}", 56, anchor, f"doubt {number(doubt)}"),
        _Words(f"{min(place, _WIDE):.1f}", 56, side, f"definite {number(definite)}"),
    ]
    pointer = ""
    if report.probability is not None:
        x = report.probability * _WIDE
        end = "end" if x > _WIDE / 2 else "start"
        pointer = f"{x - 7:.1f}"
        texts.append(_Words(f"{x + (-11 if end == 'end' else 11):.1f}", 20, end, label))
    return _Scale(
        label=f"Scale: {label}, doubt {number(doubt)}, definite {number(definite)}",
        zones=[
            _Zone(f"{low * _WIDE:.1f}", f"{max(0.0, high - low) * _WIDE:.1f}", _kind(call) if known else "empty")
            for low, high, call in zones
        ],
        marks=[f"{threshold * _WIDE - 1:.1f}" for threshold in (doubt, definite)],
        texts=texts,
        pointer=pointer,
    )


def _embedded(picture: Image.Image) -> str:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=90)
    return data_url(stream.getvalue(), "image/jpeg")


def _write(result: StudyResult, destination: Path) -> None:
    destination.write_text(page(compose(result)), encoding="utf-8", newline="\n")


FORMAT = Format(
    "html",
    "Report (HTML)",
    ".html",
    "text/html",
    _write,
    shared=False,
    needs=frozenset({Need.PIXELS, Need.ALL_IMAGES}),
)
