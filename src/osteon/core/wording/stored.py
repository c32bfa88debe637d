"""Sentences that stores and predictions of earlier versions hold in place of codes, and what they stand for.

The sentences below are those of that time. They stay as they are, whatever is said today; a sentence that is not among
them becomes a refusal or note of the code ``OTHER``, with the sentence as its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.values import Value, Values

_Code = TypeVar("_Code", RefusalCode, NoteCode)

_LIST: Final = "list_"
"""Names of values that are lists begin with it here."""

_REFUSALS: Final[tuple[tuple[RefusalCode, str], ...]] = (
    (RefusalCode.BODY_PART, "body part {part} is outside the bundle's indication ({list_allowed})"),
    (RefusalCode.AGE, "the patient's age is outside the bundle's indication ({minimum} to {maximum} years)"),
    (
        RefusalCode.TOO_SMALL,
        "the image is too small: {width} x {height} pixels, at least {minimum} a side are needed",
    ),
    (RefusalCode.STRIP, "a strip of {height} x {width} pixels"),
    (RefusalCode.COLOUR, "not a radiograph: it is in colour"),
    (RefusalCode.BLANK, "blank: there is next to no contrast"),
    (RefusalCode.WHITE, "not a radiograph: nearly all of it is white, as on a page or a film shown inverted"),
    (RefusalCode.UNRELATED_PIXELS, "not a radiograph: neighbouring pixels are unrelated, as in noise or text"),
    (RefusalCode.HARD_EDGES, "not a radiograph: too many hard edges, as in text or drawings"),
    (
        RefusalCode.NOVELTY,
        "the image is unlike the radiographs that the bundle was trained on (novelty {novelty}, limit {limit})",
    ),
    (
        RefusalCode.VIEW_MISSING,
        (
            "the bundle reads {list_views} views together, and the study has no {view} view "
            "({unstated} of its films do not state their view)"
        ),
    ),
    (RefusalCode.VIEW_MISSING, "the bundle reads {list_views} views together, and the study has no {view} view"),
    (RefusalCode.VIEW_REFUSED, "the study's {view} view must not be read"),
    (RefusalCode.VIEW_SURPLUS, "the bundle reads one film of each view"),
    (
        RefusalCode.SITE_UNCERTAIN,
        (
            "the most probable site, {site}, has a probability of {probability}, "
            "less than the {threshold} from which the bundle names one"
        ),
    ),
)

_NOTES: Final[tuple[tuple[NoteCode, str], ...]] = (
    (
        NoteCode.BURNED_IN,
        "the file says that text is burned into its pixels: it may name the patient, wherever the image is shown",
    ),
    (NoteCode.FOR_PROCESSING, "for processing: raw detector values, shown without the maker's processing"),
    (NoteCode.FLUOROSCOPY, "a fluoroscopic or angiographic image, not a plain radiograph"),
    (NoteCode.SECONDARY_CAPTURE, "secondary capture: not the radiograph itself, but a picture of it"),
    (NoteCode.SOP_CLASS_MISSING, "the SOP class is missing: taken as a radiograph"),
    (NoteCode.ANIMATED, "an animated PNG: only its first picture is read"),
    (NoteCode.DEFLATED_UNSTATED, "the data set is deflated, which its header does not say"),
    (NoteCode.HEADER_ENCODING, "the transfer syntax contradicts the encoding of the header: read by its bytes"),
    (NoteCode.HEADER_IRREGULAR, "the header deviates from the standard in {count} place(s)"),
    (NoteCode.PIXEL_DATA_LENGTH, "Pixel Data state a length that is too short: read to the end of the file"),
    (NoteCode.DELIMITER_MISSING, "the sequence delimiter behind the compressed pixels is missing"),
    (NoteCode.FRAGMENT_LENGTHS, "the lengths of the compressed pixels do not fit: they were found by their tags"),
    (NoteCode.TRANSFER_SYNTAX, "the transfer syntax contradicts the pixel data: read as {read_as}"),
    (NoteCode.NOT_ENCAPSULATED, "the compressed pixels are not encapsulated"),
    (
        NoteCode.SURPLUS_FRAMES,
        "Pixel Data hold {found} frames or more, and {stated} are stated: the others are left out",
    ),
    (NoteCode.SIGN, "PixelRepresentation contradicts the sign of the compressed pixels: taken as {sign}"),
    (NoteCode.NOT_SEPARATED, "the values of {element} are not separated by a backslash: read nevertheless"),
    (NoteCode.MALFORMED, "{element} is malformed: what is no number in it is ignored"),
    (NoteCode.DECIMAL_COMMA, "{element} has a decimal comma: read as a point"),
    (NoteCode.PIXEL_SPACING_INVALID, "PixelSpacing is not positive or not two numbers: ignored"),
    (NoteCode.SPACING_OF_SCANNER, "spacing is that of the film scanner"),
    (NoteCode.SPACING_OF_DETECTOR, "spacing is that of the detector: magnification is unknown"),
    (NoteCode.SPACING_CORRECTED, "spacing at the detector divided by the stated magnification {magnification}"),
    (NoteCode.ASPECT_RATIO_INVALID, "the pixel aspect ratio is not believable: ignored"),
    (NoteCode.RESAMPLED, "resampled from {rows} x {columns} to {new_rows} x {new_columns} square pixels"),
    (NoteCode.COLOUR_REDUCED, "colour: reduced to grey"),
    (NoteCode.WINDOW_MISSING, "no window in the file: the whole range of the image is shown"),
    (
        NoteCode.WINDOW_OUTSIDE,
        "the window of the file lies beside the values of the image: their whole range is shown",
    ),
    (NoteCode.WINDOW_TOO_NARROW, "the window is too narrow to be one: ignored"),
    (NoteCode.WINDOWS, "{count} windows in the file: {which} is used"),
    (NoteCode.VOI_FUNCTION, "the VOI LUT function is unknown: taken as linear"),
    (NoteCode.VOI_LUTS, "{count} VOI LUTs in the file: the first is used"),
    (NoteCode.VOI_LUT_DEPTH, "the VOI LUT states {stated} bits, and its entries have {found}: that is white"),
    (NoteCode.LUT_UNUSABLE, "{count} {table}(s) of the file cannot be used: ignored"),
    (NoteCode.LUT_LENGTH, "the {table} states {stated} entries and has {found}"),
    (NoteCode.PALETTE_DEPTH, "the entries of the palette have 8 bits, and more are stated"),
    (NoteCode.RESCALE_SLOPE, "RescaleSlope is 0: ignored"),
    (
        NoteCode.PRESENTATION_LUT_SHAPE,
        "PresentationLUTShape contradicts the photometric interpretation: low values are shown white",
    ),
    (NoteCode.RANGE_SPREAD, "{bits} bit {type} samples: the whole range of the image is shown"),
    (NoteCode.EXTRA_SAMPLES, "extra samples without a stated meaning are not shown: {count} a pixel"),
    (NoteCode.VIEW_FROM_NAME, "the view is taken from the file's name"),
    (NoteCode.BODY_PART_UNSTATED, "the body part is not stated, so the indication was not checked for it"),
    (NoteCode.FILES_FAILED, "{failed} of {files} files of the study could not be read"),
)

_SMALLEST_SIDE: Final = re.compile(r"too small: (\d+) pixels on its shorter side, at least (\d+) are needed")
"""The second way to say that an image is too small; it told the shorter side alone."""

_NUMBERED: Final = re.compile(r"image (\d+(?:, \d+)*): (.*)", re.DOTALL)
_NOT_READ: Final = "not read: "
_BETWEEN: Final = "; "
_FIELD: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class _Sentence(Generic[_Code]):
    """A sentence of earlier versions."""

    code: _Code
    pattern: re.Pattern[str]

    def values(self, text: str) -> dict[str, Value] | None:
        """The values that a text has where it is this sentence, else None."""
        found = self.pattern.fullmatch(text)
        return None if found is None else dict(_value(name, word) for name, word in found.groupdict().items())


def _compiled(table: tuple[tuple[_Code, str], ...]) -> tuple[_Sentence[_Code], ...]:
    return tuple(_Sentence(code, re.compile(_pattern(sentence))) for code, sentence in table)


def _pattern(sentence: str) -> str:
    parts = _FIELD.split(sentence)
    return "".join(f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))


def _value(name: str, word: str) -> tuple[str, Value]:
    """Name and value of a word: a list, a flag, a number, or the word itself."""
    if name.startswith(_LIST):
        return name.removeprefix(_LIST), tuple(re.split(", | and ", word))
    if name == "sign":
        return "signed", word == "signed"
    if name == "which":
        return "skipped", 0 if word == "the first" else 1
    for number in (int, float):
        try:
            return name, number(word)
        except ValueError:
            continue
    return name, word


_REFUSAL_SENTENCES: Final = _compiled(_REFUSALS)
_NOTE_SENTENCES: Final = _compiled(_NOTES)


def stored_refusals(text: str) -> tuple[Refusal, ...]:
    """The refusals that a stored reason stands for: several sentences with semicolons between; none of an empty one.

    Tables of predictions hold notes of the study among the reasons of an image that was not read: those are left out.
    """
    parts = [_without_number(part) for part in text.split(_BETWEEN) if part]
    found = dict.fromkeys(refusal for part in parts if (refusal := _refusal(part)) is not None)
    # An image below both limits was said to be too small twice; the sentence with its whole size is kept.
    sized = any(refusal.code is RefusalCode.TOO_SMALL and "side" not in refusal.values for refusal in found)
    return tuple(refusal for refusal in found if not (sized and "side" in refusal.values))


def stored_note(text: str) -> Note:
    """The note that a stored sentence stands for."""
    numbered = _NUMBERED.fullmatch(text)
    images = () if numbered is None else tuple(int(number) - 1 for number in numbered[1].split(", "))
    text = text if numbered is None else numbered[2]
    code, values = _note(text) or (NoteCode.OTHER, {"text": text})
    return Note(code, values, images)


def stored_unread(text: str) -> tuple[tuple[int, ...], tuple[Refusal, ...]] | None:
    """The indices of images and why they were not read, where a stored note of a reading says that, else None."""
    numbered = _NUMBERED.fullmatch(text)
    if numbered is None or not numbered[2].startswith(_NOT_READ):
        return None
    images = tuple(int(number) - 1 for number in numbered[1].split(", "))
    return images, stored_refusals(numbered[2].removeprefix(_NOT_READ))


def _without_number(part: str) -> str:
    numbered = _NUMBERED.fullmatch(part)
    return part if numbered is None else numbered[2].removeprefix(_NOT_READ)


def _refusal(text: str) -> Refusal | None:
    """The refusal of a sentence; None where it is a note."""
    small = _SMALLEST_SIDE.fullmatch(text)
    if small:
        return Refusal(RefusalCode.TOO_SMALL, {"side": int(small[1]), "minimum": int(small[2])})
    for sentence in _REFUSAL_SENTENCES:
        values = sentence.values(text)
        if values is not None:
            unstated: Values = {"unstated": 0} if sentence.code is RefusalCode.VIEW_MISSING else {}
            return Refusal(sentence.code, {**unstated, **values})
    return None if _note(text) is not None else Refusal(RefusalCode.OTHER, {"text": text})


def _note(text: str) -> tuple[NoteCode, Values] | None:
    for sentence in _NOTE_SENTENCES:
        values = sentence.values(text)
        if values is not None:
            return sentence.code, values
    return None
