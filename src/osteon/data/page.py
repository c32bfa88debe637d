"""The audit as an HTML page with thumbnails, in one file without anything from elsewhere."""

from __future__ import annotations

import base64
import io
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from osteon.data.audit import HEADINGS, Audit, Problem
from osteon.data.card import DatasetCard

SHOWN: Final = 12
"""Problems of one kind that are shown with pictures; all are counted and listed."""

THUMBNAIL: Final = 160
_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1c2430;
background: #fff } h1 { font-size: 1.6rem } h2 { font-size: 1.15rem; margin-top: 2.2rem; border-top: 1px solid
#d5dae2; padding-top: .8rem } table { border-collapse: collapse } td, th { padding: .15rem .9rem .15rem 0; text-align:
left; vertical-align: top } .error { color: #a1261d } .warning { color: #8a5a00 } .note { color: #33577a } td.number {
text-align: right } figure { display: inline-block; margin: .4rem .8rem .4rem 0; vertical-align: top } figcaption {
font-size: .75rem; color: #55606e } img { display: block; max-height: 160px; background: #000 } .problem { margin:
.5rem 0 1rem } summary { cursor: pointer }
"""


def write_page(path: Path, found: Audit, card: DatasetCard, root: Path) -> None:
    """Write the report of an audit.

    Args:
        path: the HTML file.
        found: what was found.
        card: of the dataset.
        root: folder of the images, for the thumbnails.
    """
    groups = [(kind, list(problems)) for kind, problems in groupby(found.problems, key=lambda one: one.kind)]
    rows = "".join(
        f'<tr><td class="{problems[0].severity}">{problems[0].severity}</td>'
        f'<td><a href="#{kind}">{escape(HEADINGS[kind])}</a></td><td class="number">{len(problems):,}</td></tr>'
        for kind, problems in groups
    )
    sections = "".join(_section(problems, root) for _, problems in groups)
    caveats = "".join(f"<li>{escape(text)}</li>" for text in card.caveats)
    path.write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Audit of {escape(card.title)}</title><style>{_STYLE}</style>"
        f"<h1>Audit of {escape(card.title)}</h1><p>{found.images:,} images, {len(found.problems):,} problems. "
        f"Licence: {escape(card.licence)}.</p>"
        f"<table><tr><th>Severity</th><th>Problem</th><th>Number</th></tr>{rows}</table>"
        f"{f'<h2>Known of this dataset</h2><ul>{caveats}</ul>' if caveats else ''}{sections}</html>",
        "utf-8",
    )


def _section(problems: list[Problem], root: Path) -> str:
    kind = problems[0].kind
    shown = "".join(
        f'<div class=problem><span class="{one.severity}">{one.severity}</span> {escape(one.detail)}<br>'
        f"{''.join(_figure(root, name) for name in one.images[:SHOWN])}</div>"
        for one in problems[:SHOWN]
    )
    rest = "".join(f"<li>{escape(', '.join(one.images))}: {escape(one.detail)}</li>" for one in problems[SHOWN:])
    more = f"<details><summary>{len(problems) - SHOWN:,} more</summary><ul>{rest}</ul></details>" if rest else ""
    return f"<h2 id={kind}>{escape(HEADINGS[kind])} ({len(problems):,})</h2>{shown}{more}"


def _figure(root: Path, name: str) -> str:
    picture = _thumbnail(root / name)
    image = f'<img alt="" src="data:image/jpeg;base64,{picture}">' if picture else ""
    return f"<figure>{image}<figcaption>{escape(name)}</figcaption></figure>"


def _thumbnail(path: Path) -> str:
    """A small JPEG in base 64; empty where the file cannot be decoded."""
    try:
        with Image.open(path) as image:
            image.draft("L", (THUMBNAIL * 2, THUMBNAIL * 2))
            small = ImageOps.exif_transpose(image)
            if small.mode.startswith(("I", "F")):
                small = small.point(lambda value: value / 257)
            small = small.convert("L")
            small.thumbnail((THUMBNAIL * 2, THUMBNAIL))
    except (OSError, ValueError, SyntaxError):
        return ""
    data = io.BytesIO()
    small.save(data, "JPEG", quality=75)
    return base64.b64encode(data.getvalue()).decode("ascii")
