"""The shipped bundle reads radiographs of indicated parts and refuses other images, whatever their files say."""

from __future__ import annotations

import csv
import gzip
import hashlib
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.data import get_testdata_file

from osteon.bundle.archive import Bundle, open_bundle
from osteon.core.codes.refusal import RefusalCode
from osteon.core.labels import BodyPart, Call
from osteon.core.records import Pixels, Radiograph, Reading
from osteon.data.splits.record import parse_split
from osteon.imaging.load import load
from osteon.inference.engine import InferenceEngine

SAMPLES = Path(__file__).parents[2] / "samples"
GATE = {RefusalCode.NOT_A_BONE_RADIOGRAPH, RefusalCode.OTHER_PART_SHOWN}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return open_bundle("fracatlas")


@pytest.fixture(scope="module")
def engine(bundle: Bundle) -> InferenceEngine:
    return InferenceEngine(bundle, threads=1)


def unstated(engine: InferenceEngine, pixels: Pixels) -> Reading:
    """The reading of pixels of which nothing is known."""
    return engine.read_study([Radiograph(np.ascontiguousarray(pixels, np.float32), source="image")], "image")


def picture(values: NDArray[np.generic], side: int = 320) -> Pixels:
    """Values (H, W) as a picture of this height, in [0, 1]."""
    low, high = np.quantile(values.astype(np.float32), [0.005, 0.995])
    grey = np.clip((values.astype(np.float32) - low) / (high - low), 0, 1)
    size = (round(values.shape[1] * side / values.shape[0]), side)
    return np.clip(cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR), 0, 1).astype(np.float32)


def codes(reading: Reading) -> set[RefusalCode]:
    return {refusal.code for refusal in reading.refusals}


def of_package(name: str) -> Path:
    """A file of an installed package; skips where there is none."""
    package, _, rest = name.partition("/")
    spec = find_spec(package)
    if spec is None or spec.origin is None or not (path := Path(spec.origin).parent / rest).is_file():
        pytest.skip(f"needs {name} of a Python package")
    return path


@pytest.mark.parametrize("name", ["MR_small.dcm", "CT_small.dcm"])
def test_slices_are_refused(engine: InferenceEngine, name: str) -> None:
    values = pydicom.dcmread(str(get_testdata_file(name))).pixel_array
    for turn in range(2):
        assert codes(unstated(engine, np.rot90(picture(values), turn))) & GATE


def test_a_head_by_magnetic_resonance_is_refused(engine: InferenceEngine) -> None:
    content = gzip.decompress(of_package("matplotlib/mpl-data/sample_data/s1045.ima.gz").read_bytes())
    values = np.frombuffer(content, np.uint16).reshape(256, 256)
    assert codes(unstated(engine, picture(values))) & GATE


@pytest.mark.parametrize(
    "name",
    [
        "matplotlib/mpl-data/sample_data/grace_hopper.jpg",
        "sklearn/datasets/images/china.jpg",
        "sklearn/datasets/images/flower.jpg",
        "skimage/data/retina.jpg",
        "skimage/data/camera.png",
    ],
)
def test_photographs_in_grey_are_refused(engine: InferenceEngine, name: str) -> None:
    values = cv2.imread(str(of_package(name)), cv2.IMREAD_GRAYSCALE)
    assert values is not None
    assert codes(unstated(engine, np.asarray(values, np.float32) / np.float32(255))) & GATE


def test_the_samples_are_read_and_the_spine_is_not(engine: InferenceEngine) -> None:
    for file in sorted(SAMPLES.glob("*.[jp][pn]g")):
        pixels = load(file)[0].pixels
        for shown in (pixels, pixels[:, ::-1], np.rot90(pixels, 2)):
            assert unstated(engine, shown).call is not Call.ABSTAIN, file.name
    assert codes(unstated(engine, load(SAMPLES / "spine-refused.dcm")[0].pixels)) & GATE


@pytest.mark.learn
def test_only_nodes_were_added_to_the_networks(bundle: Bundle) -> None:
    pytest.importorskip("onnx")
    from osteon.learning.gate.features import without_gate

    boxes = "bcf8aefd2f97b81b160fa8230caf53c2a2e3c8d4070245a0fb539a47e64cdff8"  # detector.onnx of 1.3.0
    before = "adb07025658294dd199c89443600c7fe4f22be01e4ba62f553db75ee9b2b0d6a"  # model.onnx as it was exported
    assert hashlib.sha256(without_gate(bundle.graph)).hexdigest() == before
    assert bundle.manifest.files["detector.onnx"] == boxes


@pytest.mark.real_data
def test_radiographs_of_limbs_are_read_and_hips_are_not(
    bundle: Bundle, engine: InferenceEngine, shared_data: Path
) -> None:
    root = shared_data / "fracatlas"
    kept = parse_split(bundle.parts["split.json"], "split.json").parts["val"]
    with (root / "dataset.csv").open(newline="") as sheet:
        rows = {row["image_id"]: row for row in csv.DictReader(sheet)}
    shown: dict[str, list[str]] = {"limb": [], "other": []}
    for image in kept:
        parts = [part for part in ("hand", "leg", "hip", "shoulder") if rows[Path(image).name][part] == "1"]
        if len(parts) == 1:
            shown["limb" if parts[0] in ("hand", "leg") else "other"].append(image)
    limbs = [unstated(engine, load(root / image)[0].pixels) for image in shown["limb"][::8]]
    others = [unstated(engine, load(root / image)[0].pixels) for image in shown["other"]]
    assert len(limbs) >= 20
    assert len(others) >= 10
    assert sum(bool(codes(reading) & GATE) for reading in limbs) <= 1
    # the limit is one that limbs beside a hip or shoulder allow: most hips lie above it, and fewer shoulders
    assert sum(codes(reading) == {RefusalCode.OTHER_PART_SHOWN} for reading in others) >= 0.5 * len(others)


@pytest.mark.real_data
def test_real_computed_radiographs_are_told_apart(engine: InferenceEngine, shared_data: Path) -> None:
    pixels = {name: load(shared_data / "dicom" / f"{name}_J2KI.dcm")[0].pixels for name in ("RG1", "RG2", "RG3")}
    assert unstated(engine, pixels["RG1"]).call is Call.ABSTAIN  # a chest
    assert unstated(engine, pixels["RG3"]).call is not Call.ABSTAIN  # a tibia
    for part, abstains in ((BodyPart.FEMUR, False), (BodyPart.HIP, True)):  # what is stated of a hip is believed
        stated = Radiograph(pixels["RG2"], source="image", body_part=part)
        assert (engine.read_study([stated], "image").call is Call.ABSTAIN) is abstains
