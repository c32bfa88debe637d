"""Measurement reports say what the reading says: parsed by dcmqi and highdicom, which had no part in making them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from tests.outputs.dicom.cases import BLANK, BUNDLE, CHEST, READ, Case, coded, result, write_source

from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.labels import Call
from osteon.outputs.dicom import ObjectReference, Options, make, reference_to, to_bytes
from osteon.outputs.dicom.kinds import MEASUREMENTS, TEXT
from osteon.outputs.result import StudyResult

Give = Callable[[str], Case]


def report(study: StudyResult, options: Options = Options(), kind: Any = MEASUREMENTS) -> Dataset:  # noqa: B008
    """The report of a study, through the bytes of its file."""
    (made,) = make(kind, study, options)
    return dcmread(BytesIO(to_bytes(made)))


def walk(item: Dataset) -> Iterator[Dataset]:
    """All items of a content tree."""
    for child in item.get("ContentSequence", []):
        yield child
        yield from walk(child)


def named(item: Dataset, value: str) -> list[Dataset]:
    """The items with a concept name."""
    return [one for one in walk(item) if one.ConceptNameCodeSequence[0].CodeValue == value]


def evaluations(made: Dataset) -> Dataset:
    """Qualitative Evaluations of the study."""
    (found,) = named(made, "C0034375")
    return found


def certainty(item: Dataset) -> list[float]:
    """The certainties below an item."""
    return [float(one.MeasuredValueSequence[0].NumericValue) for one in named(item, "111012")]


@pytest.mark.parametrize(
    ("name", "presence", "sure"),
    [
        ("positive", "52101004", [87.34567]),
        ("doubt", "42425007", [41.2]),
        ("negative", "272519000", [95.87]),
        ("abstained", "373068000", []),
        ("refused", "373068000", []),
    ],
)
def test_the_call_of_the_study(name: str, presence: str, sure: list[float], case: Give) -> None:
    said = evaluations(report(case(name).result))
    (fracture,) = [one for one in said.ContentSequence if one.ConceptNameCodeSequence[0].CodeValue == "125605004"]
    assert fracture.ConceptCodeSequence[0].CodeValue == presence
    assert certainty(fracture) == pytest.approx(sure)


def test_an_abstention_says_why_and_only_a_refused_image_has_a_finding_of_quality(case: Give) -> None:
    for name, refusal, quality in (("abstained", CHEST, []), ("refused", BLANK, ["111235"])):
        said = evaluations(report(case(name).result))
        assert [one.ConceptCodeSequence[0].CodeValue for one in named(said, "111052")] == quality
        comments = [one.TextValue for one in named(said, "121106")]
        reason = replace(case(name).result.reading, refusals=(refusal,)).reason
        assert f"Not read: {reason}." in comments
        assert named(report(case(name).result), "126010") == []


def test_each_refusal_is_said_once_with_its_quality(case: Give) -> None:
    small = Refusal(RefusalCode.TOO_SMALL, {"width": 20, "height": 30, "minimum": 128})
    study = case("refused").result
    reading = replace(study.reading, refusals=(BLANK, small, BLANK, CHEST))
    said = evaluations(report(replace(study, reading=reading)))
    assert [one.ConceptCodeSequence[0].CodeValue for one in named(said, "111052")] == ["111235", "110531"]
    assert sum("Not read" in one.TextValue for one in named(said, "121106")) == 3


def test_dcmqi_reads_the_measurements(case: Give, run: Callable[..., str], tmp_path: Path) -> None:
    study = case("two views").result
    (tmp_path / "sr.dcm").write_bytes(to_bytes(make(MEASUREMENTS, study)[0]))
    run("tid1500reader", "--inputDICOM", tmp_path / "sr.dcm", "--outputMetadata", tmp_path / "sr.json")
    found = json.loads((tmp_path / "sr.json").read_text(encoding="utf-8"))
    assert (found["CompletionFlag"], found["VerificationFlag"]) == ("COMPLETE", "UNVERIFIED")
    assert found["imageLibrary"] == [one.identity.sop_instance_uid for one in study.instances if one.identity]
    assert found["observerContext"]["ObserverType"] == "DEVICE"
    assert found["procedureReported"]["CodeValue"] == "43468-8"
    first, second = found["Measurements"]
    assert first["Finding"]["CodeValue"] == "125605004"
    assert first["FindingSite"]["CodeValue"] == "8205005"
    assert first["Laterality"]["CodeMeaning"] == "Left"
    assert first["measurementAlgorithmIdentification"]["AlgorithmVersion"] == BUNDLE.identity
    assert [one["TrackingIdentifier"] for one in (first, second)] == ["Osteon finding 1", "Osteon finding 2"]
    values = [one["conceptValue"] for one in second["qualitativeEvaluations"]]
    assert "Equivocal" in [one["CodeMeaning"] for one in values if isinstance(one, dict)]
    assert "Metal 0.40 (AI, doubt)" in values


@pytest.mark.parametrize("name", ["positive", "doubt", "two views", "multi-frame", "inverted", "partly read"])
def test_highdicom_reads_the_boxes_where_the_reading_has_them(name: str, case: Give) -> None:
    highdicom = pytest.importorskip("highdicom")
    study = case(name).result
    groups = highdicom.sr.srread(BytesIO(to_bytes(make(MEASUREMENTS, study)[0]))).content
    groups = groups.get_planar_roi_measurement_groups()
    assert len(groups) == len(study.reading.findings) > 0
    for group, finding in zip(groups, study.reading.findings, strict=True):
        box = finding.box
        corners = [(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1), (box.x0, box.y0)]
        assert np.array_equal(group.roi.value, np.array(corners, np.float32))
        instance = study.instances[finding.image]
        selected = group.roi.ContentSequence[0].ReferencedSOPSequence[0]
        assert instance.identity is not None
        assert selected.ReferencedSOPInstanceUID == instance.identity.sop_instance_uid
        assert selected.get("ReferencedFrameNumber") == (3 if name == "multi-frame" else None)
        assert certainty(group[0]) == [pytest.approx(100 * finding.score)]


def test_boxes_of_resampled_images_lie_where_they_lie_in_the_file(tmp_path: Path) -> None:
    """Pixels twice as high as wide: the reading's image has twice the rows of the file."""
    study = result([write_source(tmp_path, ImagerPixelSpacing=["0.4", "0.2"])])
    assert study.reading.radiographs[0].height == 512
    box = study.reading.findings[0].box
    (first, _) = named(report(study), "111030")
    expected = [box.x0, box.y0 / 2, box.x1, box.y0 / 2, box.x1, box.y1 / 2, box.x0, box.y1 / 2, box.x0, box.y0 / 2]
    assert list(first.GraphicData) == pytest.approx(expected)


def test_the_library_has_an_entry_for_each_frame_and_the_evidence_each_file_once(case: Give) -> None:
    made = report(case("multi-frame").result)
    entries = [one.ReferencedSOPSequence[0] for one in named(named(made, "111028")[0], "111040")]
    assert [one.ReferencedFrameNumber for one in entries] == [1, 2, 3]
    (evidence,) = made.CurrentRequestedProcedureEvidenceSequence
    assert [len(one.ReferencedSOPSequence) for one in evidence.ReferencedSeriesSequence] == [1]


def test_procedures_come_from_the_files(tmp_path: Path) -> None:
    procedure = coded("168539009", "SCT", "Plain X-ray of wrist")
    study = result([write_source(tmp_path, ProcedureCodeSequence=procedure)])
    for kind in (MEASUREMENTS, TEXT):
        (found,) = named(report(study, kind=kind), "121058")
        assert found.ConceptCodeSequence[0].CodeValue == "168539009"


def test_labels_without_a_code_get_a_private_one_that_is_explained(case: Give) -> None:
    study = case("positive").result
    made = report(replace(study, bundle=replace(BUNDLE, codes={})))
    first, second = (one.ConceptCodeSequence[0] for one in named(made, "121071"))
    assert (first.CodeValue, first.CodingSchemeDesignator) == ("125605004", "SCT")
    assert (second.CodeValue, second.CodingSchemeDesignator) == ("METAL", "99OSTEON")
    assert made.CodingSchemeIdentificationSequence[0].CodingSchemeDesignator == "99OSTEON"
    assert "CodingSchemeIdentificationSequence" not in report(study)


def test_every_item_has_a_concept_name_and_flags_say_that_nobody_checked(case: Give) -> None:
    for name in ("positive", "negative", "abstained"):
        for kind in (MEASUREMENTS, TEXT):
            made = report(case(name).result, kind=kind)
            assert all("ConceptNameCodeSequence" in one for one in walk(made))
            flags = (made.CompletionFlag, made.VerificationFlag, made.PreliminaryFlag)
            assert flags == ("COMPLETE", "UNVERIFIED", "PRELIMINARY")


def test_a_new_version_names_the_one_that_it_replaces(case: Give) -> None:
    study = case("positive").result
    former = report(study)
    with pytest.raises(ValueError, match="cannot replace itself"):
        report(study, Options(replaces=(reference_to(former),)))
    for newer in (
        report(study, Options(replaces=(reference_to(former),), version=2)),
        report(replace(study, details=replace(study.details, version=2)), Options(replaces=(reference_to(former),))),
    ):
        (series,) = newer.PredecessorDocumentsSequence[0].ReferencedSeriesSequence
        assert series.SeriesInstanceUID == former.SeriesInstanceUID
        assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == former.SOPInstanceUID
        assert newer.SOPInstanceUID != former.SOPInstanceUID
    assert "PredecessorDocumentsSequence" not in former


def test_replaced_reports_of_one_series_stand_together(case: Give, run: Callable[..., str], tmp_path: Path) -> None:
    earlier = tuple(ObjectReference("1.2.840.10008.5.1.4.1.1.88.34", f"2.25.{n}", "2.25.9") for n in (1, 2))
    (made,) = make(MEASUREMENTS, case("positive").result, Options(replaces=earlier))
    (series,) = made.PredecessorDocumentsSequence[0].ReferencedSeriesSequence
    assert len(series.ReferencedSOPSequence) == 2
    (tmp_path / "a.dcm").write_bytes(to_bytes(made))
    assert "Error" not in run("dciodvfy", tmp_path / "a.dcm")


def test_the_text_says_what_the_report_for_people_says(case: Give) -> None:
    texts = {name: " ".join(one.TextValue for one in walk(report(case(name).result, kind=TEXT)) if "TextValue" in one)
             for name in ("positive", "negative", "abstained", "partly read")}  # fmt: skip
    assert "Fracture, probability 0.87." in texts["positive"]
    assert "Fracture 0.87 (AI): columns 20 to 80, rows 40 to 122." in texts["positive"]
    assert "this does not rule one out" in texts["negative"]
    assert case("abstained").result.reading.reason in texts["abstained"]
    assert "Note: image 1: not read: blank" in texts["partly read"]
    assert all("not verified" in one and BUNDLE.identity in one for one in texts.values())


def test_certainty_is_that_of_what_is_said(case: Give) -> None:
    """Of an absence it is the rest to 100 %: nobody may take 4 % for a doubtful negative."""
    study = case("negative").result
    assert study.reading.call is Call.NO_FRACTURE
    assert study.reading.probability is not None
    (sure,) = certainty(evaluations(report(study)))
    assert sure + 100 * study.reading.probability == pytest.approx(100)
    assert any("probability 0.041" in one.TextValue for one in named(report(study), "121106"))


def test_times_are_those_of_the_reading_in_the_time_zone_of_the_study(tmp_path: Path) -> None:
    made = report(result([write_source(tmp_path, TimezoneOffsetFromUTC="-0530")]))
    assert made.TimezoneOffsetFromUTC == "-0530"
    assert (made.ContentDate, made.ContentTime) == ("20260303", "233607.000089")
    assert f"{READ:%H%M}" == "0506"


def test_making_a_report_does_not_wait_for_highdicom() -> None:
    """Its import alone takes longer than all objects."""
    import subprocess

    code = (
        "import sys, osteon.outputs.dicom.making\n"
        "assert 'highdicom' not in sys.modules\n"
        "import importlib\n"
    )  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    lazy = "import sys, osteon.outputs\nassert not {'pydicom', 'highdicom', 'reportlab'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", lazy], check=True, timeout=60)
