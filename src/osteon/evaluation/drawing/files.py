"""Plots as SVG and PNG; no window is opened."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from osteon.html.plot_style import STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def render(figure: Figure, kind: Literal["png", "svg"]) -> bytes:
    """The figure as a file; the same figure gives the same bytes."""
    import matplotlib as mpl

    stream = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    with mpl.rc_context(STYLE):
        figure.savefig(stream, format=kind, dpi=160, metadata=metadata)
    return stream.getvalue()


def both(figure: Figure) -> tuple[bytes, bytes]:
    """The figure as SVG and as PNG; the place of its parts, which takes as long as drawing them, is computed once."""
    vectors = render(figure, "svg")
    layout = figure.get_layout_engine()
    figure.set_layout_engine(None)  # with "none" the figure would be drawn once more, to compute a layout that stays
    try:
        return vectors, render(figure, "png")
    finally:
        figure.set_layout_engine(layout)


def write_plots(figures: Mapping[str, Figure], folder: Path) -> dict[str, bytes]:
    """Write figures as ``NAME.svg`` and ``NAME.png``; the former by name.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn: dict[str, bytes] = {}
    for name, figure in figures.items():
        drawn[name], pixels = both(figure)
        (folder / f"{name}.svg").write_bytes(drawn[name])
        (folder / f"{name}.png").write_bytes(pixels)
    return drawn
