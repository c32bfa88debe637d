"""A small archive: studies in folders, a picture, a broken image, other files."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import generate_uid
from tests.dicom_files import write_dicom

from osteon.bundle.archive import Bundle, open_bundle
from osteon.imaging import load
from osteon.inference.engine import InferenceEngine

PICTURES = (("elbow-displaced.jpg", "forearm-midshaft.jpg"), ("hand-fracture.jpg", "hand-normal.png"))
SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return open_bundle("fracatlas")


@pytest.fixture(scope="session")
def engine(bundle: Bundle) -> InferenceEngine:
    return InferenceEngine(bundle, 1)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two studies of two images each in folders of series, one picture, one broken image, a note."""
    folder = tmp_path_factory.mktemp("archive")
    for seed in range(2):
        study = generate_uid()
        for series in range(2):
            place = folder / f"patient{seed}" / f"series{series}"
            place.mkdir(parents=True)
            (shown,) = load(SAMPLES / PICTURES[seed][series])
            words = np.round(shown.pixels * 4095).astype(np.uint16)
            (place / "image.dcm").write_bytes(write_dicom(words, StudyInstanceUID=study, PatientID=f"P{seed}"))
    shutil.copy(SAMPLES / "hand-fracture.jpg", folder / "picture.jpg")
    (folder / "broken.png").write_bytes((SAMPLES / "hand-normal.png").read_bytes()[:2000])
    (folder / "notes.txt").write_text("of no interest", "utf-8")
    return folder


@pytest.fixture
def archive(made: Path, tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return Path(shutil.copytree(made, tmp_path / "archive"))
