"""Attributes that could predict a label without looking at the bone: storage, borders and markers, origin."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from osteon.data.audit.checks.shortcuts import STRONG, Shortcut, shortcuts
from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.duplicates.hashes import PICTURE_SIDE
from osteon.data.table.remark import Kind
from osteon.data.table.table import Table

_BINS: Final = 20
_PER_BIN: Final = 30
"""Minimum number of images per bin, where there are that many."""
_BLACK: Final = 6
_WHITE: Final = 230
_BURNT: Final = 250


def attributes(evidence: Evidence) -> dict[str, pl.Series]:
    """Each attribute's value for each image, as text; numbers are divided into up to twenty bins of equal frequency.

    Attributes with a single value, and hardware where it equals one of the labels, are left out.
    """
    frame, looks = evidence.table.frame, evidence.looks
    pictures = evidence.fingerprints().pictures
    size = frame["width"].cast(pl.String) + " x " + frame["height"].cast(pl.String)
    found: dict[str, pl.Series] = {
        "format": frame["format"],
        "colour mode": frame["mode"],
        "image size": size,
        "file size": _binned(frame["bytes"].to_numpy(), "bytes"),
        "bytes per pixel": _binned((frame["bytes"] / (frame["width"] * frame["height"])).to_numpy(), "bytes per pixel"),
        "JPEG quality": pl.Series(
            [f"quality {look.encoding.quality}" if look.encoding.quality else None for look in looks]
        ),
        "encoding": pl.Series([look.encoding.scheme or None for look in looks], dtype=pl.String),
        "software": pl.Series([look.encoding.software or None for look in looks], dtype=pl.String),
        "Exif block": pl.Series(["yes" if look.encoding.exif else "no" for look in looks]),
        "brightness": _binned(pictures.mean(axis=(1, 2)), "grey levels"),
        "burnt-out share": _binned((pictures >= _BURNT).mean(axis=(1, 2)), "of the image"),
        "white border": _binned(_white_border(pictures), "of the edge"),
        "black margin": _binned(_black_margin(pictures), "of the image"),
        "letters and markers": pl.Series(["some" if look.marks else "none" for look in looks]),
        "source": frame["source"],
        "hardware": frame["hardware"].cast(pl.String),
        "body part": frame["body_part"].cast(pl.String),
        "view": frame["view"].cast(pl.String),
        "laterality": frame["laterality"].cast(pl.String),
        "sex": frame["sex"].cast(pl.String),
        "age": _binned(frame["age"].to_numpy(), "years"),
    }
    if _is_a_label(evidence.table):
        del found["hardware"]
    return {
        name: values.cast(pl.String).fill_null("unknown") for name, values in found.items() if values.n_unique() > 1
    }


def _is_a_label(table: Table) -> bool:
    """Whether the column ``hardware`` equals one of the labels."""
    hardware = table.frame["hardware"].cast(pl.Int8).fill_null(-1).to_numpy()
    return any((table.label(name) == hardware).all() for name in table.labels)


def _white_border(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Share of the outermost pixels (N, 64, 64) that are white: an unexposed border or a paper label."""
    edge = np.concatenate(
        [pictures[:, (0, -1)].reshape(len(pictures), -1), pictures[:, 1:-1, (0, -1)].reshape(len(pictures), -1)], 1
    )
    return np.asarray((edge >= _WHITE).mean(axis=1))


def _black_margin(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Share of the image in rows and columns at its edges that are entirely black: collimated or masked."""
    dark = pictures <= _BLACK
    lit_rows, lit_columns = ~np.all(dark, axis=-1), ~np.all(np.swapaxes(dark, 1, 2), axis=-1)
    share = np.ones(len(pictures))
    for lit in (lit_rows, lit_columns):
        first, last = lit.argmax(axis=-1), lit[:, ::-1].argmax(axis=-1)
        share *= np.where(lit.sum(axis=-1) > 0, 1.0 - (first + last) / PICTURE_SIDE, 0.0)
    return 1.0 - share


def _binned(values: NDArray[np.floating] | NDArray[np.integer], unit: str) -> pl.Series:
    numbers = np.asarray(values, np.float64)
    known = np.isfinite(numbers)
    if not known.any():
        return pl.Series([None] * len(numbers), dtype=pl.String)
    bins = int(np.clip(known.sum() // _PER_BIN, 2, _BINS))
    edges = np.unique(np.quantile(numbers[known], np.linspace(0, 1, bins + 1)))
    names: Sequence[str] = [f"{low:.4g} to {high:.4g} {unit}" for low, high in pairwise(edges)] or [
        f"{edges[0]:.4g} {unit}"
    ]
    index = np.clip(np.searchsorted(edges, np.where(known, numbers, edges[0]), "right") - 1, 0, len(names) - 1)
    return pl.Series(
        [names[bin_index] if is_known else None for bin_index, is_known in zip(index, known, strict=True)],
        dtype=pl.String,
    )


def measured_shortcuts(evidence: Evidence) -> tuple[Shortcut, ...]:
    """How well each attribute alone predicts each label, the strongest first."""
    return shortcuts(evidence.table, attributes(evidence))


def shortcut_problems(measured: Sequence[Shortcut]) -> list[Problem]:
    """Shortcuts that remain significant after correction for the number tried; weak ones as notes."""
    tried = len({shortcut.attribute for shortcut in measured})
    labels = len({shortcut.label for shortcut in measured})
    found: list[Problem] = []
    for shortcut in measured:
        if shortcut.floor <= 0.5:
            continue
        severity = "warning" if shortcut.auc >= STRONG else "note"
        values = shortcut.values() | {"attributes": tried, "labels": labels}
        found.append(Problem(Kind.SHORTCUT, severity, (), ProblemCode.ATTRIBUTE_PREDICTS_LABEL, values))
    return found
