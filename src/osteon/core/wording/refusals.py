"""Sentences and headings for refusals."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.values import Values

_SENTENCES: Final[dict[RefusalCode, str]] = {
    RefusalCode.BODY_PART: "body part {part} is outside the bundle's indication ({allowed})",
    RefusalCode.AGE: "the patient's age is outside the bundle's indication ({minimum:g} to {maximum:g} years)",
    RefusalCode.TOO_SMALL: ("the image is too small: {size} pixels, at least {minimum} a side are needed"),
    RefusalCode.STRIP: "a strip of {height} x {width} pixels",
    RefusalCode.COLOUR: "not a radiograph: it is in colour",
    RefusalCode.BLANK: "blank: there is next to no contrast",
    RefusalCode.WHITE: "not a radiograph: nearly all of it is white, as on a page or an image shown inverted",
    RefusalCode.UNRELATED_PIXELS: "not a radiograph: neighbouring pixels are unrelated, as in noise or text",
    RefusalCode.HARD_EDGES: "not a radiograph: too many hard edges, as in text or drawings",
    RefusalCode.NOVELTY: (
        "the image is unlike the radiographs that the bundle was trained on (novelty {novelty:.3g}, limit {limit:.3g})"
    ),
    RefusalCode.NOT_A_BONE_RADIOGRAPH: (
        "the image does not look like a radiograph of bones that the bundle reads (score {score:.2f}, limit {limit:.2f})"
    ),
    RefusalCode.OTHER_PART_SHOWN: (
        "the image seems to show a body part outside the bundle's indication: {parts} (score {score:.2f}, limit {limit:.2f}); "
        "state the body part if it does not"
    ),
    RefusalCode.VIEW_MISSING: "the bundle reads {views} views together, and the study has no {view} view{unknown}",
    RefusalCode.VIEW_REFUSED: "the study's {view} view must not be read",
    RefusalCode.VIEW_SURPLUS: "the bundle reads one image of each view",
    RefusalCode.SITE_UNCERTAIN: (
        "the most probable site, {site}, has a probability of {probability:.2f}, "
        "less than the {threshold:.2f} from which the bundle names one"
    ),
    RefusalCode.OTHER: "{text}",
}

_HEADINGS: Final[dict[RefusalCode, str]] = {
    RefusalCode.BODY_PART: "body part outside the bundle's indication",
    RefusalCode.AGE: "age outside the bundle's indication",
    RefusalCode.TOO_SMALL: "the image is too small",
    RefusalCode.STRIP: "a strip",
    RefusalCode.COLOUR: "not a radiograph: it is in colour",
    RefusalCode.BLANK: "blank: there is next to no contrast",
    RefusalCode.WHITE: "not a radiograph: nearly all of it is white",
    RefusalCode.UNRELATED_PIXELS: "not a radiograph: neighbouring pixels are unrelated",
    RefusalCode.HARD_EDGES: "not a radiograph: too many hard edges",
    RefusalCode.NOVELTY: "unlike the radiographs that the bundle was trained on",
    RefusalCode.NOT_A_BONE_RADIOGRAPH: "does not look like a radiograph of bones that the bundle reads",
    RefusalCode.OTHER_PART_SHOWN: "seems to show a body part outside the bundle's indication",
    RefusalCode.VIEW_MISSING: "the study lacks a view that the bundle needs",
    RefusalCode.VIEW_REFUSED: "a view that the bundle needs must not be read",
    RefusalCode.VIEW_SURPLUS: "a further image of a view that the bundle reads once",
    RefusalCode.SITE_UNCERTAIN: "no site is probable enough to be named",
    RefusalCode.OTHER: "another reason",
}


def refusal_sentence(refusal: Refusal) -> str:
    """The sentence of a refusal with its values, without a full stop."""
    return _SENTENCES[refusal.code].format_map(_filled(refusal.code, refusal.values))


def refusal_heading(code: RefusalCode) -> str:
    """What all refusals of a code have in common, for tables."""
    return _HEADINGS[code]


def reason(refusals: Iterable[Refusal]) -> str:
    """The sentences of several refusals, each once; empty where there is none."""
    return "; ".join(dict.fromkeys(map(refusal_sentence, refusals)))


def _filled(code: RefusalCode, values: Values) -> dict[str, object]:
    """Values as the sentence needs them: lists in words, and what only some sentences say."""
    joint = " and " if code is RefusalCode.VIEW_MISSING else ", "
    filled: dict[str, object] = {
        name: joint.join(value) if isinstance(value, tuple) else value for name, value in values.items()
    }
    if code is RefusalCode.TOO_SMALL:
        filled["size"] = (
            "{width} x {height}".format_map(filled) if "width" in filled else f"a shorter side of {values['side']}"
        )
    if code is RefusalCode.OTHER_PART_SHOWN and isinstance(parts := values["parts"], tuple):
        filled["parts"] = " or ".join(part for part in (", ".join(map(str, parts[:-1])), str(parts[-1])) if part)
    if code is RefusalCode.VIEW_MISSING:
        unstated = values["unstated"]
        filled["unknown"] = f" ({unstated} of its images do not state their view)" if unstated else ""
    return filled
