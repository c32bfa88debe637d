"""A real network reads: calls, heat maps, studies, abstentions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import onnxruntime
import pytest

from osteon.bundle.archive import open_bundle
from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.errors import BundleError
from osteon.core.labels import BodyPart, Call
from osteon.core.records import Identifiers, Radiograph
from osteon.imaging.preprocess import prepare
from osteon.inference.engine import InferenceEngine
from osteon.inference.networks.session import Network
from osteon.outputs.drawing.colour import WARM


@pytest.fixture(scope="module")
def engine(bundle_file: Path) -> InferenceEngine:
    return InferenceEngine(open_bundle(bundle_file), threads=1)


def hand(blobs: ModuleType, blob: float, **fields: object) -> Radiograph:
    radiograph = Radiograph(blobs.film(blob), body_part=BodyPart.HAND, identifiers=Identifiers(study="1.2.3"))
    return replace(radiograph, **fields)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("blob", "expected"), [(0.0, Call.NO_FRACTURE), (0.73, Call.DOUBT), (1.0, Call.FRACTURE)])
def test_a_film_is_called(blobs: ModuleType, engine: InferenceEngine, blob: float, expected: Call) -> None:
    reading = engine.read_study([hand(blobs, blob)], "film.png")
    assert reading.call is expected
    assert (reading.source, reading.study, reading.bundle, reading.reason) == ("film.png", "1.2.3", "blobs@1.0.0", "")
    assert reading.probabilities == {"fracture": reading.probability}
    assert reading.image_probabilities == (reading.probability,)
    assert (reading.doubt, reading.definite) == (0.3, 0.8)
    assert reading.findings == ()
    assert list(reading.milliseconds) == ["load", "prepare", "infer", "render", "total"]
    steps = [reading.milliseconds[step] for step in ("load", "prepare", "infer", "render")]
    assert reading.milliseconds["total"] == pytest.approx(sum(steps))


def test_the_probability_is_that_of_onnx_runtime(blobs: ModuleType, engine: InferenceEngine) -> None:
    radiograph = hand(blobs, 0.72)
    session = onnxruntime.InferenceSession(blobs.graph(), providers=["CPUExecutionProvider"])
    batch = prepare(radiograph.pixels, blobs.manifest().preprocessing)[np.newaxis]
    (logits,) = session.run(["logits"], {"image": np.ascontiguousarray(batch)})
    expected = 1 / (1 + np.exp(-float(np.asarray(logits)[0, 0])))
    assert engine.read_study([radiograph], "x").probability == pytest.approx(expected, rel=1e-6)


def test_the_heat_map_is_warm_at_the_blob_and_nowhere_on_a_normal_film(
    blobs: ModuleType, engine: InferenceEngine
) -> None:
    film = blobs.film(1.0, at=(0.3, 0.6))
    (heat,) = engine.read_study([Radiograph(film)], "x").heat_maps
    row, column = np.unravel_index(heat.values.argmax(), heat.values.shape)
    y = heat.extent.y0 + (row + 0.5) / heat.values.shape[0] * heat.extent.height
    x = heat.extent.x0 + (column + 0.5) / heat.values.shape[1] * heat.extent.width
    assert abs(y - 0.3 * film.shape[0]) < 0.12 * film.shape[0]
    assert abs(x - 0.6 * film.shape[1]) < 0.16 * film.shape[1]
    assert heat.values.max() == 1.0
    (normal,) = engine.read_study([Radiograph(blobs.film(0.0))], "x").heat_maps
    assert normal.values.max() < WARM


def test_two_views_of_a_study_become_one_call(blobs: ModuleType, engine: InferenceEngine) -> None:
    views = [hand(blobs, 0.0), hand(blobs, 1.0)]
    reading = engine.read_study(views, "study")
    low, high = reading.image_probabilities
    assert low < 0.3 < 0.8 < high
    assert reading.probability == high
    assert reading.call is Call.FRACTURE
    assert [heat.image for heat in reading.heat_maps] == [0, 1]
    assert reading.heat_maps[0].values.max() < WARM


def test_a_bundle_may_pool_by_the_mean(blobs: ModuleType, tmp_path: Path) -> None:
    engine = InferenceEngine(open_bundle(blobs.make(tmp_path / "b.osteon", blobs.manifest(pooling="mean"))), threads=1)
    reading = engine.read_study([hand(blobs, 0.0), hand(blobs, 1.0)], "study")
    assert reading.probability == pytest.approx(np.mean(reading.image_probabilities))
    assert reading.call is Call.DOUBT


def test_softmax_bundles_read_too(blobs: ModuleType, tmp_path: Path) -> None:
    engine = InferenceEngine(open_bundle(blobs.make(tmp_path / "b.osteon", blobs.manifest(softmax=True))), threads=1)
    reading = engine.read_study([hand(blobs, 1.0)], "x")
    assert reading.call is Call.FRACTURE
    assert sum(reading.probabilities.values()) == pytest.approx(1.0)
    assert reading.probability == reading.probabilities["fracture"]
    assert reading.heat_maps[0].label == "fracture"


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        (
            {"body_part": BodyPart.CHEST},
            Refusal(RefusalCode.BODY_PART, {"part": "chest", "allowed": ("hand", "leg")}),
        ),
        ({"age": 9.0}, Refusal(RefusalCode.AGE, {"minimum": 16.0, "maximum": 120.0})),
        (
            {"pixels": np.tile(np.linspace(0, 1, 40, dtype=np.float32), (300, 1))},
            Refusal(RefusalCode.TOO_SMALL, {"width": 40, "height": 300, "minimum": 64}),
        ),
        ({"pixels": np.full((256, 192), 0.5, np.float32)}, Refusal(RefusalCode.BLANK)),
    ],
)
def test_what_must_not_be_read_is_refused_with_a_reason(
    blobs: ModuleType, engine: InferenceEngine, fields: dict[str, object], refused: Refusal
) -> None:
    reading = engine.read_study([hand(blobs, 1.0, **fields)], "x")
    assert reading.call is Call.ABSTAIN
    assert reading.refusals == (refused,)
    assert reading.image_refusals == (reading.refusals,)
    assert reading.probability is None
    assert reading.heat_maps == ()
    assert np.isnan(reading.image_probabilities).all()
    assert "9.0" not in repr(reading.refusals)


def test_a_film_unlike_the_training_films_is_refused(blobs: ModuleType, tmp_path: Path) -> None:
    engine = InferenceEngine(open_bundle(blobs.make(tmp_path / "b.osteon", blobs.manifest(novelty=True))), threads=1)
    assert engine.read_study([hand(blobs, 1.0)], "x").call is Call.FRACTURE
    bright = np.clip(blobs.film(1.0, shape=(256, 256)) + 0.65, 0, 1).astype(np.float32)
    reading = engine.read_study([hand(blobs, 1.0, pixels=bright)], "x")
    assert reading.call is Call.ABSTAIN
    (refusal,) = reading.refusals
    assert refusal.code is RefusalCode.NOVELTY
    assert isinstance(novelty := refusal.values["novelty"], float)
    assert novelty > engine.manifest.indication.maximum_novelty == refusal.values["limit"]  # pyright: ignore[reportOperatorIssue]


def test_a_study_is_read_where_only_one_image_of_it_must_not_be(blobs: ModuleType, engine: InferenceEngine) -> None:
    reading = engine.read_study([hand(blobs, 1.0), hand(blobs, 1.0, body_part=BodyPart.CHEST)], "study")
    assert reading.call is Call.FRACTURE
    assert np.isnan(reading.image_probabilities[1])
    assert [heat.image for heat in reading.heat_maps] == [0]
    refused = Refusal(RefusalCode.BODY_PART, {"part": "chest", "allowed": ("hand", "leg")})
    assert reading.image_refusals == ((), (refused,))
    assert (reading.refusals, reading.notes) == ((), ())


def test_an_unknown_body_part_is_read_with_a_note(blobs: ModuleType, engine: InferenceEngine) -> None:
    remark = Note(NoteCode.FILES_FAILED, {"failed": 1, "files": 2})
    reading = engine.read_study([hand(blobs, 0.0, body_part=None)], "x", remarks=[remark])
    assert reading.call is Call.NO_FRACTURE
    assert reading.notes == (remark, Note(NoteCode.BODY_PART_UNSTATED))


def test_a_note_on_some_images_names_them(blobs: ModuleType, engine: InferenceEngine) -> None:
    stated, unstated = hand(blobs, 0.0), hand(blobs, 0.0, body_part=None)
    reading = engine.read_study([unstated, stated, unstated], "x")
    assert reading.notes == (Note(NoteCode.BODY_PART_UNSTATED, images=(0, 2)),)
    assert engine.read_study([unstated, unstated], "x").notes == (Note(NoteCode.BODY_PART_UNSTATED),)


def test_a_study_has_images(engine: InferenceEngine) -> None:
    with pytest.raises(ValueError, match="at least one"):
        engine.read_study([], "x")


def test_a_graph_that_does_not_fit_its_manifest_is_refused(blobs: ModuleType, tmp_path: Path) -> None:
    good = blobs.manifest()
    for field, value in (
        ("graph", good.graph.model_copy(update={"logits": "scores"})),
        ("graph", good.graph.model_copy(update={"input": "pixels"})),
        ("graph", good.graph.model_copy(update={"novelty": "novelty"})),
        ("labels", good.labels * 2),
        ("preprocessing", replace(good.preprocessing, height=128)),
        ("preprocessing", replace(good.preprocessing, channels=3)),
    ):
        path = blobs.make(tmp_path / "b.osteon", good)
        wrong = good.model_copy(update={field: value})
        opened = replace(open_bundle(path), manifest=wrong)
        with pytest.raises(BundleError, match="not what its manifest says"):
            Network(opened, threads=1)


def test_a_graph_that_is_none_is_refused(blobs: ModuleType, tmp_path: Path) -> None:
    opened = open_bundle(blobs.make(tmp_path / "b.osteon"))
    broken = replace(opened, parts={**opened.parts, "model.onnx": b"no graph"})
    with pytest.raises(BundleError, match="cannot be run"):
        Network(broken, threads=1)
