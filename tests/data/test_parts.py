"""Names of parts of a split."""

from __future__ import annotations

import pytest

from osteon.data.formats.parts import is_fold, part_mentioned, part_of, part_within

NAMES = {
    "train": (
        "train|Training|TRAIN|train_set|train-set|trainset|TrainSet|training data|train2017|01_train|images_train|trn"
    ),
    "val": "val|valid|Validation|val_set|valset|dev|dev-set|development|tuning|validation_images|val2017",
    "test": (
        "test|Testing|test_set|testset|holdout|hold-out|Hold Out|held_out|internal_test|external test|eval|evaluation"
    ),
}


@pytest.mark.parametrize(("part", "name"), [(part, name) for part, names in NAMES.items() for name in names.split("|")])
def test_names_of_parts(part: str, name: str) -> None:
    assert part_of(name) == part


OTHERS = (
    "fractured|normal|contrast|latest|retrain|interval|device|testis|set|images|fold_1|train_test|test_fracture||42"
)


@pytest.mark.parametrize("name", OTHERS.split("|"))
def test_what_is_no_part(name: str) -> None:
    assert part_of(name) is None


def test_parts_within_names() -> None:
    assert part_within("train_fracture") == ("train", "fracture")
    assert part_within("Normal-Test") == ("test", "normal")
    assert part_within("fracture") is None
    assert part_mentioned("instances_val2017") == "val"
    assert part_mentioned("contrast") is None
    assert part_mentioned("train_and_test") is None


@pytest.mark.parametrize("name", ["fold_0", "Fold 3", "fold12", "kfold_1", "cv-fold-2", "5fold", "train_fold1"])
def test_folds(name: str) -> None:
    assert is_fold(name)
    assert not is_fold("scaffold")
