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
    """A table of words, the same for every rendering.

    Attributes:
        head: of the columns.
        numbers: which columns are numbers.
        rows: of words, each as long as ``head``.
        code: which columns hold commands.
        spans: a heading above the columns, with how many of them it is for; empty where there is none.
        commands: that stand below the table, because it has no column for them.
        notes: that stand below the table.
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


def words_of(claims: Claims, layout: Layout | None = None, *, digits: int = 3) -> Grid:
    """The table in words.

    Args:
        claims: the table.
        layout: the one that suits where it is None.
        digits: after the decimal point.
    """
    return _grid(claims, digits) if (layout or layout_of(claims)) == "grid" else _lines(claims, digits)


def claims_markdown(claims: Claims, layout: Layout | None = None, *, digits: int = 3) -> str:
    """The table as Markdown, with its title, source and notes."""
    grid = words_of(claims, layout, digits=digits)
    rule = "|" + "|".join("---:" if number else "---" for number in grid.numbers) + "|"
    lines = [_markdown_row(grid.head, grid), rule, *(_markdown_row(one, grid) for one in grid.rows)]
    below = [*grid.notes, *(f"`{command}`" for command in grid.commands)]
    notes = ["", *(f"- {note}" for note in below)] if below else []
    return "\n".join([f"### {claims.title}", "", claims.source, "", *lines, *notes, ""])


def claims_section(claims: Claims, layout: Layout | None = None, *, digits: int = 3) -> DocumentSection:
    """The table as a section of a page."""
    grid = words_of(claims, layout, digits=digits)
    rows = (
        row(
            cell(code(word) if is_code and word else _emphasised(word), "n" if number else "")
            for word, number, is_code in zip(one, grid.numbers, grid.code, strict=True)
        )
        for one in grid.rows
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
    """The table for a terminal; commands stand below it, once each."""
    from rich import box as boxes
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    grid = words_of(claims, layout, digits=digits)
    printed = Table(box=boxes.SIMPLE_HEAD, pad_edge=False)
    if grid.spans:
        # A terminal is too narrow for three columns of each figure: they stand below each other.
        printed.add_column()
        printed.add_column("data")
        printed.add_column()
        for word, _ in grid.spans:
            if word:
                printed.add_column(Text(word), justify="right")
        rows = [
            (*one[:2], "paper\nours\ndifference", *("\n".join(one[i : i + 3]) for i in range(2, len(one), 3)))
            for one in grid.rows
        ]
    else:
        shown = [i for i, code in enumerate(grid.code) if not code]
        for i in shown:
            printed.add_column(Text(grid.head[i]), justify="right" if grid.numbers[i] else "left")
        rows = [tuple(one[i] for i in shown) for one in grid.rows]
    for one in rows:
        printed.add_row(*(Text(word, style="yellow" if "SYNTHETIC" in word else "") for word in one))
    commands = dict.fromkeys(entry.command for entry in claims.entries if entry.command)
    below = [Text(f"$ {command}", style="dim") for command in commands]
    notes = [Text(f"Note: {note}") for note in grid.notes]
    return Group(Text(claims.title, style="bold"), Text(claims.source), printed, *below, *notes)


def metric_words(metric: str) -> str:
    """What a figure is called, e.g. ``Sensitivity, doubt``; ``Macro f1``."""
    point, _, name = metric.partition(".")[2].rpartition(".")
    if not name:
        return metric
    return LABELS.get(name, name.replace("_", " ").capitalize()) + (f", {point.replace('.', ' ')}" if point else "")


def _lines(claims: Claims, digits: int) -> Grid:
    several = claims.variants != ("",)
    head = (*(("variant",) if several else ()), "figure", "paper", "where", "ours", "difference", "data", "command")
    rows = tuple(
        (
            *((one.variant,) if several else ()),
            metric_words(one.metric),
            _paper(one, digits),
            one.where,
            _ours(one, digits),
            _difference(one, digits),
            str(one.data) if one.ours is not None else "",
            one.command,
        )
        for one in claims.entries
    )
    numbers = tuple(word in ("paper", "ours", "difference") for word in head)
    code = tuple(word == "command" for word in head)
    return Grid(head, numbers, rows, code, notes=claims.all_notes)


def _grid(claims: Claims, digits: int) -> Grid:
    metrics = claims.metrics
    head = ("", "data", *(f"{metric_words(m)}: {part}" for m in metrics for part in ("paper", "ours", "difference")))
    rows: list[tuple[str, ...]] = []
    for variant in claims.variants:
        found = {one.metric: one for one in claims.entries if one.variant == variant}
        # Data stand on the left, so that a mark of simulated ones is never out of sight.
        data = dict.fromkeys(str(one.data) for one in found.values() if one.ours is not None)
        cells: list[str] = [variant, "; ".join(data)]
        for metric in metrics:
            one = found.get(metric)
            cells += (
                ("–", "–", "–") if one is None else (_paper(one, digits), _short(one, digits), _difference(one, digits))
            )
        rows.append(tuple(cells))
    width = 3 * len(metrics)
    return Grid(
        head=head,
        numbers=(False, False, *[True] * width),
        rows=tuple(rows),
        code=(False,) * (width + 2),
        spans=(("", 2), *((metric_words(metric), 3) for metric in metrics)),
        commands=tuple(dict.fromkeys(one.command for one in claims.entries if one.command)),
        notes=(*_below(claims), *claims.all_notes),
    )


def _below(claims: Claims) -> list[str]:
    """What the cells of a grid are too narrow for: how many seeds, and why a figure was not measured."""
    runs = {one.ours.seeds for one in claims.entries if one.ours is not None and one.ours.sd is not None}
    notes = (
        [f"Ours with ±: mean and standard deviation over {' or '.join(map(str, sorted(runs)))} seeds."] if runs else []
    )
    lacking: dict[str, list[str]] = {}
    for one in claims.entries:
        if one.ours is None:
            lacking.setdefault(one.why, []).append(f"{one.variant}: {metric_words(one.metric)}")
    for why, names in lacking.items():
        most = f"{'; '.join(names[:6])} and {len(names) - 6} more" if len(names) > 6 else "; ".join(names)
        notes.append(f"{NOT_MEASURED.capitalize()}, because {why} ({most}).")
    return notes


def _paper(one: Entry, digits: int) -> str:
    if one.paper is None:
        return "–"
    spread = "" if one.paper_sd is None else f" ± {one.paper_sd:.{digits}f}"
    return f"{one.paper:.{digits}f}{spread}"


def _ours(one: Entry, digits: int) -> str:
    return f"{NOT_MEASURED}: {one.why}" if one.ours is None else one.ours.words(digits).replace("-", MINUS)


def _short(one: Entry, digits: int) -> str:
    """Ours without the number of seeds."""
    if one.ours is None or one.ours.sd is None:
        return NOT_MEASURED if one.ours is None else _ours(one, digits)
    return f"{one.ours.value:.{digits}f} ± {one.ours.sd:.{digits}f}".replace("-", MINUS)


def _difference(one: Entry, digits: int) -> str:
    if one.difference is None:
        return "–"
    words = f"{one.difference:+.{digits}f}"
    return (words if float(words) else words[1:]).replace("-", MINUS)


def _emphasised(word: str) -> str:
    """A cell's words, in which what was not measured is quiet and what is simulated stands out."""
    if word.startswith(NOT_MEASURED):
        return span(word, "range")
    before, found, after = word.partition("SYNTHETIC")
    return joined(before, bold(found, "warn"), after) if found else word


def _markdown_row(words: Sequence[str], grid: Grid) -> str:
    cells = (
        f"`{word}`" if code and word and words is not grid.head else word
        for word, code in zip(words, grid.code, strict=True)
    )
    shown = (one.replace("|", "\\|").replace("\n", " ").replace("SYNTHETIC", "**SYNTHETIC**") for one in cells)
    return f"| {' | '.join(shown)} |"
