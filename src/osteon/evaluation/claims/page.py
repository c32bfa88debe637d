"""Tables of claims in Markdown, HTML and on the console, in the same two layouts for all papers.

``lines``: ``figure | paper | ours | difference | data | command``, a line for each number. ``grid``: the paper's own
table, a row for each variant and for each figure the paper's, ours and the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from osteon.evaluation.claims.claims import NOT_MEASURED, Claims, Entry
from osteon.evaluation.html.labels import LABELS
from osteon.html.numbers import MINUS
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

Layout = Literal["lines", "grid"]


@dataclass(frozen=True)
class Grid:
    """A table of texts, the same for every rendering.

    Attributes:
        head: of the columns.
        numbers: which columns are numbers.
        rows: of texts, each as long as ``head``.
        code: which columns hold commands.
        spans: a heading above the columns, with the number of columns it spans; empty where there is none.
        commands: below the table, where it has no column for them.
        notes: below the table.
    """

    head: tuple[str, ...]
    numbers: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    code: tuple[bool, ...]
    spans: tuple[tuple[str, int], ...] = ()
    commands: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def layout_of(claims: Claims) -> Layout:
    """The layout that suits a table: ``grid`` for several variants of several figures, else ``lines``."""
    return "grid" if len(claims.variants) > 1 and len(claims.metrics) > 1 else "lines"


def text_grid(claims: Claims, layout: Layout | None = None, *, digits: int = 3) -> Grid:
    """The table as texts.

    Args:
        claims: the table.
        layout: the one that suits where it is None.
        digits: after the decimal point.
    """
    return _grid(claims, digits) if (layout or layout_of(claims)) == "grid" else _lines(claims, digits)


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


def claims_document(tables: Sequence[Claims], title: str, *, digits: int = 3) -> str:
    """Several tables as one page that needs nothing else."""
    return document(title, [claims_section(one, digits=digits) for one in tables])


def claims_rich(claims: Claims, layout: Layout | None = None, *, digits: int = 3) -> Group:
    """The table for a terminal; commands follow below it, once each."""
    from rich import box as boxes
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    grid = text_grid(claims, layout, digits=digits)
    printed = Table(box=boxes.SIMPLE_HEAD, pad_edge=False)
    if grid.spans:
        # A terminal is too narrow for three columns of each figure: they are stacked.
        printed.add_column()
        printed.add_column("data")
        printed.add_column()
        for word, _ in grid.spans:
            if word:
                printed.add_column(Text(word), justify="right")
        rows = [
            (*cells[:2], "paper\nours\ndifference", *("\n".join(cells[i : i + 3]) for i in range(2, len(cells), 3)))
            for cells in grid.rows
        ]
    else:
        shown = [i for i, code in enumerate(grid.code) if not code]
        for i in shown:
            printed.add_column(Text(grid.head[i]), justify="right" if grid.numbers[i] else "left")
        rows = [tuple(cells[i] for i in shown) for cells in grid.rows]
    for row_texts in rows:
        printed.add_row(*(Text(word, style="yellow" if "SYNTHETIC" in word else "") for word in row_texts))
    commands = dict.fromkeys(entry.command for entry in claims.entries if entry.command)
    below = [Text(f"$ {command}", style="dim") for command in commands]
    notes = [Text(f"Note: {note}") for note in grid.notes]
    return Group(Text(claims.title, style="bold"), Text(claims.source), printed, *below, *notes)


def metric_label(metric: str) -> str:
    """Label of a figure, e.g. ``Sensitivity, doubt``; ``Macro f1``."""
    point, _, name = metric.partition(".")[2].rpartition(".")
    if not name:
        return metric
    return LABELS.get(name, name.replace("_", " ").capitalize()) + (f", {point.replace('.', ' ')}" if point else "")


def _lines(claims: Claims, digits: int) -> Grid:
    several = claims.variants != ("",)
    head = (*(("variant",) if several else ()), "figure", "paper", "where", "ours", "difference", "data", "command")
    rows = tuple(
        (
            *((entry.variant,) if several else ()),
            metric_label(entry.metric),
            _paper(entry, digits),
            entry.where,
            _ours(entry, digits),
            _difference(entry, digits),
            str(entry.data) if entry.ours is not None else "",
            entry.command,
        )
        for entry in claims.entries
    )
    numbers = tuple(word in ("paper", "ours", "difference") for word in head)
    code = tuple(word == "command" for word in head)
    return Grid(head, numbers, rows, code, notes=claims.all_notes)


def _grid(claims: Claims, digits: int) -> Grid:
    metrics = claims.metrics
    head = ("", "data", *(f"{metric_label(m)}: {part}" for m in metrics for part in ("paper", "ours", "difference")))
    rows: list[tuple[str, ...]] = []
    for variant in claims.variants:
        found = {entry.metric: entry for entry in claims.entries if entry.variant == variant}
        # The data come first, so that the mark of simulated data is always visible.
        data = dict.fromkeys(str(entry.data) for entry in found.values() if entry.ours is not None)
        cells: list[str] = [variant, "; ".join(data)]
        for metric in metrics:
            entry = found.get(metric)
            cells += (
                ("–", "–", "–")
                if entry is None
                else (_paper(entry, digits), _short(entry, digits), _difference(entry, digits))
            )
        rows.append(tuple(cells))
    width = 3 * len(metrics)
    return Grid(
        head=head,
        numbers=(False, False, *[True] * width),
        rows=tuple(rows),
        code=(False,) * (width + 2),
        spans=(("", 2), *((metric_label(metric), 3) for metric in metrics)),
        commands=tuple(dict.fromkeys(entry.command for entry in claims.entries if entry.command)),
        notes=(*_below(claims), *claims.all_notes),
    )


def _below(claims: Claims) -> list[str]:
    """Notes that do not fit in the cells of a grid: number of seeds, and why figures were not measured."""
    runs = {entry.ours.seeds for entry in claims.entries if entry.ours is not None and entry.ours.sd is not None}
    notes = (
        [f"Ours with ±: mean and standard deviation over {' or '.join(map(str, sorted(runs)))} seeds."] if runs else []
    )
    missing: dict[str, list[str]] = {}
    for entry in claims.entries:
        if entry.ours is None:
            missing.setdefault(entry.why, []).append(f"{entry.variant}: {metric_label(entry.metric)}")
    for why, names in missing.items():
        listed = f"{'; '.join(names[:6])} and {len(names) - 6} more" if len(names) > 6 else "; ".join(names)
        notes.append(f"{NOT_MEASURED.capitalize()}, because {why} ({listed}).")
    return notes


def _paper(entry: Entry, digits: int) -> str:
    if entry.paper is None:
        return "–"
    spread = "" if entry.paper_sd is None else f" ± {entry.paper_sd:.{digits}f}"
    return f"{entry.paper:.{digits}f}{spread}"


def _ours(entry: Entry, digits: int) -> str:
    return f"{NOT_MEASURED}: {entry.why}" if entry.ours is None else entry.ours.text(digits).replace("-", MINUS)


def _short(entry: Entry, digits: int) -> str:
    """Ours without the number of seeds."""
    if entry.ours is None or entry.ours.sd is None:
        return NOT_MEASURED if entry.ours is None else _ours(entry, digits)
    return f"{entry.ours.value:.{digits}f} ± {entry.ours.sd:.{digits}f}".replace("-", MINUS)


def _difference(entry: Entry, digits: int) -> str:
    if entry.difference is None:
        return "–"
    difference = f"{entry.difference:+.{digits}f}"
    return (difference if float(difference) else difference[1:]).replace("-", MINUS)


def _emphasised(word: str) -> str:
    """A cell's words, in which what was not measured is quiet and what is simulated stands out."""
    if word.startswith(NOT_MEASURED):
        return span(word, "range")
    before, found, after = word.partition("SYNTHETIC")
    return joined(before, bold(found, "warn"), after) if found else word


def _markdown_row(cells: Sequence[str], grid: Grid) -> str:
    texts = (
        f"`{cell}`" if code and cell and cells is not grid.head else cell
        for cell, code in zip(cells, grid.code, strict=True)
    )
    escaped = (shown.replace("|", "\\|").replace("\n", " ").replace("SYNTHETIC", "**SYNTHETIC**") for shown in texts)
    return f"| {' | '.join(escaped)} |"
