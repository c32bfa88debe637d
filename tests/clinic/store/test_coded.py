"""Refusals and notes come back from the store, also where an earlier version stored sentences."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import insert, text

from osteon.clinic.store.database import Database
from osteon.clinic.store.studies.readings import restore
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Image, Study
from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.labels import Call

SMALL = "the image is too small: 120 x 90 pixels, at least 160 a side are needed"
TOO_SMALL = Refusal(RefusalCode.TOO_SMALL, {"width": 120, "height": 90, "minimum": 160})


def add(database: Database, refusals: tuple[Refusal, ...], notes: tuple[Note, ...]) -> None:
    nothing = dict.fromkeys(
        ["row_spacing", "column_spacing", "view", "laterality", "body_part", "probability", "window_low", "window_high"]
    )
    with database.session() as session:
        session.execute(
            insert(Study),
            {
                "id": "s", "key": "k", "state": "done", "received": now(), "bundle": "b@1", "examination": "s",
                "refusals": refusals,
            },
        )  # fmt: skip
        session.execute(
            insert(Image),
            {
                **nothing, "study_id": "s", "position": 0, "original": 0, "frame": 0, "rows": 90, "columns": 120,
                "bits": 8, "format": "PNG", "heat": False, "thumbnail": b"x", "refusals": refusals, "notes": notes,
            },
        )  # fmt: skip


def kept(database: Database) -> tuple[Any, ...]:
    with database.session() as session:
        study, image = session.get(Study, "s"), session.get(Image, ("s", 0))
        assert study is not None
        assert image is not None
        return study.refusals, image.refusals, image.notes


def test_what_is_kept_comes_back(database: Database) -> None:
    notes = (Note(NoteCode.WINDOWS, {"count": 2, "skipped": 0}),)
    add(database, (TOO_SMALL,), notes)
    assert kept(database) == ((TOO_SMALL,), (TOO_SMALL,), notes)


def test_nothing_is_kept_as_nothing(database: Database) -> None:
    add(database, (), ())
    assert kept(database) == ((), (), ())


def test_sentences_of_an_earlier_version(database: Database) -> None:
    add(database, (), ())
    with database.session() as session:
        session.execute(text("UPDATE studies SET reason = :reason"), {"reason": SMALL})
        session.execute(
            text("UPDATE images SET reason = :reason, notes = :notes"),
            {"reason": "own words", "notes": json.dumps(["colour: reduced to grey", "own words"])},
        )
    other = {"text": "own words"}
    assert kept(database) == (
        (TOO_SMALL,),
        (Refusal(RefusalCode.OTHER, other),),
        (Note(NoteCode.COLOUR_REDUCED), Note(NoteCode.OTHER, other)),
    )


def former(**fields: Any) -> dict[str, Any]:
    """A reading as version 1 of its form has it."""
    return {
        "version": 1, "source": "s", "study": "s", "bundle": "b@1", "call": "doubt", "reason": "", "probability": 0.4,
        "probabilities": [], "image_probabilities": [0.4, None], "image_labels": [], "image_classifier": [],
        "doubt": 0.2, "definite": 0.6, "findings": [], "finding_labels": [], "heat_maps": [], "milliseconds": {},
        "notes": [], **fields,
    }  # fmt: skip


def test_a_reading_of_an_earlier_version() -> None:
    sentences = ["image 1: colour: reduced to grey", f"image 2: not read: {SMALL}"]
    reading = restore(former(notes=sentences))
    assert (reading.call, reading.refusals) == (Call.DOUBT, ())
    assert reading.image_refusals == ((), (TOO_SMALL,))
    assert reading.notes == (Note(NoteCode.COLOUR_REDUCED, images=(0,)),)


def test_an_abstention_of_an_earlier_version() -> None:
    reading = restore(former(call="abstain", reason=SMALL, probability=None, image_probabilities=[None]))
    assert (reading.call, reading.refusals, reading.reason) == (Call.ABSTAIN, (TOO_SMALL,), SMALL)
