"""The words for calls, probabilities and ages: one set, for reports, the overlay and the reading room's page.

``web/src/texts/`` says the same on the page; ``tests/outputs/words.json`` holds both to it.
"""

from __future__ import annotations

import math
from typing import Final

from osteon.core.labels import Call
from osteon.outputs.numbers import number

CALLS: Final[dict[Call, str]] = {
    Call.FRACTURE: "Fracture",
    Call.DOUBT: "Doubt",
    Call.NO_FRACTURE: "No fracture",
    Call.ABSTAIN: "Abstained",
}

UNREAD: Final = "Not read"
"""Said of an image of a study, not of a study."""

ABSTAINED: Final = "The network gives no result for this study."

ABSTAINED_MEANING: Final = "This is no finding in either direction. Read the images as you would without the network."

SCOPE: Final = (
    "This holds for the validation images that the network was calibrated on; for your patients it may differ."
)

NO_PLACE: Final = (
    "No box: the probability of the whole study led to this call, and no single region scored high enough to be marked. "
    "Look at the whole image, not only where the heat map is warm."
)

NO_BOX: Final = "No box: no region scored high enough to be marked."

DRAWS_NONE: Final = "This network draws no boxes. The heat map shows the regions that contributed most."


def meaning(call: Call, probability: float, doubt: float, definite: float) -> str:
    """What a call other than *abstain* means, with the numbers behind it."""
    value, low, high = number(probability), number(doubt), number(definite)
    of = f"The calibrated probability of a fracture, {value},"
    if call is Call.FRACTURE:
        return f"{of} reaches the operating point definite ({high})."
    if call is Call.DOUBT:
        return f"{of} lies between the operating points doubt ({low}) and definite ({high}): look again."
    return (
        f"{of} is below the operating point doubt ({low}). Fractures are missed there too: this does not rule one out."
    )


def frequency(probability: float) -> str:
    """A probability as a count: of 100 where that gives at least 1, else of 1000; never certainty."""
    per = 100 if probability * 100 >= 1 else 1000
    count = probability * per
    if per - count < 1:
        return f"more than {per - 1} in {per}"
    if count < 1:
        return f"fewer than 1 in {per}"
    return f"about {math.floor(count + 0.5)} in {per}"


def frequency_sentence(probability: float) -> str:
    """The sentence about the frequency behind a probability."""
    return f"Of studies with this probability, {frequency(probability)} have a fracture."


def without_boxes(call: Call, *, draws: bool) -> str:
    """Why a study that was read has no box.

    Args:
        call: of the study.
        draws: whether the bundle draws boxes at all.
    """
    if not draws:
        return DRAWS_NONE
    return NO_PLACE if call in (Call.FRACTURE, Call.DOUBT) else NO_BOX


def age(years: float) -> str:
    """Whole years that have passed, or whole months below two years; never rounded up."""
    months = math.floor(years * 12 + 1e-6)
    value, unit = (months, "month") if months < 24 else (math.floor(years + 1e-6), "year")
    return f"{value} {unit}{'' if value == 1 else 's'}"
