"""Sentences for notes."""

from __future__ import annotations

from typing import Final

from osteon.core.codes.note import Note, NoteCode
from osteon.core.values import Values

_SENTENCES: Final[dict[NoteCode, str]] = {
    NoteCode.BURNED_IN: (
        "the file says that text is burned into its pixels: it may name the patient, wherever the image is shown"
    ),
    NoteCode.FOR_PROCESSING: "for processing: raw detector values, shown without the maker's processing",
    NoteCode.FLUOROSCOPY: "a fluoroscopic or angiographic image, not a plain radiograph",
    NoteCode.SECONDARY_CAPTURE: "secondary capture: not the radiograph itself, but a picture of it",
    NoteCode.SOP_CLASS_MISSING: "the SOP class is missing: taken as a radiograph",
    NoteCode.ANIMATED: "an animated PNG: only its first picture is read",
    NoteCode.DEFLATED_UNSTATED: "the data set is deflated, which its header does not say",
    NoteCode.HEADER_ENCODING: "the transfer syntax contradicts the encoding of the header: read by its bytes",
    NoteCode.HEADER_IRREGULAR: "the header deviates from the standard in {count} place(s)",
    NoteCode.PIXEL_DATA_LENGTH: "Pixel Data state a length that is too short: read to the end of the file",
    NoteCode.DELIMITER_MISSING: "the sequence delimiter behind the compressed pixels is missing",
    NoteCode.FRAGMENT_LENGTHS: "the lengths of the compressed pixels do not fit: they were found by their tags",
    NoteCode.TRANSFER_SYNTAX: "the transfer syntax contradicts the pixel data: read as {read_as}",
    NoteCode.NOT_ENCAPSULATED: "the compressed pixels are not encapsulated",
    NoteCode.SURPLUS_FRAMES: (
        "Pixel Data hold {found} frames or more, and {stated} are stated: the others are left out"
    ),
    NoteCode.SIGN: "PixelRepresentation contradicts the sign of the compressed pixels: taken as {sign}",
    NoteCode.NOT_SEPARATED: "the values of {element} are not separated by a backslash: read nevertheless",
    NoteCode.MALFORMED: "{element} is malformed: what is no number in it is ignored",
    NoteCode.DECIMAL_COMMA: "{element} has a decimal comma: read as a point",
    NoteCode.PIXEL_SPACING_INVALID: "PixelSpacing is not positive or not two numbers: ignored",
    NoteCode.SPACING_OF_SCANNER: "spacing is that of the film scanner",
    NoteCode.SPACING_OF_DETECTOR: "spacing is that of the detector: magnification is unknown",
    NoteCode.SPACING_CORRECTED: "spacing at the detector divided by the stated magnification {magnification:g}",
    NoteCode.ASPECT_RATIO_INVALID: "the pixel aspect ratio is not believable: ignored",
    NoteCode.RESAMPLED: "resampled from {rows} x {columns} to {new_rows} x {new_columns} square pixels",
    NoteCode.COLOUR_REDUCED: "colour: reduced to grey",
    NoteCode.WINDOW_MISSING: "no window in the file: the whole range of the image is shown",
    NoteCode.WINDOW_OUTSIDE: ("the window of the file lies beside the values of the image: their whole range is shown"),
    NoteCode.WINDOW_TOO_NARROW: "the window is too narrow to be one: ignored",
    NoteCode.WINDOWS: "{count} windows in the file: {which} is used",
    NoteCode.VOI_FUNCTION: "the VOI LUT function is unknown: taken as linear",
    NoteCode.VOI_LUTS: "{count} VOI LUTs in the file: the first is used",
    NoteCode.VOI_LUT_DEPTH: "the VOI LUT states {stated} bits, and its entries have {found}: that is white",
    NoteCode.LUT_UNUSABLE: "{count} {table}(s) of the file cannot be used: ignored",
    NoteCode.LUT_LENGTH: "the {table} states {stated} entries and has {found}",
    NoteCode.PALETTE_DEPTH: "the entries of the palette have 8 bits, and more are stated",
    NoteCode.RESCALE_SLOPE: "RescaleSlope is 0: ignored",
    NoteCode.PRESENTATION_LUT_SHAPE: (
        "PresentationLUTShape contradicts the photometric interpretation: low values are shown white"
    ),
    NoteCode.RANGE_SPREAD: "{bits} bit {type} samples: the whole range of the image is shown",
    NoteCode.EXTRA_SAMPLES: "extra samples without a stated meaning are not shown: {count} a pixel",
    NoteCode.VIEW_FROM_NAME: "the view is taken from the file's name",
    NoteCode.BODY_PART_OF_SENDER: "the body part is stated by the sender, not by the file",
    NoteCode.BODY_PART_UNSTATED: "the body part is not stated, so the indication was not checked for it",
    NoteCode.FILES_FAILED: "{failed} of {files} files of the study could not be read",
    NoteCode.OTHER: "{text}",
}


def note_sentence(note: Note) -> str:
    """The sentence of a note with its values, without a full stop and without the images that it is about."""
    return _SENTENCES[note.code].format_map(_filled(note.code, note.values))


def _filled(code: NoteCode, values: Values) -> dict[str, object]:
    """Values as the sentence needs them: flags in words."""
    filled: dict[str, object] = dict(values)
    if code is NoteCode.SIGN:
        filled["sign"] = "signed" if values["signed"] else "unsigned"
    if code is NoteCode.WINDOWS:
        filled["which"] = "the first that can be one" if values["skipped"] else "the first"
    return filled
