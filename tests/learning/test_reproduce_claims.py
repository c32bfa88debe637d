"""Every kind of recipe goes from phantoms to an evaluation, and that evaluation names every figure which a paper claims.

The runs are tiny and learn nothing. A figure whose interval is a single point, because a network that learnt nothing calls
all films alike, is left out of an evaluation; that its name is known is then taken from the predictions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.bundle.archive import open_bundle
from osteon.core.errors import OsteonError
from osteon.data.datasets import read
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.detection import metrics as boxfigures
from osteon.evaluation.detection.metrics import Totals, matched
from osteon.evaluation.multiclass.metrics import PerClass, WrongCalls
from osteon.inference.networks.session import Network as Session
from osteon.learning.inputs.image_cache import no_progress
from osteon.learning.inputs.load_cases import prepare_cases
from osteon.learning.inputs.network_input import inputs_of
from osteon.learning.recipe import (
    AnyRecipe,
    Budget,
    Change,
    Contrast,
    EnsembleRecipe,
    Paper,
    Phantoms,
    Recipe,
    Standard,
)
from osteon.learning.recipes import ALL, paper
from osteon.learning.reproduce.jobs.run_one import reproduce_one
from osteon.learning.reproduce.planning.plan import Work, plan, short
from osteon.learning.reproduce.planning.source import phantoms
from osteon.learning.reproduce.results.box_comparison import compare_boxes
from osteon.learning.reproduce.results.comparison import answers
from osteon.learning.reproduce.results.outcomes import Outcome, gather
from osteon.learning.reproduce.results.random_baseline import random_baseline
from osteon.learning.runs.run import open_run
from osteon.stats.detection.average_precision import AveragePrecision
from osteon.stats.operating import youden

pytestmark = [
    pytest.mark.learn,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # torch.onnx, of its own making
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

SMALL: Final = (
    "preprocessing.height=64", "preprocessing.width=64", "cache_side=64", "indicated.minimum_side=32",
    "phases.0.epochs=1", "sampling.batch_size=8", "precision=32-true",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A kind of recipe and what makes it tiny.

    Attributes:
        paper: whose recipes they are.
        variants: that are run.
        phantoms: kind, layout, number.
        settings: besides ``SMALL``, and before it.
        members: recipes that the settings are for, where others have none; empty for all.
    """

    paper: Paper
    variants: tuple[str, ...]
    phantoms: tuple[str, str, int]
    settings: tuple[str, ...]
    members: tuple[str, ...] = ()


def tiny_ensemble() -> Paper:
    """VinDr-SpineXR's with two small members in place of three DenseNets, and its detectors."""
    found = paper("vindr_spinexr")
    names = {"densenet121": "mobilenetv2_035", "densenet169": "mobilenetv3_small_100"}
    members = tuple(
        replace(recipe, architecture=Standard(model=names[recipe.name.split("/")[1]], dropout=0.0))
        for recipe in found.variants
        if isinstance(recipe, Recipe) and recipe.name.split("/")[1] in names
    )
    whole = next(recipe for recipe in found.variants if isinstance(recipe, EnsembleRecipe))
    whole = replace(whole, members=members)
    boxes = tuple(recipe for recipe in found.variants if recipe.finds_boxes)
    return replace(found, variants=(*members, whole, *boxes))


BOXES: Final = (
    "detection.rule.score_threshold=0.0", "detection.rule.max_detections=30", "sampling.images_per_epoch=16",
    "optimizer.clip=1.0", "averaging=null",
)  # fmt: skip
SPINE: Final = tiny_ensemble()
KINDS: Final = {
    "sigmoid": Kind(
        paper("fracatlas"), ("fracatlas",), ("hand", "fracatlas", 60),
        ("architecture.width=0.35", "architecture.fusion=16", "architecture.features=16", "phases.0.side=32",
         "phases.1.epochs=1", "phases.2.epochs=1", "phases.2.augmentation=null", "sampling.images_per_epoch=16"),
    ),
    "pair": Kind(
        paper("pediurf"), ("urfnet",), ("forearm", "pediurf", 30), ("architecture.model=mobilenetv2_035",),
    ),
    "films of a pair": Kind(
        paper("pediurf"), ("front",), ("forearm", "pediurf", 60), ("architecture.model=mobilenetv2_035",),
    ),
    "two classes": Kind(
        paper("mobilenet_elbow"), ("mobilenet_elbow",), ("elbow", "elbow", 60),
        ("architecture.width=0.35", "phases.1.epochs=1"),
    ),
    "two classes of one label": Kind(
        paper("fractuvision"), ("dinov2_small",), ("hand", "fracatlas", 60), ("architecture.model=mobilenetv2_035",),
    ),
    "without labels first": Kind(
        paper("fractuvision"), ("resnet_mlp",), ("hand", "fracatlas", 60),
        ("pretraining.epochs=1", "sampling.images_per_epoch=64"),
    ),
    "ensemble": Kind(SPINE, ("ensemble",), ("spine", "spinexr", 30), ("sampling.images_per_epoch=16",)),
    "boxes of many labels": Kind(
        SPINE, ("point",), ("spine", "spinexr", 30),
        ("architecture.width=0.35", "architecture.pyramid=16", "architecture.blocks=1", *BOXES),
    ),
    "boxes of one label": Kind(
        paper("fractuvision"), ("detector",), ("hand", "fracatlas", 60),
        ("architecture.width=0.35", "architecture.pyramid=16", "architecture.blocks=1"),
    ),
    "boxes beside a classifier": Kind(
        SPINE, ("framework",), ("spine", "spinexr", 30),
        ("architecture.model=resnet18", "architecture.pyramid=16", "architecture.proposals=10", "architecture.stages=1",
         "architecture.heads=2", "architecture.dynamic=4", "architecture.hidden=16", *BOXES),
        ("sparse_rcnn",),
    ),
}  # fmt: skip
SEEDS: Final = {"spine": 4}
"""Phantoms whose test part has a lesion of a rare kind."""
CLAIMING: Final = tuple(recipe for recipe in ALL if recipe.claims)


def kind_of(recipe: AnyRecipe) -> str:
    """The kind whose evaluation is made of the same things: dataset, task, films at once, networks beside each other."""
    for name, kind in KINDS.items():
        run = next(one for one in kind.paper.variants if one.name.endswith(kind.variants[0]))
        if _made_of(run) == _made_of(recipe):
            return name
    raise LookupError(recipe.name)


def _made_of(recipe: AnyRecipe) -> tuple[object, ...]:
    return recipe.dataset, recipe.task, recipe.images.together, recipe.fuses


def large(of: Paper) -> list[str]:
    """Detectors whose images are scaled larger than those of these tests."""
    return [
        short(of, recipe)
        for recipe in of.variants
        if isinstance(recipe, Recipe) and recipe.detection is not None and recipe.detection.sides is not None
    ]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of all runs."""
    return tmp_path_factory.mktemp("claims")


@cache
def done(root: Path, name: str) -> tuple[Work, ...]:
    """The runs of a kind, done."""
    kind = KINDS[name]
    anatomy, layout, cases = kind.phantoms
    chosen = Budget(
        name="small",
        variants=kind.variants,
        seeds=(0,),
        phantoms=Phantoms(kind=anatomy, layout=layout, cases=cases, size=128, seed=SEEDS.get(anatomy, 1), hidden=0.0),
        changes=(
            *(
                Change(variants=(name,), settings=("detection.sides=null",), why="A test.")
                for name in large(kind.paper)
            ),
            Change(variants=kind.members, settings=kind.settings, why="A test."),
            Change(variants=(), settings=SMALL, why="A test."),
        ),
        resamples=100,
        minutes=None,
    )
    works = plan(kind.paper, chosen, phantoms(chosen.phantoms, root / f"{anatomy}-{layout}", 1), root / name)
    for work in works:
        reproduce_one(work, 1, "osteon reproduce")
    return works


def figures_of_boxes(run: Outcome) -> set[str]:
    """Names of all figures of boxes that an evaluation may have; of networks that find nothing it has few."""
    if run.boxes is None:
        return set()
    matches, labels = matched(run.boxes), run.boxes.names
    every = {*AveragePrecision(matches, labels).names, *AveragePrecision(matches, labels, "20_50").names}
    every |= {"precision", "recall", *Totals.names}
    every |= {f"{kind}.{label}" for kind in ("ap50", "ap", "ap20_50") for label in run.work.recipe.task.labels}
    both = {f"fusion.{part}.{name}" for part in ("detector", "rule", "change") for name in every}
    images = {"fusion.image.change.auroc", "fusion.image.change.f1"}
    return {f"detection.{name}" for name in every} | (both | images if run.work.recipe.fuses else set())


@pytest.mark.parametrize("name", KINDS)
def test_the_evaluation_of_a_kind_has_all_figures_that_are_claimed_of_it(root: Path, name: str) -> None:
    found = gather(done(root, name))[-1]
    classes = found.runs[0].predictions.classes
    known = set(found.runs[0].figures) | figures_of_boxes(found.runs[0])
    if classes is not None:
        usable = classes.select(classes.usable())
        known |= {f"classes.{one}" for one in (*PerClass(usable).names, *WrongCalls(usable).names)}
    claimed = {claim.metric for recipe in CLAIMING if kind_of(recipe) == name for claim in recipe.claims}
    assert claimed <= known
    if found.recipe.finds_boxes:
        assert found.runs[0].boxes is not None
        assert (found.runs[0].work.evaluation / "boxes.png").is_file()
    elif classes is not None:
        # Every image is answered, as papers measure, but what the quality gate takes for noise: a phantom of 128 pixels may be.
        refused = found.runs[0].predictions.attributes.get("refusal_codes", np.zeros(len(classes.probability), str))
        assert set(refused.tolist()) <= {"", "unrelated_pixels"}
        assert (refused == "").mean() > 0.9
        assert np.isfinite(classes.probability[refused == ""]).all()


def test_every_recipe_that_claims_is_of_a_kind() -> None:
    assert len(CLAIMING) > 25
    assert {kind_of(recipe) for recipe in CLAIMING} <= set(KINDS)


def test_an_ensemble_says_the_mean_of_what_its_members_say(root: Path) -> None:
    *members, whole = done(root, "ensemble")
    shape = members[0].recipe.case_shape
    shown = np.random.default_rng(0).normal(size=(1, *shape)).astype(np.float32)

    def said(work: Work) -> np.ndarray:
        logits = torch.from_numpy(Session(open_bundle(str(work.bundle)), threads=1).run(shown).logits)
        return torch.softmax(logits, 1).numpy()

    assert said(whole) == pytest.approx(np.mean([said(work) for work in members], 0), abs=1e-5)
    assert not np.allclose(said(members[0]), said(members[1]), atol=1e-4)
    manifest = open_bundle(str(whole.bundle)).manifest
    assert "mean over the members" in manifest.graph.map_method
    assert manifest.provenance.recipe == "vindr_spinexr/ensemble"
    context = json.loads(whole.done.read_text())
    assert 0 <= context["validation"] <= 1
    assert all(name in context["weights"] for name in ("densenet121", "densenet169"))


def test_the_threshold_of_an_ensemble_is_chosen_on_its_validation_part_before_calibration(root: Path) -> None:
    *_, whole = done(root, "ensemble")
    run = open_run(whole.run)
    parts = prepare_cases(run)
    manifest = open_bundle(str(whole.bundle)).manifest
    (variant,) = gather((whole,))
    truth = parts.val.positive.astype(np.int8)
    if len(set(truth.tolist())) < 2:
        pytest.skip("the validation part of these phantoms has one class only")
    bundle = open_bundle(str(whole.bundle))
    session = Session(bundle, threads=1)
    logits = np.concatenate([session.run(values).logits for values in inputs_of(parts.val, run.recipe, no_progress)])
    mean = torch.softmax(torch.from_numpy(logits.astype(np.float64)), 1).numpy()[:, 1]
    ours = variant.figures["threshold.youden_uncalibrated"]
    assert ours.mean == pytest.approx(youden(truth, mean).threshold, abs=1e-6)
    assert (whole.evaluation / "plots" / "youden.svg").is_file()
    # The same calls as those of the bundle's own threshold, which is on calibrated probabilities.
    scaled = torch.softmax(torch.from_numpy(logits.astype(np.float64)) / manifest.calibration.temperature, 1).numpy()[
        :, 1
    ]
    assert ((scaled >= manifest.operating_points.doubt.threshold) == (mean >= ours.mean)).all()


def test_an_ensemble_is_compared_with_the_best_of_its_members(root: Path) -> None:
    found = gather(done(root, "ensemble"))
    asked = Contrast(question="?", first="ensemble", others=("densenet121", "densenet169"), averaged=False)
    (answer,) = answers((asked,), found, Settings(resamples=100))
    best = max(found[:2], key=lambda one: one.validation)
    assert answer.best == best.name
    auroc = next(pair for pair in answer.pairs if pair.figure == "classification.auroc")
    ensemble = found[2].runs[0].figures["classification.auroc"].value
    assert auroc.values == pytest.approx((ensemble, best.runs[0].figures["classification.auroc"].value))


def test_an_ensemble_waits_for_all_its_members(root: Path, tmp_path: Path) -> None:
    whole = done(root, "ensemble")[-1]
    lonely = replace(whole, folder=tmp_path / "lonely", members=(*whole.members[:1], tmp_path / "nowhere"))
    with pytest.raises(OsteonError):
        reproduce_one(lonely, 1, "")
    assert not lonely.done.exists()


def test_a_detector_is_measured_with_the_labels_that_it_learnt(root: Path) -> None:
    (work,) = done(root, "boxes of many labels")
    detector = open_bundle(str(work.bundle)).manifest.detector
    assert detector is not None
    assert detector.rest == "other_lesions"
    (variant,) = gather((work,))
    marked = variant.runs[0].boxes
    assert marked is not None
    table = read("spinexr", work.data)
    split = json.loads((work.run / "split.json").read_text())["parts"]["test"]
    every = [box["label"] for boxes in table.select(split).frame["boxes"].to_list() for box in boxes or ()]
    rare = sum(label not in work.recipe.task.labels for label in every)
    other = marked.names.index("other_lesions")
    assert rare > 0
    assert (marked.truth.label == other).sum() == rare + every.count("other_lesions")
    assert len(marked.truth) == len(every)
    guessed = random_baseline(variant)
    assert guessed is not None
    assert 0 <= guessed < 0.1


def test_detectors_are_compared_on_the_same_resamples_whichever_finds_more(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (more,) = gather(done(root, "boxes of many labels"))
    run = more.runs[0]
    assert run.boxes is not None
    best = run.boxes.found.score > np.median(run.boxes.found.score)
    few = replace(run, boxes=replace(run.boxes, found=run.boxes.found.select(best)))
    monkeypatch.setattr(boxfigures, "MANY", int(best.sum()))
    monkeypatch.setattr(boxfigures, "FEWER", 60)
    pairs = compare_boxes(more, replace(more, runs=(few,)), Settings(resamples=100))
    assert [pair.figure for pair in pairs] == ["detection.map50", "detection.map"]
    assert all("60 resamples" in pair.difference.method for pair in pairs)


def test_only_what_the_publisher_lists_is_learnt_and_measured(root: Path) -> None:
    (work,) = done(root, "boxes of one label")
    split = json.loads((work.run / "split.json").read_text())["parts"]
    images = [image for part in split.values() for image in part]
    assert all("/Fractured/" in image for image in images)
    assert len(images) == len(list((work.data / "images" / "Fractured").iterdir()))


def test_the_bundle_of_a_fusion_holds_both_and_says_which(root: Path) -> None:
    *parts, whole = done(root, "boxes beside a classifier")
    assert [work.name for work in parts] == ["densenet121", "densenet169", "sparse_rcnn", "ensemble"]
    bundle = open_bundle(str(whole.bundle))
    assert bundle.manifest.task == "classification and detection"
    assert bundle.manifest.fusion is not None
    assert bundle.detector == open_bundle(str(parts[2].bundle)).detector
    assert "vindr_spinexr/sparse_rcnn" in json.loads(whole.done.read_text())["weights"]
    asked = Contrast(question="?", first="framework", others=("sparse_rcnn",), averaged=False)
    (answer,) = answers((asked,), gather((*parts, whole)), Settings(resamples=100))
    assert answer.best == "sparse_rcnn"
    assert answer.pairs or answer.why


def test_a_network_that_learnt_without_labels_starts_from_that(root: Path) -> None:
    (work,) = done(root, "without labels first")
    assert json.loads(work.done.read_text())["weights"] == "pre-training, trunk.safetensors"
    assert (work.run / "pretraining" / "metrics.csv").is_file()
