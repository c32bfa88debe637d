"""A bundle with a gate refuses what the gate takes for no bone radiograph, or for another part where none is stated."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from typer.testing import CliRunner

from osteon import read
from osteon.bundle.archive import Bundle, open_bundle, write_bundle
from osteon.bundle.manifest import Gate, GateLimit, Manifest
from osteon.cli import application
from osteon.core.codes.refusal import RefusalCode
from osteon.core.errors import BundleError
from osteon.core.labels import BodyPart, Call
from osteon.core.records import Pixels, Radiograph
from osteon.inference.abstain import refusal_of_gate
from osteon.inference.engine import InferenceEngine
from osteon.inference.networks.session import Network


def limit(maximum: float) -> GateLimit:
    return GateLimit(maximum=maximum, rule="by hand", sensitivity=0.9, refused=0.01)


GATE = Gate(
    not_radiograph=limit(0.7), other_part=limit(-0.25), other_parts=(BodyPart.HIP, BodyPart.CHEST), fitted_on="nothing"
)


def gated(blobs: ModuleType) -> tuple[Manifest, dict[str, bytes]]:
    """The bundle of blobs with a gate: mean grey (bright images are no radiographs) and its negative (dark ones are hips)."""
    import onnx
    from onnx import TensorProto, helper

    plain = blobs.manifest()
    model = onnx.load_model_from_string(blobs.graph())
    model.graph.node.extend(
        [
            helper.make_node("GlobalAveragePool", ["image"], ["grey"]),
            helper.make_node("Reshape", ["grey", "plane"], ["bright"]),
            helper.make_node("Neg", ["bright"], ["dark"]),
            helper.make_node("Concat", ["bright", "dark"], ["gate"], axis=1),
        ]
    )
    model.graph.output.append(helper.make_tensor_value_info("gate", TensorProto.FLOAT, ["N", 2]))
    manifest = plain.model_copy(update={"schema_version": 3, "gate": GATE})
    return manifest, {**blobs.parts(manifest), "model.onnx": model.SerializeToString()}


@pytest.fixture(scope="module")
def bundle(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    manifest, parts = gated(blobs)
    return write_bundle(tmp_path_factory.mktemp("gate") / "gate.osteon", manifest, parts)


def image(blobs: ModuleType, grey: float) -> Pixels:
    """A square image with a blob and this mean grey."""
    pixels = blobs.film(1.0, shape=(256, 256))
    return np.clip(pixels + grey - pixels.mean(), 0, 1).astype(np.float32)


def test_what_the_gate_refuses_gets_no_probability(blobs: ModuleType, bundle: Bundle) -> None:
    engine = InferenceEngine(bundle, threads=1)
    seen = {}
    for name, grey, part in (
        ("bright", 0.85, BodyPart.HAND),
        ("dark", 0.15, None),
        ("dark and stated", 0.15, BodyPart.HAND),
        ("between", 0.45, None),
    ):
        seen[name] = engine.read_study([Radiograph(image(blobs, grey), source=name, body_part=part)], name)
    assert [seen[name].call is Call.ABSTAIN for name in seen] == [True, True, False, False]
    (bright,), (dark,) = seen["bright"].refusals, seen["dark"].refusals
    assert (bright.code, bright.values["limit"]) == (RefusalCode.NOT_A_BONE_RADIOGRAPH, 0.7)
    assert isinstance(score := bright.values["score"], float)
    assert score == pytest.approx(0.85, abs=0.08)  # clipped to white
    assert (dark.code, dark.values["parts"]) == (RefusalCode.OTHER_PART_SHOWN, ("hip", "chest"))
    assert seen["bright"].probability is None
    assert seen["bright"].heat_maps == seen["bright"].findings == ()


def test_a_score_that_is_no_number_is_refused() -> None:
    refusal = refusal_of_gate((float("nan"), 0.0), GATE, part_stated=True)
    assert refusal is not None
    assert refusal.code is RefusalCode.NOT_A_BONE_RADIOGRAPH
    assert refusal_of_gate((0.7, -0.25), GATE, part_stated=False) is None
    assert refusal_of_gate((0.9, 0.9), None, part_stated=False) is None


def test_the_command_gives_code_and_sentence(blobs: ModuleType, bundle: Bundle, tmp_path: Path) -> None:
    file = tmp_path / "gate.osteon"
    write_bundle(file, bundle.manifest, bundle.parts)
    picture = blobs.save(image(blobs, 0.15), tmp_path / "dark.png")
    said = CliRunner().invoke(application("read"), ["read", str(picture), "--bundle", str(file), "--json"])
    content = json.loads(said.stdout)
    assert content["refusals"][0]["code"] == "other_part_shown"
    assert "hip or chest" in content["reason"]
    assert read(picture, file, body_part="hand")[0].call is not Call.ABSTAIN


def test_bundles_without_a_gate_stay_as_they_were(bundle_file: Path, tmp_path: Path) -> None:
    old = open_bundle(bundle_file)
    assert (old.manifest.schema_version, old.manifest.gate) == (1, None)
    assert '"gate"' not in old.manifest.model_dump_json()
    assert "## Gate" not in old.card
    network = Network(old, 1)
    assert network.run(np.zeros((1, 1, 64, 64), np.float32)).gate is None
    assert write_bundle(tmp_path / "again.osteon", old.manifest, old.parts).digest == old.digest


def test_the_card_states_the_limits(bundle: Bundle) -> None:
    from osteon.bundle.card import render_card

    card = render_card(bundle.manifest)
    assert "## Gate" in card
    assert "| another body part (hip, chest) | -0.250 | by hand | 0.900 | 0.0100 |" in card


def test_a_gate_that_cannot_hold_is_refused(blobs: ModuleType, tmp_path: Path) -> None:
    manifest, parts = gated(blobs)
    for changes, words in (
        ({"schema_version": 2}, "schema 3"),
        (
            {"gate": GATE.model_copy(update={"other_parts": (BodyPart.HAND,)})},
            "refuses what the bundle indicates: hand",
        ),
        ({"gate": GATE.model_copy(update={"other_parts": ()})}, "stated together"),
    ):
        with pytest.raises(ValueError, match=words):
            Manifest.model_validate(manifest.model_copy(update=changes).model_dump())
    with pytest.raises(BundleError, match="not what its manifest says"):
        InferenceEngine(
            write_bundle(tmp_path / "b.osteon", manifest, {**parts, "model.onnx": blobs.graph()}), threads=1
        )
