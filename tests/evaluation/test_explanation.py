"""Explanation measured with a small real bundle whose map is right by construction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from osteon.bundle.archive import Bundle, open_bundle, write_bundle
from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.core.labels import BodyPart
from osteon.data.table.case import Case, FileFacts, LabelledBox
from osteon.data.table.table import Table, from_cases
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.explanation.annotated import boxes_of, positive_names
from osteon.evaluation.explanation.explanation import Explanation
from osteon.evaluation.explanation.perturbation import SHARES, perturb
from osteon.evaluation.explanation.randomisation import layers, shuffled, stages
from osteon.evaluation.inference.run_reader import read_table, untracked
from osteon.evaluation.predictions.predictions import Predictions
from osteon.inference.networks.session import Network

QUICK = Settings(resamples=200)
ROWS, COLUMNS = 256, 192


@pytest.fixture(scope="module")
def convolved(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The bundle of blobs with the mean of a cell written as a convolution, whose weights can be shuffled."""
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load_from_string(blobs.graph())
    random = np.random.default_rng(0)
    # Weights that differ, but still make about a mean: shuffled rows and columns make another map.
    fine = np.zeros((4, 1, 8, 8), np.float32)
    fine[0] = 1 / 64
    fine[1:] = random.normal(0, 0.05, (3, 1, 8, 8))
    mix = np.array([1, 0, 0, 0], np.float32).reshape(1, 4, 1, 1)
    nodes = [
        helper.make_node("Conv", ["image", "fine"], ["wide"], strides=[8, 8], kernel_shape=[8, 8]),
        helper.make_node("Conv", ["wide", "mix"], ["cells"], kernel_shape=[1, 1]),
        *model.graph.node[1:],
    ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    model.graph.initializer.extend([numpy_helper.from_array(fine, "fine"), numpy_helper.from_array(mix, "mix")])
    onnx.checker.check_model(model)
    manifest = blobs.manifest()
    parts = blobs.parts(manifest) | {"model.onnx": model.SerializeToString()}
    return write_bundle(tmp_path_factory.mktemp("convolved") / "blobs.osteon", manifest, parts)


@pytest.fixture(scope="module")
def films(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Table]:
    """Eight films with a blob and its box, two of them with a box elsewhere; four without."""
    root = tmp_path_factory.mktemp("marked")
    random = np.random.default_rng(1)
    cases: list[Case] = []
    for i in range(12):
        y, x = random.uniform(0.25, 0.75, 2)
        blobs.save(blobs.film(0.9 if i < 8 else 0.0, at=(y, x)), root / f"{i:02d}.png")
        reach = 0.12 * ROWS
        here = Box(x * COLUMNS - reach, y * ROWS - reach, x * COLUMNS + reach, y * ROWS + reach)
        box = Box(0.0, 0.0, 12.0, 12.0) if i in (6, 7) else here.clipped(float(COLUMNS), float(ROWS))
        marks = (LabelledBox(box, "fracture"), LabelledBox(Box(0.0, 0.0, float(COLUMNS), float(ROWS)), "metal"))
        cases.append(
            Case(
                image=f"{i:02d}.png",
                facts=FileFacts(COLUMNS, ROWS, "L", "PNG", (root / f"{i:02d}.png").stat().st_size),
                study=f"s{i}",
                body_part=BodyPart.HAND,
                labels={"fracture": int(i < 8)},
                boxes=marks if i < 8 else (),
            )
        )
    return root, from_cases(cases, dataset="marked", licence="CC0-1.0")


@pytest.fixture(scope="module")
def said(convolved: Bundle, films: tuple[Path, Table]) -> Predictions:
    root, table = films
    return read_table(convolved, table, root, "fracture")


def test_maps_are_tested(convolved: Bundle, films: tuple[Path, Table], said: Predictions) -> None:
    root, table = films
    section = Explanation(images=6, draws=2)(convolved, table, root, said, untracked, QUICK)
    figures = section.figures
    assert figures["explanation.pointing.hit"].value == pytest.approx(6 / 8)
    assert figures["explanation.pointing.hit"].n == 8
    assert figures["explanation.energy.inside"].value > 0.6
    assert figures["explanation.pointing.gain"].low > 0
    assert sum(figures[f"explanation.box.{size}.pointing.hit"].n for size in ("small", "middle", "large")) == 8
    assert figures["explanation.deletion.map"].n == 6
    assert figures["explanation.insertion.gain_over_centre"].value > 0
    assert figures["explanation.deletion.gain_over_centre"].value > 0
    assert figures["explanation.randomised.2.rank"].value < 0.9
    assert set(section.plots) == {f"explanation_{word}" for word in ("pointing", "deletion", "insertion", "randomised")}
    assert section.pictures
    assert section.pictures[0].jpeg.startswith(b"\xff\xd8")
    assert "Adebayo" in section.content
    assert "maximum of the map in a box" in section.card


def test_jobs_change_nothing(convolved: Bundle, films: tuple[Path, Table], said: Predictions) -> None:
    root, table = films
    one, two = (
        Explanation(images=3, draws=1, jobs=jobs)(convolved, table, root, said, untracked, QUICK).figures
        for jobs in (1, 2)
    )
    assert one == two


def test_a_graph_without_weights_is_said_to_be_one(
    bundle_file: Path, films: tuple[Path, Table], said: Predictions
) -> None:
    root, table = films
    bundle = open_bundle(bundle_file)
    section = Explanation(images=3, draws=1)(bundle, table, root, said, untracked, QUICK)
    assert "no trained weights" in section.content
    assert not any("randomised" in name for name in section.figures)
    silent = replace(
        bundle,
        manifest=bundle.manifest.model_copy(update={"graph": bundle.manifest.graph.model_copy(update={"maps": None})}),
    )
    nothing = Explanation()(silent, table, root, said, untracked, QUICK)
    assert not nothing.figures
    assert "no heat maps" in nothing.content


def test_boxes_of_positive_labels_only(films: tuple[Path, Table], convolved: Bundle) -> None:
    _, table = films
    names = positive_names(convolved.manifest)
    assert names == {"fracture"}
    assert [len(boxes) for boxes in boxes_of(table, names)] == [1] * 8 + [0] * 4
    assert [len(boxes) for boxes in boxes_of(table, {"collapse"})] == [2] * 8 + [0] * 4


def test_curves_begin_and_end_alike(convolved: Bundle, blobs: ModuleType) -> None:
    network = Network(convolved, 1)
    found = perturb(network, convolved.manifest, blobs.film(0.9, at=(0.3, 0.6)))
    for order in ("map", "shuffled", "centre"):
        assert len(found.deletion[order]) == len(found.insertion[order]) == len(SHARES)
        assert found.deletion[order][0] == found.insertion[order][-1]
        assert found.deletion[order][-1] == found.insertion[order][0]
    again = perturb(network, convolved.manifest, blobs.film(0.9, at=(0.3, 0.6)), fill="mean")
    assert again.deletion["map"][5] < again.deletion["shuffled"][5]


def test_layers_from_the_output_on(convolved: Bundle) -> None:
    found = layers(convolved.graph, "maps")
    assert [one.arrays for one in found] == [("mix",), ("fine",)]
    assert stages(2) == (1, 2)
    assert stages(56) == (1, 2, 4, 8, 16, 32, 56)
    assert stages(0) == ()
    with pytest.raises(DataError, match="cannot be parsed"):
        layers(b"\x0anot a graph", "maps")


def test_shuffling_keeps_values_and_the_bundle(convolved: Bundle) -> None:
    import onnx
    from onnx import numpy_helper

    def weights(bundle: Bundle) -> dict[str, np.ndarray]:
        return {one.name: numpy_helper.to_array(one) for one in onnx.load_from_string(bundle.graph).graph.initializer}

    found = layers(convolved.graph, "maps")
    before = weights(convolved)
    after = weights(shuffled(convolved, found, seed=3))
    np.testing.assert_array_equal(np.sort(after["fine"].ravel()), np.sort(before["fine"].ravel()))
    assert not np.array_equal(after["fine"], before["fine"])
    np.testing.assert_array_equal(after["gain"], before["gain"])
    np.testing.assert_array_equal(weights(convolved)["fine"], before["fine"])


@pytest.mark.real_data
@pytest.mark.slow
def test_maps_of_the_shipped_bundle_point_at_fractures(shared_data: Path, tmp_path: Path) -> None:
    from osteon.data.datasets import read
    from osteon.data.splits.record import load_split

    bundle, root = open_bundle("fracatlas"), shared_data / "fracatlas"
    (tmp_path / "split.json").write_bytes(bundle.parts["split.json"])
    part = load_split(tmp_path / "split.json").part("test", read("fracatlas", root))
    chosen = part.select(
        [image for image, boxes in zip(part.images, boxes_of(part, {"fracture"}), strict=True) if boxes][:12]
    )
    found = read_table(bundle, chosen, root, "fracture")
    figures = Explanation(images=3, draws=1)(bundle, chosen, root, found, untracked, QUICK).figures
    assert figures["explanation.pointing.gain_near"].low > 0.2
    assert figures["explanation.deletion.gain_over_centre"].n == 3
    assert figures["explanation.randomised.1.ssim"].value < figures["explanation.randomised.unrelated.ssim"].value
