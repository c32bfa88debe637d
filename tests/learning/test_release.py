"""A run becomes a bundle that reads as the network does, with what validation data fixed and the test part measured."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.bundle.archive import open_bundle
from osteon.core.errors import BundleError, DataError
from osteon.core.labels import Call
from osteon.evaluation.inference.overlap import check_overlap
from osteon.imaging import load
from osteon.imaging.preprocess import prepare
from osteon.inference.networks.session import Network
from osteon.inference.read import read
from osteon.learning.bundling.graph_cache import graph_folder
from osteon.learning.bundling.options import ExportOptions, Naming
from osteon.learning.classification.bundle import export_classifier
from osteon.learning.classification.explain import Explained
from osteon.learning.classification.onnx import parity, trained_network
from osteon.learning.inputs.image_cache import no_progress
from osteon.learning.inputs.load_cases import prepare_cases
from osteon.learning.recipes import find
from osteon.learning.runs.begin import begin
from osteon.learning.runs.overrides import apply
from osteon.learning.runs.run import Run
from osteon.learning.train import TrainerOptions, train

pytestmark = [
    pytest.mark.long,
    pytest.mark.learn,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # torch.onnx and Lightning, of their own making
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def options(run: Run, name: str, *, int8: bool = False) -> ExportOptions:
    naming = Naming(name, "1.0.0", "Apache-2.0", "osteon export")
    return ExportOptions(naming, run.folder.parent / "cache", no_progress, int8=int8, resamples=200)


@pytest.fixture(scope="module")
def run(classes_folder: Path, learning_settings: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run on the small dataset."""
    folder = tmp_path_factory.mktemp("run")
    settings = (*learning_settings, "mirrored=true")
    begun = begin(apply(find("fracatlas"), settings), settings, None, classes_folder, folder / "run", resume=False)
    return train(
        begun, TrainerOptions(cache=folder / "cache", track=no_progress, progress=False, threads=1, traces=False)
    )


@pytest.fixture(scope="module")
def exported(run: Run) -> Path:
    """Its bundle."""
    path = run.folder.parent / "small.osteon"
    export_classifier(run, path, options(run, "small"))
    return path


def test_the_bundle_is_whole_and_says_what_it_is(run: Run, exported: Path) -> None:
    bundle = open_bundle(exported)
    manifest = bundle.manifest
    assert manifest.provenance.recipe == "fracatlas"
    assert manifest.provenance.settings["cache_side"] == "64"
    assert manifest.training_data[0].images == {"train": 48, "val": 48, "test": 48}
    assert {"classification.auroc", "classification.doubt.sensitivity"} <= manifest.figures.keys()
    figures = manifest.figures.values()
    assert all(
        figure.low <= figure.value <= figure.high
        for figure in figures
        if figure.low is not None and figure.high is not None
    )
    assert all("no interval" in figure.method for figure in figures if figure.low is None or figure.high is None)
    assert manifest.labels[0].code is not None
    assert manifest.labels[0].code.value == "125605004"
    assert hashlib.sha256(bundle.parts["split.json"]).hexdigest() == manifest.training_data[0].split_sha256
    assert "not for diagnosis" in bundle.card
    assert run.split_file.read_bytes() == bundle.parts["split.json"]


def test_the_graph_tells_nothing_of_the_machine(exported: Path) -> None:
    graph = open_bundle(exported).graph
    for word in (b".py", b"site-packages", b"stack_trace", str(Path(__file__).parents[2]).encode()):
        assert word not in graph


def test_reads_as_the_network_does(run: Run, exported: Path) -> None:
    bundle, network = open_bundle(exported), trained_network(run)
    session = Network(bundle, 1)
    cases = prepare_cases(run).test
    for name in cases.images[:6]:
        image = np.array(prepare(load(cases.root / name)[0].pixels, run.recipe.preprocessing))[None]
        with torch.inference_mode():
            logits, maps = Explained(network, mirrored=True)(torch.from_numpy(image))
        got = session.run(image)
        assert got.maps is not None
        assert np.abs(got.logits - logits.numpy()).max() < 1e-4
        assert np.abs(got.maps - maps.numpy()).max() < 1e-4


def test_learnt_something_and_calls_by_its_thresholds(exported: Path, classes_folder: Path) -> None:
    bundle = open_bundle(exported)
    assert bundle.manifest.figures["classification.auroc"].value > 0.8
    readings = read(classes_folder / "test", exported)
    assert len(readings) == 48
    points = bundle.manifest.operating_points
    for reading in readings:
        if reading.call is Call.ABSTAIN:
            continue
        assert reading.probability is not None
        expected = (
            Call.FRACTURE if reading.probability >= points.definite.threshold
            else Call.DOUBT if reading.probability >= points.doubt.threshold
            else Call.NO_FRACTURE
        )  # fmt: skip
        assert reading.call is expected


def test_in_int8_it_reads_nearly_the_same(run: Run, exported: Path, classes_folder: Path, tmp_path: Path) -> None:
    made = export_classifier(run, tmp_path / "whole.osteon", options(run, "whole", int8=True))
    before = open_bundle(str(exported))
    assert len(made.graph) < 0.6 * len(before.graph)
    assert "then int8: AUROC" in made.manifest.provenance.parity
    files = [classes_folder / name for name in json.loads(run.split_file.read_text())["parts"]["test"]]
    said = [[one.probability or 0.0 for one in read(files, bundle=bundle)] for bundle in (before, made)]
    assert np.corrcoef(*said)[0, 1] > 0.95


def test_knows_its_training_files(run: Run, exported: Path) -> None:
    parts, bundle = prepare_cases(run), open_bundle(exported)
    overlap = check_overlap(bundle, [parts.test.root / name for name in parts.test.images])
    assert (overlap.files, overlap.training_files) == (48, 96)
    assert overlap.signatures == 96
    with pytest.raises(DataError, match="overlap"):
        check_overlap(bundle, [parts.val.root / parts.val.images[0]])


def test_another_graph_is_not_exported(run: Run, exported: Path) -> None:
    network = trained_network(run)
    session = Network(open_bundle(exported), 1)
    with torch.no_grad():
        network.get_submodule("overall").weight.add_(0.01)
    inputs = np.random.default_rng(0).random((2, 1, 64, 64), np.float32)
    with pytest.raises(BundleError, match="does not agree with PyTorch"):
        parity(Explained(network, mirrored=True), session, inputs)


def test_a_kept_graph_that_is_not_the_network_s_is_not_exported(
    run: Run, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert exported.is_file()
    for kept in graph_folder().iterdir():
        model = onnx.load_from_string(kept.read_bytes()[32:])
        for node in model.graph.node:
            if node.op_type == "Clip":
                node.op_type = "Identity"
                del node.input[1:]
        content = model.SerializeToString()
        (tmp_path / kept.name).write_bytes(hashlib.sha256(content).digest() + content)
    monkeypatch.setenv("OSTEON_GRAPHS", str(tmp_path))
    with pytest.raises(BundleError, match="does not agree with PyTorch"):
        export_classifier(run, tmp_path / "small.osteon", options(run, "small"))
    assert not (tmp_path / "small.osteon").exists()


def test_an_unfinished_run_is_not_exported(run: Run, classes_folder: Path, tmp_path: Path) -> None:
    unfinished = begin(run.recipe, (), None, classes_folder, tmp_path / "run", resume=False)
    with pytest.raises(DataError, match="--resume"):
        trained_network(unfinished)


def test_the_graph_takes_any_batch(exported: Path) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(open_bundle(exported).graph)
    images = np.random.default_rng(0).random((5, 1, 64, 64), np.float32)
    together = session.run(None, {"image": images})
    alone = [session.run(None, {"image": one[None]}) for one in images]
    assert np.abs(together[0] - np.concatenate([each[0] for each in alone])).max() < 1e-4
