"""The audit as an HTML page with thumbnails, as one self-contained file."""

from __future__ import annotations

import base64
import io
from collections import Counter
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Final

from PIL import Image

from osteon.core.errors import InputError
from osteon.data.audit import HEADINGS, Audit, Problem
from osteon.data.audit.forest_plot import forest
from osteon.data.files.names import as_path
from osteon.data.files.preview import fragment, preview
from osteon.data.table.card import DatasetCard

SHOWN: Final = 12
"""Problems of one kind, and images of one problem, that are shown with images; all are counted and listed."""

LISTED: Final = 500
"""Problems of one kind that are listed by name; more would make the page unusable."""

THUMBNAIL: Final = 150
_PLURALS: Final = {"error": "errors", "warning": "warnings", "note": "notes"}
_MEANS: Final = {
    "error": "invalidates training or a result",
    "warning": "may invalidate it",
    "note": "for information",
}
_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dee6; --ground: #fff; --tile: #f5f7fa;
--error: #a1261d; --warning: #8a5a00; --note: #2c5f8a }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --soft: #9aa5b4; --line: #38414e; --ground: #151a21;
--tile: #1e252e; --error: #ff8a80; --warning: #f0b95a; --note: #86bdec } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1.2rem;
color: var(--ink); background: var(--ground) }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.1rem; margin: 0 0 .5rem }
p.about { color: var(--soft); margin: .3rem 0 1.2rem }
.tiles { display: flex; gap: .8rem; flex-wrap: wrap; margin: 1rem 0 }
.tile { background: var(--tile); border-radius: .5rem; padding: .6rem 1rem; min-width: 7rem }
.tile b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums }
.tile span { color: var(--soft); font-size: .85rem }
.tile label { cursor: pointer; display: block }
.error { color: var(--error) } .warning { color: var(--warning) } .note { color: var(--note) }
table { border-collapse: collapse; width: 100% } td, th { padding: .2rem .9rem .2rem 0; text-align: left;
vertical-align: top; border-bottom: 1px solid var(--line) } td.number, th.number { text-align: right;
font-variant-numeric: tabular-nums } td.first { color: var(--soft) } a { color: inherit }
section { border-top: 1px solid var(--line); margin-top: 1.8rem; padding-top: 1rem }
.problems { display: flex; flex-wrap: wrap; gap: .8rem 1.6rem }
.problem { max-width: 23rem; flex: 1 1 21rem }
.problem.wordy { max-width: 100% }
.problem p { margin: 0 0 .2rem; font-size: .9rem } .wordy { flex-basis: 100% }
.pictures { display: flex; flex-wrap: wrap; gap: .3rem .5rem }
figure { margin: 0; width: min-content; min-width: 8rem }
figcaption { font-size: .72rem; color: var(--soft); overflow-wrap: anywhere }
img { display: block; height: 140px; background: #000; border-radius: .2rem }
.blank { height: 150px; width: 110px; background: var(--tile); color: var(--soft); font-size: .75rem; display: flex;
align-items: center; justify-content: center; border-radius: .2rem; text-align: center }
details { margin: .3rem 0 } summary { cursor: pointer; color: var(--soft) } li { overflow-wrap: anywhere }
svg { max-width: 100%; height: auto } svg text { fill: var(--ink); font: 12px system-ui, sans-serif }
svg .soft { fill: var(--soft) } svg .axis { stroke: var(--line) } svg .chance { stroke: var(--soft);
stroke-dasharray: 3 3 } svg .stands { stroke: var(--warning); fill: var(--warning) } svg .chance-like
{ stroke: var(--soft); fill: var(--soft) }
body:has(#show-error:not(:checked)) .of-error, body:has(#show-warning:not(:checked)) .of-warning,
body:has(#show-note:not(:checked)) .of-note { display: none }
"""


def write_page(path: Path, found: Audit, card: DatasetCard, root: Path) -> None:
    """Write the report of an audit.

    Args:
        path: the HTML file.
        found: what was found.
        card: of the dataset.
        root: folder of the images, for the thumbnails.
    """
    groups = [
        list(problems) for _, problems in groupby(found.problems, key=lambda problem: (problem.severity, problem.kind))
    ]
    caveats = "".join(f"<li>{escape(text)}</li>" for text in card.caveats)
    known = f"<section><h2>Known issues of this dataset</h2><ul>{caveats}</ul></section>" if caveats else ""
    path.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Audit of {escape(card.title)}</title><style>{_STYLE}</style>"
        f"<h1>Audit of {escape(card.title)}</h1><p class=about>{escape(card.about)} Licence: {escape(card.licence)}.</p>"
        f"{_tiles(found)}{_summary(groups)}{_shortcuts(found)}{known}"
        f"{''.join(_section(problems, root) for problems in groups)}</html>",
        "utf-8",
    )


def _tiles(found: Audit) -> str:
    """How many images, and how many problems of each severity, with a box to hide them."""
    number = Counter(problem.severity for problem in found.problems)
    boxes = "".join(
        f'<div class=tile><label><b class="{severity}">{number[severity]:,}</b>'
        f'<input type=checkbox id="show-{severity}" checked> <span>{_PLURALS[severity]}: {_MEANS[severity]}</span>'
        "</label></div>"
        for severity in _PLURALS
    )
    return f"<div class=tiles><div class=tile><b>{found.images:,}</b><span>images examined</span></div>{boxes}</div>"


def _summary(groups: list[list[Problem]]) -> str:
    rows = "".join(
        f'<tr class="of-{problem.severity}"><td class="{problem.severity}">{problem.severity}</td>'
        f'<td><a href="#{problem.severity}-{problem.kind}">{escape(HEADINGS[problem.kind])}</a></td>'
        f"<td class=number>{len(problems):,}</td><td class=first>{escape(problem.detail)}</td></tr>"
        for problems in groups
        for problem in problems[:1]
    )
    return (
        f"<table><tr><th>Severity<th>Problem<th class=number>Number<th>First one</tr>{rows}</table>"
        if rows
        else "<p>Nothing was found.</p>"
    )


def _shortcuts(found: Audit) -> str:
    if not found.shortcuts:
        return ""
    return (
        "<section><h2>Attributes that predict a label without the bone</h2><p>Area under the ROC curve of each "
        "attribute alone, out of fold, with its 95 % interval. Filled dots remain above 0.5 after correction for the "
        f"number of tests (Bonferroni).</p>{forest(found.shortcuts)}</section>"
    )


def _section(problems: list[Problem], root: Path) -> str:
    kind, severity = problems[0].kind, problems[0].severity
    shown = "".join(
        f'<div class="problem{"" if 0 < len(problem.images) < 4 else " wordy"}"><p>{escape(problem.detail)}</p>'
        f"<div class=pictures>{''.join(_figure(root, name) for name in problem.images[:SHOWN])}</div>"
        f"{_others(problem.images)}</div>"
        for problem in problems[:SHOWN]
    )
    rest = "".join(
        f"<li>{escape(', '.join(problem.images[:SHOWN]))}{': ' if problem.images else ''}{escape(problem.detail)}</li>"
        for problem in problems[SHOWN : SHOWN + LISTED]
    )
    left = len(problems) - SHOWN
    cut = f" ({LISTED:,} of them listed; <code>--json</code> has all)" if left > LISTED else ""
    more = f"<details><summary>{left:,} more{cut}</summary><ul>{rest}</ul></details>" if rest else ""
    head = f'<h2><span class="{severity}">{severity}</span> {escape(HEADINGS[kind])} ({len(problems):,})</h2>'
    return (
        f'<section class="of-{severity}" id="{severity}-{kind}">{head}<div class=problems>{shown}</div>{more}</section>'
    )


def _others(images: tuple[str, ...]) -> str:
    if len(images) <= SHOWN:
        return ""
    names = "".join(f"<li>{escape(name)}</li>" for name in images[SHOWN : SHOWN + LISTED])
    return f"<details><summary>{len(images) - SHOWN:,} more images</summary><ul>{names}</ul></details>"


def _figure(root: Path, name: str) -> str:
    picture = _thumbnail(as_path(root, name))
    image = (
        f'<img alt="" loading=lazy src="data:image/jpeg;base64,{picture}">'
        if picture
        else "<div class=blank>no image</div>"
    )
    return f"<figure>{image}<figcaption>{escape(name)}</figcaption></figure>"


def _thumbnail(path: Path) -> str:
    """A small JPEG in base 64, of a truncated file its decodable part; empty where nothing can be decoded."""
    try:
        data = path.read_bytes()
        try:
            picture = preview(data, THUMBNAIL)
        except InputError:
            picture = fragment(data, THUMBNAIL)
    except OSError:
        return ""
    if picture is None:
        return ""
    small = Image.fromarray(picture)
    small.thumbnail((THUMBNAIL * 2, THUMBNAIL))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80)
    return base64.b64encode(out.getvalue()).decode("ascii")
