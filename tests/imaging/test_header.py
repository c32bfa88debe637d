"""What headers say, and what they say wrongly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from osteon.core.codes.note import Note, NoteCode
from osteon.core.labels import BodyPart, Laterality, Sex, View
from osteon.imaging import load
from osteon.imaging.anatomy import part_of_text, side_of_text, view_of_text
from osteon.imaging.dicom import header


def _header(**elements: Any) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def _coded(value: str, meaning: str, scheme: str = "SCT") -> Sequence:
    return Sequence([_header(CodeValue=value, CodeMeaning=meaning, CodingSchemeDesignator=scheme)])


@pytest.mark.parametrize(
    ("elements", "years"),
    [
        ({"PatientAge": "034Y"}, 34),
        ({"PatientAge": "018M"}, 1.5),
        ({"PatientAge": "026W"}, 0.498),
        ({"PatientAge": "010D"}, 0.027),
        ({"PatientAge": "000Y"}, None),
        ({"PatientAge": ""}, None),
        ({}, None),
        ({"PatientBirthDate": "19790408", "AcquisitionDate": "19921225", "StudyDate": "20040826"}, 13.7),
        ({"PatientBirthDate": "19790408", "StudyDate": "19790410", "PatientAge": "000Y"}, 0.005),
        ({"PatientBirthDate": "20200101", "StudyDate": "19990101"}, None),
        ({"PatientBirthDate": "18000101", "StudyDate": "19990101"}, None),
    ],
)
def test_age(elements: dict[str, str], years: float | None) -> None:
    assert header.age(_header(**elements)) == (years if years is None else pytest.approx(years, abs=0.02))


@pytest.mark.parametrize(
    ("elements", "spacing", "noted"),
    [
        ({"PixelSpacing": [0.2, 0.1]}, (0.2, 0.1), None),
        ({"PixelSpacing": [0.13, 0.13], "ImagerPixelSpacing": [0.15, 0.15]}, (0.13, 0.13), None),
        (
            {"PixelSpacing": [0.15, 0.15], "ImagerPixelSpacing": [0.15, 0.15]},
            (0.15, 0.15),
            Note(NoteCode.SPACING_OF_DETECTOR),
        ),
        ({"ImagerPixelSpacing": [0.15, 0.15]}, (0.15, 0.15), Note(NoteCode.SPACING_OF_DETECTOR)),
        (
            {"ImagerPixelSpacing": [0.15, 0.15], "EstimatedRadiographicMagnificationFactor": 1.5},
            (0.1, 0.1),
            Note(NoteCode.SPACING_CORRECTED, {"magnification": 1.5}),
        ),
        ({"NominalScannedPixelSpacing": [0.17, 0.17]}, (0.17, 0.17), Note(NoteCode.SPACING_OF_SCANNER)),
        ({"PixelSpacing": [0, 0]}, None, Note(NoteCode.PIXEL_SPACING_INVALID)),
        ({}, None, None),
    ],
)
def test_spacing(elements: dict[str, Any], spacing: tuple[float, float] | None, noted: Note | None) -> None:
    found, notes = header.spacing(_header(**elements))
    assert found == (spacing if spacing is None else pytest.approx(spacing))
    assert notes == (() if noted is None else (noted,))


@pytest.mark.parametrize(
    ("elements", "part"),
    [
        ({"BodyPartExamined": "HIP"}, BodyPart.HIP),
        ({"BodyPartExamined": "CSPINE"}, BodyPart.SPINE),
        ({"BodyPartExamined": "LOWER LEG"}, BodyPart.LEG),
        ({"BodyPartExamined": "L_HAND_2V"}, BodyPart.HAND),
        ({"BodyPartExamined": "HEAD"}, BodyPart.SKULL),
        ({"BodyPartExamined": "EXTREMITY", "StudyDescription": "lesion of distal tibia"}, BodyPart.LEG),
        ({"StudyDescription": "XR femoral neck"}, None),
        ({"StudyDescription": "Hand and wrist"}, None),
        ({"StudyDescription": "Hand and wrist", "SeriesDescription": "WRIST PA"}, BodyPart.WRIST),
        ({"StudyDescription": "THORAX"}, BodyPart.CHEST),
        ({"ProtocolName": "Sprunggelenk ap"}, BodyPart.ANKLE),
        ({"AnatomicRegionSequence": _coded("16953009", "Elbow joint"), "BodyPartExamined": "ARM"}, BodyPart.ELBOW),
        ({"AnatomicRegionSequence": _coded("T-D8700", "Hand", "SRT")}, BodyPart.HAND),
        ({"AnatomicRegionSequence": _coded("X1", "Left shoulder", "99LOCAL")}, BodyPart.SHOULDER),
        ({}, None),
    ],
)
def test_body_part(elements: dict[str, Any], part: BodyPart | None) -> None:
    assert header.body_part(_header(**elements)) == part


@pytest.mark.parametrize(
    ("elements", "view"),
    [
        ({"ViewPosition": "AP"}, View.FRONTAL),
        ({"ViewPosition": "PA"}, View.FRONTAL),
        ({"ViewPosition": "LL"}, View.LATERAL),
        ({"ViewPosition": "LLO"}, View.OBLIQUE),
        ({"ViewPosition": "", "SeriesDescription": "KNEE LAT"}, View.LATERAL),
        ({"SeriesDescription": "AP and lateral"}, None),
        ({"ViewCodeSequence": _coded("399067008", "lateral"), "ViewPosition": "AP"}, View.LATERAL),
        ({"ViewCodeSequence": _coded("R-10206", "antero-posterior", "SRT")}, View.FRONTAL),
        ({}, None),
    ],
)
def test_view(elements: dict[str, Any], view: View | None) -> None:
    assert header.view(_header(**elements)) == view


@pytest.mark.parametrize(
    ("elements", "side"),
    [
        ({"ImageLaterality": "L", "Laterality": "R"}, Laterality.LEFT),
        ({"Laterality": "R"}, Laterality.RIGHT),
        ({"ImageLaterality": "U", "StudyDescription": "left"}, None),
        ({"SeriesDescription": "RT ANKLE"}, Laterality.RIGHT),
        ({"StudyDescription": "both hands"}, Laterality.BOTH),
        ({}, None),
    ],
)
def test_laterality(elements: dict[str, Any], side: Laterality | None) -> None:
    assert header.laterality(_header(**elements)) == side


def test_side_in_the_modifier_of_a_region() -> None:
    region = _coded("56459004", "Foot")
    region[0].AnatomicRegionModifierSequence = _coded("24028007", "Right")
    assert header.laterality(_header(AnatomicRegionSequence=region)) is Laterality.RIGHT


def test_words_of_descriptions() -> None:
    assert part_of_text("Rö Schädel") is BodyPart.SKULL
    assert part_of_text("T-Spine 2 views") is BodyPart.SPINE
    assert view_of_text("mortise") is View.OBLIQUE
    assert side_of_text("LT and RT") is Laterality.BOTH


def test_everything_reaches_the_radiograph(write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(
        pattern(0, 4095),
        PatientSex="F",
        PatientAge="009Y",
        AccessionNumber="A7",
        BodyPartExamined="WRIST",
        ViewPosition="PA",
        ImageLaterality="L",
        PixelSpacing=[0.2, 0.2],
    )
    (radiograph,) = load(data)
    assert radiograph.sex is Sex.FEMALE
    assert (radiograph.age, radiograph.body_part, radiograph.view) == (9, BodyPart.WRIST, View.FRONTAL)
    assert (radiograph.laterality, radiograph.spacing, radiograph.format) == (Laterality.LEFT, (0.2, 0.2), "DICOM")
    names = radiograph.identifiers
    assert (names.accession, names.patient) == ("A7", "P1")
    assert all((names.study, names.series, names.instance.sop_instance_uid, names.sop_class))


def test_irregular_header_is_noted_without_its_values(
    write_dicom: Any, pattern: Any, caplog: pytest.LogCaptureFixture
) -> None:
    data = write_dicom(pattern(0, 4095), SpecificCharacterSet="ISO_IR 100", StudyDescription="HAND")
    with caplog.at_level("DEBUG"):
        (radiograph,) = load(data.replace(b"ISO_IR 100", b"ISO_IR 999"))
    assert NoteCode.HEADER_IRREGULAR in [note.code for note in radiograph.notes]
    assert "999" not in caplog.text + repr(radiograph.notes)
    assert radiograph.body_part is BodyPart.HAND


@pytest.mark.real_data
def test_real_headers(shared_data: Path) -> None:
    folder = shared_data / "dicom"
    chest, hip, tibia = (load(folder / f"{film}_J2KI.dcm")[0] for film in ("RG1", "RG2", "RG3"))
    assert (chest.body_part, chest.view, chest.spacing) == (BodyPart.CHEST, View.FRONTAL, None)
    assert chest.age == pytest.approx(55.6, abs=0.1)
    assert (hip.body_part, hip.spacing, hip.age, hip.bits) == (BodyPart.HIP, (0.2, 0.2), None, 10)
    assert (tibia.body_part, tibia.view, tibia.laterality) == (BodyPart.LEG, View.FRONTAL, Laterality.RIGHT)
    assert np.mean(tibia.pixels) > 0.1
