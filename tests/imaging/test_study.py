"""Which study a file belongs to is told without a word of what else stands in it."""

from __future__ import annotations

import io
import logging
import warnings
from typing import Any

import numpy as np
import pytest

from osteon.imaging.study import study_uid


def test_the_study_of_a_file(write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 255, np.uint8), StudyInstanceUID="1.2.3.4")
    assert study_uid(io.BytesIO(data)) == "1.2.3.4"


def test_a_broken_uid_is_not_quoted(write_dicom: Any, pattern: Any, caplog: pytest.LogCaptureFixture) -> None:
    data = write_dicom(pattern(0, 255, np.uint8), StudyInstanceUID="1.2.3.4").replace(b"1.2.3.4", b"DOE^JOE")
    with warnings.catch_warnings(record=True) as caught, caplog.at_level(logging.DEBUG):
        warnings.simplefilter("always")
        study_uid(io.BytesIO(data))
    assert not caught
    assert "DOE" not in caplog.text


@pytest.mark.parametrize("data", [b"", b"\x00" * 132, bytes(128) + b"DICM" + b"\xff" * 40])
def test_what_is_no_dicom_has_no_study(data: bytes) -> None:
    assert study_uid(io.BytesIO(data)) == ""
