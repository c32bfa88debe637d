"""The cells of tables of claims, the same for every rendering, in the two layouts that are the same for all papers.

``lines``: ``figure | paper | ours | difference | data | command``, a line for each number. ``grid``: the paper's own
table, a row for each variant and for each figure the paper's, ours and the difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from osteon.evaluation.claims.claims import NOT_MEASURED, SYNTHETIC, Cases, Claims, Entry
from osteon.evaluation.html.labels import LABELS
from osteon.html.numbers import MINUS

Layout = Literal["lines", "grid"]
NONE: Final = "–"


class Cell(NamedTuple):
    """A cell of a table.

    Attributes:
        words: what stands in it, after the mark.
        mark: of simulated data; empty for others.
        quiet: whether nothing was measured.
    """

    words: str
    mark: str = ""
    quiet: bool = False

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.mark}, {self.words}" if self.mark else self.words


class Number(NamedTuple):
    """A number and what stands behind it.

    Attributes:
        value: the number, with its standard deviation.
        behind: its interval in brackets, or the number of seeds; empty for none.
    """

    value: str
    behind: str = ""

    @property
    def text(self) -> str:
        """Both on one line."""
        return f"{self.value} {self.behind}".rstrip()


@dataclass(frozen=True)
class Grid:
    """A table of cells.

    Attributes:
        head: of the columns.
        numbers: which columns are numbers.
        rows: of cells, each as long as ``head``.
        code: which columns hold commands.
        spans: a heading above the columns, with the number of columns it spans; empty where there is none.
        below: heads below those headings, as long as ``head``.
        commands: below the table, where it has no column for them.
        notes: below the table.
    """

    head: tuple[str, ...]
    numbers: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]
    code: tuple[bool, ...]
    spans: tuple[tuple[str, int], ...] = ()
    below: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The rows as texts."""
        return tuple(tuple(cell.text for cell in row) for row in self.rows)


def layout_of(claims: Claims) -> Layout:
    """The layout that suits a table: ``grid`` for several variants of several figures, else ``lines``."""
    return "grid" if len(claims.variants) > 1 and len(claims.metrics) > 1 else "lines"


def cell_grid(claims: Claims, layout: Layout | None = None, *, digits: int = 3) -> Grid:
    """The table as cells.

    Args:
        claims: the table.
        layout: the one that suits where it is None.
        digits: after the decimal point.
    """
    return _grid(claims, digits) if (layout or layout_of(claims)) == "grid" else _lines(claims, digits)


def entry_label(entry: Entry) -> str:
    """What the number of an entry is."""
    return entry.label or metric_label(entry.metric)


def metric_label(metric: str) -> str:
    """Label of a figure by its dotted name, e.g. ``Sensitivity, doubt``; ``Macro f1``."""
    point, _, name = metric.partition(".")[2].rpartition(".")
    if not name:
        return metric
    return LABELS.get(name, name.replace("_", " ").capitalize()) + (f", {point.replace('.', ' ')}" if point else "")


def paper_number(entry: Entry, digits: int) -> Number:
    """The paper's number."""
    if entry.paper is None:
        return Number(NONE)
    value = _number(entry.paper, entry, digits)
    if entry.paper_sd is not None:
        return Number(f"{value} ± {_number(entry.paper_sd, entry, digits)}")
    return Number(f"{value} {entry.unit}".rstrip(), _between(entry.paper_low, entry.paper_high, entry, digits))


def our_number(entry: Entry, digits: int) -> Number:
    """Ours, with its interval; with its standard deviation and number of seeds where there are several."""
    ours = entry.ours
    if ours is None:
        return Number(NOT_MEASURED)
    value = _number(ours.value, entry, digits)
    if ours.sd is not None:
        return Number(f"{value} ± {_number(ours.sd, entry, digits)}", f"({ours.seeds} seeds)")
    return Number(f"{value} {entry.unit}".rstrip(), _between(ours.low, ours.high, entry, digits))


def difference(entry: Entry, digits: int) -> str:
    """Ours minus the paper's."""
    if entry.difference is None:
        return NONE
    if entry.kind == "count" or (entry.label and abs(entry.paper or 0.0) >= 1):
        return f"{entry.difference:+,.0f}".replace("-", MINUS) if entry.difference else "0"
    shown = f"{entry.difference:+.{digits}f}"
    return (shown if float(shown) else shown[1:]).replace("-", MINUS)


def data_cell(cases: Iterable[Cases]) -> Cell:
    """The cases that figures were measured on, each once."""
    kept = list(dict.fromkeys(cases))
    return Cell("; ".join(one.words for one in kept), SYNTHETIC if any(one.simulated for one in kept) else "")


def _lines(claims: Claims, digits: int) -> Grid:
    several = claims.variants != ("",)
    head = (*(("variant",) if several else ()), "figure", "paper", "where", "ours", "difference", "data", "command")
    rows = tuple(
        (
            *((Cell(entry.variant),) if several else ()),
            Cell(entry_label(entry)),
            Cell(paper_number(entry, digits).text),
            Cell(entry.where),
            _ours(entry, digits),
            Cell(difference(entry, digits)),
            data_cell([entry.data] if entry.ours is not None else []),
            Cell(entry.command),
        )
        for entry in claims.entries
    )
    numbers = tuple(word in ("paper", "ours", "difference") for word in head)
    code = tuple(word == "command" for word in head)
    return Grid(head, numbers, rows, code, notes=claims.all_notes)


def _ours(entry: Entry, digits: int) -> Cell:
    if entry.ours is None:
        return Cell(f"{NOT_MEASURED}: {entry.why}", quiet=True)
    return Cell(our_number(entry, digits).text)


def _grid(claims: Claims, digits: int) -> Grid:
    metrics = claims.metrics
    parts = ("paper", "ours", "difference")
    rows: list[tuple[Cell, ...]] = []
    for variant in claims.variants:
        found = {entry.metric: entry for entry in claims.entries if entry.variant == variant}
        # The data come first, so that the mark of simulated data is always visible.
        cells = [Cell(variant), data_cell(entry.data for entry in found.values() if entry.ours is not None)]
        for metric in metrics:
            entry = found.get(metric)
            cells += [Cell(NONE)] * len(parts) if entry is None else _three(entry, digits)
        rows.append(tuple(cells))
    width = len(parts) * len(metrics)
    return Grid(
        head=("", "data", *(f"{metric_label(metric)}: {part}" for metric in metrics for part in parts)),
        numbers=(False, False, *[True] * width),
        rows=tuple(rows),
        code=(False,) * (width + 2),
        spans=(("", 2), *((metric_label(metric), len(parts)) for metric in metrics)),
        below=("", "data", *parts * len(metrics)),
        commands=tuple(dict.fromkeys(entry.command for entry in claims.entries if entry.command)),
        notes=(*_below(claims), *claims.all_notes),
    )


def _three(entry: Entry, digits: int) -> list[Cell]:
    """Paper, ours without the number of seeds, difference."""
    ours = our_number(entry, digits)
    shown = ours.value if entry.ours is None or entry.ours.sd is not None else ours.text
    return [
        Cell(paper_number(entry, digits).text),
        Cell(shown, quiet=entry.ours is None),
        Cell(difference(entry, digits)),
    ]


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


def _between(low: float | None, high: float | None, entry: Entry, digits: int) -> str:
    if low is None or high is None:
        return ""
    return f"({_number(low, entry, digits)} to {_number(high, entry, digits)})"


def _number(value: float, entry: Entry, digits: int) -> str:
    """A share with its digits; a count, a setting or what has a unit as it is, without zeros at the end."""
    if entry.kind == "setting":
        return f"{value:,.6g}".replace("-", MINUS) if abs(value) < 1 else _whole(value)
    if entry.kind == "count" or (entry.label and abs(value) >= 1):
        return _whole(value)
    return f"{value:.{digits}f}".replace("-", MINUS)


def _whole(value: float) -> str:
    shown = f"{value:,.2f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown).replace("-", MINUS)
