"""Exporting a run again, with a recipe that has changed since, changes sentences of its card and no number of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.bundle.archive import open_bundle
from osteon.core.labels import BodyPart
from osteon.learning.bundling.describe import described
from osteon.learning.bundling.options import ExportOptions, Naming
from osteon.learning.export_run import export_run
from osteon.learning.inputs.image_cache import no_progress
from osteon.learning.inputs.load_cases import prepare_cases
from osteon.learning.recipe import Phantoms
from osteon.learning.recipes import find
from osteon.learning.reproduce.planning.source import phantoms
from osteon.learning.runs.begin import begin
from osteon.learning.runs.overrides import apply
from osteon.learning.runs.run import Run, open_run
from osteon.learning.runs.write import write_weights
from osteon.learning.strategies import network_of

pytestmark = [
    pytest.mark.learn,
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # torch.onnx, of its own making
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

TODAY = find("pediurf/resnet18")
SMALL = (
    "preprocessing.height=64", "preprocessing.width=64", "cache_side=64", "precision=32-true",
    "indicated.minimum_side=48",
)  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run of a recipe that has had other limits and other sentences."""
    recipe = apply(TODAY, SMALL)
    earlier = replace(
        recipe.indicated,
        body_parts=(BodyPart.FOREARM, BodyPart.HAND),
        minimum_age=3.0,
        maximum_age=77.0,
        novelty_share=0.25,
        intended_use="An earlier sentence.",
        not_for=("An earlier caution.",),
        limits=("An earlier limit.",),
    )
    folder = tmp_path_factory.mktemp("limits")
    wanted = Phantoms(kind="forearm", layout="pediurf", cases=24, size=128, seed=1, hidden=0.0)
    root = phantoms(wanted, folder / "data", workers=1).root
    begun = begin(replace(recipe, indicated=earlier), SMALL, None, root, folder / "run", resume=False)
    prepare_cases(begun)
    torch.manual_seed(0)
    write_weights(network_of(recipe, empty=True).state_dict(), begun.weights_file)
    return open_run(begun.folder)


def test_a_bundle_has_the_limits_of_its_run_and_the_sentences_of_today(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "forearm.osteon"
    naming = Naming("forearm", "1.0.0", "Apache-2.0", "a test")
    # It has learnt nothing, and its probabilities are not the matter here.
    export_run(
        run, file, ExportOptions(naming, tmp_path / "cache", no_progress, allow_uncalibrated=True, resamples=200)
    )
    bundle = open_bundle(file)
    found = bundle.manifest.indication
    assert found.body_parts == (BodyPart.FOREARM, BodyPart.HAND)
    assert (found.minimum_age, found.maximum_age, found.minimum_side) == (3.0, 77.0, 48)
    assert found.maximum_novelty is not None  # of the run's share: today's recipe refuses none
    assert TODAY.indicated.novelty_share == 0
    assert found.intended_use == TODAY.indicated.intended_use
    assert found.not_for == TODAY.indicated.not_for
    assert all(limit in bundle.card for limit in TODAY.indicated.limits)
    assert "An earlier" not in bundle.card


def test_sentences_that_were_set_for_the_run_stay(run: Run) -> None:
    stated = replace(run, settings={**run.settings, "indicated.intended_use": "An earlier sentence."})
    found = described(stated, prepare_cases(run)).recipe.indicated
    assert found.intended_use == "An earlier sentence."
    assert found.not_for == TODAY.indicated.not_for
    assert found.novelty_share == 0.25
