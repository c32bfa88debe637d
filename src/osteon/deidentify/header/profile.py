"""The table of actions of PS3.15 (table E.1-1), as dicom-anonymizer carries it, resolved for radiographs."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Final

from pydicom.datadict import tag_for_keyword

EDITION: Final = "2026c"
"""Edition of the standard of the table."""


class Action(Enum):
    """The single action codes of PS3.15 section E.1.1; K and C come with options and are not in the basic profile."""

    DUMMY = "D"
    EMPTY = "Z"
    REMOVE = "X"
    NEW_UID = "U"


_RESOLVED: Final = {
    "D_TAGS": Action.DUMMY,
    "Z_TAGS": Action.EMPTY,
    "X_TAGS": Action.REMOVE,
    "U_TAGS": Action.NEW_UID,
    "Z_D_TAGS": Action.EMPTY,
    "X_Z_TAGS": Action.REMOVE,
    "X_D_TAGS": Action.REMOVE,
    "X_Z_D_TAGS": Action.REMOVE,
    "X_Z_U_STAR_TAGS": Action.NEW_UID,
}
"""A combined action leaves as little as the attribute's Type allows (PS3.15 section E.1.1).

In the CR, DX, XA, RF and secondary capture modules no attribute with a combined action is of Type 1, those of Z/D are of
Type 2 and those of X/Z, X/D and X/Z/D of Type 3, with the exceptions below. References of X/Z/U* stay, with new UIDs.
"""

_TYPE_2: Final = ("AcquisitionContextSequence",)  # DX, PS3.3 section C.7.6.14


@cache
def _table() -> dict[int, Action]:
    """Action by tag; the table's repeating groups 50xx and 60xx are not in it, since they go as a whole."""
    from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as fields

    actions = {
        (entry[0] << 16) + entry[1]: action
        for name, action in _RESOLVED.items()
        for entry in getattr(fields, name)
        if len(entry) == 2
    }
    actions |= {tag: Action.EMPTY for keyword in _TYPE_2 if (tag := tag_for_keyword(keyword)) is not None}
    return actions


def action(tag: int) -> Action | None:
    """What the basic profile does with an attribute, None where the table does not name it."""
    return _table().get(tag)


def tags() -> frozenset[int]:
    """The attributes that the table names."""
    return frozenset(_table())
