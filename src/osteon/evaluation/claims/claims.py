"""Claims of a paper compared with measured figures: one record for the figures of a recipe and for whole tables.

An :class:`Entry` is one number of a paper with ours. A :class:`Claims` is a table of them, in either of two layouts that
are the same for all papers: a line for each number, or the paper's own table with variants down and figures across.
Rendering is in :mod:`osteon.evaluation.claims.page` and ``terminal``, JSON in ``record``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.evaluation.compare.seeds import SeedSummary

NOT_MEASURED: Final = "not measured"

SYNTHETIC: Final = "SYNTHETIC"
"""Of simulated data."""

Kind = Literal["share", "count", "setting"]
"""Of a number: a share, a number of cases or boxes, or a setting."""

SYNTHETIC_NOTE: Final = (
    f"{SYNTHETIC}: measured on simulated radiographs. The difference from the paper shows that the software runs; it says "
    "nothing about performance on patients."
)


class Stated(Protocol):
    """A figure that a paper states, as recipes hold it."""

    @property
    def metric(self) -> str:
        """Its name in ``osteon evaluate``."""
        ...

    @property
    def value(self) -> float | None:
        """As printed there, as a fraction; None for a figure of ours that is shown beside one."""
        ...

    @property
    def spread(self) -> float | None:
        """Standard deviation over seeds as printed there."""
        ...

    @property
    def where(self) -> str:
        """Table, row, section."""
        ...

    @property
    def low(self) -> float | None:
        """Lower end of the interval as printed there."""
        ...

    @property
    def high(self) -> float | None:
        """Upper end of it."""
        ...

    @property
    def kind(self) -> Kind:
        """What kind of number it is."""
        ...

    @property
    def note(self) -> str:
        """Why this quantity is compared; empty where there is nothing to say."""
        ...


@dataclass(frozen=True)
class Cases:
    """The cases that a figure of ours was measured on.

    Attributes:
        name: dataset and part, e.g. ``FracAtlas, test part``.
        images: their number; None where unknown.
        positive: number of positive images; None where unknown.
        simulated: whether they are phantoms, not radiographs of patients.
    """

    name: str
    images: int | None = None
    positive: int | None = None
    simulated: bool = False

    def __str__(self) -> str:
        """``SYNTHETIC, phantoms, test part: 400 images, 120 positive``."""
        return f"{SYNTHETIC}, {self.words}" if self.simulated else self.words

    @property
    def words(self) -> str:
        """The same without the mark of simulated cases."""
        counts = [] if self.images is None else [f"{self.images:,} images"]
        counts += [] if self.positive is None else [f"{self.positive:,} positive"]
        return f"{self.name}: {', '.join(counts)}" if counts else self.name


@dataclass(frozen=True)
class Ours:
    """A figure that was measured here.

    Attributes:
        value: the figure, or its mean over seeds.
        sd: standard deviation over seeds (n - 1); None for a single run.
        low: lower end of the interval; None where there is none.
        high: upper end.
        method: of the interval, or empty.
        seeds: number of runs.
        n: number of cases; None where it is not known.
    """

    value: float
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    method: str = ""
    seeds: int = 1
    n: int | None = None


@dataclass(frozen=True)
class Entry:
    """One number of a paper, with ours.

    Attributes:
        metric: name of the figure in ``osteon evaluate``, e.g. ``classification.auroc``; empty for a number that it has not.
        paper: as the paper prints it, as a fraction; None where it gives none.
        paper_sd: standard deviation over seeds that the paper prints; None where it gives none.
        where: table, row, section.
        ours: None where it was not measured.
        why: reason why it was not; empty where it was.
        data: cases that ours was measured on.
        command: to measure it.
        variant: row of the paper's table (architecture, setting); empty where the paper has one.
        paper_low: lower end of the interval that the paper prints; None where it gives none.
        paper_high: upper end.
        label: what the number is, in words, where it is no figure of ``osteon evaluate``.
        unit: of the number; empty for shares and counts.
        note: what to know of the comparison; empty where there is nothing to say.
        kind: of the number.
    """

    metric: str
    paper: float | None
    paper_sd: float | None
    where: str
    ours: Ours | None
    why: str
    data: Cases
    command: str
    variant: str = ""
    paper_low: float | None = None
    paper_high: float | None = None
    label: str = ""
    unit: str = ""
    note: str = ""
    kind: Kind = "share"

    def __post_init__(self) -> None:
        """Check that there is either a figure of ours or a reason why not.

        Raises:
            DataError: there is neither, or both.
        """
        if (self.ours is None) == (not self.why):
            raise DataError(
                f"the entry of {self.metric or self.label} is half filled",
                expected="a figure of ours, or why there is none",
            )

    @property
    def difference(self) -> float | None:
        """Ours minus the paper's; None where one of them is missing."""
        return None if self.ours is None or self.paper is None else self.ours.value - self.paper


@dataclass(frozen=True)
class Claims:
    """The table of a paper.

    Attributes:
        title: of the table.
        source: the paper.
        entries: its numbers, in the paper's order.
        notes: sentences below it.
    """

    title: str
    source: str
    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def variants(self) -> tuple[str, ...]:
        """Rows, in order."""
        return tuple(dict.fromkeys(entry.variant for entry in self.entries))

    @property
    def metrics(self) -> tuple[str, ...]:
        """Columns, in order."""
        return tuple(dict.fromkeys(entry.metric for entry in self.entries))

    @property
    def simulated(self) -> bool:
        """Whether some figure of ours is of simulated data."""
        return any(entry.ours is not None and entry.data.simulated for entry in self.entries)

    @property
    def all_notes(self) -> tuple[str, ...]:
        """The notes, those of the entries, and the one on simulated data."""
        of_entries = dict.fromkeys(entry.note for entry in self.entries if entry.note and not entry.label)
        return (*self.notes, *of_entries, *((SYNTHETIC_NOTE,) if self.simulated else ()))


def measured(figure: Estimate | SeedSummary) -> Ours:
    """A measured figure as the table holds it."""
    if isinstance(figure, Estimate):
        return Ours(figure.value, None, figure.low, figure.high, figure.method, 1, figure.n)
    interval = figure.interval or figure.over_seeds
    low, high, method = (None, None, "") if interval is None else (interval.low, interval.high, interval.method)
    return Ours(figure.mean, figure.sd, low, high, method, len(figure.values), figure.n)


def compare_claims(
    stated: Iterable[Stated],
    figures: Mapping[str, Estimate | SeedSummary],
    *,
    data: Cases,
    command: str,
    variant: str = "",
    why: str = "",
) -> tuple[Entry, ...]:
    """The claims of a paper with the measured figures.

    Args:
        stated: a recipe's claims.
        figures: ours by name.
        data: that they were measured on.
        command: that measures them.
        variant: row of the paper's table.
        why: reason where a figure was not measured; by default, that the evaluation has none of that name.
    """
    return tuple(
        Entry(
            metric=claim.metric,
            paper=claim.value,
            paper_sd=claim.spread,
            where=claim.where,
            ours=measured(figures[claim.metric]) if claim.metric in figures else None,
            why="" if claim.metric in figures else why or "the evaluation has no figure of this name",
            data=data,
            command=command,
            variant=variant,
            paper_low=claim.low,
            paper_high=claim.high,
            note=claim.note,
            kind=claim.kind,
        )
        for claim in stated
    )
