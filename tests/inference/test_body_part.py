"""A body part that a sender states is checked like one that the file states, and a file's own goes before."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from tests import dicom_files
from typer.testing import CliRunner

from osteon import read
from osteon.cli import application
from osteon.core.codes.note import NoteCode
from osteon.core.codes.refusal import RefusalCode
from osteon.core.labels import BodyPart, Call


@pytest.fixture
def image(blobs: ModuleType, tmp_path: Path) -> Path:
    """An image without a header; the bundle indicates hands and legs."""
    return blobs.save(blobs.film(0.8), tmp_path / "image.png")


def test_a_stated_part_outside_the_indication_is_not_read(bundle_file: Path, image: Path) -> None:
    assert read(image, bundle_file)[0].call is not Call.ABSTAIN
    for source in (image, image.read_bytes(), [image]):
        reading = read(source, bundle_file, body_part="hip")[0]
        assert reading.call is Call.ABSTAIN
        assert [refusal.code for refusal in reading.refusals] == [RefusalCode.BODY_PART]
        assert reading.refusals[0].values["part"] == "hip"
    with pytest.raises(ValueError, match="elbowed"):
        read(image, bundle_file, body_part="elbowed")


def test_what_the_file_states_goes_before(blobs: ModuleType, bundle_file: Path, tmp_path: Path) -> None:
    words = np.rint(blobs.film(0.8) * 4095).astype(np.uint16)
    file = tmp_path / "hand.dcm"
    file.write_bytes(dicom_files.write_dicom(words, BodyPartExamined="HAND"))
    reading = read(file, bundle_file, body_part="hip")[0]
    assert reading.call is not Call.ABSTAIN
    assert NoteCode.BODY_PART_OF_SENDER not in {note.code for note in reading.notes}


def test_a_stated_part_within_the_indication_is_noted(bundle_file: Path, image: Path) -> None:
    plain, stated = read(image, bundle_file)[0], read(image, bundle_file, body_part=BodyPart.HAND)[0]
    assert stated.probability == plain.probability
    assert NoteCode.BODY_PART_UNSTATED in {note.code for note in plain.notes}
    assert NoteCode.BODY_PART_OF_SENDER in {note.code for note in stated.notes}
    assert NoteCode.BODY_PART_UNSTATED not in {note.code for note in stated.notes}


def test_the_command_takes_the_part(bundle_file: Path, image: Path) -> None:
    said = CliRunner().invoke(
        application(), ["read", str(image), "--bundle", str(bundle_file), "--json", "--body-part", "shoulder"]
    )
    assert said.exit_code == 0
    content = json.loads(said.stdout)
    assert (content["call"], content["refusals"][0]["code"]) == ("abstain", "body_part")
