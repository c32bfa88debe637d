"""The fields of an observation: what is watched, and to which group it belongs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from osteon.core.codes.drift import Advice, WatchedField


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
        advice: what to do where it has changed.
        quantity: whether it is a number; a category otherwise.
    """

    name: WatchedField
    group: Group
    advice: Advice
    quantity: bool = False


AGREEMENT: Final = WatchedField.AGREEMENT

FIELDS: Final = (
    Field(WatchedField.SEX, Group.INPUT, Advice.PATIENTS),
    Field(WatchedField.VIEW, Group.INPUT, Advice.PATIENTS),
    Field(WatchedField.BODY_PART, Group.INPUT, Advice.PATIENTS),
    Field(WatchedField.FORMAT, Group.INPUT, Advice.EXPORT),
    Field(WatchedField.MANUFACTURER, Group.INPUT, Advice.DEVICE),
    Field(WatchedField.PHOTOMETRIC, Group.INPUT, Advice.EXPORT),
    Field(WatchedField.AGE, Group.INPUT, Advice.PATIENTS, quantity=True),
    Field(WatchedField.IMAGES, Group.INPUT, Advice.PATIENTS, quantity=True),
    Field(WatchedField.ROWS, Group.INPUT, Advice.DEVICE, quantity=True),
    Field(WatchedField.COLUMNS, Group.INPUT, Advice.DEVICE, quantity=True),
    Field(WatchedField.BITS, Group.INPUT, Advice.EXPORT, quantity=True),
    Field(WatchedField.BYTES_PER_PIXEL, Group.INPUT, Advice.EXPORT, quantity=True),
    Field(WatchedField.KVP, Group.INPUT, Advice.DEVICE, quantity=True),
    Field(WatchedField.EXPOSURE, Group.INPUT, Advice.DEVICE, quantity=True),
    Field(WatchedField.BRIGHTNESS, Group.INPUT, Advice.DEVICE, quantity=True),
    Field(WatchedField.CONTRAST, Group.INPUT, Advice.DEVICE, quantity=True),
    Field(WatchedField.DARK_SHARE, Group.INPUT, Advice.DEVICE, quantity=True),
    Field(WatchedField.BRIGHT_SHARE, Group.INPUT, Advice.DEVICE, quantity=True),
    Field(WatchedField.CORNER_BRIGHTNESS, Group.INPUT, Advice.DEVICE, quantity=True),
    Field(WatchedField.SHARPNESS, Group.INPUT, Advice.DEVICE, quantity=True),
    Field(WatchedField.REFUSAL, Group.OUTPUT, Advice.OUTPUT),
    Field(WatchedField.CALL, Group.OUTPUT, Advice.OUTPUT),
    Field(WatchedField.PROBABILITY, Group.OUTPUT, Advice.OUTPUT, quantity=True),
    Field(WatchedField.BOXES, Group.OUTPUT, Advice.OUTPUT, quantity=True),
    Field(WatchedField.AGREEMENT, Group.AGREEMENT, Advice.READERS),
)
"""All fields, in the order of reports."""

BY_NAME: Final[dict[str, Field]] = {field.name: field for field in FIELDS}

SUBGROUPS: Final = ("site", "manufacturer", "view", "age_band", "sex", "body_part")
"""By which studies are divided."""

AGE_BANDS: Final = ((0, 2), (2, 12), (12, 18), (18, 40), (40, 65), (65, 200))
"""Years, the upper end excluded."""


def age_band(age: float) -> str:
    """The band of an age in years."""
    low, high = next((band for band in AGE_BANDS if band[0] <= age < band[1]), AGE_BANDS[-1])
    return f"{low}+" if high >= AGE_BANDS[-1][1] else f"{low}-{high}"
