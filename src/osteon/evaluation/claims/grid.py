"""Tables of claims as texts, in the same two layouts for all papers, before they are rendered.

``lines``: ``figure | paper | ours | difference | data | command``, a line for each number. ``grid``: the paper's own
table, a row for each variant and for each figure the paper's, ours and the difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

from osteon.evaluation.claims.claims import NOT_MEASURED, SYNTHETIC, Cases, Claims, Entry, Ours
from osteon.evaluation.html.labels import LABELS
from osteon.html.numbers import MINUS

Layout = Literal["lines", "grid"]


class CellText(str):
    """The text of a cell, with what it says, so that no rendering looks for it in the words.

    Attributes:
        mark: its beginning that must stand out: ``SYNTHETIC``; empty where the data are of patients.
        missing: whether it says why there is no figure.
    """

    mark: str
    missing: bool

    def __new__(cls, text: str, mark: str = "", *, missing: bool = False) -> Self:
        """The mark and the text, as one string."""
        made = super().__new__(cls, mark + text)
        made.mark, made.missing = mark, missing
        return made

    @property
    def rest(self) -> str:
        """What stands behind the mark."""
        return self[len(self.mark) :]


def data_text(sets: Iterable[Cases]) -> CellText:
    """The cases that figures were measured on; marked where they are simulated."""
    found = list(dict.fromkeys(sets))
    if not found or not found[0].simulated:
        return CellText("; ".join(map(str, found)))
    return CellText("; ".join([f", {found[0].words}", *map(str, found[1:])]), SYNTHETIC)


@dataclass(frozen=True)
class Grid:
    """A table of texts, the same for every rendering.

    Attributes:
        head: of the columns.
        numbers: which columns are numbers.
        rows: of texts, each as long as ``head``; what is simulated or missing is a :class:`CellText`.
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


def entry_label(entry: Entry) -> str:
    """What the number of an entry is."""
    return entry.label or metric_label(entry.metric)


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
            entry_label(entry),
            _paper(entry, digits),
            entry.where,
            _ours(entry, digits),
            difference_text(entry, digits),
            data_text([entry.data]) if entry.ours is not None else "",
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
        cells: list[str] = [variant, data_text(entry.data for entry in found.values() if entry.ours is not None)]
        for metric in metrics:
            entry = found.get(metric)
            cells += (
                ("–", "–", "–")
                if entry is None
                else (_paper(entry, digits), _short(entry, digits), difference_text(entry, digits))
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


def paper_parts(entry: Entry, digits: int) -> tuple[str, str]:
    """The paper's value, and its interval in words; empty where it states none."""
    if entry.paper is None:
        return "–", ""
    value = _number(entry.paper, entry, digits)
    if entry.paper_sd is not None:
        return f"{value} ± {_number(entry.paper_sd, entry, digits)}", ""
    if entry.paper_low is None or entry.paper_high is None:
        return f"{value} {entry.unit}".rstrip(), ""
    return value, f"{_number(entry.paper_low, entry, digits)} to {_number(entry.paper_high, entry, digits)}"


def ours_parts(ours: Ours, entry: Entry, digits: int) -> tuple[str, str]:
    """Our value, with its standard deviation over seeds, and its interval in words; empty where there is none."""
    if ours.sd is not None:
        return f"{ours.value:.{digits}f} ± {ours.sd:.{digits}f}".replace("-", MINUS), ""
    if entry.label:
        return f"{_number(ours.value, entry, digits)} {entry.unit}".rstrip(), ""
    between = "" if ours.low is None or ours.high is None else f"{ours.low:.{digits}f} to {ours.high:.{digits}f}"
    return f"{ours.value:.{digits}f}".replace("-", MINUS), between.replace("-", MINUS)


def _bracketed(value: str, between: str) -> str:
    return f"{value} ({between})" if between else value


def _paper(entry: Entry, digits: int) -> str:
    return _bracketed(*paper_parts(entry, digits))


def _ours(entry: Entry, digits: int) -> str:
    if entry.ours is None:
        return CellText(f"{NOT_MEASURED}: {entry.why}", missing=True)
    if entry.label:
        return f"{_number(entry.ours.value, entry, digits)} {entry.unit}".rstrip()
    return entry.ours.text(digits).replace("-", MINUS)


def _short(entry: Entry, digits: int) -> str:
    """Ours without the number of seeds."""
    if entry.ours is None:
        return CellText(NOT_MEASURED, missing=True)
    return _bracketed(*ours_parts(entry.ours, entry, digits))


def difference_text(entry: Entry, digits: int) -> str:
    """Ours less the paper's, signed."""
    if entry.difference is None:
        return "–"
    if entry.label and abs(entry.paper or 0.0) >= 1:
        return f"{entry.difference:+,.0f}".replace("-", MINUS)
    difference = f"{entry.difference:+.{digits}f}"
    return (difference if float(difference) else difference[1:]).replace("-", MINUS)


def _number(value: float, entry: Entry, digits: int) -> str:
    """A share with its digits; what is counted or has a unit as it is, without zeros at the end."""
    if entry.label and value >= 1:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:.{digits}f}"
