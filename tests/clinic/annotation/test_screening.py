"""What is proposed to be screened out: what concerns the project, and not only the bundle that read."""

from __future__ import annotations

import pytest

from osteon.clinic.annotation.screening import Seen, Suspicion, suspicion, suspicions
from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode

BLANK = Refusal(RefusalCode.BLANK)
NOVEL = Refusal(RefusalCode.NOVELTY, {"novelty": 9.0, "limit": 1.0})
NOT_FOR_SPINES = Refusal(RefusalCode.BODY_PART, {"part": "spine", "allowed": ("elbow",)})
FOOT_SHOWN = Refusal(RefusalCode.OTHER_PART_SHOWN, {"parts": ("foot",), "score": 2.0, "limit": 1.0})
SPINE_SHOWN = Refusal(RefusalCode.OTHER_PART_SHOWN, {"parts": ("spine", "chest"), "score": 2.0, "limit": 1.0})


@pytest.mark.parametrize(
    ("part", "refusals", "wanted", "codes"),
    [
        ("spine", (), ("spine",), []),
        ("foot", (), ("spine",), ["body_part"]),
        ("foot", (), (), []),
        (None, (), ("spine",), []),
        (None, (BLANK,), (), ["blank"]),
        ("spine", (NOVEL,), ("spine",), ["novelty"]),
        ("spine", (NOT_FOR_SPINES, NOVEL), ("spine",), []),
        (None, (FOOT_SHOWN,), ("spine",), ["other_part_shown"]),
        (None, (SPINE_SHOWN,), ("spine",), []),
        (None, (FOOT_SHOWN,), (), []),
        ("foot", (FOOT_SHOWN,), ("spine",), ["body_part"]),
        (None, (Refusal(RefusalCode.VIEW_SURPLUS), Refusal(RefusalCode.AGE, {"minimum": 0, "maximum": 18})), (), []),
    ],
)
def test_the_project_counts(
    part: str | None, refusals: tuple[Refusal, ...], wanted: tuple[str, ...], codes: list[str]
) -> None:
    found = suspicions([Seen(0, "spine"), Seen(1, part, refusals)], wanted)
    assert [str(one.code) for one in found] == codes
    assert {one.image for one in found} <= {1}


def test_notes_of_text_and_fluoroscopy_are_looked_at() -> None:
    notes = (Note(NoteCode.BURNED_IN), Note(NoteCode.WINDOW_MISSING), Note(NoteCode.FLUOROSCOPY))
    found = suspicions([Seen(0, None, (), notes)], ())
    assert [one.code for one in found] == [NoteCode.BURNED_IN, NoteCode.FLUOROSCOPY]


def test_each_is_kept_and_has_a_sentence() -> None:
    images = [Seen(0, "foot", (BLANK, NOVEL), (Note(NoteCode.BURNED_IN),)), Seen(1, None, (FOOT_SHOWN,))]
    found = (*suspicions(images, ("spine", "chest")), Suspicion(NoteCode.BURNED_IN))
    assert tuple(suspicion(one.to_json()) for one in found) == found
    sentences = [one.sentence() for one in found]
    assert "body part foot is none of the project's (spine, chest)" in sentences
    assert all(sentences)
