"""Plots of a table of cases, each a separate Matplotlib figure; no window is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator, StrMethodFormatter

from osteon.data.table.published import people
from osteon.data.table.schema import LABEL_PREFIX, PARTS
from osteon.data.table.table import Table
from osteon.html.plot_style import QUIET

COLOURS: Final = ("#1f5fa8", "#d97706", "#0f766e", "#be185d", "#7c3aed", "#64748b")
"""Colours that can be distinguished with red-green colour blindness and in greyscale print."""

_SEXES: Final = (
    ("F", "female", "#be185d"), ("M", "male", "#0f766e"), ("O", "other", "#7c3aed"), (None, "sex unknown", QUIET),
)  # fmt: skip
_MOST: Final = 5
"""Maximum number of box labels with their own colour."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot.

    Attributes:
        name: of its files.
        about: caption, one sentence.
        draw: the figure of a table; None where the table has nothing to draw.
    """

    name: str
    about: str
    draw: Callable[[Table], Figure | None]


def _parts(table: Table) -> list[tuple[str, pl.DataFrame]]:
    """The parts of the official split; all images as one where there is not a split; images in no part as an additional part."""
    column = table.frame["split"]
    parts: list[tuple[str, pl.DataFrame]] = [
        (part, table.frame.filter(pl.col("split") == part)) for part in PARTS if (column == part).any()
    ]
    rest = table.frame.filter(pl.col("split").is_null())
    return [*parts, ("no part" if parts else "all", rest)] if rest.height else parts


def draw_ages(table: Table) -> Figure | None:
    """Histograms of age by sex, one for each part."""
    parts = [(name, people(frame).drop_nulls("age")) for name, frame in _parts(table)]
    parts = [(name, frame) for name, frame in parts if frame.height]
    if not parts:
        return None
    oldest = max(float(frame["age"].to_numpy().max()) for _, frame in parts)
    edges = np.arange(0.0, oldest + 1.0001, 1.0) if oldest < 21 else np.arange(0.0, oldest + 5.0001, 5.0)
    figure = Figure(figsize=(3.2 * max(2, len(parts)), 2.8), layout="constrained")
    axes = figure.subplots(1, len(parts), squeeze=False, sharex=True)[0]
    present = [sex for sex in _SEXES if any(_of(frame, sex[0]).len() for _, frame in parts)]
    for axis, (name, frame) in zip(axes, parts, strict=True):
        bottom = np.zeros(len(edges) - 1)
        for sex, word, colour in present:
            counts = np.histogram(_of(frame, sex).to_numpy(), edges)[0]
            axis.bar(edges[:-1], counts, np.diff(edges), bottom, align="edge", color=colour, label=word, ec="w", lw=0.4)
            bottom += counts
        axis.set(title=f"{name}: {frame.height:,} studies", xlabel="age (years)")
        _whole(axis)
    axes[0].set_ylabel("studies")
    _legend(figure, axes[0])
    return figure


def _of(frame: pl.DataFrame, sex: str | None) -> pl.Series:
    wanted = pl.col("sex").is_null() if sex is None else pl.col("sex") == sex
    return frame.filter(wanted)["age"]


def draw_labels(table: Table) -> Figure | None:
    """Images whose label is 1, by part."""
    rows = {name: LABEL_PREFIX + name for name in table.labels if (table.label(name) == 1).any()}
    if not rows:
        return None
    counts = [[int((frame[column] == 1).sum()) for column in rows.values()] for _, frame in _parts(table)]
    return _bars(list(rows), [name for name, _ in _parts(table)], counts, "images whose label is 1")


def draw_kinds(table: Table) -> Figure | None:
    """Body parts and views, by part."""
    found = [
        (column, title)
        for column, title in (("body_part", "body part"), ("view", "view"))
        if table.frame[column].n_unique() > 1
    ]
    if not found:
        return None
    parts = _parts(table)
    names: list[str] = []
    counts: list[list[int]] = [[] for _ in parts]
    for column, title in found:
        for value in table.frame[column].cast(pl.String).value_counts(sort=True)[column].to_list():
            names.append(f"{title}: {value or 'unknown or several'}")
            for row, (_, frame) in zip(counts, parts, strict=True):
                row.append(int((frame[column].is_null() if value is None else frame[column] == value).sum()))
    return _bars(names, [name for name, _ in parts], counts, "images")


def _bars(names: Sequence[str], parts: Sequence[str], counts: Sequence[Sequence[int]], axis_label: str) -> Figure:
    """Horizontal bars, stacked by part, with their totals."""
    totals = np.sum(counts, axis=0)
    figure = Figure(figsize=(6.4, 0.9 + 0.28 * len(names)), layout="constrained")
    axis = figure.subplots()
    left = np.zeros(len(names))
    for part, row, colour in zip(parts, counts, COLOURS, strict=False):
        if not any(row):
            continue
        axis.barh(names, row, left=left, color=colour, label=part, height=0.7)
        left = left + np.array(row)
    for index, total in enumerate(totals):
        axis.annotate(f"{total:,}", (float(total), index), (3, 0), textcoords="offset points", va="center", fontsize=8)
    axis.invert_yaxis()
    axis.set_xlim(0, max(1.0, 1.12 * float(totals.max())))
    axis.set_xlabel(axis_label)
    axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axis.grid(visible=False, axis="y")
    if len(parts) > 1:
        _legend(figure, axis)
    return figure


def draw_boxes(table: Table) -> Figure | None:
    """Sizes of boxes as shares of their image, and a heat map of their centres."""
    boxes = table.frame.select("width", "height", "boxes").explode("boxes", empty_as_null=False, keep_nulls=False)
    if not boxes.height:
        return None
    field = boxes["boxes"].struct.field
    x = np.stack([field("x0").to_numpy(), field("x1").to_numpy()]) / boxes["width"].to_numpy()
    y = np.stack([field("y0").to_numpy(), field("y1").to_numpy()]) / boxes["height"].to_numpy()
    labels = field("label")
    figure = Figure(figsize=(7.2, 3.3), layout="constrained")
    sizes, centres = figure.subplots(1, 2, width_ratios=(1.25, 1))
    frequent = labels.value_counts(sort=True)["label"].to_list()
    named = frequent if len(frequent) <= _MOST + 1 else frequent[:_MOST]
    for index, name in enumerate([*named, *(["other"] if len(named) < len(frequent) else [])]):
        chosen = (~labels.is_in(named) if name == "other" and name not in named else labels == name).to_numpy()
        sizes.scatter(
            x[1, chosen] - x[0, chosen], y[1, chosen] - y[0, chosen], s=7, alpha=0.55, linewidths=0,
            color=COLOURS[index], label=f"{name} ({int(chosen.sum()):,})", rasterized=True,
        )  # fmt: skip
    area = np.median((x[1] - x[0]) * (y[1] - y[0]))
    sizes.set(xscale="log", yscale="log", xlabel="width of box / width of image", ylabel="height / height")
    sizes.set_title(f"{boxes.height:,} boxes, median {100 * area:.2g} % of the image", fontsize=9.5)
    for axis in (sizes.xaxis, sizes.yaxis):
        axis.set_major_locator(FixedLocator([0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    _legend(figure, sizes)
    bins = int(np.clip(np.sqrt(boxes.height), 8, 32))
    counts = np.histogram2d(y.mean(axis=0), x.mean(axis=0), bins, ((0, 1), (0, 1)))[0]
    shown = centres.imshow(counts, cmap="magma", extent=(0, 1, 1, 0), vmin=0)
    centres.set_title("centres of boxes", fontsize=9.5)
    centres.set(xlabel="x / width", ylabel="y / height")
    centres.grid(visible=False)
    figure.colorbar(shown, ax=centres, shrink=0.85, label="boxes", format=StrMethodFormatter("{x:.0f}"))
    return figure


def draw_sizes(table: Table) -> Figure | None:
    """Rows and columns of the images; dot size grows with the number of images."""
    figure = Figure(figsize=(4.6, 3.6), layout="constrained")
    axis = figure.subplots()
    for (part, frame), colour in zip(_parts(table), COLOURS, strict=False):
        counts = frame.group_by("width", "height").len()
        dots = 8 + 3 * np.sqrt(counts["len"].to_numpy())
        axis.scatter(
            counts["width"],
            counts["height"],
            s=dots,
            color=colour,
            alpha=0.5,
            linewidths=0,
            label=part,
            rasterized=True,
        )
    largest = 1.08 * max(float(table.frame[side].to_numpy().max()) for side in ("width", "height"))
    axis.set(xlim=(0, largest), ylim=(0, largest), xlabel="columns (px)", ylabel="rows (px)", aspect="equal")
    number = table.frame.select("width", "height").n_unique()
    axis.set_title(f"{len(table):,} images, {number:,} size{'s' * (number != 1)}")
    axis.locator_params(nbins=6)
    if len(_parts(table)) > 1:
        axis.legend(fontsize=8, markerscale=1.5)
    return figure


def _legend(figure: Figure, axis: Axes) -> None:
    """A legend above the axes."""
    handles, names = axis.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", ncols=min(len(names), 4), fontsize=8, handlelength=1.2)


def _whole(axis: Axes) -> None:
    axis.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axis.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


PLOTS: Final = (
    Plot("ages", "Age by sex, in each part. Each study counts once.", draw_ages),
    Plot("labels", "Images with each label, by part.", draw_labels),
    Plot("boxes", "Sizes and positions of boxes.", draw_boxes),
    Plot("sizes", "Sizes of the images; a larger dot means more images.", draw_sizes),
    Plot("kinds", "Body parts and views, by part.", draw_kinds),
)
"""All plots; a new one is a function and a line here."""
