"""Every output format writes every kind of reading, and nothing of the patient unless that is what it is for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.geometry import Box
from osteon.core.labels import Call
from osteon.core.records import Finding, HeatMap, Identifiers, Radiograph, Reading
from osteon.outputs import FORMATS
from osteon.outputs.format import Format, Need
from osteon.outputs.result import StudyResult
from osteon.outputs.write import OutputError, write_output

FILM = Radiograph(
    pixels=np.linspace(0, 1, 120 * 90, dtype=np.float32).reshape(120, 90),
    source="film.dcm",
    identifiers=Identifiers(study="1.2.3", patient="SECRET-PATIENT", accession="SECRET-ACCESSION"),
)
HEAT = HeatMap(np.eye(8, dtype=np.float32), Box(0, 0, 90, 120), "fracture")


def reading(call: Call) -> Reading:
    if call is Call.ABSTAIN:
        nothing = (float("nan"),)
        return Reading(
            "film.dcm",
            "1.2.3",
            "b@1",
            call,
            refusals=(Refusal(RefusalCode.BLANK),),
            radiographs=(FILM,),
            image_probabilities=nothing,
        )
    return Reading(
        "film.dcm", "1.2.3", "b@1", call, probability=0.4, doubt=0.2, definite=0.6, image_probabilities=(0.4,),
        findings=(Finding("fracture", Box(10, 20, 40, 60), 0.5),), finding_labels=("fracture",),
        heat_maps=(HEAT,), radiographs=(FILM,),
    )  # fmt: skip


NAMELESS = [form for form in FORMATS if Need.IDENTITY not in form.needs]
NAMING = [form for form in FORMATS if Need.IDENTITY in form.needs]


@pytest.mark.parametrize("call", list(Call))
@pytest.mark.parametrize("form", NAMELESS, ids=[form.name for form in NAMELESS])
def test_writes_every_call(form: Format, call: Call, tmp_path: Path) -> None:
    write_output(form, StudyResult.of(reading(call)), tmp_path / f"one{form.suffix}")
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    content = b"".join(file.read_bytes() for file in written)
    assert len(content) > 20
    assert b"SECRET" not in content
    # A format that has a file for each image has none for an image that was not read.
    assert (tmp_path / f"one{form.suffix}") in written or form.name == "yolo"


@pytest.mark.parametrize("form", NAMING, ids=[form.name for form in NAMING])
def test_what_names_the_patient_is_written_where_it_may_be_and_of_dicom_files_alone(
    form: Format, tmp_path: Path
) -> None:
    """What these formats write of DICOM files, tests/outputs/dicom says."""
    study = StudyResult.of(reading(Call.FRACTURE))
    for identity, need in ((False, Need.IDENTITY), (True, Need.DICOM)):
        with pytest.raises(OutputError) as error:
            write_output(form, study, tmp_path / f"one{form.suffix}", identity=identity)
        assert error.value.need is need
        assert "SECRET" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_names_and_suffixes_are_their_own() -> None:
    assert len({form.name for form in FORMATS}) == len(FORMATS)
    assert all(form.suffix.startswith(".") and "/" in form.media_type for form in FORMATS)
