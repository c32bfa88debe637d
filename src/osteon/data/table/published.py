"""Published figures of a dataset, compared with those of the files on disk.

A card names each figure in a small grammar: ``MEASURE [of LABEL | without LABEL] [in PART]``, where MEASURE is ``images``,
``studies``, ``patients``, ``boxes``, ``GiB``, ``mean age``, ``male %``, ``female %``, ``mean rows`` or
``mean columns``. ``images of distal in train`` are the training images whose label ``distal`` is 1, ``images without
abnormal`` those whose label is 0, ``boxes of osteophytes`` the boxes of that name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from osteon.data.table.card import DatasetCard
from osteon.data.table.schema import LABEL_PREFIX
from osteon.data.table.table import Table

GIB: Final = 1024**3
_NAME: Final = re.compile(
    r"(?P<measure>[\w %]+?)(?: (?P<relation>of|without) (?P<label>\w+))?(?: in (?P<part>train|val|test))?"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A published figure and that of the table.

    Attributes:
        name: what is counted or averaged, in the card's words.
        published: by the publisher.
        here: in the table; None where it cannot be computed.
    """

    name: str
    published: float
    here: float | None

    @property
    def difference(self) -> float | None:
        """The table's figure minus the published one, rounded to the digits of the published one."""
        if self.here is None:
            return None
        digits = 0 if self.published == int(self.published) else len(f"{self.published:g}".split(".")[-1])
        return round(self.here, digits) - self.published


def compare(table: Table, card: DatasetCard) -> tuple[Figure, ...]:
    """Every figure of the card, with that of the table."""
    return tuple(Figure(name, number, figure(table, name)) for name, number in card.expected.items())


def figure(table: Table, name: str) -> float | None:
    """A figure of a table by its name; None where the table is missing the data.

    Raises:
        ValueError: the name does not follow the grammar.
    """
    found = _NAME.fullmatch(name)
    measure = _MEASURES.get(found["measure"]) if found else None
    if found is None or (measure is None and found["measure"] != "boxes"):
        raise ValueError(f"not a figure of a dataset: {name}")
    frame = table.frame
    label = found["label"]
    if part := found["part"]:
        frame = frame.filter(pl.col("split") == part)
    if measure is None:
        boxes = frame["boxes"].explode(empty_as_null=False).struct.field("label")
        return float(len(boxes) if label is None else (boxes == label).sum())
    if label is not None:
        if label not in table.labels:
            return None
        frame = frame.filter(pl.col(LABEL_PREFIX + label) == (1 if found["relation"] == "of" else 0))
    return measure(frame)


def people(frame: pl.DataFrame) -> pl.DataFrame:
    """Age and sex of each study, as far as stated for any of its images: papers count studies, not images."""
    return frame.group_by("study", maintain_order=True).agg(
        pl.col("age").drop_nulls().first(), pl.col("sex").drop_nulls().first()
    )


def _mean_age(frame: pl.DataFrame) -> float | None:
    return _number(people(frame)["age"].mean())


def _share(frame: pl.DataFrame, sex: str) -> float | None:
    known = people(frame)["sex"].drop_nulls()
    return 100.0 * float((known == sex).sum()) / len(known) if len(known) else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _patients(frame: pl.DataFrame) -> float | None:
    known = frame["patient"].drop_nulls()
    return float(known.n_unique()) if len(known) else None


_MEASURES: Final[Mapping[str, Callable[[pl.DataFrame], float | None]]] = {
    "images": lambda frame: float(frame.height),
    "studies": lambda frame: float(frame["study"].n_unique()),
    "patients": _patients,
    "GiB": lambda frame: float(frame["bytes"].sum()) / GIB,
    "mean age": _mean_age,
    "male %": lambda frame: _share(frame, "M"),
    "female %": lambda frame: _share(frame, "F"),
    "mean rows": lambda frame: _number(frame["height"].mean()),
    "mean columns": lambda frame: _number(frame["width"].mean()),
}
