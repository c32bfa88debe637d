"""What objects repeat of their files: whatever these are written in, and never of two patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from tests.outputs.dicom.cases import STUDY, multi_frame, picture, result, write_source
from tests.outputs.dicom.test_conformance import remarks
from tests.outputs.dicom.test_measurements import named

from osteon.core.labels import Laterality
from osteon.outputs.dicom import KINDS, make, to_bytes
from osteon.outputs.dicom.kinds import CAPTURE, MEASUREMENTS, PRESENTATION, TEXT
from osteon.outputs.format import Need
from osteon.outputs.write import OutputError


def made(folder: Path, kind: Any = MEASUREMENTS, **elements: Any) -> Dataset:
    """The object of a file with these elements, through the bytes of its file."""
    (one,) = make(kind, result([write_source(folder, **elements)]))
    return dcmread(BytesIO(to_bytes(one)))


@pytest.mark.parametrize(
    ("character_set", "name"),
    [
        ("ISO_IR 100", "Müller^Jörg"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
        ("GB18030", "Wang^XiaoDong=王^小东"),
        ("ISO_IR 144", "Люкceмбypг^Анна"),
        ("ISO_IR 192", "Wang^XiaoDong=王^小東"),
        (None, "Plain^Name"),
    ],
)
def test_names_survive_every_character_set(
    character_set: Any, name: str, tmp_path: Path, run: Callable[..., str]
) -> None:
    study = result([write_source(tmp_path, SpecificCharacterSet=character_set, PatientName=name)])
    for kind in KINDS:
        for one in make(kind, study):
            content = to_bytes(one)
            parsed = dcmread(BytesIO(content))
            assert parsed.SpecificCharacterSet == "ISO_IR 192"
            assert str(parsed.PatientName) == name
            assert name.encode() in content
            (tmp_path / "one.dcm").write_bytes(content)
            assert remarks(run("dciodvfy", tmp_path / "one.dcm")) == []


def test_text_of_osteon_itself_is_not_bound_by_the_character_set_of_the_file(tmp_path: Path) -> None:
    study = result([write_source(tmp_path, SpecificCharacterSet="ISO_IR 100", PatientName="Müller")])
    study = replace(study, bundle=replace(study.bundle, intended_use="Ельбоу ≥ 90 % – 肘"))
    (one,) = make(TEXT, study)
    said = [item.TextValue for item in named(dcmread(BytesIO(to_bytes(one))), "121106")]
    assert "≥ 90 % – 肘" in said[0]


def test_missing_elements_are_empty_and_none_is_made_up(tmp_path: Path, run: Callable[..., str]) -> None:
    absent: dict[str, Any] = dict.fromkeys(
        ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID",
         "AccessionNumber", "ReferringPhysicianName", "StudyDescription", "Laterality", "PatientOrientation",
         "BurnedInAnnotation", "WindowCenter", "WindowWidth", "ImagerPixelSpacing", "BodyPartExamined")
    )  # fmt: skip
    absent |= {"PatientName": "", "PatientID": ""}
    study = result([write_source(tmp_path, **absent)])
    for kind in KINDS:
        for one in make(kind, study):
            (tmp_path / "one.dcm").write_bytes(to_bytes(one))
            assert remarks(run("dciodvfy", tmp_path / "one.dcm")) == [], kind.name
            parsed = dcmread(tmp_path / "one.dcm")
            for keyword in ("PatientName", "PatientID", "PatientBirthDate", "StudyDate", "AccessionNumber"):
                assert keyword in parsed
                assert not parsed.get(keyword)
            assert "StudyDescription" not in parsed
    assert made(tmp_path, CAPTURE, **absent).BurnedInAnnotation == "YES"
    assert made(tmp_path, CAPTURE).BurnedInAnnotation == "NO"


@pytest.mark.filterwarnings("ignore::UserWarning")  # of pydicom, over the elements of the source
@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"StudyDate": "2026.03.01"}, {"StudyDate": "20260301"}),
        ({"StudyDate": "yesterday"}, {"StudyDate": ""}),
        ({"StudyTime": "10:11:12"}, {"StudyTime": "101112"}),
        ({"PatientSex": "female"}, {"PatientSex": ""}),
        ({"AccessionNumber": "A" * 30}, {"AccessionNumber": "A" * 30}),
        ({"PatientID": " 0012 "}, {"PatientID": "0012"}),
        ({"StudyDescription": "Wrist\r\nleft"}, {"StudyDescription": "Wrist  left"}),
        ({"TimezoneOffsetFromUTC": "CET"}, {"TimezoneOffsetFromUTC": None}),
        ({"PatientAge": "7"}, {"PatientAge": None}),
        ({"StudyInstanceUID": "1.2.03.4"}, {"StudyInstanceUID": "1.2.03.4"}),
    ],
)
def test_odd_elements_are_mended_or_left_out(
    elements: dict[str, str], expected: dict[str, str | None], tmp_path: Path
) -> None:
    parsed = made(tmp_path, **elements)
    for keyword, value in expected.items():
        assert parsed.get(keyword) == value, keyword


def test_what_was_hidden_from_the_file_is_said_to_be_hidden(tmp_path: Path) -> None:
    parsed = made(tmp_path, PatientIdentityRemoved="YES", DeidentificationMethod="by hand")
    assert (parsed.PatientIdentityRemoved, parsed.DeidentificationMethod) == ("YES", "by hand")


@pytest.mark.parametrize(
    "other",
    [
        {"StudyInstanceUID": f"{STUDY}.99"},
        {"PatientID": "P2"},
        {"PatientBirthDate": "19770707"},
        {"PatientID": "", "PatientName": "Other^Person"},
    ],
    ids=["study", "patient", "birth date", "name"],
)
def test_files_of_two_patients_or_studies_never_meet_in_an_object(other: dict[str, Any], tmp_path: Path) -> None:
    study = result([write_source(tmp_path, 1), write_source(tmp_path, 2, **other)])
    for kind in KINDS:
        with pytest.raises(OutputError, match="several") as error:
            make(kind, study)
        assert error.value.need is Need.DICOM
        assert not any(word in str(error.value) for word in ("P1", "P2", "Anna", "Other", STUDY))


def test_another_spelling_of_one_name_is_one_patient(tmp_path: Path) -> None:
    study = result([write_source(tmp_path, 1), write_source(tmp_path, 2, PatientName="TEST^ANNE", AccessionNumber="")])
    (one,) = make(MEASUREMENTS, study)
    assert str(one.PatientName) == "Test^Anna"


def test_files_of_two_patients_do_not_meet_where_they_bear_one_uid_either(tmp_path: Path) -> None:
    files = [write_source(tmp_path, 1), write_source(tmp_path, 2, SOPInstanceUID=f"{STUDY}.3.1", PatientID="P2")]
    with pytest.raises(OutputError, match="several patients"):
        make(MEASUREMENTS, result(files))


def test_the_header_of_a_file_of_several_frames_is_read_once(tmp_path: Path) -> None:
    study = result([multi_frame(tmp_path)])
    read: list[int] = []

    def counted(place: int) -> Callable[[], Dataset]:
        given = study.instances[place].header
        assert given is not None

        def header() -> Dataset:
            read.append(place)
            return given()

        return header

    instances = tuple(replace(one, header=counted(place)) for place, one in enumerate(study.instances))
    (report,) = make(MEASUREMENTS, replace(study, instances=instances))
    assert read == [0]
    assert len(named(report, "111030")) == 2


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID"])
def test_a_file_without_its_uids_becomes_no_object(keyword: str, tmp_path: Path) -> None:
    study = result([write_source(tmp_path, **{keyword: ""})])
    with pytest.raises(OutputError, match="without a"):
        make(MEASUREMENTS, study)


def test_a_file_that_was_replaced_since_it_was_read_becomes_no_object(tmp_path: Path) -> None:
    study = result([write_source(tmp_path)])
    write_source(tmp_path, SOPInstanceUID=f"{STUDY}.3.77")
    with pytest.raises(OutputError, match="replaced"):
        make(MEASUREMENTS, study)


def test_sides_of_findings_come_from_their_images(tmp_path: Path) -> None:
    study = result([write_source(tmp_path, 1), write_source(tmp_path, 2, Laterality="R")])
    assert [one.laterality for one in study.reading.radiographs] == [Laterality.LEFT, Laterality.RIGHT]
    (report,) = make(MEASUREMENTS, study)
    assert [one.ConceptCodeSequence[0].CodeMeaning for one in named(report, "272741003")] == ["Right", "Right"]
    (state,) = make(PRESENTATION, study)
    assert state.Laterality == ""
    (alone,) = make(PRESENTATION, result([write_source(tmp_path)]))
    assert alone.Laterality == "L"


def test_colour_has_no_greyscale_presentation_state_and_everything_else(tmp_path: Path) -> None:
    import numpy as np

    words = np.stack([picture() >> 4] * 3, -1).astype(np.uint8)
    study = result([write_source(tmp_path, 1, words, bits=8)])
    assert make(PRESENTATION, study) == ()
    assert all(make(kind, study) for kind in KINDS if kind is not PRESENTATION)
