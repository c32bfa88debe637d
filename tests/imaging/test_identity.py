"""Who a file is of is read from its header alone, and damage leaves nothing rather than an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from osteon.core.identity import InstanceIdentity, StudyIdentity
from osteon.imaging.heading import Heading, read_file_heading
from osteon.imaging.identity import read_identity
from osteon.imaging.sniff import Kind

NOBODY = StudyIdentity(), InstanceIdentity()


def test_identity_and_heading_agree(write_dicom: Any, pattern: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.dcm"
    file.write_bytes(write_dicom(pattern(0, 255, np.uint8), StudyInstanceUID="1.2.3.4", PatientID="7"))
    study, instance = read_identity(file)
    heading = read_file_heading(file, Kind.DICOM)
    assert (study.uid, study.patient.id) == (heading.study, heading.patient) == ("1.2.3.4", "7")
    assert (instance.sop_instance_uid, instance.sop_class_uid) == (heading.instance, heading.sop_class)
    assert heading.pixels


def test_what_cannot_be_read_is_of_nobody(write_dicom: Any, pattern: Any, tmp_path: Path) -> None:
    whole = write_dicom(pattern(0, 255, np.uint8), StudyInstanceUID="1.2.3.4", PatientID="7")
    contents = {"empty": b"", "text": b"no image", "cut": whole[:140], "noise": whole[:132] + b"\xff" * 400}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        assert read_identity(tmp_path / name) == NOBODY
        assert read_file_heading(tmp_path / name, Kind.DICOM) == Heading()
    assert read_identity(tmp_path / "absent") == NOBODY
    assert read_file_heading(tmp_path / "absent", Kind.DICOM) == Heading()
