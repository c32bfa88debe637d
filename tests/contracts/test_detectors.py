"""Every detector of a recipe: it learns, keeps the contract of what it gives out, and its graph finds what PyTorch finds.

Architectures are those of the recipes, whole, at a small input. Small ones are taught in ``tests/learning/detection``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = [pytest.mark.learn, pytest.mark.slow]  # backbones are those of the papers

import onnxruntime
from pydantic import TypeAdapter

from osteon.learning.detection.boxes import Truth
from osteon.learning.detection.models import Detector, build
from osteon.learning.detection.onnx import detector_graph
from osteon.learning.recipe import Architecture, FasterDetector, Recipe
from osteon.learning.recipes import RECIPES

SIDE = 128
CORNERS, SCORES = 0.5, 1e-3


@dataclass(frozen=True)
class Case:
    """A recipe, made small but for its network."""

    recipe: Recipe

    def network(self) -> Detector:
        """With weights as at the start."""
        torch.manual_seed(0)
        return build(self.recipe, empty=True)

    def images(self, number: int, seed: int = 0) -> torch.Tensor:
        """Noise (number, C, H, W) with a bright square."""
        shape = number, self.recipe.preprocessing.channels, SIDE, SIDE
        image = 0.3 * torch.randn(shape, generator=torch.Generator().manual_seed(seed))
        image[:, :, 30:70, 40:90] += 1.0
        return image


def case_of(recipe: Recipe) -> Case:
    assert recipe.detection is not None
    how = replace(recipe.preprocessing, height=SIDE, width=SIDE)
    architecture = recipe.architecture
    if isinstance(architecture, FasterDetector):
        architecture = replace(architecture, candidates=(200, 60), proposals=(100, 40))
    return Case(
        replace(
            recipe,
            preprocessing=how,
            phases=tuple(replace(phase, side=None) for phase in recipe.phases),
            detection=replace(
                recipe.detection,
                sides=None,
                rule=replace(recipe.detection.rule, max_detections=20, score_threshold=0.0),
            ),
            architecture=architecture,
        )
    )


OWN = {
    (repr(recipe.architecture), len(recipe.task.labels), recipe.preprocessing.channels): recipe
    for recipe in RECIPES
    if recipe.finds_boxes
}
CASES = [pytest.param(case_of(recipe), id=recipe.name) for recipe in OWN.values()]


def test_the_papers_detectors_are_among_them() -> None:
    assert {type(recipe.architecture).__name__ for recipe in OWN.values()} == {
        "PointDetector", "RetinaDetector", "FasterDetector", "EfficientDetector", "SparseDetector",
    }  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_every_weight_learns(case: Case) -> None:
    network = case.network().train()
    truth = Truth(
        torch.tensor([[[40.0, 30, 90, 70], [5, 5, 30, 40]], [[40.0, 30, 90, 70], [0, 0, 0, 0]]]),
        torch.tensor([[0, len(case.recipe.task.labels) - 1], [0, -1]]),
    )
    parts = network.losses(case.images(2), truth)
    assert all(part.isfinite() for part in parts.values())
    torch.stack(list(parts.values())).sum().backward()
    still = [name for name, one in network.named_parameters() if one.grad is None or not one.grad.isfinite().all()]
    assert not still


@pytest.mark.parametrize("case", CASES)
def test_the_graph_finds_what_pytorch_finds_in_any_number_of_films(case: Case) -> None:
    network = case.network().eval()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    graph = detector_graph(network, case.recipe)
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    for number in (1, 2):
        images = case.images(number, seed=number)
        with torch.inference_mode():
            found = network(images)
        assert found.boxes.shape == (number, 20, 4)
        assert (found.scores.diff(dim=1) <= 0).all()
        assert found.boxes.min() >= 0
        assert found.boxes.max() <= SIDE
        boxes, scores, classes = session.run(["boxes", "scores", "classes"], {"image": images.numpy()})
        assert np.abs(scores - found.scores.numpy()).max() < SCORES
        # Untaught scores lie close together: a box is looked for among those of its film and class.
        for film in range(number):
            for row in range(10):
                same = classes[film] == int(found.classes[film, row])
                apart = np.abs(boxes[film] - found.boxes[film, row].numpy()).max(-1)
                assert (same & (apart < CORNERS)).any() or float(
                    found.scores[film, row] - found.scores[film, -1]
                ) < SCORES


@pytest.mark.parametrize("recipe", [recipe for recipe in RECIPES if recipe.detection], ids=lambda recipe: recipe.name)
def test_its_record_is_kept_and_comes_back_equal(recipe: Recipe) -> None:
    adapter = TypeAdapter[Architecture](Architecture)
    assert adapter.validate_json(adapter.dump_json(recipe.architecture)) == recipe.architecture
