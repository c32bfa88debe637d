"""Sentences that earlier versions stored are understood for ever, whatever is said today."""

from __future__ import annotations

import pytest

from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.values import Values
from osteon.core.wording.stored import stored_note, stored_refusals, stored_unread

SMALL = "the image is too small: 120 x 90 pixels, at least 160 a side are needed"
SMALL_VALUES = {"width": 120, "height": 90, "minimum": 160}


@pytest.mark.parametrize(
    ("sentence", "code", "values"),
    [
        (
            "body part chest is outside the bundle's indication (hand, leg)",
            RefusalCode.BODY_PART,
            {"part": "chest", "allowed": ("hand", "leg")},
        ),
        (
            "the patient's age is outside the bundle's indication (0.5 to 120 years)",
            RefusalCode.AGE,
            {"minimum": 0.5, "maximum": 120},
        ),
        (SMALL, RefusalCode.TOO_SMALL, SMALL_VALUES),
        (
            "too small: 40 pixels on its shorter side, at least 64 are needed",
            RefusalCode.TOO_SMALL,
            {"side": 40, "minimum": 64},
        ),
        ("a strip of 900 x 80 pixels", RefusalCode.STRIP, {"width": 80, "height": 900}),
        ("not a radiograph: it is in colour", RefusalCode.COLOUR, {}),
        ("blank: there is next to no contrast", RefusalCode.BLANK, {}),
        (
            "not a radiograph: nearly all of it is white, as on a page or a film shown inverted",
            RefusalCode.WHITE,
            {},
        ),
        (
            "not a radiograph: neighbouring pixels are unrelated, as in noise or text",
            RefusalCode.UNRELATED_PIXELS,
            {},
        ),
        ("not a radiograph: too many hard edges, as in text or drawings", RefusalCode.HARD_EDGES, {}),
        (
            "the image is unlike the radiographs that the bundle was trained on (novelty 7.1, limit 5.62)",
            RefusalCode.NOVELTY,
            {"novelty": 7.1, "limit": 5.62},
        ),
        (
            "the bundle reads frontal and lateral views together, and the study has no lateral view",
            RefusalCode.VIEW_MISSING,
            {"view": "lateral", "views": ("frontal", "lateral"), "unstated": 0},
        ),
        (
            (
                "the bundle reads frontal and lateral views together, and the study has no lateral view "
                "(1 of its films do not state their view)"
            ),
            RefusalCode.VIEW_MISSING,
            {"view": "lateral", "views": ("frontal", "lateral"), "unstated": 1},
        ),
        ("the study's lateral view must not be read", RefusalCode.VIEW_REFUSED, {"view": "lateral"}),
        ("the bundle reads one film of each view", RefusalCode.VIEW_SURPLUS, {}),
        (
            "the most probable site, femur, has a probability of 0.31, less than the 0.50 from which the bundle names one",
            RefusalCode.SITE_UNCERTAIN,
            {"site": "femur", "probability": 0.31, "threshold": 0.5},
        ),
        ("somebody's own words", RefusalCode.OTHER, {"text": "somebody's own words"}),
    ],
)
def test_reasons(sentence: str, code: RefusalCode, values: Values) -> None:
    assert stored_refusals(sentence) == (Refusal(code, values),)


def test_several_reasons() -> None:
    small, colour = Refusal(RefusalCode.TOO_SMALL, SMALL_VALUES), Refusal(RefusalCode.COLOUR)
    assert stored_refusals("") == ()
    assert stored_refusals(f"{SMALL}; not a radiograph: it is in colour") == (small, colour)
    twice = f"{SMALL}; too small: 90 pixels on its shorter side, at least 64 are needed"
    assert stored_refusals(twice) == (small,)


def test_notes_among_the_reasons_of_an_image_are_left_out() -> None:
    """As tables of predictions hold them, of studies of which an image was read."""
    noted = "the body part is not stated, so the indication was not checked for it"
    assert stored_refusals(f"{noted}; image 2: not read: {SMALL}") == (Refusal(RefusalCode.TOO_SMALL, SMALL_VALUES),)
    assert stored_refusals(f"image 1, 3: {noted}") == ()


@pytest.mark.parametrize(
    ("sentence", "note"),
    [
        (
            "image 2, 3: the view is taken from the file's name",
            Note(NoteCode.VIEW_FROM_NAME, images=(1, 2)),
        ),
        (
            "the transfer syntax contradicts the pixel data: read as JPEG 2000",
            Note(NoteCode.TRANSFER_SYNTAX, {"read_as": "JPEG 2000"}),
        ),
        (
            "PixelRepresentation contradicts the sign of the compressed pixels: taken as unsigned",
            Note(NoteCode.SIGN, {"signed": False}),
        ),
        ("2 windows in the file: the first is used", Note(NoteCode.WINDOWS, {"count": 2, "skipped": 0})),
        (
            "3 windows in the file: the first that can be one is used",
            Note(NoteCode.WINDOWS, {"count": 3, "skipped": 1}),
        ),
        (
            "spacing at the detector divided by the stated magnification 1.5",
            Note(NoteCode.SPACING_CORRECTED, {"magnification": 1.5}),
        ),
        (
            "32 bit floating-point samples: the whole range of the image is shown",
            Note(NoteCode.RANGE_SPREAD, {"bits": 32, "type": "floating-point"}),
        ),
        ("image 1: somebody's own words", Note(NoteCode.OTHER, {"text": "somebody's own words"}, (0,))),
    ],
)
def test_notes(sentence: str, note: Note) -> None:
    assert stored_note(sentence) == note


def test_notes_that_an_image_was_not_read() -> None:
    small = Refusal(RefusalCode.TOO_SMALL, SMALL_VALUES)
    assert stored_unread(f"image 2, 4: not read: {SMALL}") == ((1, 3), (small,))
    assert stored_unread("image 2: the view is taken from the file's name") is None
    assert stored_unread(SMALL) is None
