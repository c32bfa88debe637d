"""A bundle that sees two views at once, and says which site is broken: pairs, missing views, abstentions."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from osteon.bundle.archive import open_bundle, write_bundle
from osteon.bundle.manifest import Label, Manifest
from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.labels import Call, View
from osteon.core.records import Radiograph
from osteon.inference.engine import InferenceEngine
from osteon.inference.read import read
from osteon.inference.studies import discover
from osteon.inference.views import choose_views, view_of_name
from osteon.outputs.drawing.colour import WARM

SITES = ("proximal", "midshaft", "distal")
ROWS = ((0, 3), (3, 5), (5, 8))
BOTH = (View.FRONTAL, View.LATERAL)


def graph() -> bytes:
    """Cells brighter than 0.6, in either view, say which third is broken."""
    constants = {
        "flat": np.array([-1, 1, 64, 64], np.int64),
        "views": np.array([-1, 2, 8, 8], np.int64),
        "limit": np.array(0.6, np.float32),
        "gain": np.array(40.0, np.float32),
        "one": np.array([1], np.int64),
        "copies": np.array([1, 3, 1, 1, 1], np.int64),
        "axes": np.array([1, 2, 3], np.int64),
        "rows": np.array([2], np.int64),
    }
    nodes = [
        helper.make_node("Reshape", ["image", "flat"], ["films"]),
        helper.make_node("AveragePool", ["films"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Sub", ["cells", "limit"], ["over"]),
        helper.make_node("Relu", ["over"], ["bright"]),
        helper.make_node("Reshape", ["bright", "views"], ["map"]),
        helper.make_node("Unsqueeze", ["map", "one"], ["single"]),
        helper.make_node("Tile", ["single", "copies"], ["maps"]),
    ]
    for site, (top, bottom) in zip(SITES, ROWS, strict=True):
        constants[f"{site}_top"], constants[f"{site}_bottom"] = np.array([top]), np.array([bottom])
        nodes.append(helper.make_node("Slice", ["map", f"{site}_top", f"{site}_bottom", "rows"], [f"{site}_rows"]))
        nodes.append(helper.make_node("ReduceMax", [f"{site}_rows", "axes"], [f"{site}_peak"], keepdims=0))
        nodes.append(helper.make_node("Unsqueeze", [f"{site}_peak", "one"], [f"{site}_column"]))
    nodes.append(helper.make_node("Concat", [f"{site}_column" for site in SITES], ["peaks"], axis=1))
    nodes.append(helper.make_node("Mul", ["peaks", "gain"], ["logits"]))
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "thirds",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 2, 1, 64, 64])],
            [
                helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 3]),
                helper.make_tensor_value_info("maps", TensorProto.FLOAT, ["N", 3, 2, 8, 8]),
            ],
            [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=10,
    )
    onnx.checker.check_model(model)
    return model.SerializeToString()


@pytest.fixture(scope="module")
def pair_file(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    one: Manifest = blobs.manifest(softmax=True)
    labels = tuple(Label(name=site, code=None, positive=True) for site in SITES)
    manifest = one.model_copy(update={"name": "thirds", "labels": labels, "views": BOTH})
    path = tmp_path_factory.mktemp("pair") / "thirds.osteon"
    write_bundle(path, manifest, {"model.onnx": graph(), "MODEL_CARD.md": b"# thirds"})
    return path


@pytest.fixture(scope="module")
def engine(pair_file: Path) -> InferenceEngine:
    return InferenceEngine(open_bundle(pair_file), threads=1)


def film(blobs: ModuleType, blob: float, view: View | None, row: float = 0.8) -> Radiograph:
    return Radiograph(blobs.film(blob, at=(row, 0.5)), view=view)


def test_a_fracture_seen_in_one_view_only_is_named(blobs: ModuleType, engine: InferenceEngine) -> None:
    for blob in ((1.0, 0.0), (0.0, 1.0)):
        films = [film(blobs, blob[0], View.FRONTAL), film(blobs, blob[1], View.LATERAL)]
        reading = engine.read_study(films, "case")
        assert reading.call is Call.FRACTURE
        assert max(reading.probabilities, key=lambda name: reading.probabilities[name]) == "distal"
        assert reading.probability == reading.probabilities["distal"]
        assert sum(reading.probabilities.values()) == pytest.approx(1.0)
        assert reading.image_probabilities == (reading.probability, reading.probability)
        warm = [heat.values.max() > WARM for heat in reading.heat_maps]
        assert [heat.image for heat in reading.heat_maps] == [0, 1]
        assert all(heat.label == "distal" for heat in reading.heat_maps)
        assert warm == [value > 0 for value in blob]


def test_the_order_of_the_films_does_not_matter(blobs: ModuleType, engine: InferenceEngine) -> None:
    front, side = film(blobs, 1.0, View.FRONTAL, 0.2), film(blobs, 0.0, View.LATERAL)
    one, two = engine.read_study([front, side], "a"), engine.read_study([side, front], "b")
    assert one.probabilities == two.probabilities
    assert two.heat_maps[1].values.max() > WARM > two.heat_maps[0].values.max()


def test_a_missing_view_is_an_abstention_with_its_reason(blobs: ModuleType, engine: InferenceEngine) -> None:
    alone = engine.read_study([film(blobs, 1.0, View.FRONTAL)], "case")
    assert alone.call is Call.ABSTAIN
    values = {"view": "lateral", "views": ("frontal", "lateral"), "unstated": 0}
    assert alone.refusals == (Refusal(RefusalCode.VIEW_MISSING, values),)
    unknown = engine.read_study([film(blobs, 1.0, View.FRONTAL), film(blobs, 1.0, None)], "case")
    assert unknown.call is Call.ABSTAIN
    assert unknown.refusals == (Refusal(RefusalCode.VIEW_MISSING, {**values, "unstated": 1}),)


def test_a_view_that_must_not_be_read_is_an_abstention(blobs: ModuleType, engine: InferenceEngine) -> None:
    small = Radiograph(np.tile(np.linspace(0, 1, 40, dtype=np.float32), (300, 1)), view=View.LATERAL)
    reading = engine.read_study([film(blobs, 1.0, View.FRONTAL), small], "case")
    assert reading.call is Call.ABSTAIN
    assert reading.image_refusals[0] == (Refusal(RefusalCode.VIEW_REFUSED, {"view": "lateral"}),)
    assert [refusal.code for refusal in reading.image_refusals[1]] == [RefusalCode.TOO_SMALL]
    assert reading.refusals == reading.image_refusals[0] + reading.image_refusals[1]


def test_a_third_film_is_left_out_and_noted(blobs: ModuleType, engine: InferenceEngine) -> None:
    films = [film(blobs, 0.0, View.FRONTAL), film(blobs, 1.0, View.LATERAL), film(blobs, 1.0, View.FRONTAL)]
    reading = engine.read_study(films, "case")
    assert np.isnan(reading.image_probabilities[2])
    assert reading.image_refusals == ((), (), (Refusal(RefusalCode.VIEW_SURPLUS),))


def test_it_names_no_site_when_none_stands_out(blobs: ModuleType, engine: InferenceEngine, pair_file: Path) -> None:
    manifest = open_bundle(pair_file).manifest
    assert manifest.assumes_fracture
    points = manifest.operating_points
    sharp = points.model_copy(update={"doubt": points.doubt.model_copy(update={"threshold": 0.5})})
    engine = InferenceEngine(open_bundle(pair_file), threads=1)
    engine.manifest = manifest.model_copy(update={"operating_points": sharp})
    reading = engine.read_study([film(blobs, 0.0, View.FRONTAL), film(blobs, 0.0, View.LATERAL)], "case")
    assert reading.call is Call.ABSTAIN
    (refusal,) = reading.refusals
    assert (refusal.code, refusal.values["threshold"]) == (RefusalCode.SITE_UNCERTAIN, 0.5)
    assert refusal.values["probability"] == pytest.approx(0.33, abs=0.005)
    assert reading.image_refusals == ((), ())


def test_files_of_a_folder_are_paired_by_their_names(blobs: ModuleType, pair_file: Path, tmp_path: Path) -> None:
    for case, blob in (("a", 1.0), ("b", 0.0)):
        (tmp_path / case).mkdir()
        blobs.save(blobs.film(blob, at=(0.8, 0.5)), tmp_path / case / "front.jpg")
        blobs.save(blobs.film(0.0), tmp_path / case / "side.jpg")
    blobs.save(blobs.film(0.0), tmp_path / "loose.png")
    assert [len(study.files) for study in discover([tmp_path], BOTH).studies] == [1, 2, 2]
    assert [len(study.files) for study in discover([tmp_path]).studies] == [1] * 5
    readings = {Path(reading.source).name: reading for reading in read(tmp_path, bundle=open_bundle(pair_file))}
    assert readings["a"].call is Call.FRACTURE
    assert Note(NoteCode.VIEW_FROM_NAME) in readings["a"].notes
    assert readings["loose.png"].call is Call.ABSTAIN


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("front.jpg", View.FRONTAL),
        ("wrist_LAT.png", View.LATERAL),
        ("Hand-AP-2.dcm", View.FRONTAL),
        ("knee oblique.tif", View.OBLIQUE),
        ("plate.png", None),
        ("ap_lat.png", None),
        ("inside.png", None),
    ],
)
def test_views_in_names(name: str, view: View | None) -> None:
    assert view_of_name(Path(name)) is view


def test_views_are_never_guessed() -> None:
    films = [Radiograph(np.zeros((4, 4), np.float32)) for _ in range(2)]
    refusal = choose_views(films, [True, True], BOTH)
    assert isinstance(refusal, Refusal)
    assert (refusal.code, refusal.values["unstated"]) == (RefusalCode.VIEW_MISSING, 2)


def test_a_detector_looks_at_each_view(blobs: ModuleType, pair_file: Path, tmp_path: Path) -> None:
    bundle = open_bundle(pair_file)
    changes = {"schema_version": 2, "task": "classification and detection", "detector": blobs.detector()}
    manifest = Manifest.model_validate(bundle.manifest.model_dump() | changes | {"fusion": blobs.fusion(threshold=0.9)})
    parts = dict(bundle.parts) | {"detector.onnx": blobs.detector_graph()}
    engine = InferenceEngine(write_bundle(tmp_path / "both.osteon", manifest, parts), threads=1)
    reading = engine.read_study([film(blobs, 1.0, View.LATERAL, 0.5), film(blobs, 0.7, View.FRONTAL, 0.5)], "case")
    assert {one.image for one in reading.findings} == {0, 1}
    assert reading.image_classifier == (reading.probability, reading.probability)
    # Where no site stands out the reading abstains, and shows no boxes either.
    unsure = engine.read_study([film(blobs, 0.62, View.LATERAL, 0.5), film(blobs, 0.0, View.FRONTAL)], "case")
    points = manifest.operating_points.doubt.model_copy(update={"threshold": 0.79})
    strict = manifest.model_copy(
        update={"operating_points": manifest.operating_points.model_copy(update={"doubt": points})}
    )
    assert unsure.call is not Call.ABSTAIN
    engine = InferenceEngine(write_bundle(tmp_path / "strict.osteon", strict, parts), threads=1, all_boxes=True)
    refused = engine.read_study([film(blobs, 0.62, View.LATERAL, 0.5), film(blobs, 0.0, View.FRONTAL)], "case")
    assert (refused.call, refused.findings) == (Call.ABSTAIN, ())


def test_where_a_fracture_is_assumed_boxes_have_no_weight(blobs: ModuleType, pair_file: Path) -> None:
    changes = {"schema_version": 2, "task": "classification and detection", "detector": blobs.detector()}
    fields = open_bundle(pair_file).manifest.model_dump() | changes
    with pytest.raises(ValueError, match="taken for granted"):
        Manifest.model_validate(fields | {"fusion": blobs.fusion(weight=0.5)})
