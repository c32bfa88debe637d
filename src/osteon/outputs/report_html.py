"""The report as one HTML file that needs nothing else: no script, no other file, no other host."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Final

from PIL import Image

from osteon.core.labels import Call
from osteon.core.records import Reading
from osteon.outputs.drawing import CALL_COLOURS, Colour, number
from osteon.outputs.format import Format
from osteon.outputs.report import WARNING, Report, compose

STYLE: Final = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; background: #fff; color: #15191f;
  font: 15px/1.45 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
header, footer { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
header { border-bottom: 2px solid #15191f; padding-bottom: .4rem; }
header h1 { font-size: 1.05rem; margin: 0; letter-spacing: .02em; }
.warning { font-weight: 700; letter-spacing: .06em; white-space: nowrap; }
.say { display: grid; grid-template-columns: 1fr 1fr; gap: 1.5rem; margin: 1rem 0; align-items: start; }
.call { display: inline-block; margin: 0 0 .5rem; padding: .15rem .8rem; border-radius: .4rem; color: #0d1015;
  font-size: 1.35rem; }
.fracture { background: #e8534a; }
.doubt { background: #f0ad3e; }
.no-fracture { background: #4aa3a8; }
.abstain { background: #aab3bd; }
p { margin: 0 0 .5rem; }
svg { display: block; width: 100%; height: auto; margin-bottom: .6rem; }
svg text { font: 12px system-ui, "Segoe UI", "Noto Sans", sans-serif; fill: #15191f; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; }
dt { color: #56606c; }
dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 0 0 1rem; text-align: center; background: #0d1015; }
img { max-width: 100%; height: auto; max-height: 34rem; object-fit: contain; vertical-align: bottom; }
h2 { font-size: .95rem; margin: 1rem 0 .3rem; }
ul { margin: 0; padding-left: 1.2rem; }
li { overflow-wrap: anywhere; white-space: pre-line; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .15rem .8rem .15rem 0; border-bottom: 1px solid #d9dee4; }
footer { border-top: 1px solid #d9dee4; margin-top: 1rem; padding-top: .5rem; color: #56606c; font-size: .85rem; }
@media (max-width: 40rem) { .say { grid-template-columns: 1fr; } body { padding: 1rem; } }
@page { size: A4; margin: 12mm; }
@media print {
  body { padding: 0; max-width: none; font-size: 11.5px; }
  img { max-height: 105mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""

POLICY: Final = (
    "default-src 'none'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode('utf-8')).digest()).decode('ascii')}'"
)
"""The content security policy under which the report works: its own style and pictures, nothing else."""


def render(report: Report) -> str:
    """A report as HTML."""
    kind = report.call.value.replace(" ", "-")
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Osteon: {escape(report.heading)}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
        f'<header><h1>Osteon: reading of a bone radiograph</h1><span class="warning">{WARNING}</span></header>',
        f'<main>\n<section class="say">\n<div>\n<h2 class="call {kind}">{escape(report.heading)}</h2>',
        *(f"<p>{escape(sentence)}</p>" for sentence in report.sentences),
        f"</div>\n<div>\n{_scale(report)}\n<dl>",
        *(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in report.facts),
        "</dl>\n</div>\n</section>",
        *(
            f'<figure><img src="{_embedded(picture)}" width="{picture.width}" height="{picture.height}" '
            f'alt="Radiograph {place}, and beside it the same with heat map and boxes"></figure>'
            for place, picture in enumerate(report.pictures, 1)
        ),
        *_list("Readers", report.people.opinions),
        *_list("Measured and marked", report.people.marks),
        *_table(report),
        *_list("Notes", report.notes),
        *_about(report),
        "</main>",
        f'<footer><span class="warning">{WARNING}</span><span>{escape(report.checked)}</span></footer>',
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _scale(report: Report) -> str:
    """The probability from 0 to 1 with three zones, both operating points and the place of this study."""
    doubt, definite, wide = report.doubt, report.definite, 400.0
    read = report.probability is not None
    zones = ((0.0, doubt, Call.NO_FRACTURE), (doubt, definite, Call.DOUBT), (definite, 1.0, Call.FRACTURE))
    label = "no probability" if report.probability is None else f"probability {number(report.probability)}"
    words = f"Scale: {label}, doubt {number(doubt)}, definite {number(definite)}"
    shapes = [f'<svg viewBox="-8 0 416 66" role="img" aria-label="{words}">']
    for low, high, call in zones:
        colour = _hex(CALL_COLOURS[call]) if read else "#d9dee4"
        across = max(0.0, high - low) * wide
        shapes.append(f'<rect x="{low * wide:.1f}" y="26" width="{across:.1f}" height="11" fill="{colour}"/>')
    shapes += [
        f'<rect x="{one * wide - 1:.1f}" y="22" width="2" height="19" fill="#15191f"/>' for one in (doubt, definite)
    ]
    # Where the points lie close together their words go to either side.
    first, second = max(0.0, min(doubt, 0.75)) * wide, min(definite * wide, wide)
    crowded = second - first < 90
    anchor = "start" if first < 70 or not crowded else "end"
    shapes.append(f'<text x="{first:.1f}" y="56" text-anchor="{anchor}">doubt {number(doubt)}</text>')
    place = max(second, first + 90) if crowded and anchor == "start" else second
    side = "end" if place > wide - 80 else "start"
    shapes.append(f'<text x="{min(place, wide):.1f}" y="56" text-anchor="{side}">definite {number(definite)}</text>')
    if report.probability is not None:
        x = report.probability * wide
        shapes.append(f'<path d="M{x - 7:.1f} 13 h14 l-7 11 z" fill="#15191f"/>')
        end = "end" if x > wide / 2 else "start"
        shapes.append(f'<text x="{x + (-11 if end == "end" else 11):.1f}" y="20" text-anchor="{end}">{label}</text>')
    return "".join(shapes) + "</svg>"


def _table(report: Report) -> Iterable[str]:
    if report.boxes:
        yield "<h2>Boxes</h2>\n<table><tr><th>What</th><th>Confidence</th><th>Call</th><th>Where, pixels</th></tr>"
        for row in report.boxes:
            yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        yield "</table>"


def _list(heading: str, lines: Iterable[str]) -> Iterable[str]:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    if items:
        yield f"<h2>{escape(heading)}</h2>\n<ul>{items}</ul>"


def _about(report: Report) -> Iterable[str]:
    if report.about is not None:
        yield f"<h2>What the bundle is for</h2>\n<p>{escape(report.about.intended_use)}</p>"
        yield from _list("What it is not for", report.about.not_for)


def _embedded(picture: Image.Image) -> str:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=90)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode('ascii')}"


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def _write(reading: Reading, _source: Path | None, destination: Path) -> None:
    destination.write_text(render(compose(reading)), encoding="utf-8", newline="\n")


FORMAT = Format("html", ".html", "text/html", _write, shared=False)
