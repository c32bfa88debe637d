"""A section of the report, and what may be added to an evaluation as one: detection, explanation, robustness.

An analysis is a function that reads or counts something more and returns a :class:`Section`. Its figures stand in
``figures.json`` beside the others, its plots in ``plots/``, and its words, plots and pictures in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from osteon.bundle.archive import Bundle
from osteon.core.estimate import Estimate
from osteon.data.table.table import Table
from osteon.evaluation.predictions.predictions import Predictions

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from osteon.evaluation.binary.measure import Settings

Track = Callable[[Iterable[Any], str, int], Iterable[Any]]
"""Passes things through and shows how many of them are done: things, what is done to them, how many."""


@dataclass(frozen=True)
class Picture:
    """A case that is shown.

    Attributes:
        jpeg: the film with what is drawn over it.
        caption: what was said and what is true; no name of a patient.
    """

    jpeg: bytes
    caption: str


class Plot(NamedTuple):
    """A plot with what it shows.

    Attributes:
        drawing: a Matplotlib figure of its own, made under ``plots.STYLE``.
        caption: one or two plain sentences.
    """

    drawing: Drawing
    caption: str


@dataclass(frozen=True)
class Section:
    """A part of the report with its figures.

    Attributes:
        title: heading.
        content: HTML before the plots, made with the functions of ``page``.
        plots: by name, which is the name of the file in ``plots/``.
        pictures: shown after the plots.
        figures: by their full names, e.g. ``robustness.blur.4.auroc``.
        after: HTML after plots and pictures.
        card: Markdown for the model card, under the same heading; empty for none.
        files: written beside the report, by name.
    """

    title: str
    content: str = ""
    plots: Mapping[str, Plot] = field(default_factory=dict[str, Plot])
    pictures: Sequence[Picture] = ()
    figures: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])
    after: str = ""
    card: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


class Analysis(Protocol):
    """Something that is measured on the same cases with the same bundle, beside the figures of every evaluation."""

    def __call__(
        self, bundle: Bundle, table: Table, root: Path, predictions: Predictions, track: Track, settings: Settings
    ) -> Section:
        """Measure it.

        Args:
            bundle: verified.
            table: of the cases; its paths start from ``root``.
            root: folder of the images.
            predictions: what the bundle said of them, one row for each of the table's, in its order.
            track: shows progress.
            settings: of the intervals.
        """
        ...
