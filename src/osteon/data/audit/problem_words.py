"""The sentences of what the audit finds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from osteon.core.values import Value, Values
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.duplicates.duplicates import Variant
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.remark_words import WORDS, fields, remark_words

_C: Final = ProblemCode
TEMPLATES: Final[Mapping[ProblemCode, str]] = {
    _C.ROWS_GREY: "the lowest {percent:.0f} % of the rows are uniform grey: the image data are cut off or damaged",
    _C.BROKEN_IN_ONE_FOLDER: (
        "all {count} broken files are in {folder}: decoded leniently, their grey stripes predict the label"
    ),
    _C.NOT_IN_LAYOUT: "{count} images that are not part of the dataset's layout; they are left out",
    _C.SYSTEM_FILES: "{count} files of an operating system",
    _C.EMPTY_FOLDERS: "{count} empty folders",
    _C.IDENTICAL: (
        "{count} files are identical byte for byte{broken:, and broken}"
        "{one_study:; they are listed as different views of one study}"
    ),
    _C.ALIKE: "{difference}: the hashes differ in {distance} of 256 bits, the images correlate at {correlation:.3f}",
    _C.ALIKE_WHERE_DECODABLE: (
        "{difference}: the hashes differ in {distance} of 256 bits; over the decodable part of a truncated file, "
        "the images correlate at {correlation:.3f}"
    ),
    _C.COPIES_LABELLED_DIFFERENTLY: "{labels}",
    _C.IN_TWO_PARTS: "one is in {first}, the other in {second}",
    _C.NUMBERS_IN_TWO_PARTS: "{apart} apart in number: one is in {first}, the other in {second}",
    _C.GROUP_IN_SEVERAL_PARTS: "a {column} is in {parts:and}",
    _C.CASE_IN_SEVERAL_PARTS: "a case number is in {parts:and}",
    _C.CASE_IN_TWO_FOLDERS: "a case number is in the folders {first} and {second}",
    _C.PATIENTS_UNKNOWN: "images of one patient may lie in two parts of a split; group it by {group:and}",
    _C.IN_NO_PART: "{count:,} of {images:,} images are in no part{others}",
    _C.AGE_ABOVE: "older than {limit} years",
    _C.AGE_OUTSIDE_CARD: "outside the ages of the dataset, {youngest:g} to {oldest:g} years",
    _C.AGES_DIFFER: "ages within one study differ by more than a year",
    _C.AGE_ZERO: "{count} images have age 0 among adults: it may mean unknown",
    _C.HEADER_AGE_ABOVE: "its header says more than {limit} years; taken as unknown",
    _C.HEADER_AGE_DIFFERS: "the age in its header differs from the table",
    _C.HEADER_DIFFERS: "its header says {header}, the table {table}",
    _C.SEXES_DIFFER: "one {column} is {sexes:and}",
    _C.VIEWS_MISSING: "no {views:and no} view",
    _C.VIEWS_REPEATED: "the {views:and the} view more than once",
    _C.SIDES_DIFFER: "one view is of the left, another of the right side",
    _C.BOXES_OF_ABSENT_LABELS: "{labels:and} is 0, but there is a box of it",
    _C.BOXES_SMALL: "the median of {count:,} boxes is {percent:.2g} % of the image; they vanish in a small input",
    _C.COUNT_DIFFERS: "{figure}: published {published:,}, here {found:,}",
    _C.ATTRIBUTE_PREDICTS_LABEL: (
        "{attribute} alone predicts {label}: AUC {auc:.3f} (95 % interval {low:.3f} to {high:.3f}); {extremes}; "
        "{tried} were tried"
    ),
}
"""The sentence of each code; some of its words are made of several values."""

VARIANTS: Final[Mapping[Variant, str]] = {
    Variant.UNCHANGED: "as it is",
    Variant.INVERTED: "inverted",
    Variant.MIRRORED: "mirrored",
    Variant.INVERTED_MIRRORED: "inverted and mirrored",
    Variant.TURNED_90: "turned by 90 degrees",
    Variant.TURNED_180: "turned by 180 degrees",
    Variant.TURNED_270: "turned by 270 degrees",
    Variant.MIRRORED_TURNED_90: "mirrored and turned by 90 degrees",
    Variant.MIRRORED_TURNED_180: "mirrored and turned by 180 degrees",
    Variant.MIRRORED_TURNED_270: "mirrored and turned by 270 degrees",
}


def problem_words(code: ProblemCode | RemarkCode, values: Values) -> str:
    """The sentence of a problem, without a full stop; where a value is missing, the name of its code."""
    if isinstance(code, RemarkCode):
        return remark_words(code, values)
    filled = _filled(code, values)
    if not fields(TEMPLATES[code]) <= filled.keys():
        return code.value.replace("_", " ")
    return WORDS.vformat(TEMPLATES[code], (), filled)


def extremes_words(values: Values) -> str:
    """The values of an attribute with the most and the fewest positives, see ``ProblemCode.ATTRIBUTE_PREDICTS_LABEL``."""
    if "highest_share" not in values or "lowest_share" not in values:
        return "no two values are frequent"
    high, low = (100 * _number(values[name]) for name in ("highest_share", "lowest_share"))
    return f"{values['highest']}: {high:.0f} % positive, {values['lowest']}: {low:.0f} %"


def _filled(code: ProblemCode, values: Values) -> dict[str, Value]:
    """Values with the words that are made of some of them."""
    filled = dict(values)
    if "share" in values:
        filled["percent"] = 100 * _number(values["share"])
    if "variant" in values:
        filled["difference"] = VARIANTS[Variant(str(values["variant"]))]
    match code:
        case ProblemCode.COPIES_LABELLED_DIFFERENTLY if {"only_first", "only_second"} <= values.keys():
            filled["labels"] = tuple(
                f"{label} is {first} in one and {1 - first} in the other"
                for name, first in (("only_first", 1), ("only_second", 0))
                for label in _texts(values[name])
            )
        case ProblemCode.IN_NO_PART if {"constant", "constant_values"} <= values.keys():
            pairs = zip(_texts(values["constant"]), _texts(values["constant_values"]), strict=True)
            filled["others"] = "".join(
                f"; all others have {label} = {value}: a result on this split ignores the remaining images"
                for label, value in pairs
            )
        case ProblemCode.ATTRIBUTE_PREDICTS_LABEL if {"attributes", "labels"} <= values.keys():
            labels = f" and {values['labels']} labels" if _number(values["labels"]) > 1 else ""
            filled |= {"extremes": extremes_words(values), "tried": f"{values['attributes']} attributes{labels}"}
        case _:
            pass
    return filled


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _texts(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)
