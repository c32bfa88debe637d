"""A teacher softens labels and names hard negatives; pasted findings lie where their boxes say; copies are to be called alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.core.errors import DataError, RecipeError
from osteon.evaluation.predictions.predictions import predictions, write_predictions
from osteon.learning.classification.batches import TrainingSet
from osteon.learning.classification.consistency import changed, consistency_loss
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.inputs.paste import paste
from osteon.learning.inputs.sampler import Draw
from osteon.learning.inputs.teacher import taught
from osteon.learning.models import build
from osteon.learning.recipe import MobileNetLocator
from osteon.learning.recipe.possible import check_possible
from osteon.learning.recipes import find
from osteon.learning.runs.overrides import apply

pytestmark = pytest.mark.learn

RECIPE = find("fracatlas")
N = 40


@pytest.fixture
def cases() -> Cases:
    positive = np.arange(N) < 10
    corners = np.array([[30.0, 30, 50, 46]], np.float32)
    return Cases(
        root=Path(),
        images=tuple(f"{row}.png" for row in range(N)),
        views=np.arange(N)[:, None],
        targets=positive[:, None].astype(np.float32),
        positive=positive,
        boxes=tuple(corners if one else corners[:0] for one in positive),
        kinds=tuple(np.zeros(int(one), np.intp) for one in positive),
        crowds=tuple(np.zeros(int(one), bool) for one in positive),
        groups=tuple(map(str, range(N))),
    )


def table(folder: Path, probability: np.ndarray) -> Path:
    file = folder / "said.csv"
    write_predictions(
        predictions([f"{row}.png" for row in range(len(probability))], [0] * len(probability), probability), file
    )
    return file


def test_a_teacher_softens_labels_and_names_hard_negatives(cases: Cases, tmp_path: Path) -> None:
    probability = np.linspace(0.0, 0.39, N)
    recipe = apply(RECIPE, ["loss.teacher=0.25", "sampling.hard_share=0.3"])
    learnt = taught(cases, recipe, table(tmp_path, probability))
    np.testing.assert_allclose(learnt.targets[:, 0], 0.75 * cases.positive + 0.25 * probability, atol=1e-6)
    assert np.flatnonzero(learnt.hard).tolist() == [37, 38, 39]
    np.testing.assert_array_equal(learnt.positive, cases.positive)
    assert learnt.only(np.arange(N) > 36).hard.all()
    with pytest.raises(DataError, match="says nothing of some"):
        taught(cases, recipe, table(tmp_path, probability[:30]))


def test_a_teacher_is_named_where_a_recipe_wants_one_and_only_there() -> None:
    check_possible(RECIPE, "")
    for settings, teacher in ((["loss.teacher=0.5"], ""), (["sampling.hard_share=0.5"], ""), ([], "said.csv")):
        with pytest.raises(RecipeError, match="teacher"):
            check_possible(apply(RECIPE, settings), teacher)


def canvases(cases: Cases, side: int = 128) -> Canvases:
    """Grey tissue with noise; a bright stroke in each box."""
    random = np.random.default_rng(0)
    pixels = random.normal(90, 6, (N, side, side))
    pixels[:, :, :20] = 4
    for row in np.flatnonzero(cases.positive):
        pixels[row, 30:46, 30:50:3] += 80
    return Canvases(np.clip(pixels, 0, 255).astype(np.uint8), np.full((N, 2), side), {})


def test_what_is_pasted_lies_in_its_box_and_nothing_else_changes(cases: Cases) -> None:
    shown = canvases(cases).pixels
    before = shown[20].copy()
    for seed in range(20):
        done = paste(shown[20], shown[3], cases.boxes[3], np.random.default_rng(seed))
        assert done is not None
        x0, y0, x1, y1 = done.box
        assert (x1 - x0, y1 - y0) == (20, 16)
        assert x0 >= 0
        assert x1 <= 128
        rows, columns = np.nonzero(np.abs(done.canvas.astype(int) - before) > 25)
        assert len(rows) > 10
        assert x0 - 7 <= columns.min()
        assert columns.max() <= x1 + 7
        assert y0 - 6 <= rows.min()
        assert rows.max() <= y1 + 6
    np.testing.assert_array_equal(shown[20], before)
    assert paste(np.zeros((128, 128), np.uint8), shown[3], cases.boxes[3], np.random.default_rng(0)) is None


def test_an_image_without_a_finding_gets_one_and_is_learnt_as_positive(cases: Cases) -> None:
    settings = ["preprocessing.height=128", "preprocessing.width=128", "cache_side=128"]

    def shown(share: float) -> TrainingSet:
        recipe = apply(RECIPE, [*settings, f"sampling.paste_share={share}"])
        return TrainingSet(cases, canvases(cases), recipe, recipe.preprocessing, recipe.augmentation)

    never, always, half = shown(0.0), shown(1.0), shown(0.5)
    for case in (12, 30):
        plain, pasted = never[Draw(case, (1, 2, case))], always[Draw(case, (1, 2, case))]
        assert (float(plain.target), float(plain.places.sum())) == (0, 0)
        assert float(pasted.target) == 1
        assert float(pasted.places.sum()) >= 1
        assert bool(pasted.placed)
        assert not torch.equal(plain.image, pasted.image)
    positive = Draw(2, (1, 2, 2))
    assert torch.equal(never[positive].image, always[positive].image)
    assert 20 < sum(float(half[Draw(30, (0, 0, 0, at))].target) for at in range(80)) < 60


def test_copies_keep_the_picture_and_a_network_that_sees_no_difference_pays_nothing() -> None:
    torch.manual_seed(0)
    image = torch.zeros(2, 1, 64, 64) - 1
    image[:, :, 10:30, 40:50] = 1
    seen = set()
    for _ in range(40):
        copy = changed(image)
        assert copy.shape == image.shape
        assert float(copy.min()) >= -1.001
        assert float((copy > 0).sum()) == pytest.approx(float((image > 0).sum()), rel=0.3)
        seen.add(tuple((copy[0, 0] > 0).nonzero().float().mean(0).round().int().tolist()))
    assert len(seen) > 4
    network = build(MobileNetLocator(0.35, 16, 16, 0.0), 1, 1, empty=True).eval()
    logits = network(image).logits
    loss = consistency_loss(network, image, logits)
    assert loss.requires_grad
    assert 0 <= float(loss.detach()) <= 1
    flat = torch.full_like(image, -1.0)
    assert float(consistency_loss(network, flat, network(flat).logits).detach()) == pytest.approx(0, abs=1e-10)


def test_recipes_that_cannot_paste_or_compare_copies_are_refused() -> None:
    for setting in ("loss.consistency=1", "sampling.paste_share=0.5"):
        with pytest.raises(RecipeError, match=setting.split("=")[0]):
            check_possible(apply(find("pediurf"), [setting]), "")
    assert replace(RECIPE).loss.consistency == 0
