"""From the names of classes to labels, and from the annotations of an image to the values of its labels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode

ANY: Final = "*"
"""Placeholder in ``lost`` for an annotation of unknown class: it may be of any."""


def slug(name: str) -> str:
    """A label's name: lower case, everything but letters and digits as one underscore."""
    return "_".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split()) or "unnamed"


@dataclass
class Classes:
    """The labels of a dataset, made from the names of its classes.

    Attributes:
        file: name used in remarks for the file, or files, that the names are from.
        spelled: spellings of the name of each label.
    """

    file: str
    spelled: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def label(self, name: str) -> str:
        """The label of a class: its name in lower case with underscores.

        Raises:
            DataError: a class with a different meaning would get the same label.
        """
        made = slug(name)
        known = self.spelled.setdefault(made, [])
        if name not in known:
            known.append(name)
            if len({_normalised(spelling) for spelling in known}) > 1:
                raise DataError(
                    f"two classes of {self.file} would become one label, {made}",
                    expected="names that differ in letters or digits",
                    got=" and ".join(repr(spelling) for spelling in known),
                    hint="Rename one of them.",
                )
        return made

    def remarks(self) -> list[Remark]:
        """Remarks on classes that are spelled in several ways."""
        return [
            Remark(Kind.ASSUMED, self.file, RemarkCode.SPELLINGS, {"names": tuple(names), "label": label})
            for label, names in self.spelled.items()
            if len(names) > 1
        ]


def _normalised(name: str) -> str:
    """A name without differences of spelling: case, blanks, hyphens, underscores and points."""
    return " ".join("".join(" " if letter in "_-." else letter for letter in name.casefold()).split())


def values(labels: Iterable[str], present: Collection[str], lost: Collection[str] = ()) -> dict[str, int]:
    """Values of the labels of an annotated image.

    Args:
        labels: all labels of the dataset.
        present: labels of the usable annotations: 1.
        lost: labels of the unusable annotations, and perhaps ``ANY``: unknown.

    Returns:
        1, ``UNKNOWN`` or 0 by label.
    """
    return {label: 1 if label in present else UNKNOWN if label in lost or ANY in lost else 0 for label in labels}


def united(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Labels from several files or annotators: 1 if any is 1, otherwise unknown if any is unknown, otherwise 0."""
    found: dict[str, int] = {}
    for labels in several:
        for label, value in labels.items():
            before = found.get(label, value)
            found[label] = 1 if 1 in (before, value) else UNKNOWN if UNKNOWN in (before, value) else 0
    return found
