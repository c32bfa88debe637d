"""A whole round: killed at every step it goes on, and the live bundle reads all the while; then shadow, promotion, rollback."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from tests.learning.improve.child import begin as begin_process
from tests.learning.improve.child import starter
from typer.testing import CliRunner

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.bundle.archive import open_bundle
from osteon.bundle.promotion.gate import CheckCode, judge
from osteon.bundle.promotion.plan import PLAN
from osteon.bundle.promotion.record import parse_comparison
from osteon.cli import application
from osteon.clinic.store.database import open_database
from osteon.clinic.store.registry import promotion, registry
from osteon.clinic.store.registry.kept import keep_bundle, open_kept
from osteon.clinic.store.registry.registry import Decision
from osteon.core.errors import DataError
from osteon.evaluation.inference.overlap import check_overlap, known_files
from osteon.evaluation.report.looks import NOT_ENTERED
from osteon.imaging.load import load
from osteon.inference.engine import InferenceEngine
from osteon.learning.bundling.options import ExportOptions, Naming
from osteon.learning.export_run import export_run
from osteon.learning.improve.graph_weights import take_back
from osteon.learning.improve.request import STEPS
from osteon.learning.inputs.image_cache import no_progress
from osteon.learning.recipes import find
from osteon.learning.runs.begin import begin
from osteon.learning.runs.overrides import apply
from osteon.learning.strategies import network_of
from osteon.learning.train import TrainerOptions, train

pytestmark = [
    pytest.mark.learn,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # torch.onnx and Lightning, of their own making
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

WHY = Decision("ann", "the first")
PATIENCE = 900.0
"""Seconds that a step may take on a busy machine."""


class Place(NamedTuple):
    """A store whose live bundle comes from a run."""

    store: Path
    run: Path
    bundle: Path
    cache: Path

    @property
    def url(self) -> str:
        """Of the database."""
        return f"sqlite:///{self.store / 'osteon.db'}"


@pytest.fixture(scope="module")
def place(classes_folder: Path, learning_settings: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Place:
    root = tmp_path_factory.mktemp("place")
    torch.set_num_threads(1)
    settings = [*learning_settings, "phases.1.epochs=6"]
    recipe = apply(find("fracatlas"), settings)
    options = TrainerOptions(root / "cache", no_progress, progress=False, threads=1)
    run = train(begin(recipe, settings, None, classes_folder, root / "run", resume=False), options)
    exporting = ExportOptions(Naming("mine", "1.0.0", "own", "none"), options.cache, no_progress, look=NOT_ENTERED)
    export_run(run, root / "mine.osteon", exporting)
    store = root / "store"
    store.mkdir()
    there = Place(store, root / "run", root / "mine.osteon", root / "cache")
    kept = keep_bundle(store, there.bundle)
    database = open_database(there.url)
    with database.session() as session:
        registry.promote(session, registry.register(session, kept, WHY), WHY)
    database.close()
    return there


def live_reads(place: Place, image: Path) -> str:
    """The identity of the live bundle, once it has read."""
    database = open_database(place.url)
    with database.session() as session:
        row = registry.live(session, "mine")
        assert row is not None
        digest, identity = row.digest, row.identity
    database.close()
    reading = InferenceEngine(open_kept(place.store, digest), threads=1).read_study(load(image), "image")
    assert reading.image_probabilities
    return identity


def test_a_round_survives_a_kill_at_every_step(
    place: Place, decided: Path, classes_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "round"
    command = ["improve", str(decided), "--store", str(place.store), "--live", "mine", "--run", str(place.run)]
    command += ["--rename", "broken=fracture", "--set", "phases.1.epochs=4", "--minimum", "5", "--out", str(out)]
    command += ["--quiet", "--threads", "1", "--cache", str(place.cache)]
    image = next((classes_folder / "test" / "normal").iterdir())
    context = starter()
    for step in STEPS[:-1]:
        process = begin_process(context, command)
        marker, end = out / "steps" / f"{step}.json", time.monotonic() + PATIENCE
        while not marker.is_file() and process.is_alive() and time.monotonic() < end:
            time.sleep(0.01)
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, f"{step}: it ended by itself"
        json.loads(marker.read_text())
        assert live_reads(place, image) == "mine@1.0.0"
    process = begin_process(context, command)
    process.join(PATIENCE)
    assert process.exitcode == 0
    assert {path.stem for path in (out / "steps").iterdir()} == set(STEPS)
    assert not list(out.glob("*.part")) + list(out.glob(".*.part"))

    candidate, live = open_bundle(out / "mine.osteon"), open_bundle(place.bundle)
    found = parse_comparison((out / "comparison.json").read_bytes(), "comparison.json")
    assert candidate.parts[PLAN] == (out / "plan.json").read_bytes()
    assert (found.candidate, found.live) == ("mine@1.1.0", "mine@1.0.0")
    assert found.start == ("run",)
    assert found.training_began > found.plan.written
    mine, theirs = known_files(candidate), known_files(live)
    assert mine is not None
    assert theirs is not None
    assert theirs < mine  # all that either was trained on
    split = json.loads(candidate.parts["split.json"])["parts"]
    test = [out / "dataset" / name for name in split["test"]]
    assert len(test) == sum(one.images for one in found.sets)
    check_overlap(candidate, test)  # refuses what it was trained on
    check_overlap(live, test)
    codes = {check.code for check in judge(found, candidate, live.digest) if not check.passed}
    assert not codes & {CheckCode.OTHER_CANDIDATE, CheckCode.OTHER_LIVE, CheckCode.PLAN_KEPT, CheckCode.PLAN_FIRST}
    assert (out / "comparison.html").is_file()
    _promote_and_take_back(place, image, failed=bool(codes))
    _refuses_other_options(command)


def _promote_and_take_back(place: Place, image: Path, *, failed: bool) -> None:
    """The candidate is registered with its comparison; it reads by its figures or by an override, and is taken back."""
    database = open_database(place.url)
    with database.session() as session:
        row = registry.find(session, "mine@1.1.0")
        candidate = open_kept(place.store, row.digest)
        assert promotion.evidence_of(session, place.store, row) is not None
        checks = promotion.checks_of(session, place.store, row, candidate, candidate)
        assert all(check.passed for check in checks) == (not failed)
        promotion.promote(session, row, WHY, checks, "a test" if failed else None)
    assert live_reads(place, image) == "mine@1.1.0"
    with database.session() as session:
        registry.rollback(session, "mine", WHY)
    database.close()
    assert live_reads(place, image) == "mine@1.0.0"


def _refuses_other_options(command: list[str]) -> None:
    for option, value, word in (("--share", "0.9", "share"), ("--margin", "auroc=0.2", "plan")):
        done = CliRunner().invoke(application(command[0]), [*command, option, value])
        assert isinstance(done.exception, DataError)
        assert word in str(done.exception)


def test_weights_are_taken_back_from_a_graph(place: Place, learning_settings: tuple[str, ...]) -> None:
    live = open_bundle(place.bundle)
    recipe = apply(find("fracatlas"), learning_settings)
    network = network_of(recipe, empty=True)
    random = np.random.default_rng(0)
    inputs = random.normal(0, 1, (6, 1, 64, 64)).astype(np.float32)
    found = take_back(live.graph, network, inputs)
    assert (found.missing, found.part, found.quantised) == ((), "network", False)
    import onnxruntime

    session = onnxruntime.InferenceSession(live.graph, providers=["CPUExecutionProvider"])
    expected = np.asarray(session.run(["logits"], {"image": inputs})[0])
    with torch.inference_mode():
        np.testing.assert_allclose(network.eval()(torch.from_numpy(inputs)).logits.numpy(), expected, atol=1e-3)
        # With the statistics of a batch the norms do about the same, so that training goes on from there.
        network.train()
        assert np.isfinite(network(torch.from_numpy(inputs)).logits.numpy()).all()
    other = network_of(apply(find("fracatlas"), [*learning_settings, "architecture.width=0.5"]), empty=True)
    before = {name: value.clone() for name, value in other.state_dict().items()}
    assert not take_back(live.graph, other, inputs).part
    assert all(torch.equal(value, before[name]) for name, value in other.state_dict().items())
