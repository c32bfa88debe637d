"""Tables of claims in Markdown and HTML; see :mod:`osteon.evaluation.claims.cells` for what they hold."""

from __future__ import annotations

from collections.abc import Sequence

from osteon.evaluation.claims.cells import Cell, Grid, Layout, cell_grid
from osteon.evaluation.claims.claims import Claims
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


def claims_markdown(claims: Claims, layout: Layout | None = None, *, digits: int = 3) -> str:
    """The table as Markdown, with its title, source and notes."""
    grid = cell_grid(claims, layout, digits=digits)
    rule = "|" + "|".join("---:" if number else "---" for number in grid.numbers) + "|"
    lines = [_markdown_row(grid.head), rule, *(_markdown_row(_marked(cells, grid)) for cells in grid.rows)]
    below = [*grid.notes, *(f"`{command}`" for command in grid.commands)]
    notes = ["", *(f"- {note}" for note in below)] if below else []
    return "\n".join([f"### {claims.title}", "", claims.source, "", *lines, *notes, ""])


def claims_section(claims: Claims, layout: Layout | None = None, *, digits: int = 3) -> DocumentSection:
    """The table as a section of a page."""
    grid = cell_grid(claims, layout, digits=digits)
    rows = (
        row(
            cell(code(one.text) if is_code and one.text else _emphasised(one), "n" if number else "")
            for one, number, is_code in zip(cells, grid.numbers, grid.code, strict=True)
        )
        for cells in grid.rows
    )
    shown = table(grid.below or grid.head, rows, caption=claims.title, numbers=grid.numbers, spans=grid.spans)
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


def _emphasised(one: Cell) -> str:
    """A cell in which what was not measured is quiet and the mark of simulated data stands out."""
    if one.quiet:
        return span(one.text, "range")
    return joined(bold(one.mark, "warn"), f", {one.words}") if one.mark else one.words


def _marked(cells: Sequence[Cell], grid: Grid) -> list[str]:
    return [
        f"`{one.text}`" if is_code and one.text else f"**{one.mark}**, {one.words}" if one.mark else one.words
        for one, is_code in zip(cells, grid.code, strict=True)
    ]


def _markdown_row(texts: Sequence[str]) -> str:
    escaped = (text.replace("|", "\\|").replace("\n", " ") for text in texts)
    return f"| {' | '.join(escaped)} |"
