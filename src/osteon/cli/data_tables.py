"""The tables that ``osteon data`` prints: which datasets there are, what an audit found, what describes a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osteon.data.audit import Audit
    from osteon.data.describe.stats import Statistics
    from osteon.data.table.card import DatasetCard


def print_cards(cards: Sequence[DatasetCard]) -> None:
    """Datasets with their licence and how to get them."""
    from rich.console import Console
    from rich.table import Table as Rows

    console = Console()
    wide = console.width >= 110  # on a narrow console `osteon data fetch` explains how to get it
    rows = Rows(title="Datasets", title_justify="left")
    rows.add_column("name", no_wrap=True)
    rows.add_column("dataset")
    rows.add_column("images", justify="right", no_wrap=True)
    rows.add_column("licence", max_width=None if wide else 24)
    rows.add_column("how to get it" if wide else "access")
    for card in cards:
        images = f"{card.expected['images']:,}" if "images" in card.expected else ""
        access = {"free": "fetch", "apply": "apply", "own": "your own"}[card.access]
        rows.add_row(card.name, card.title, images, card.licence, card.obtain if wide else access)
    console.print(rows)


def print_audit(found: Audit) -> None:
    """The number of problems of each kind, with the first of them."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as Rows

    from osteon.core.filenames import printable
    from osteon.data.audit import HEADINGS

    colours = {"error": "red", "warning": "yellow", "note": "blue"}
    rows = Rows("severity", "problem", "number", "first one", title=f"{found.images:,} images", title_justify="left")
    for kind, number in found.counts().items():
        first = next(problem for problem in found.problems if problem.kind is kind)
        location = f"{printable(first.images[0])}: " if first.images else ""
        severity = f"[{colours[first.severity]}]{first.severity}[/]"
        rows.add_row(severity, HEADINGS[kind], f"{number:,}", escape(f"{location}{first.detail}"))
    Console().print(rows)


def print_statistics(found: Statistics) -> None:
    """Counts by part, and the figures that were published beside those found here."""
    from itertools import groupby

    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as Rows

    from osteon.data.describe.page import figure_texts

    console = Console()
    rows = Rows("", *found.columns, box=None, pad_edge=False)
    for column in rows.columns[1:]:
        column.justify = "right"
    for section, lines in groupby(found.lines, lambda line: line.section):
        rows.add_row(f"[bold]{section}[/]")
        for line in lines:
            rows.add_row(escape(f"  {line.name}"), *(escape(value) for value in line.values))
    console.print(rows)
    if found.figures:
        rows = Rows(
            "\ncompared with published figures", "\npublished", "\nhere", "\ndifference", box=None, pad_edge=False
        )
        for column in rows.columns[1:]:
            column.justify = "right"
        for figure in found.figures:
            rows.add_row(f"  {figure.name}", *figure_texts(figure))
        console.print(rows)
