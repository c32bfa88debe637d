"""The fields of an observation: what is watched, and to which group it belongs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Group(StrEnum):
    """Where a field comes from."""

    INPUT = "input"
    OUTPUT = "output"
    AGREEMENT = "agreement"


@dataclass(frozen=True, slots=True)
class Field:
    """What is watched of each study.

    Attributes:
        name: as in files and answers of the server.
        group: where it comes from.
        quantity: whether it is a number; a category otherwise.
    """

    name: str
    group: Group
    quantity: bool = False


AGREEMENT: Final = "agreement"

FIELDS: Final = (
    Field("sex", Group.INPUT),
    Field("view", Group.INPUT),
    Field("body_part", Group.INPUT),
    Field("format", Group.INPUT),
    Field("manufacturer", Group.INPUT),
    Field("photometric", Group.INPUT),
    Field("age", Group.INPUT, quantity=True),
    Field("images", Group.INPUT, quantity=True),
    Field("rows", Group.INPUT, quantity=True),
    Field("columns", Group.INPUT, quantity=True),
    Field("bits", Group.INPUT, quantity=True),
    Field("bytes_per_pixel", Group.INPUT, quantity=True),
    Field("kvp", Group.INPUT, quantity=True),
    Field("exposure", Group.INPUT, quantity=True),
    Field("brightness", Group.INPUT, quantity=True),
    Field("contrast", Group.INPUT, quantity=True),
    Field("dark_share", Group.INPUT, quantity=True),
    Field("bright_share", Group.INPUT, quantity=True),
    Field("corner_brightness", Group.INPUT, quantity=True),
    Field("sharpness", Group.INPUT, quantity=True),
    Field("refusal", Group.OUTPUT),
    Field("call", Group.OUTPUT),
    Field("probability", Group.OUTPUT, quantity=True),
    Field("boxes", Group.OUTPUT, quantity=True),
    Field(AGREEMENT, Group.AGREEMENT),
)
"""All fields, in the order of reports."""

BY_NAME: Final = {field.name: field for field in FIELDS}

SUBGROUPS: Final = ("site", "manufacturer", "view", "age_band", "sex", "body_part")
"""By which studies are divided."""

AGE_BANDS: Final = ((0, 2), (2, 12), (12, 18), (18, 40), (40, 65), (65, 200))
"""Years, the upper end excluded."""


def age_band(age: float) -> str:
    """The band of an age in years."""
    low, high = next((band for band in AGE_BANDS if band[0] <= age < band[1]), AGE_BANDS[-1])
    return f"{low}+" if high >= AGE_BANDS[-1][1] else f"{low}-{high}"
