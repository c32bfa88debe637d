"""Every code has a sentence, and these are the sentences: the one test that a new wording changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.labels import Call
from osteon.core.records import Reading
from osteon.core.values import Values
from osteon.core.wording.notes import note_sentence
from osteon.core.wording.readings import note_sentences
from osteon.core.wording.refusals import reason, refusal_heading, refusal_sentence

SMALL = {"width": 120, "height": 90, "minimum": 160}

REFUSALS: list[tuple[RefusalCode, Values, str]] = [
    (
        RefusalCode.BODY_PART,
        {"part": "chest", "allowed": ("hand", "leg")},
        "body part chest is outside the bundle's indication (hand, leg)",
    ),
    (
        RefusalCode.AGE,
        {"minimum": 16.0, "maximum": 120.0},
        "the patient's age is outside the bundle's indication (16 to 120 years)",
    ),
    (RefusalCode.TOO_SMALL, SMALL, "the image is too small: 120 x 90 pixels, at least 160 a side are needed"),
    (
        RefusalCode.TOO_SMALL,
        {"side": 40, "minimum": 64},
        "the image is too small: a shorter side of 40 pixels, at least 64 a side are needed",
    ),
    (RefusalCode.STRIP, {"width": 80, "height": 900}, "a strip of 900 x 80 pixels"),
    (RefusalCode.COLOUR, {}, "not a radiograph: it is in colour"),
    (RefusalCode.BLANK, {}, "blank: there is next to no contrast"),
    (
        RefusalCode.WHITE,
        {},
        "not a radiograph: nearly all of it is white, as on a page or an image shown inverted",
    ),
    (
        RefusalCode.UNRELATED_PIXELS,
        {},
        "not a radiograph: neighbouring pixels are unrelated, as in noise or text",
    ),
    (RefusalCode.HARD_EDGES, {}, "not a radiograph: too many hard edges, as in text or drawings"),
    (
        RefusalCode.NOVELTY,
        {"novelty": 7.1234, "limit": 5.6},
        "the image is unlike the radiographs that the bundle was trained on (novelty 7.12, limit 5.6)",
    ),
    (
        RefusalCode.NOT_A_BONE_RADIOGRAPH,
        {"score": 3.456, "limit": 0.5},
        "the image does not look like a radiograph of bones that the bundle reads (score 3.46, limit 0.50)",
    ),
    (
        RefusalCode.OTHER_PART_SHOWN,
        {"parts": ("hip", "pelvis", "shoulder"), "score": 2.0, "limit": -0.25},
        (
            "the image seems to show a body part outside the bundle's indication: hip, pelvis or shoulder "
            "(score 2.00, limit -0.25); state the body part if it does not"
        ),
    ),
    (
        RefusalCode.VIEW_MISSING,
        {"view": "lateral", "views": ("frontal", "lateral"), "unstated": 0},
        "the bundle reads frontal and lateral views together, and the study has no lateral view",
    ),
    (
        RefusalCode.VIEW_MISSING,
        {"view": "lateral", "views": ("frontal", "lateral"), "unstated": 2},
        (
            "the bundle reads frontal and lateral views together, and the study has no lateral view "
            "(2 of its images do not state their view)"
        ),
    ),
    (RefusalCode.VIEW_REFUSED, {"view": "lateral"}, "the study's lateral view must not be read"),
    (RefusalCode.VIEW_SURPLUS, {}, "the bundle reads one image of each view"),
    (
        RefusalCode.SITE_UNCERTAIN,
        {"site": "femur", "probability": 0.3149, "threshold": 0.5},
        "the most probable site, femur, has a probability of 0.31, less than the 0.50 from which the bundle names one",
    ),
    (RefusalCode.OTHER, {"text": "as it was stored"}, "as it was stored"),
]

NOTES: list[tuple[NoteCode, Values, str]] = [
    (
        NoteCode.BURNED_IN,
        {},
        "the file says that text is burned into its pixels: it may name the patient, wherever the image is shown",
    ),
    (NoteCode.FOR_PROCESSING, {}, "for processing: raw detector values, shown without the maker's processing"),
    (NoteCode.FLUOROSCOPY, {}, "a fluoroscopic or angiographic image, not a plain radiograph"),
    (NoteCode.SECONDARY_CAPTURE, {}, "secondary capture: not the radiograph itself, but a picture of it"),
    (NoteCode.SOP_CLASS_MISSING, {}, "the SOP class is missing: taken as a radiograph"),
    (NoteCode.ANIMATED, {}, "an animated PNG: only its first picture is read"),
    (NoteCode.DEFLATED_UNSTATED, {}, "the data set is deflated, which its header does not say"),
    (NoteCode.HEADER_ENCODING, {}, "the transfer syntax contradicts the encoding of the header: read by its bytes"),
    (NoteCode.HEADER_IRREGULAR, {"count": 2}, "the header deviates from the standard in 2 place(s)"),
    (NoteCode.PIXEL_DATA_LENGTH, {}, "Pixel Data state a length that is too short: read to the end of the file"),
    (NoteCode.DELIMITER_MISSING, {}, "the sequence delimiter behind the compressed pixels is missing"),
    (
        NoteCode.FRAGMENT_LENGTHS,
        {},
        "the lengths of the compressed pixels do not fit: they were found by their tags",
    ),
    (
        NoteCode.TRANSFER_SYNTAX,
        {"read_as": "uncompressed"},
        "the transfer syntax contradicts the pixel data: read as uncompressed",
    ),
    (NoteCode.NOT_ENCAPSULATED, {}, "the compressed pixels are not encapsulated"),
    (
        NoteCode.SURPLUS_FRAMES,
        {"found": 2, "stated": 1},
        "Pixel Data hold 2 frames or more, and 1 are stated: the others are left out",
    ),
    (
        NoteCode.SIGN,
        {"signed": True},
        "PixelRepresentation contradicts the sign of the compressed pixels: taken as signed",
    ),
    (
        NoteCode.SIGN,
        {"signed": False},
        "PixelRepresentation contradicts the sign of the compressed pixels: taken as unsigned",
    ),
    (
        NoteCode.NOT_SEPARATED,
        {"element": "PixelSpacing"},
        "the values of PixelSpacing are not separated by a backslash: read nevertheless",
    ),
    (
        NoteCode.MALFORMED,
        {"element": "WindowWidth"},
        "WindowWidth is malformed: what is no number in it is ignored",
    ),
    (NoteCode.DECIMAL_COMMA, {"element": "RescaleSlope"}, "RescaleSlope has a decimal comma: read as a point"),
    (NoteCode.PIXEL_SPACING_INVALID, {}, "PixelSpacing is not positive or not two numbers: ignored"),
    (NoteCode.SPACING_OF_SCANNER, {}, "spacing is that of the film scanner"),
    (NoteCode.SPACING_OF_DETECTOR, {}, "spacing is that of the detector: magnification is unknown"),
    (
        NoteCode.SPACING_CORRECTED,
        {"magnification": 1.5},
        "spacing at the detector divided by the stated magnification 1.5",
    ),
    (NoteCode.ASPECT_RATIO_INVALID, {}, "the pixel aspect ratio is not believable: ignored"),
    (
        NoteCode.RESAMPLED,
        {"rows": 60, "columns": 84, "new_rows": 240, "new_columns": 84},
        "resampled from 60 x 84 to 240 x 84 square pixels",
    ),
    (NoteCode.COLOUR_REDUCED, {}, "colour: reduced to grey"),
    (NoteCode.WINDOW_MISSING, {}, "no window in the file: the whole range of the image is shown"),
    (
        NoteCode.WINDOW_OUTSIDE,
        {},
        "the window of the file lies beside the values of the image: their whole range is shown",
    ),
    (NoteCode.WINDOW_TOO_NARROW, {}, "the window is too narrow to be one: ignored"),
    (NoteCode.WINDOWS, {"count": 2, "skipped": 0}, "2 windows in the file: the first is used"),
    (NoteCode.WINDOWS, {"count": 3, "skipped": 1}, "3 windows in the file: the first that can be one is used"),
    (NoteCode.VOI_FUNCTION, {}, "the VOI LUT function is unknown: taken as linear"),
    (NoteCode.VOI_LUTS, {"count": 2}, "2 VOI LUTs in the file: the first is used"),
    (
        NoteCode.VOI_LUT_DEPTH,
        {"stated": 16, "found": 12},
        "the VOI LUT states 16 bits, and its entries have 12: that is white",
    ),
    (
        NoteCode.LUT_UNUSABLE,
        {"count": 2, "table": "VOI LUT"},
        "2 VOI LUT(s) of the file cannot be used: ignored",
    ),
    (
        NoteCode.LUT_LENGTH,
        {"table": "Modality LUT", "stated": 4096, "found": 3000},
        "the Modality LUT states 4096 entries and has 3000",
    ),
    (NoteCode.PALETTE_DEPTH, {}, "the entries of the palette have 8 bits, and more are stated"),
    (NoteCode.RESCALE_SLOPE, {}, "RescaleSlope is 0: ignored"),
    (
        NoteCode.PRESENTATION_LUT_SHAPE,
        {},
        "PresentationLUTShape contradicts the photometric interpretation: low values are shown white",
    ),
    (
        NoteCode.RANGE_SPREAD,
        {"bits": 32, "type": "floating-point"},
        "32 bit floating-point samples: the whole range of the image is shown",
    ),
    (
        NoteCode.EXTRA_SAMPLES,
        {"count": 1},
        "extra samples without a stated meaning are not shown: 1 a pixel",
    ),
    (NoteCode.VIEW_FROM_NAME, {}, "the view is taken from the file's name"),
    (NoteCode.BODY_PART_OF_SENDER, {}, "the body part is stated by the sender, not by the file"),
    (
        NoteCode.BODY_PART_UNSTATED,
        {},
        "the body part is not stated, so the indication was not checked for it",
    ),
    (NoteCode.FILES_FAILED, {"failed": 1, "files": 2}, "1 of 2 files of the study could not be read"),
    (NoteCode.OTHER, {"text": "as it was stored"}, "as it was stored"),
]


@pytest.mark.parametrize(("code", "values", "sentence"), REFUSALS)
def test_sentences_of_refusals(code: RefusalCode, values: Values, sentence: str) -> None:
    assert refusal_sentence(Refusal(code, values)) == sentence


@pytest.mark.parametrize(("code", "values", "sentence"), NOTES)
def test_sentences_of_notes(code: NoteCode, values: Values, sentence: str) -> None:
    assert note_sentence(Note(code, values)) == sentence


def test_every_code_has_a_sentence() -> None:
    assert {code for code, _, _ in REFUSALS} == set(RefusalCode)
    assert {code for code, _, _ in NOTES} == set(NoteCode)


def test_every_refusal_has_a_heading_of_its_own() -> None:
    assert len({refusal_heading(code) for code in RefusalCode}) == len(RefusalCode)


def test_a_reason_has_each_sentence_once() -> None:
    blank, small = Refusal(RefusalCode.BLANK), Refusal(RefusalCode.TOO_SMALL, SMALL)
    both = f"{refusal_sentence(blank)}; {refusal_sentence(small)}"
    assert reason([blank, small, blank]) == both
    assert reason([]) == ""


def test_notes_on_some_images_begin_with_their_numbers() -> None:
    blank = Refusal(RefusalCode.BLANK)
    reading = Reading(
        "s",
        "s",
        "b@1",
        Call.DOUBT,
        probability=0.4,
        image_probabilities=(0.4, float("nan"), 0.3, float("nan")),
        image_refusals=((), (blank,), (), (blank,)),
        notes=(
            Note(NoteCode.FILES_FAILED, {"failed": 1, "files": 5}),
            Note(NoteCode.BODY_PART_UNSTATED, images=(0, 1)),
            Note(NoteCode.COLOUR_REDUCED, images=(2,)),
        ),
    )
    assert note_sentences(reading) == (
        "1 of 5 files of the study could not be read",
        "image 1, 2: the body part is not stated, so the indication was not checked for it",
        "image 2, 4: not read: blank: there is next to no contrast",
        "image 3: colour: reduced to grey",
    )
    refused = replace(
        reading, call=Call.ABSTAIN, probability=None, refusals=(blank,), image_refusals=((blank,),) * 4, notes=()
    )
    assert note_sentences(refused) == ()


@pytest.mark.parametrize("made", [Refusal(RefusalCode.TOO_SMALL, SMALL), Refusal(*REFUSALS[0][:2])])
def test_refusals_survive_json(made: Refusal) -> None:
    assert Refusal.from_json(made.to_json()) == made
    assert Refusal.from_json({"code": "of_a_newer_version", "values": {}}).code is RefusalCode.OTHER


def test_notes_survive_json() -> None:
    made = Note(NoteCode.WINDOWS, {"count": 2, "skipped": 0}, (1, 2))
    assert Note.from_json(made.to_json()) == made
    assert Note.from_json({**made.to_json(), "code": "of_a_newer_version"}).code is NoteCode.OTHER
