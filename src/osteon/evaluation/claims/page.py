"""Tables of claims in Markdown, HTML and on the console, see ``osteon.evaluation.claims.grid``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from osteon.evaluation.claims.claims import NOT_MEASURED, Cases, Claims
from osteon.evaluation.claims.grid import (
    CellText,
    Grid,
    Layout,
    difference_text,
    entry_label,
    layout_of,
    ours_parts,
    paper_parts,
    text_grid,
)
from osteon.html.parts import (
    DocumentSection,
    bold,
    box,
    bullets,
    cell,
    code,
    document,
    joined,
    paragraph,
    row,
    span,
    table,
)

if TYPE_CHECKING:
    from rich.console import Group


def claims_markdown(claims: Claims, layout: Layout | None = None, *, digits: int = 3) -> str:
    """The table as Markdown, with its title, source and notes."""
    grid = text_grid(claims, layout, digits=digits)
    rule = "|" + "|".join("---:" if number else "---" for number in grid.numbers) + "|"
    lines = [_markdown_row(grid.head, grid), rule, *(_markdown_row(cells, grid) for cells in grid.rows)]
    below = [*grid.notes, *(f"`{command}`" for command in grid.commands)]
    notes = ["", *(f"- {note}" for note in below)] if below else []
    return "\n".join([f"### {claims.title}", "", claims.source, "", *lines, *notes, ""])


def claims_section(claims: Claims, layout: Layout | None = None, *, digits: int = 3) -> DocumentSection:
    """The table as a section of a page."""
    grid = text_grid(claims, layout, digits=digits)
    rows = (
        row(
            cell(code(word) if is_code and word else _emphasised(word), "n" if number else "")
            for word, number, is_code in zip(cells, grid.numbers, grid.code, strict=True)
        )
        for cells in grid.rows
    )
    head = [word.rpartition(": ")[2] if grid.spans else word for word in grid.head]
    shown = table(head, rows, caption=claims.title, numbers=grid.numbers, spans=grid.spans)
    content = joined(
        paragraph(claims.source, "sub"),
        box(shown, "scroll"),
        bullets(grid.notes) if grid.notes else "",
        *(paragraph(code(command)) for command in grid.commands),
    )
    return DocumentSection(claims.title, content)


def claims_document(tables: Sequence[Claims], title: str, layout: Layout | None = None, *, digits: int = 3) -> str:
    """Several tables as one page that needs nothing else."""
    return document(title, [claims_section(one, layout, digits=digits) for one in tables])


def claims_rich(claims: Claims, layout: Layout | None = None, *, digits: int = 3) -> Group:
    """The table for a terminal; commands follow below it, once each."""
    from rich import box as boxes
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    if (layout or layout_of(claims)) == "lines":
        return _narrow(claims, digits)
    grid = text_grid(claims, layout, digits=digits)
    printed = Table(box=boxes.SIMPLE_HEAD, pad_edge=False)
    # A terminal is too narrow for three columns of each figure: they are stacked.
    printed.add_column()
    printed.add_column("data")
    printed.add_column()
    for word, _ in grid.spans:
        if word:
            printed.add_column(Text(word), justify="right")
    for cells in grid.rows:
        stacked = ("\n".join(cells[i : i + 3]) for i in range(2, len(cells), 3))
        words = (*cells[:2], "paper\nours\ndifference", *stacked)
        printed.add_row(*(Text(word, style="yellow" if _marked(word) else "") for word in words))
    commands = dict.fromkeys(entry.command for entry in claims.entries if entry.command)
    below = [Text(f"$ {command}", style="dim") for command in commands]
    notes = [Text(f"Note: {note}") for note in grid.notes]
    return Group(Text(claims.title, style="bold"), Text(claims.source), printed, *below, *notes)


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
    data: dict[tuple[Cases, int], int] = {}
    reasons: dict[str, int] = {}
    variant = ""
    for entry in claims.entries:
        if entry.variant != variant:
            variant = entry.variant
            printed.add_row(Text(variant or "not of a recipe", style="bold"))
        if entry.ours is None:
            ours = f"– [{reasons.setdefault(entry.why, len(reasons) + 1)}]"
        else:
            mark = f" *{data.setdefault((entry.data, entry.ours.seeds), len(data) + 1)}"
            value, between = ours_parts(entry.ours, entry, digits)
            ours = _stacked(value + mark, between)
        numbers = (_stacked(*paper_parts(entry, digits)), ours, difference_text(entry, digits))
        printed.add_row(*map(Text, (entry_label(entry), entry.where, *numbers)))
    below = [
        Text(f"*{number} {cases}{f'; {seeds} seeds' if seeds > 1 else ''}", style="yellow" if cases.simulated else "")
        for (cases, seeds), number in data.items()
    ]
    below += [Text(f"[{number}] {NOT_MEASURED}: {why}") for why, number in reasons.items()]
    commands = dict.fromkeys(entry.command for entry in claims.entries if entry.command)
    below += [Text(f"$ {command}", style="dim") for command in commands]
    below += [Text(f"Note: {note}") for note in claims.all_notes]
    below += [Text(f"Note: {entry.label}: {entry.note}") for entry in claims.entries if entry.label and entry.note]
    return Group(Text(claims.title, style="bold"), Text(claims.source), printed, *below)


def _stacked(value: str, between: str) -> str:
    """An interval stands below its value, so that no number is broken."""
    return f"{value}\n({between})" if between else value


def _marked(word: str) -> bool:
    return isinstance(word, CellText) and bool(word.mark)


def _emphasised(word: str) -> str:
    """A cell's words, in which what was not measured is quiet and what is simulated stands out."""
    if not isinstance(word, CellText):
        return word
    if word.missing:
        return span(word, "range")
    return joined(bold(word.mark, "warn"), word.rest) if word.mark else str(word)


def _markdown_row(cells: Sequence[str], grid: Grid) -> str:
    texts = (
        f"`{cell}`"
        if code and cell and cells is not grid.head
        else f"**{cell.mark}**{cell.rest}"
        if isinstance(cell, CellText) and cell.mark
        else cell
        for cell, code in zip(cells, grid.code, strict=True)
    )
    escaped = (shown.replace("|", "\\|").replace("\n", " ") for shown in texts)
    return f"| {' | '.join(escaped)} |"
