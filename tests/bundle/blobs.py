"""A small real network and films for it, shared by the tests of bundle, reader, outputs and command line.

The network averages 8 x 8 cells of a 64 x 64 canvas; a cell brighter than 0.6 is a "fracture". Beside it there is a
detector, which boxes bright squares on a 96 x 96 canvas. They are ONNX graphs like any other, so everything around them is
tested for real.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, ExplicitVRLittleEndian, generate_uid

from osteon.bundle.archive import write_bundle
from osteon.bundle.card import render_card
from osteon.bundle.manifest import (
    BoxPoint,
    BoxPoints,
    CodedConcept,
    Detector,
    Fusion,
    Graph,
    Indication,
    Label,
    Manifest,
    Provenance,
    TrainingData,
)
from osteon.core.calibration import Calibration
from osteon.core.estimate import Estimate
from osteon.core.labels import FINDING_CODES, BodyPart
from osteon.core.operating import OperatingPoint, OperatingPoints
from osteon.imaging.preprocess import Preprocessing

Pixels = NDArray[np.float32]
SIDE = 64
CANVAS = 96


def graph(*, softmax: bool = False, novelty: bool = False) -> bytes:
    """The network: ``image`` to ``logits`` and ``maps``, and to ``novelty`` (the mean grey) where asked for."""
    labels = 2 if softmax else 1
    constants = {
        "limit": np.array(0.6, np.float32),
        "gain": np.array([[-20.0, 20.0]] if softmax else [[40.0]], np.float32),
        "offset": np.array([2.0, -2.0] if softmax else [-4.0], np.float32),
        "plane": np.array([-1, 1], np.int64),
        "axes": np.array([1, 2, 3], np.int64),
        "copies": np.array([1, labels, 1, 1], np.int64),
    }
    nodes = [
        helper.make_node("AveragePool", ["image"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Sub", ["cells", "limit"], ["over"]),
        helper.make_node("Relu", ["over"], ["map"]),
        helper.make_node("Tile", ["map", "copies"], ["maps"]),
        helper.make_node("GlobalMaxPool", ["map"], ["peak"]),
        helper.make_node("Reshape", ["peak", "plane"], ["column"]),
        helper.make_node("MatMul", ["column", "gain"], ["product"]),
        helper.make_node("Add", ["product", "offset"], ["logits"]),
    ]
    outputs = [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", labels]),
        helper.make_tensor_value_info("maps", TensorProto.FLOAT, ["N", labels, SIDE // 8, SIDE // 8]),
    ]
    if novelty:
        nodes.append(helper.make_node("ReduceMean", ["image", "axes"], ["novelty"], keepdims=0))
        outputs.append(helper.make_tensor_value_info("novelty", TensorProto.FLOAT, ["N"]))
    else:
        del constants["axes"]
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "blobs",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, SIDE, SIDE])],
            outputs,
            [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=10,
    )
    onnx.checker.check_model(model)
    return model.SerializeToString()


def manifest(*, softmax: bool = False, novelty: bool = False, pooling: str = "max", doubt: float = 0.3) -> Manifest:
    """A manifest for the network."""
    fracture = Label(name="fracture", code=_code("fracture"), positive=True)
    normal = Label(name="no fracture", code=_code("no fracture"), positive=False)
    return Manifest(
        schema_version=1,
        name="blobs",
        version="1.0.0",
        created="2026-01-01",
        licence="Apache-2.0",
        task="classification",
        summary="Finds bright blobs; for tests.",
        labels=(normal, fracture) if softmax else (fracture,),
        preprocessing=Preprocessing(SIDE, SIDE, "letterbox", 1, 0.0, 1.0),
        graph=Graph(activation="softmax" if softmax else "sigmoid", novelty="novelty" if novelty else None),
        calibration=Calibration(temperature=1.0),
        operating_points=OperatingPoints(doubt=_point(doubt, 0.95, 0.7), definite=_point(0.8, 0.6, 0.99)),
        pooling=pooling,  # pyright: ignore[reportArgumentType]
        indication=Indication(
            body_parts=(BodyPart.HAND, BodyPart.LEG),
            minimum_age=16,
            maximum_age=120,
            minimum_side=64,
            maximum_novelty=0.7 if novelty else None,
            intended_use="Tests of the reader.",
            not_for=("anybody's bones", "anything | else"),
        ),
        training_data=(
            TrainingData(
                name="None",
                licence="CC0-1.0",
                citation="Nobody, 2026.",
                images={"train": 1200, "test": 300},
                positives={"train": 200},
                split="none",
                split_sha256="0" * 64,
            ),
        ),
        provenance=Provenance(
            recipe="by hand",
            settings={"optimizer.lr": "3e-4"},
            seed=1,
            epoch=0,
            selection="nothing",
            weights="nothing",
            osteon="0.1.0",
            libraries={"onnx": "1.0"},
            parity="not measured",
        ),
        figures={
            "AUROC": Estimate(value=0.91234, low=0.88, high=0.94, method="95 % bootstrap", n=300),
            "AP": Estimate(value=0.8, low=0.7, high=0.9, method="95 % bootstrap", n=300),
        },
        files={},
    )


def detector_graph(*, boxes: int = 8) -> bytes:
    """The detector: ``image`` to ``boxes``, ``scores`` and ``classes``; 1 (metal) in the lowest third, 0 elsewhere.

    A cell scores ``2 * (mean - 0.5)``, cut to [0, 1], if no cell round it is brighter; of equal ones the first counts. Its
    box begins at the cell and is three cells wide and high.
    """
    side, cells = CANVAS // 8, (CANVAS // 8) ** 2
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) * 8
    corners = np.stack([x, y, x + 24, y + 24], axis=-1).reshape(cells, 4)
    constants = {
        "order": (np.arange(cells, dtype=np.float32) * 1e-5).reshape(1, 1, side, side),
        "half": np.array(0.5, np.float32),
        "two": np.array(2.0, np.float32),
        "zero": np.array(0.0, np.float32),
        "one": np.array(1.0, np.float32),
        "row": np.array([-1, cells], np.int64),
        "k": np.array([boxes], np.int64),
        "corners": corners,
        "kinds": (np.arange(cells) // side >= 2 * side // 3).astype(np.int64),
    }
    nodes = [
        helper.make_node("AveragePool", ["image"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Sub", ["cells", "order"], ["ordered"]),
        helper.make_node("MaxPool", ["ordered"], ["highest"], kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1]),
        helper.make_node("Equal", ["ordered", "highest"], ["peak"]),
        helper.make_node("Sub", ["cells", "half"], ["above"]),
        helper.make_node("Mul", ["above", "two"], ["doubled"]),
        helper.make_node("Clip", ["doubled", "zero", "one"], ["clipped"]),
        helper.make_node("Where", ["peak", "clipped", "zero"], ["kept"]),
        helper.make_node("Reshape", ["kept", "row"], ["flat"]),
        helper.make_node("TopK", ["flat", "k"], ["scores", "places"]),
        helper.make_node("Gather", ["corners", "places"], ["boxes"], axis=0),
        helper.make_node("Gather", ["kinds", "places"], ["classes"], axis=0),
    ]
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "squares",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, CANVAS, CANVAS])],
            [
                helper.make_tensor_value_info("boxes", TensorProto.FLOAT, ["N", boxes, 4]),
                helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", boxes]),
                helper.make_tensor_value_info("classes", TensorProto.INT64, ["N", boxes]),
            ],
            [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=10,
    )
    onnx.checker.check_model(model)
    return model.SerializeToString()


def detector() -> Detector:
    """What a manifest says of the detector."""
    return Detector(
        labels=(
            Label(name="fracture", code=_code("fracture"), positive=True),
            Label(name="metal", code=None, positive=False),
        ),
        preprocessing=Preprocessing(CANVAS, CANVAS, "letterbox", 1, 0.0, 1.0),
        method="Bright squares, by hand",
        calibration=Calibration(temperature=1.0),
        points=BoxPoints(doubt=_box_point(0.3, 0.9, 0.5), definite=_box_point(0.7, 0.6, 0.1)),
    )


def fusion(*, threshold: float = 0.1, weight: float = 0.0) -> Fusion:
    """A fusion of the two networks."""
    return Fusion(threshold=threshold, rule="by hand", weight=weight, calibration=Calibration(temperature=1.0))


def both(how: Fusion | None = None, **fields: Any) -> Manifest:
    """A manifest of the network and the detector; ``fields`` as of ``manifest``."""
    of = manifest(**fields)
    changed = {"schema_version": 2, "task": "classification and detection"}
    return Manifest.model_validate(of.model_dump() | changed | {"detector": detector(), "fusion": how or fusion()})


def alone(**changes: Any) -> Manifest:
    """A manifest of the detector alone, with one label that any positive box stands for."""
    of, network = manifest(), detector()
    changed = {"schema_version": 2, "task": "detection", "detector": network, "preprocessing": network.preprocessing}
    return Manifest.model_validate({k: v for k, v in of.model_dump().items() if k != "graph"} | changed | changes)


def parts(of: Manifest) -> dict[str, bytes]:
    """Graphs and card for a manifest of this module."""
    found = {"MODEL_CARD.md": render_card(of).encode()}
    if of.graph is not None:
        found["model.onnx"] = graph(softmax=of.activation == "softmax", novelty=of.graph.novelty is not None)
    if of.detector is not None:
        found["detector.onnx"] = detector_graph()
    return found


def make(path: Path, of: Manifest | None = None) -> Path:
    """Write the bundle."""
    chosen = manifest() if of is None else of
    write_bundle(path, chosen, parts(chosen))
    return path


def film(blob: float = 0.0, *, shape: tuple[int, int] = (256, 192), at: tuple[float, float] = (0.5, 0.5)) -> Pixels:
    """A bone-like bar on a dark ground, float32 in [0, 1], with a square of strength ``blob`` at ``at`` (y, x)."""
    rows, columns = shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    bone = 0.4 * np.exp(-(((x - columns / 2) / (0.16 * columns)) ** 2)) + 0.12 * np.exp(
        -(((x - columns / 2) / (0.35 * columns)) ** 2)
    )
    grain = np.random.default_rng(7).normal(0.0, 0.012, shape)
    pixels = bone * (0.85 + 0.15 * np.cos(y / rows * 9)) + grain
    reach = 0.12 * rows
    inside = (np.abs(y - at[0] * rows) < reach) & (np.abs(x - at[1] * columns) < reach)
    pixels[inside] = np.maximum(pixels[inside], blob)
    return np.clip(pixels, 0.0, 1.0).astype(np.float32)


def save(pixels: Pixels, path: Path) -> Path:
    """Save a film as 8 bit, in the format of the path's suffix."""
    Image.fromarray(np.rint(pixels * 255).astype(np.uint8)).save(path)
    return path


def save_dicom(pixels: Pixels, path: Path, study: str, *, part: str = "HAND", age: str = "") -> Path:
    """Save a film as a computed radiograph of 12 bits."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    data.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    data.SOPClassUID = ComputedRadiographyImageStorage
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID
    data.StudyInstanceUID, data.SeriesInstanceUID = study, generate_uid()
    data.Modality, data.BodyPartExamined, data.PatientAge = "CR", part, age
    data.PatientName, data.PatientID, data.PatientBirthDate = "Secret^Sam", "S3CR3T", "19700102"
    data.Rows, data.Columns = pixels.shape
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    data.WindowCenter, data.WindowWidth = 2048, 4096
    data.PixelData = np.rint(pixels * 4095).astype("<u2").tobytes()
    data.save_as(path, enforce_file_format=True)
    return path


def _code(name: str) -> CodedConcept:
    code = FINDING_CODES[name]
    return CodedConcept(value=code.value, meaning=code.meaning)


def _box_point(threshold: float, sensitivity: float, false_alarms: float) -> BoxPoint:
    return BoxPoint(threshold=threshold, rule="by hand", sensitivity=sensitivity, false_alarms=false_alarms)


def _point(threshold: float, sensitivity: float, specificity: float) -> OperatingPoint:
    return OperatingPoint(threshold=threshold, rule="by hand", sensitivity=sensitivity, specificity=specificity)
