"""The descriptive table of a dataset as a folder: a page in one file, its plots as PNG and SVG, its figures as JSON."""

from __future__ import annotations

import io
import json
from itertools import groupby
from pathlib import Path
from typing import Any

from osteon.core.errors import DataError
from osteon.data.describe.stats import Statistics
from osteon.data.table.card import DatasetCard
from osteon.data.table.published import Figure
from osteon.data.table.table import Table
from osteon.html.templating import data_url, render


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

        from osteon.data.describe.plots import PLOTS
        from osteon.html.plot_style import STYLE
    except ImportError as error:
        hint = "pip install 'osteon[evaluate]'"
        raise DataError("plots need Matplotlib, which is not installed", hint=hint) from error

    out.mkdir(parents=True, exist_ok=True)
    written = [out / "stats.html", out / "stats.json"]
    plots: list[tuple[str, str]] = []
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
            plots.append((data_url((out / f"{plot.name}.svg").read_bytes(), "image/svg+xml"), plot.about))
    (out / "stats.json").write_text(json.dumps(as_json(found), indent=1), "utf-8")
    (out / "stats.html").write_text(_page(found, card, len(table), plots), "utf-8")
    return written


def _page(found: Statistics, card: DatasetCard, images: int, plots: list[tuple[str, str]]) -> str:
    return render(
        "data/describe/stats.html.jinja",
        title=card.title,
        subtitle=f"{images:,} images. Licence: {card.licence}.",
        citation=card.citation,
        columns=found.columns,
        sections=[(name, list(lines)) for name, lines in groupby(found.lines, lambda one: one.section)],
        plots=plots,
        published=[(one.name, bool(one.difference), figure_texts(one)) for one in found.figures],
        caveats=card.caveats,
    )


def figure_texts(one: Figure) -> tuple[str, str, str]:
    """A published figure, ours, and the difference, as text."""
    whole = one.published == int(one.published)
    if one.here is None or one.difference is None:
        return f"{one.published:,g}" if not whole else f"{one.published:,.0f}", "unknown", ""
    digits = 0 if whole else len(f"{one.published:g}".split(".")[-1])
    change = "=" if not one.difference else f"{one.difference:+,.{digits}f}"
    return f"{one.published:,.{digits}f}", f"{one.here:,.{digits}f}", change
