"""The readings of "mixed" views: what each shows the network, and what tells them apart."""

from __future__ import annotations

from itertools import pairwise

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.core.errors import RecipeError
from osteon.learning.models import build
from osteon.learning.models.mixed_views import MixedViewsClassifier
from osteon.learning.recipe import MixedViews, Recipe, Standard
from osteon.learning.recipes import find

MIXES = ("channels", "mean", "side by side")


def network(mix: str) -> MixedViewsClassifier:
    torch.manual_seed(0)
    built = build(MixedViews("resnet18", 0.0, mix), 3, 3, empty=True)  # pyright: ignore[reportArgumentType]
    assert isinstance(built, MixedViewsClassifier)
    return built.eval()


def views() -> torch.Tensor:
    """Grey pictures (4, 2, 3, 64, 64), the three channels of each the same."""
    grey = torch.rand(4, 2, 1, 64, 64, generator=torch.Generator().manual_seed(1))
    return grey.expand(-1, -1, 3, -1, -1)


def test_what_the_network_is_shown() -> None:
    image = views()
    front, side = image[:, 0], image[:, 1]
    mean = network("mean").mixed(image)
    assert torch.allclose(mean, (front + side) / 2)
    channels = network("channels").mixed(image)
    assert torch.equal(channels[:, 0], front[:, 0])
    assert torch.equal(channels[:, 1], side[:, 0])
    assert torch.allclose(channels[:, 2], mean[:, 0])
    halves = network("side by side").mixed(image)
    assert halves.shape == front.shape
    assert torch.allclose(halves[..., :32], (front[..., ::2] + front[..., 1::2]) / 2)
    assert torch.allclose(halves[..., 32:], (side[..., ::2] + side[..., 1::2]) / 2)


def test_only_the_mean_does_not_know_which_view_is_which() -> None:
    image = views()
    swapped = image.flip(1)
    with torch.inference_mode():
        for mix in MIXES:
            built = network(mix)
            same = torch.allclose(built(image).logits, built(swapped).logits, atol=1e-6)
            assert same == (mix == "mean"), mix


def test_each_view_has_the_map_of_its_place() -> None:
    image = views()
    with torch.inference_mode():
        for mix in ("channels", "mean"):
            maps = network(mix).explain(image).maps
            assert torch.equal(maps[:, :, 0], maps[:, :, 1])
        built = network("side by side")
        whole = built.network.explain(built.mixed(image)).maps
        maps = built.explain(image).maps
    assert maps.shape == (4, 3, 2, *whole.shape[2:])
    assert torch.equal(maps[:, :, 0, :, ::2], whole[..., : whole.shape[3] // 2])
    assert torch.equal(maps[:, :, 1, :, 1::2], whole[..., whole.shape[3] // 2 :])


def test_channels_need_three_of_them() -> None:
    with pytest.raises(RecipeError, match=r"preprocessing\.channels=3"):
        build(MixedViews("resnet18", 0.0, "channels"), 3, 1, empty=True)


def test_freezing_reaches_the_network() -> None:
    built = network("mean")
    built.pretrained = True
    built.freeze("head")
    learning = {name for name, parameter in built.named_parameters() if parameter.requires_grad}
    assert learning == {"network.output.weight", "network.output.bias"}
    assert len(built.head_parameters()) == 2
    built.freeze("all")
    assert all(parameter.requires_grad for parameter in built.parameters())


def test_the_variants_differ_from_the_baseline_in_how_the_views_are_mixed_alone() -> None:
    single = find("pediurf/resnet34")
    variants = [find(f"pediurf/resnet34_{name}") for name in ("channels", "mean", "side_by_side")]
    assert isinstance(single.architecture, Standard)
    assert not single.images.together
    for one, mix in zip(variants, MIXES, strict=True):
        assert one.images.together
        assert one.case_shape == (2, 3, 224, 224)
        assert one.architecture == MixedViews("resnet34", 0.0, mix)  # pyright: ignore[reportArgumentType]
        assert _training(one) == _training(single)
    assert all(first.architecture != second.architecture for first, second in pairwise(variants))


def _training(recipe: Recipe) -> tuple[object, ...]:
    return (recipe.split, recipe.augmentation, recipe.optimizer, recipe.schedule, recipe.phases, recipe.sampling)
