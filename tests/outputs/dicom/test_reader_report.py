"""What a person says of a reading, as a report of that person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from tests.outputs.dicom.cases import Case
from tests.outputs.dicom.test_conformance import remarks
from tests.outputs.dicom.test_measurements import evaluations, named

from osteon.core.geometry import Box
from osteon.core.labels import Call
from osteon.outputs.dicom import Correction, Opinion, Options, make, make_reader_report, reference_to, to_bytes
from osteon.outputs.dicom.kinds import MEASUREMENTS

Give = Callable[[str], Case]
GIVEN = datetime(2026, 3, 5, 12, 0, 0, tzinfo=UTC)
AGREES = Opinion("Doe^Jane", GIVEN, agrees=True)
CORRECTS = Opinion(
    "Mōri^Ōgai=森^鴎外", GIVEN, agrees=False, call=Call.FRACTURE, note="Scaphoid: line through the waist – sure.",
    corrections=(
        Correction(Box(20.25, 40.5, 80.125, 121.75), present=True, finding=0),
        Correction(Box(90, 130, 150, 190), present=False, label="metal", finding=1),
        Correction(Box(30, 60.5, 90, 100), present=True),
    ),
    organization="Klinik für Radiologie", signed=True,
)  # fmt: skip


def said(case: Case, opinion: Opinion, options: Options = Options()) -> tuple[Dataset, Dataset]:  # noqa: B008
    """The AI's report and that of the reader."""
    (report,) = make(MEASUREMENTS, case.result)
    made = make_reader_report(opinion, case.result, reference_to(report), options)
    return report, dcmread(BytesIO(to_bytes(made)))


@pytest.mark.parametrize("options", [Options(), Options(comprehensive=True)], ids=["3d", "comprehensive"])
@pytest.mark.parametrize("opinion", [AGREES, CORRECTS], ids=["agrees", "corrects"])
@pytest.mark.parametrize("name", ["positive", "negative", "abstained", "multi-frame"])
def test_it_keeps_to_the_standard(
    name: str, opinion: Opinion, options: Options, case: Give, run: Callable[..., str], tmp_path: Path
) -> None:
    study = case(name)
    if not study.result.reading.findings:
        opinion = replace(opinion, corrections=tuple(one for one in opinion.corrections if one.finding is None))
    report, made = said(study, opinion, options)
    files = tmp_path / "ai.dcm", tmp_path / "reader.dcm"
    for file, one in zip(files, (report, made), strict=True):
        file.write_bytes(to_bytes(one))
        assert remarks(run("dciodvfy", file)) == []
    assert remarks(run("dcentvfy", *study.files, *files)) == []


def test_a_correction_keeps_the_tracking_of_what_it_speaks_of(case: Give) -> None:
    report, made = said(case("positive"), CORRECTS)
    ours = [one.UID for one in named(report, "112040")]
    theirs = [one.UID for one in named(made, "112040")]
    assert theirs[:2] == ours
    assert theirs[2] not in ours
    groups = named(made, "125007")
    values = [
        [one.ConceptCodeSequence[0].CodeMeaning for one in group.ContentSequence if one.ValueType == "CODE"][-1]
        for group in groups
    ]
    assert values == ["Present", "Absent", "Present"]
    (drawn,) = named(groups[2], "111030")
    assert list(drawn.GraphicData) == [30, 60.5, 90, 60.5, 90, 100, 30, 100, 30, 60.5]


def test_it_is_the_readers_and_verified_where_signed(case: Give) -> None:
    report, made = said(case("positive"), CORRECTS)
    assert (made.VerificationFlag, made.PreliminaryFlag, made.CompletionFlag) == ("VERIFIED", "FINAL", "COMPLETE")
    (signature,) = made.VerifyingObserverSequence
    assert str(signature.VerifyingObserverName) == CORRECTS.reader
    assert signature.VerifyingOrganization == CORRECTS.organization
    assert str(named(made, "121008")[0].PersonName) == CORRECTS.reader
    assert named(made, "121012") == []
    (series,) = made.PredecessorDocumentsSequence[0].ReferencedSeriesSequence
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == report.SOPInstanceUID
    _, unsigned = said(case("positive"), AGREES)
    assert (unsigned.VerificationFlag, unsigned.PreliminaryFlag) == ("UNVERIFIED", "PRELIMINARY")
    assert "VerifyingObserverSequence" not in unsigned


@pytest.mark.parametrize(
    ("name", "opinion", "value"),
    [
        ("positive", AGREES, "Present"),
        ("negative", AGREES, "Absent"),
        ("negative", CORRECTS, "Present"),
        ("positive", replace(AGREES, agrees=False), "Undetermined"),
    ],
)
def test_the_call_is_the_readers(name: str, opinion: Opinion, value: str, case: Give) -> None:
    _, made = said(case(name), replace(opinion, corrections=()))
    answers = evaluations(made)
    assert answers.ContentSequence[0].ConceptCodeSequence[0].CodeMeaning == value
    comments = " ".join(one.TextValue for one in named(answers, "121106"))
    assert ("disagrees" if not opinion.agrees else "agrees") in comments
    assert opinion.note in comments
    assert named(made, "111012") == [], "a reader gives no probability"


def test_each_opinion_is_an_object_of_its_own(case: Give) -> None:
    later = replace(AGREES, given=GIVEN.replace(hour=13))
    found = [said(case("positive"), one)[1] for one in (AGREES, later, replace(AGREES, reader="Roe^Rick"), AGREES)]
    assert len({one.SOPInstanceUID for one in found}) == 3
    assert found[0] == found[3]


def test_what_the_reading_does_not_have_cannot_be_corrected(case: Give) -> None:
    for one in (Correction(Box(0, 0, 1, 1), image=4), Correction(Box(0, 0, 1, 1), finding=7)):
        with pytest.raises(ValueError, match="expected"):
            said(case("positive"), replace(AGREES, corrections=(one,)))
    with pytest.raises(ValueError, match="time zone"):
        said(case("positive"), replace(AGREES, given=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_who_has_not_said_whether_they_agree_or_takes_it_back(
    case: Give, run: Callable[..., str], tmp_path: Path
) -> None:
    silent = replace(CORRECTS, agrees=None, call=None, corrections=CORRECTS.corrections[2:])
    for opinion, words in (
        (silent, "has not said whether they agree"),
        (replace(AGREES, agrees=None, withdrawn=True), "withdrawn"),
    ):
        made = make_reader_report(opinion, case("positive").result, None)
        answers = evaluations(made)
        assert answers.ContentSequence[0].ConceptCodeSequence[0].CodeMeaning == "Undetermined"
        assert words in " ".join(one.TextValue for one in named(answers, "121106"))
        assert "PredecessorDocumentsSequence" not in made, "the AI's own report was not made"
        (tmp_path / "reader.dcm").write_bytes(to_bytes(made))
        assert remarks(run("dciodvfy", tmp_path / "reader.dcm")) == []
