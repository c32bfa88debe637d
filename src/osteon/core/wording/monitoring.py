"""Sentences about what the watch for drift found, for people who know no statistics."""

from __future__ import annotations

from typing import Final

from osteon.core.codes.drift import Advice, Certainty, WatchedField, certainty_of

FIELD_WORDS: Final[dict[WatchedField, str]] = {
    WatchedField.SEX: "sex",
    WatchedField.VIEW: "view",
    WatchedField.BODY_PART: "body part",
    WatchedField.FORMAT: "file format",
    WatchedField.MANUFACTURER: "manufacturer of the device",
    WatchedField.PHOTOMETRIC: "photometric interpretation",
    WatchedField.AGE: "age",
    WatchedField.IMAGES: "images a study",
    WatchedField.ROWS: "image height",
    WatchedField.COLUMNS: "image width",
    WatchedField.BITS: "bits of a pixel",
    WatchedField.BYTES_PER_PIXEL: "bytes of a pixel in the file",
    WatchedField.KVP: "tube voltage",
    WatchedField.EXPOSURE: "exposure",
    WatchedField.BRIGHTNESS: "brightness",
    WatchedField.CONTRAST: "contrast",
    WatchedField.DARK_SHARE: "share of dark pixels",
    WatchedField.BRIGHT_SHARE: "share of bright pixels",
    WatchedField.CORNER_BRIGHTNESS: "brightness in the corners",
    WatchedField.SHARPNESS: "sharpness",
    WatchedField.REFUSAL: "reason for not reading",
    WatchedField.CALL: "call",
    WatchedField.PROBABILITY: "probability of a fracture",
    WatchedField.BOXES: "boxes a study",
    WatchedField.AGREEMENT: "agreement of readers",
}

UNITS: Final[dict[WatchedField, str]] = {
    WatchedField.AGE: " years",
    WatchedField.ROWS: " pixels",
    WatchedField.COLUMNS: " pixels",
    WatchedField.KVP: " kV",
    WatchedField.EXPOSURE: " mAs",
}

ADVICE: Final[dict[Advice, str]] = {
    Advice.DEVICE: (
        "Ask whether a device, its software or its settings were changed on about that day, and look at a few images from before "
        "and after. Let a reader check twenty recent studies before results are trusted as before."
    ),
    Advice.EXPORT: (
        "Ask whether the way in which images are sent or compressed was changed on about that day: converters, export settings, "
        "screenshots in place of originals."
    ),
    Advice.PATIENTS: (
        "Ask whether other patients are examined now: a new site, a ward, a screening, another rota. Check that they are among "
        "those that the bundle is for (osteon bundle show)."
    ),
    Advice.OUTPUT: (
        "The bundle answers differently. If no input changed with it, other patients or more injuries are likely, and season is "
        "one cause; if inputs changed too, find out why first. Let a reader check twenty recent studies."
    ),
    Advice.READERS: (
        "Readers disagree more often. Look at the last studies they disagreed with together; if the bundle is wrong, stop "
        "showing its results for that group, or go back to the earlier bundle (osteon registry rollback)."
    ),
}

QUIET: Final = "Nothing has changed that the watch would see."


def stream_words(field: str, kind: str, limit: float | None, upper: float | None, value: str | None) -> str:
    """Which studies a stream counts, to stand behind ``studies with``, e.g. ``age of at most 12 years``.

    Args:
        field: a ``WatchedField``.
        kind: a kind of ``osteon.monitoring.streams``.
        limit: of a quantity; None otherwise.
        upper: of what lies outside of all that was seen; None otherwise.
        value: of a category; None otherwise.
    """
    watched = WatchedField(field)
    name, unit = FIELD_WORDS[watched], UNITS.get(watched, "")
    if watched is WatchedField.AGREEMENT:
        return "a reader who disagrees"
    if kind == "low":
        return f"{name} of at most {limit or 0:.4g}{unit}"
    if kind == "high":
        return f"{name} above {limit or 0:.4g}{unit}"
    if kind == "unseen":
        return f"{name} outside of {limit or 0:.4g} to {upper or 0:.4g}{unit}, never seen before"
    if kind == "value":
        return f"{name} {value}"
    return f"{name} seldom or never seen before" if kind == "other" else f"{name} not stated"


def certainty_words(chance: float) -> str:
    """How sure a change is, from the largest probability that an unchanged year shows as much."""
    match certainty_of(chance):
        case Certainty.LIKELY:
            return "likely: fewer than 1 in 20 unchanged years would show as much anywhere"
        case Certainty.SURE:
            return f"sure: fewer than 1 in {max(20, int(1 / chance))} unchanged years would show as much anywhere"
        case Certainty.VERY_SURE:
            return "very sure: hardly any unchanged year would show as much (1 in 100 at most)"


def reference_words(data: str, first: str | None, last: str | None) -> str:
    """What studies are compared with.

    Args:
        data: as the maker of the reference describes it.
        first: day, ISO 8601, where these are the room's own first studies; None otherwise.
        last: likewise.
    """
    return data if first is None else f"its own first studies, {first} to {last}"


def hotelling_words(reference: int, latest: int, p: float) -> str:
    """What the network sees of the latest images beside those of a reference; p of a single look."""
    found = "on average something else" if p < 0.05 else "on average about the same thing"
    joint = "than in" if p < 0.05 else "as in"
    return (
        f"In the latest {latest:,} images the network sees {found} {joint} the {reference:,} images of the reference "
        f"(Hotelling's test of its features: p {'< 0.001' if p < 0.001 else f'{p:.3f}'}). This p is for a single look; looked at "
        "often, one of 20 is below 0.05 by chance."
    )


def percent(share: float) -> str:
    """A share, with a digit more where it is small."""
    return f"{share * 100:.1f} %" if share < 0.0995 else f"{share * 100:.0f} %"
