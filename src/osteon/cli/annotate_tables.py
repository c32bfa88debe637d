"""The tables that ``osteon annotate`` prints; they fit 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table as Rows

    from osteon.clinic.annotation.agreement.records import Agreement, AgreementRow

SHARES = (("kappa", "kappa"), ("observed", "obs."), ("specific.present", "pos."), ("specific.absent", "neg."))
TITLE = 25


def print_agreement(agreement: Agreement) -> None:
    """Figures of all readers at each level, readers against the consensus, and what each reader did."""
    from rich.console import Console
    from rich.markup import escape

    from osteon.clinic.annotation.agreement.records import Compared, Level
    from osteon.clinic.annotation.agreement.words import cautions, summary

    console = Console()
    console.print(escape(summary(agreement)))
    for line in cautions(agreement):
        console.print(f"[yellow]![/] {escape(line)}")
    for level in (Level.STUDY, Level.IMAGE):
        shown = agreement.select(Compared.ALL, level)
        if shown:
            console.print(_labels(agreement, shown, f"\nAll readers, per {level}"))
    regions = agreement.select(Compared.ALL, Level.REGION)
    if regions:
        console.print(_regions(agreement, regions, "\nRegions of all pairs of readers", by_reader=False))
    against = [row for row in agreement.select(Compared.CONSENSUS, Level.REGION) if row.variable == "*"]
    if against:
        console.print(_regions(agreement, against, "\nRegions of readers against the consensus", by_reader=True))
    repeats = agreement.select(Compared.REPEAT, Level.STUDY)
    if repeats:
        console.print(_labels(agreement, repeats, "\nReaders against themselves, per study", by_reader=True))
    if agreement.readers:
        console.print(_readers(agreement))


def _rows(title: str, *heads: str) -> Rows:
    from rich.table import Table

    rows = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for place, head in enumerate(heads):
        rows.add_column(head, justify="left" if not place else "right", no_wrap=bool(place))
    return rows


def _labels(agreement: Agreement, shown: Sequence[AgreementRow], title: str, *, by_reader: bool = False) -> Rows:
    from rich.markup import escape

    from osteon.clinic.annotation.agreement.words import title_of

    main = "kappa" if by_reader else "alpha"
    heads = [name for key, name in SHARES if key != main]
    rows = _rows(title, "reader: label" if by_reader else "label", "n", f"{main} (95 %)", *heads)
    for row in shown:
        name = title_of(agreement, row)
        called = f"{row.readers[0]}: {name}" if by_reader else name
        if len(called) > 2 * TITLE:
            called = f"{called[: 2 * TITLE]}…"
        shares = [_value(row, key) for key, _ in SHARES if key != main]
        rows.add_row(escape(called), f"{row.cases:,}", _with_interval(row, main), *shares)
    return rows


def _regions(agreement: Agreement, shown: Sequence[AgreementRow], title: str, *, by_reader: bool) -> Rows:
    from rich.markup import escape

    from osteon.clinic.annotation.agreement.words import title_of

    if by_reader:
        rows = _rows(title, "reader", "images", "sens. 0.3", "sens. 0.5", "false/image 0.5", "F1 0.5 (95 %)")
        for row in shown:
            shares = [_value(row, key) for key in ("sensitivity_30", "sensitivity_50", "false_per_image_50")]
            rows.add_row(escape(row.readers[0]), f"{row.cases:,}", *shares, _with_interval(row, "f1_50"))
        return rows
    rows = _rows(title, "label", "images", "drawn", "F1 0.3 (95 %)", "F1 0.5 (95 %)", "IoU")
    for row in shown:
        drawn = f"{sum(row.counts.values()):,}"
        if "alpha_angle" in row.figures:
            rows.add_row(
                escape(title_of(agreement, row)),
                f"{row.cases:,}",
                drawn,
                "alpha of angles",
                _with_interval(row, "alpha_angle"),
                "–",
            )
            continue
        intervals = (_with_interval(row, "f1_30"), _with_interval(row, "f1_50"))
        rows.add_row(escape(title_of(agreement, row)), f"{row.cases:,}", drawn, *intervals, _value(row, "overlap_50"))
    return rows


def _readers(agreement: Agreement) -> Rows:
    from rich.markup import escape

    rows = _rows(
        "\nReaders", "reader", "studies", "repeats", "skipped", "open", "regions", "minutes", "s/study", "/hour"
    )
    for one in agreement.readers:
        rows.add_row(
            escape(one.reader),
            *(f"{count:,}" for count in (one.studies, one.repeats, one.skipped, one.open, one.regions)),
            f"{one.minutes:,.0f}",
            "–" if one.median_seconds is None else f"{one.median_seconds:.0f}",
            "–" if one.per_hour is None else f"{one.per_hour:.0f}",
        )
    return rows


def _value(row: AgreementRow, name: str) -> str:
    figure = row.figures.get(name)
    return "–" if figure is None or figure.estimate is None else f"{figure.estimate.value:.2f}"


def _with_interval(row: AgreementRow, name: str) -> str:
    figure = row.figures.get(name)
    if figure is None or figure.estimate is None:
        return "–"
    ends = figure.estimate.ends
    return f"{figure.estimate.value:.2f}" + ("" if ends is None else f" ({ends[0]:.2f}–{ends[1]:.2f})")
