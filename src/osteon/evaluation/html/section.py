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
"""Passes items through and shows progress: items, what is done to them, how many there are."""


@dataclass(frozen=True)
class Picture:
    """A case that is shown.

    Attributes:
        jpeg: the image with what is drawn over it.
        caption: the call and the truth; no name of a patient.
    """

    jpeg: bytes
    caption: str


class Plot(NamedTuple):
    """A plot with what it shows.

    Attributes:
        drawing: a Matplotlib figure of its own, made under ``osteon.html.plot_style.STYLE``.
        caption: one or two plain sentences.
    """

    drawing: Drawing
    caption: str


@dataclass(frozen=True)
class Section:
    """A part of the report with its figures.

    Attributes:
        title: heading.
        content: parts before the plots, made with ``osteon.html.parts``.
        plots: by name, which is the name of the file in ``plots/``.
        pictures: shown after the plots.
        figures: by their full names, e.g. ``robustness.blur.4.auroc``.
        after: parts after plots and pictures.
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
            predictions: its predictions, one row for each of the table's, in its order.
            track: shows progress.
            settings: of the intervals.
        """
        ...
