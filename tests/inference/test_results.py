"""Results of files that were read just now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osteon.core.identity import InstanceIdentity, StudyIdentity
from osteon.core.labels import Call
from osteon.core.records import Radiograph, Reading
from osteon.imaging import identity as identities
from osteon.inference.results import study_result
from osteon.inference.studies import Study
from osteon.outputs.result import BundleInfo


def test_headers_of_undecodable_files_are_read_for_those_who_may_have_them_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    whole = identities.read_identity

    def watched(file: Path) -> Any:
        looked.append(file.name)
        return whole(file)

    monkeypatch.setattr(identities, "read_identity", watched)
    files = (tmp_path / "a.png", tmp_path / "broken.dcm")
    for file in files:
        file.touch()
    radiograph = Radiograph(np.zeros((8, 8), np.float32), source=str(files[0]), format="PNG")
    reading = Reading(
        str(tmp_path), "s", "b@1", Call.DOUBT, probability=0.4, image_probabilities=(0.4,), radiographs=(radiograph,)
    )
    made = study_result(reading, Study(files), BundleInfo("b@1"))
    assert [one.identity for one in made.instances] == [None, None]
    assert looked == []
    made = study_result(reading, Study(files), BundleInfo("b@1"), identity=True)
    assert [one.identity for one in made.instances] == [None, InstanceIdentity()]
    assert looked == ["broken.dcm"]
    assert made.identity is not None
    assert made.identity() == StudyIdentity()
    assert looked == ["broken.dcm", "a.png"]
