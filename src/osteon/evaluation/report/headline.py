"""What a report begins with: the leading figures, and the calls in plain counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from osteon.core.estimate import Estimate
from osteon.evaluation.html.labels import LABELS
from osteon.html.numbers import interval, number
from osteon.html.parts import box, card, joined, paragraph
from osteon.stats.classification import Confusion

LEADING: Final = (
    "classification.auroc",
    "classification.average_precision",
    "classes.macro.auroc",
    "classes.macro.f1",
    "detection.map50",
    "detection.precision",
    "detection.recall",
)


def cards(figures: Mapping[str, Estimate], points: Sequence[str]) -> str:
    """The leading figures, large: ranking, calls at each point, classes, boxes.

    Args:
        figures: by name, per image.
        points: names of the operating points.
    """
    chosen = list(LEADING)
    chosen += [f"classification.{name}.{share}" for name in points for share in ("sensitivity", "specificity")]
    shown: list[str] = []
    for name in chosen:
        figure = figures.get(name)
        if figure is not None:
            parts = name.split(".")
            title = LABELS[parts[-1]] + (f", {parts[1]}" if len(parts) == 3 else "")
            title += " (boxes)" if name in LEADING[-2:] else ""
            shown.append(card(title, number(figure.value), (interval(figure), f"n = {figure.n:,}")))
    return box(joined(*shown), "cards")


def summary(tables: Mapping[str, Confusion]) -> str:
    """The calls in counts, as a radiologist would say it."""
    lines: list[str] = []
    for name, cells in tables.items():
        positive = cells.true_positive + cells.false_negative
        negative = cells.true_negative + cells.false_positive
        called = cells.true_positive + cells.false_positive
        lines.append(
            f"At {name} it calls {called:,.0f} of {cells.n:,.0f} images: {cells.true_positive:,.0f} of the "
            f"{positive:,.0f} positive ones, missing {cells.false_negative:,.0f}, and {cells.false_positive:,.0f} of the "
            f"{negative:,.0f} negative ones in error."
        )
    return paragraph(" ".join(lines), "lead") if lines else ""
