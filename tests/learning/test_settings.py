"""``--set`` changes an existing leaf and nothing else."""

from __future__ import annotations

import pytest

from osteon.core.errors import RecipeError

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.learning.recipe import StepDecay
from osteon.learning.recipes import find
from osteon.learning.runs.overrides import apply, leaves, snapshot


def test_changes_the_leaf_and_no_other() -> None:
    recipe = find("fracatlas")
    changed = apply(recipe, ["optimizer.lr=3e-4", "phases.1.epochs=3", "averaging=null"])
    before, after = leaves(recipe), leaves(changed)
    assert {key for key in before if before[key] != after[key]} == {"optimizer.lr", "phases.1.epochs", "averaging"}
    assert after["optimizer.lr"] == 3e-4


def test_a_list_needs_no_json() -> None:
    changed = apply(find("fracatlas"), ["task.labels=fracture, implant", "seeds=4", "soup=full"])
    assert (changed.task.labels, changed.seeds, changed.soup) == (("fracture", "implant"), (4,), ("full",))
    detector = find("vindr_spinexr/retinanet")
    assert apply(detector, ["detection.sides=480,640"]) == apply(detector, ["detection.sides=[480,640]"])


def test_puts_a_whole_record_in_place_of_another() -> None:
    recipe = find("fracatlas")
    assert recipe.phases[2].augmentation is not None
    assert apply(recipe, ["phases.2.augmentation=null"]).phases[2].augmentation is None
    constant = apply(find("mobilenet_elbow"), ['schedule={"every": 3, "factor": 0.5}'])
    assert constant.schedule == StepDecay(every=3, factor=0.5)


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("optimizer.learning_rate=1", "no setting 'optimizer.learning_rate'"),
        ("optimizer=1", "wrong type"),
        ("phases.2.augmentation=1", "wrong type"),
        ("phases.9.epochs=1", "no setting"),
        ("phases.0.epochs=many", "wrong type"),
        ("phases.0.epochs=1.5", "wrong type"),
        ("optimizer.name=sgdx", "wrong type"),
        ('optimizer.lr="3e-4"', "wrong type"),
        ("phases.0.side=100", "multiples of 32"),
        ("optimizer.lr", "cannot read the setting"),
        ("phases.0.epochs=0", "phases.0.epochs is out of range"),
        ("phases=[]", "out of range"),
        ("preprocessing.height=0", "out of range"),
        ("preprocessing.width=1000000", "out of range"),
        ("preprocessing.mean=NaN", "out of range"),
        ("optimizer.lr=-1", "out of range"),
        ("optimizer.lr=Infinity", "out of range"),
        ("averaging=1", "out of range"),
        ("sampling.batch_size=0", "out of range"),
        ("split.train=0.5", "do not sum to 1"),
        ("split.keep=trian", "one of: train, val, test"),
        ("task.labels=implant", "task.positive names a label"),
        ("selection.metric=val_map50", "no figure to select by"),
        ("selection.metric=val_loss", "selection.mode=min"),
        ("task.labels=3", "a list with commas between"),
    ],
)
def test_refuses_unknown_keys_and_wrong_types(setting: str, says: str) -> None:
    with pytest.raises(RecipeError, match=says):
        apply(find("fracatlas"), [setting])


def test_says_which_settings_there_are() -> None:
    with pytest.raises(RecipeError, match=r"optimizer\.lr"):
        apply(find("fracatlas"), ["lr=1"])


def test_snapshot_is_plain_json_and_whole() -> None:
    taken = snapshot(find("mobilenet_elbow"))
    assert taken["architecture"] == {"width": 0.75, "hidden": 128, "dropout_first": 0.7, "dropout_second": 0.5}
    assert taken["optimizer"]["lr"] == 1e-4


def test_images_are_not_scaled_larger_than_the_input() -> None:
    recipe = find("vindr_spinexr/retinanet")
    with pytest.raises(RecipeError, match=r"larger than the input") as caught:
        apply(recipe, ["preprocessing.height=640", "preprocessing.width=640"])
    assert "992, 1216" in str(caught.value)
    assert apply(recipe, ["detection.sides=[480,640]", "preprocessing.height=640", "preprocessing.width=640"])
    with pytest.raises(RecipeError, match="from small to large"):
        apply(recipe, ["detection.sides=[640,480]"])
