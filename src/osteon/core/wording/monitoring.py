"""What the watch over a reading room found, in sentences for people who know no statistics."""

from __future__ import annotations

from typing import Final

FIELD_WORDS: Final[dict[str, str]] = {
    "sex": "sex",
    "view": "view",
    "body_part": "body part",
    "format": "file format",
    "manufacturer": "manufacturer of the device",
    "photometric": "photometric interpretation",
    "age": "age",
    "images": "images a study",
    "rows": "image height",
    "columns": "image width",
    "bits": "bits of a pixel",
    "bytes_per_pixel": "bytes of a pixel in the file",
    "kvp": "tube voltage",
    "exposure": "exposure",
    "brightness": "brightness",
    "contrast": "contrast",
    "dark_share": "share of dark pixels",
    "bright_share": "share of bright pixels",
    "corner_brightness": "brightness in the corners",
    "sharpness": "sharpness",
    "refusal": "reason for not reading",
    "call": "call",
    "probability": "probability of a fracture",
    "boxes": "boxes a study",
    "agreement": "agreement of readers",
}

UNITS: Final[dict[str, str]] = {
    "age": " years",
    "rows": " pixels",
    "columns": " pixels",
    "kvp": " kV",
    "exposure": " mAs",
}

_DEVICE: Final = (
    "Ask whether a device, its software or its settings were changed on about that day, and look at a few images of before "
    "and after. Let a reader check twenty recent studies before results are trusted as before."
)
_EXPORT: Final = (
    "Ask whether the way in which images are sent or compressed was changed on about that day: converters, export settings, "
    "screenshots in place of originals."
)
_PATIENTS: Final = (
    "Ask whether other patients are examined now: a new site, a ward, a screening, another rota. Check that they are among "
    "those that the bundle is for (osteon bundle show)."
)
_OUTPUT: Final = (
    "The bundle answers differently. If no input changed with it, other patients or more injuries are likely, and season is one "
    "cause; if inputs changed too, find out why first. Let a reader check twenty recent studies."
)
_READERS: Final = (
    "Readers disagree more often. Look at the last studies they disagreed with together; if the bundle is wrong, stop showing "
    "its results for that group, or go back to the earlier bundle (osteon registry rollback)."
)

ADVICE: Final[dict[str, str]] = {
    **dict.fromkeys(("sex", "age", "body_part", "view", "images"), _PATIENTS),
    **dict.fromkeys(("format", "photometric", "bytes_per_pixel", "bits"), _EXPORT),
    **dict.fromkeys(
        (
            "manufacturer",
            "rows",
            "columns",
            "kvp",
            "exposure",
            "brightness",
            "contrast",
            "dark_share",
            "bright_share",
            "corner_brightness",
            "sharpness",
        ),
        _DEVICE,
    ),
    **dict.fromkeys(("refusal", "call", "probability", "boxes"), _OUTPUT),
    "agreement": _READERS,
}
"""What to do where a field has changed."""

QUIET: Final = "Nothing has changed that the watch would see."


def stream_words(field: str, kind: str, limit: float | None, upper: float | None, value: str | None) -> str:
    """Which studies a stream counts, to stand behind ``studies with``, e.g. ``age of at most 12 years``."""
    name, unit = FIELD_WORDS.get(field, field), UNITS.get(field, "")
    if field == "agreement":
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


def hotelling_words(reference: int, latest: int, p: float) -> str:
    """What the network sees of the latest images beside those of a reference; p of a single look."""
    found = "on average something else" if p < 0.05 else "on average about the same thing"
    joint = "than in" if p < 0.05 else "as in"
    return (
        f"In the latest {latest:,} images the network sees {found} {joint} the {reference:,} images of the reference "
        f"(Hotelling's test of its features: p {'< 0.001' if p < 0.001 else f'{p:.3f}'}). This p is for a single look; looked at "
        "often, one of 20 is below 0.05 by chance."
    )


def certainty(chance: float) -> str:
    """How sure a change is, from the largest probability that a quiet year shows as much."""
    if chance >= 0.045:
        return "likely: fewer than 1 in 20 unchanged years would show as much anywhere"
    if chance > 0.0105:
        return f"sure: fewer than 1 in {max(20, int(1 / chance))} unchanged years would show as much anywhere"
    return "very sure: hardly any unchanged year would show as much (1 in 100 at most)"


def percent(share: float) -> str:
    """A share, with a digit more where it is small."""
    return f"{share * 100:.1f} %" if share < 0.0995 else f"{share * 100:.0f} %"
