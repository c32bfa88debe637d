"""From the names of classes to labels, and from what was marked in an image to the values of its labels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.table.remark import Kind, Remark

ANY: Final = "*"
"""Stands in ``lost`` for a mark whose class is not known: it may be of any."""


def slug(name: str) -> str:
    """A label's name: lower case, everything but letters and digits as one underscore."""
    return "_".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split()) or "unnamed"


@dataclass
class Classes:
    """The labels of a dataset, made from the names of its classes.

    Attributes:
        file: what remarks call the file, or the files, that the names are from.
        spelled: the ways in which the name of each label was written.
    """

    file: str
    spelled: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def label(self, name: str) -> str:
        """The label of a class: its name in lower case with underscores.

        Raises:
            DataError: another class that means something else would get the same label.
        """
        made = slug(name)
        known = self.spelled.setdefault(made, [])
        if name not in known:
            known.append(name)
            if len({_meant(one) for one in known}) > 1:
                raise DataError(
                    f"two classes of {self.file} would become one label, {made}",
                    expected="names that differ in letters or digits",
                    got=" and ".join(repr(one) for one in known),
                    hint="Rename one of them.",
                )
        return made

    def remarks(self) -> list[Remark]:
        """What to say of classes that are spelled in several ways."""
        return [
            Remark(Kind.ASSUMED, self.file, f"{' and '.join(repr(one) for one in names)} are one label, {label}")
            for label, names in self.spelled.items()
            if len(names) > 1
        ]


def _meant(name: str) -> str:
    """A name without what spelling changes: case, blanks, hyphens, underscores and points."""
    return " ".join("".join(" " if letter in "_-." else letter for letter in name.casefold()).split())


def values(labels: Iterable[str], present: Collection[str], lost: Collection[str] = ()) -> dict[str, int]:
    """Values of the labels of an image that was looked at.

    Args:
        labels: all labels that were looked for.
        present: labels of the marks that can be used: 1.
        lost: labels of the marks that cannot, and perhaps ``ANY``: unknown, as something was seen.

    Returns:
        1, ``UNKNOWN`` or 0 by label.
    """
    return {one: 1 if one in present else UNKNOWN if one in lost or ANY in lost else 0 for one in labels}


def united(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Labels from several files or readers: 1 where one says so, else unknown where one lost a mark, else 0."""
    found: dict[str, int] = {}
    for labels in several:
        for label, value in labels.items():
            before = found.get(label, value)
            found[label] = 1 if 1 in (before, value) else UNKNOWN if UNKNOWN in (before, value) else 0
    return found
