"""The descriptive table of a dataset as a folder: a page in one file, its plots as PNG and SVG, its figures as JSON."""

from __future__ import annotations

import base64
import io
import json
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from osteon.core.errors import DataError
from osteon.data.describe.stats import Line, Statistics
from osteon.data.table.card import DatasetCard
from osteon.data.table.published import Figure
from osteon.data.table.table import Table

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 84rem; padding: 0 1rem; color: #1c2430;
background: #fff } h1 { font-size: 1.6rem; margin-bottom: .2rem } h2 { font-size: 1.15rem; margin-top: 2.2rem;
border-top: 1px solid #d5dae2; padding-top: .8rem } table { border-collapse: collapse } td, th { padding: .12rem 1.4rem
.12rem 0; text-align: left; vertical-align: top } td.number, th.number { text-align: right; font-variant-numeric:
tabular-nums } tr.section th { padding-top: .8rem; color: #33577a } .other { color: #8a5a00 } p.quiet { color: #55606e }
main { display: grid; grid-template-columns: minmax(0, max-content) minmax(24rem, 1fr); gap: 0 3rem } figure { display:
inline-block; margin: .8rem 1.2rem .4rem 0; vertical-align: top; max-width: 100% } figcaption { font-size: .85rem;
color: #55606e } img { display: block; max-width: 100% } .scroll { overflow-x: auto }
@media (max-width: 60rem) { main { display: block } }
"""


def as_json(found: Statistics) -> dict[str, Any]:
    """The table as plain values, for ``--json``."""
    return {
        "columns": list(found.columns),
        "lines": [{"section": line.section, "name": line.name, "values": list(line.values)} for line in found.lines],
        "published": [
            {"name": figure.name, "published": figure.published, "here": figure.here, "difference": figure.difference}
            for figure in found.figures
        ],
    }


def write_folder(out: Path, found: Statistics, table: Table, card: DatasetCard) -> list[Path]:
    """Write ``stats.html``, ``stats.json`` and the plots.

    Args:
        out: folder to write into.
        found: the statistics of ``table``.
        table: for the plots.
        card: of the dataset.

    Returns:
        the files.

    Raises:
        DataError: Matplotlib is not installed.
    """
    try:
        import matplotlib as mpl

        from osteon.data.describe.plots import PLOTS, STYLE
    except ImportError as error:
        hint = "pip install 'osteon[evaluate]'"
        raise DataError("plots need Matplotlib, which is not installed", hint=hint) from error

    out.mkdir(parents=True, exist_ok=True)
    written = [out / "stats.html", out / "stats.json"]
    figures: list[str] = []
    with mpl.rc_context(STYLE):
        for plot in PLOTS:
            figure = plot.draw(table)
            if figure is None:
                continue
            for kind, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
                buffer = io.BytesIO()
                figure.savefig(buffer, format=kind, dpi=160, metadata=metadata)
                written.append(out / f"{plot.name}.{kind}")
                written[-1].write_bytes(buffer.getvalue())
            data = base64.b64encode((out / f"{plot.name}.svg").read_bytes()).decode("ascii")
            figures.append(
                f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(plot.about)}">'
                f"<figcaption>{escape(plot.about)}</figcaption></figure>"
            )
    (out / "stats.json").write_text(json.dumps(as_json(found), indent=1), "utf-8")
    (out / "stats.html").write_text(_page(found, card, len(table), "".join(figures)), "utf-8")
    return written


def _page(found: Statistics, card: DatasetCard, images: int, figures: str) -> str:
    heads = "".join(f"<th class=number>{escape(name)}</th>" for name in found.columns)
    sections = "".join(_section(name, list(lines)) for name, lines in groupby(found.lines, lambda line: line.section))
    caveats = "".join(f"<li>{escape(text)}</li>" for text in card.caveats)
    cite = f"<p class=quiet>{escape(card.citation)}</p>" if card.citation else ""
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(card.title)}: figures</title><style>{_STYLE}</style><h1>{escape(card.title)}</h1>"
        f"<p>{images:,} images. Licence: {escape(card.licence)}.</p>{cite}"
        f"<main><section><h2>Table</h2><div class=scroll><table><tr><th></th>{heads}</tr>{sections}</table></div>"
        f"</section><section><h2>Plots</h2>{figures}{_published(found.figures)}</section></main>"
        f"{f'<h2>Known issues of this dataset</h2><ul>{caveats}</ul>' if caveats else ''}</html>\n"
    )


def _section(name: str, lines: list[Line]) -> str:
    rows = "".join(
        f"<tr><td>{escape(line.name)}</td>"
        + "".join(f"<td class=number>{escape(value)}</td>" for value in line.values)
        + "</tr>"
        for line in lines
    )
    return f"<tr class=section><th colspan=9>{escape(name)}</th></tr>{rows}"


def _published(figures: tuple[Figure, ...]) -> str:
    if not figures:
        return ""
    rows = "".join(
        f"<tr{' class=other' * bool(figure.difference)}><td>{escape(figure.name)}</td>"
        + "".join(f"<td class=number>{text}</td>" for text in figure_texts(figure))
        + "</tr>"
        for figure in figures
    )
    head = "<tr><th></th><th class=number>published</th><th class=number>here</th><th class=number>difference</th></tr>"
    return f"<h2>Comparison with the published figures</h2><table>{head}{rows}</table>"


def figure_texts(figure: Figure) -> tuple[str, str, str]:
    """A published figure, the figure of this table, and their difference, as text."""
    whole = figure.published == int(figure.published)
    if figure.here is None or figure.difference is None:
        return f"{figure.published:,g}" if not whole else f"{figure.published:,.0f}", "unknown", ""
    digits = 0 if whole else len(f"{figure.published:g}".split(".")[-1])
    change = "=" if not figure.difference else f"{figure.difference:+,.{digits}f}"
    return f"{figure.published:,.{digits}f}", f"{figure.here:,.{digits}f}", change
