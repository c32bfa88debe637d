"""Tables of claims for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteon.evaluation.claims.cells import (
    Layout,
    Number,
    cell_grid,
    difference,
    entry_label,
    layout_of,
    our_number,
    paper_number,
)
from osteon.evaluation.claims.claims import NOT_MEASURED, Claims

if TYPE_CHECKING:
    from rich.console import Group

MARKED = "yellow"
"""Colour of simulated data."""


def claims_rich(claims: Claims, layout: Layout | None = None, *, digits: int = 3) -> Group:
    """The table for a terminal; commands follow below it, once each."""
    return _narrow(claims, digits) if (layout or layout_of(claims)) == "lines" else _wide(claims, layout, digits)


def _wide(claims: Claims, layout: Layout | None, digits: int) -> Group:
    """The paper's own table; a terminal is too narrow for three columns of each figure, so that they are stacked."""
    from rich import box as boxes
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    grid = cell_grid(claims, layout, digits=digits)
    printed = Table(box=boxes.SIMPLE_HEAD, pad_edge=False)
    printed.add_column()
    printed.add_column("data")
    printed.add_column()
    for word, _ in grid.spans:
        if word:
            printed.add_column(Text(word), justify="right")
    for cells in grid.rows:
        texts = [one.text for one in cells]
        stacked = ("\n".join(texts[i : i + 3]) for i in range(2, len(texts), 3))
        data = Text(texts[1], style=MARKED if cells[1].mark else "")
        printed.add_row(Text(texts[0]), data, Text("paper\nours\ndifference"), *map(Text, stacked))
    commands = [Text(f"$ {command}", style="dim") for command in _commands(claims)]
    notes = [Text(f"Note: {note}") for note in grid.notes]
    return Group(Text(claims.title, style="bold"), Text(claims.source), printed, *commands, *notes)


def _narrow(claims: Claims, digits: int) -> Group:
    """A line for each number, in 80 columns: data and reasons are told once, below the table."""
    from rich import box as boxes
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    printed = Table(box=boxes.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    printed.add_column("figure", overflow="fold")
    printed.add_column("where", overflow="fold", max_width=9)
    for word in ("paper", "ours", "diff."):
        printed.add_column(word, justify="right", no_wrap=True)
    data: dict[tuple[str, bool], int] = {}
    reasons: dict[str, int] = {}
    variant = ""
    for entry in claims.entries:
        if entry.variant != variant:
            variant = entry.variant
            printed.add_row(Text(variant or "not of a recipe", style="bold"))
        if entry.ours is None:
            ours = Number(f"– [{reasons.setdefault(entry.why, len(reasons) + 1)}]")
        else:
            number = our_number(entry, digits)
            several = entry.ours.seeds > 1
            about = f"{entry.data}; {entry.ours.seeds} seeds" if several else str(entry.data)
            mark = data.setdefault((about, entry.data.simulated), len(data) + 1)
            # The number of seeds is told with the data.
            ours = Number(f"{number.value} *{mark}", "" if entry.ours.sd is not None else number.behind)
        # An interval stands below its value, so that no number is broken.
        numbers = ("\n".join(filter(None, one)) for one in (paper_number(entry, digits), ours))
        printed.add_row(*map(Text, (entry_label(entry), entry.where, *numbers, difference(entry, digits))))
    below = [
        Text(f"*{number} {words}", style=MARKED if simulated else "") for (words, simulated), number in data.items()
    ]
    below += [Text(f"[{number}] {NOT_MEASURED}: {why}") for why, number in reasons.items()]
    below += [Text(f"$ {command}", style="dim") for command in _commands(claims)]
    below += [Text(f"Note: {note}") for note in claims.all_notes]
    below += [Text(f"Note: {entry.label}: {entry.note}") for entry in claims.entries if entry.label and entry.note]
    return Group(Text(claims.title, style="bold"), Text(claims.source), printed, *below)


def _commands(claims: Claims) -> list[str]:
    """Each once."""
    return list(dict.fromkeys(entry.command for entry in claims.entries if entry.command))
