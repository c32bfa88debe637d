"""What is watched for drift, how sure a change is and what to do, as codes; sentences are in ``osteon.core.wording``."""

from __future__ import annotations

from enum import StrEnum


class WatchedField(StrEnum):
    """What is watched of each study."""

    SEX = "sex"
    VIEW = "view"
    BODY_PART = "body_part"
    FORMAT = "format"
    MANUFACTURER = "manufacturer"
    PHOTOMETRIC = "photometric"
    AGE = "age"
    IMAGES = "images"
    ROWS = "rows"
    COLUMNS = "columns"
    BITS = "bits"
    BYTES_PER_PIXEL = "bytes_per_pixel"
    KVP = "kvp"
    EXPOSURE = "exposure"
    BRIGHTNESS = "brightness"
    CONTRAST = "contrast"
    DARK_SHARE = "dark_share"
    BRIGHT_SHARE = "bright_share"
    CORNER_BRIGHTNESS = "corner_brightness"
    SHARPNESS = "sharpness"
    REFUSAL = "refusal"
    CALL = "call"
    PROBABILITY = "probability"
    BOXES = "boxes"
    AGREEMENT = "agreement"


class Advice(StrEnum):
    """What to do where a field has changed.

    Attributes:
        DEVICE: ask for changes of the device, its software or its settings.
        EXPORT: ask for changes in how images are sent or compressed.
        PATIENTS: ask whether other patients are examined.
        OUTPUT: the bundle answers differently: find out whether inputs changed too.
        READERS: readers disagree more often: look at the studies together, or go back to the earlier bundle.
    """

    DEVICE = "device"
    EXPORT = "export"
    PATIENTS = "patients"
    OUTPUT = "output"
    READERS = "readers"


class Certainty(StrEnum):
    """How sure a change is, by the largest probability that an unchanged year shows as much anywhere.

    Attributes:
        LIKELY: near 1 in 20.
        SURE: below it.
        VERY_SURE: about 1 in 100 at most.
    """

    LIKELY = "likely"
    SURE = "sure"
    VERY_SURE = "very-sure"


def certainty_of(chance: float) -> Certainty:
    """How sure a change is.

    Args:
        chance: largest probability that an unchanged year shows as much anywhere, in [0, 1].
    """
    if chance >= 0.045:
        return Certainty.LIKELY
    return Certainty.SURE if chance > 0.0105 else Certainty.VERY_SURE
