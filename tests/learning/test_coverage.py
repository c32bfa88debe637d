"""Parts that a recipe cannot learn from or be selected on are refused before training; a dataset's own parts are kept."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.core.errors import DataError, RecipeError
from osteon.core.geometry import Box
from osteon.data.table.case import Case, FileFacts, LabelledBox
from osteon.data.table.table import Table, from_cases
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.coverage import check_coverage, check_labels, warn_unnamed
from osteon.learning.inputs.divide import divide
from osteon.learning.inputs.load_cases import cases_of
from osteon.learning.inputs.sampler import Draws
from osteon.learning.recipes import find
from osteon.learning.runs.overrides import apply

pytestmark = pytest.mark.learn

CLASSIFIER = apply(find("fracatlas"), ["dataset=coco"])
DETECTOR = apply(find("fracatlas/detector"), ["dataset=coco"])
ACCURACY = find("mobilenet_elbow")


def part(*targets: float) -> Cases:
    """Cases with these targets: 1, 0 or NaN."""
    n = len(targets)
    names = tuple(f"{i}.png" for i in range(n))
    column = np.array(targets, np.float32)[:, None]
    none = tuple(np.zeros((0, 4), np.float32) for _ in names)
    kinds = tuple(np.zeros(0, np.intp) for _ in names)
    crowds = tuple(np.zeros(0, bool) for _ in names)
    return Cases(
        Path(), names, np.arange(n)[:, None], column, np.nan_to_num(column[:, 0]) > 0, none, kinds, crowds, names
    )


BOTH = part(*[1.0, 0.0] * 12)
UNKNOWN = float("nan")


@pytest.mark.parametrize(
    ("train", "val", "says"),
    [
        (part(0, 0, 0), BOTH, "training part has no case with fracture"),
        (part(1, 1), BOTH, "training part has no case without fracture"),
        (part(0, UNKNOWN), BOTH, "training part has no case with fracture"),
        (BOTH, part(0, 0), "val_auroc, which selects the epoch, is undefined"),
        (BOTH, part(1, UNKNOWN), "validation part has no case without fracture"),
        (BOTH, part(UNKNOWN), "validation part has no case"),
    ],
)
def test_one_class_in_a_part_is_refused(train: Cases, val: Cases, says: str) -> None:
    with pytest.raises(DataError, match=says):
        check_coverage(train, val, BOTH, CLASSIFIER)


def test_where_another_figure_selects_one_class_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    recipe = apply(CLASSIFIER, ["selection.metric=val_loss", "selection.mode=min"])
    with caplog.at_level(logging.WARNING):
        check_coverage(BOTH, part(0, 0), part(1, 1), recipe)
    assert "cannot be calibrated" in caplog.text
    assert "test part has no case without fracture" in caplog.text
    caplog.clear()
    check_coverage(BOTH, part(1, 0, 0), BOTH, CLASSIFIER)
    assert "1 positive and 2 negative validation cases" in caplog.text
    caplog.clear()
    check_coverage(BOTH, BOTH, BOTH, CLASSIFIER)
    assert not caplog.records


def test_a_detector_needs_boxes_and_no_image_without(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(DataError, match="training part has no box of fracture"):
        check_coverage(part(0, 0), BOTH, BOTH, DETECTOR)
    with pytest.raises(DataError, match="val_map50, which selects the epoch, is undefined"):
        check_coverage(BOTH, part(0, 0), BOTH, DETECTOR)
    with caplog.at_level(logging.WARNING):
        check_coverage(part(*[1.0] * 12), BOTH, BOTH, DETECTOR)
    assert "every training image has a box" in caplog.text
    draws = Draws(np.ones(12, bool), DETECTOR.sampling, seed=0, phase=0)
    assert len(list(draws)) == DETECTOR.sampling.images_per_epoch


def table(*rows: tuple[str, dict[str, int], str | None], dataset: str = "coco", box: str = "fracture") -> Table:
    """Images with labels and a part of the dataset's own; a positive has a box."""
    listed = [
        Case(
            image=name,
            study=name,
            facts=FileFacts(64, 64, "L", "PNG", 100),
            labels=labels,
            boxes=(LabelledBox(Box(1, 1, 9, 9), box),) if labels.get(box) == 1 else (),
            split=place,
        )
        for name, labels, place in rows
    ]
    return from_cases(listed, dataset=dataset, licence="CC0-1.0")


def rows(place: str | None, count: int, start: int = 0) -> list[tuple[str, dict[str, int], str | None]]:
    return [(f"{place}-{i}.png", {"fracture": i % 2}, place) for i in range(start, start + count)]


RULE = replace(CLASSIFIER.split, group=("study",), stratify=("label_fracture",))


@pytest.mark.parametrize(("given", "dealt"), [("val", "test"), ("test", "val")])
def test_a_given_part_stays_and_only_the_missing_one_is_dealt(
    given: str, dealt: str, caplog: pytest.LogCaptureFixture
) -> None:
    some = table(*rows("train", 40), *rows(given, 10))
    with caplog.at_level(logging.WARNING):
        made = divide(some, RULE)
    assert set(made.parts[given]) == {name for name in some.images if name.startswith(given)}
    assert made.parts[dealt]
    assert all(name.startswith("train") for name in (*made.parts["train"], *made.parts[dealt]))
    assert f"own {given} part stays as it is; {dealt} (" in caplog.text


def test_all_given_parts_are_taken_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    some = table(*rows("train", 20), *rows("val", 6), *rows("test", 8))
    with caplog.at_level(logging.WARNING):
        made = divide(some, RULE)
    assert {name: len(images) for name, images in made.parts.items()} == {"train": 20, "val": 6, "test": 8}
    assert not caplog.records


OF_THE_PAPER = find("fractuvision/resnet_mlp").split
"""FractuVision's: the lists of FracAtlas in other places, and the images of no list by 3,000 : 163 : 200."""


def listed(others: int) -> Table:
    """Images with a fracture in lists, as FracAtlas has them, and others that are in none."""
    lists = (*rows("train", 574), *rows("val", 82), *rows("test", 61))
    marked = [(name, {"fracture": 1}, place) for name, _, place in lists]
    return table(*marked, *((f"none-{i}.png", {"fracture": 0}, None) for i in range(others)), dataset="fracatlas")


def counts(parts: Mapping[str, Sequence[str]], start: str) -> tuple[int, ...]:
    return tuple(sum(name.startswith(start) for name in parts[part]) for part in ("train", "val", "test"))


def test_lists_of_the_publisher_take_the_places_that_the_paper_gives_them() -> None:
    some = listed(3363)
    boxes = divide(some, find("fractuvision/detector").split)
    assert {name: len(images) for name, images in boxes.parts.items()} == {"train": 574, "val": 61, "test": 82}
    assert (counts(boxes.parts, "val"), counts(boxes.parts, "test")) == ((0, 0, 82), (0, 61, 0))
    both = divide(some, OF_THE_PAPER)
    assert counts(both.parts, "none") == (3000, 163, 200)
    for part in ("train", "val", "test"):
        assert set(boxes.parts[part]) == {name for name in both.parts[part] if not name.startswith("none")}
    assert divide(some, OF_THE_PAPER) == both
    assert divide(some, replace(OF_THE_PAPER, seed=1)) != both


def test_images_of_no_list_are_left_out_where_they_are_not_divided() -> None:
    whole = divide(listed(50), replace(OF_THE_PAPER, unlisted=False, lists=("train", "val", "test")))
    assert {name: len(images) for name, images in whole.parts.items()} == {"train": 574, "val": 82, "test": 61}


def test_a_missing_list_is_named() -> None:
    some = table(*rows("train", 20), *rows("val", 6), dataset="fracatlas")
    with pytest.raises(DataError, match="no list of the test part"):
        divide(some, OF_THE_PAPER)


def test_data_of_one_s_own_need_no_lists() -> None:
    made = divide(table(*rows(None, 60)), OF_THE_PAPER)
    assert sum(map(len, made.parts.values())) == 60
    assert all(made.parts.values())
    own = divide(table(*rows("train", 20), *rows("val", 6), *rows("test", 8)), OF_THE_PAPER)
    assert {name: len(images) for name, images in own.parts.items()} == {"train": 20, "val": 6, "test": 8}


def test_each_list_is_one_part() -> None:
    with pytest.raises(RecipeError, match="names a list twice"):
        apply(find("fractuvision/resnet_mlp"), ["split.lists=train,val,val"])


def test_images_in_no_part_join_the_training_part(caplog: pytest.LogCaptureFixture) -> None:
    some = table(*rows("train", 20), *rows("val", 6), *rows("test", 8), *rows(None, 4))
    with caplog.at_level(logging.WARNING):
        made = divide(some, RULE)
    assert (len(made.parts["train"]), len(made.parts["val"]), len(made.parts["test"])) == (24, 6, 8)
    assert "own parts cannot be used" in caplog.text
    assert "own val and test part stays" in caplog.text


def test_an_unknown_image_without_a_box_is_not_shown_to_a_detector(caplog: pytest.LogCaptureFixture) -> None:
    some = table(("a.png", {"fracture": 1}, None), ("b.png", {"fracture": 0}, None), ("c.png", {"fracture": -1}, None))
    with caplog.at_level(logging.WARNING):
        found = cases_of(some, Path(), DETECTOR, "train")
    assert found.images == ("a.png", "b.png")
    assert "1 of 3 images of the train part" in caplog.text


def test_labels_that_the_task_does_not_name_are_said(caplog: pytest.LogCaptureFixture) -> None:
    some = table(
        ("a.png", {"fracture": 1, "implant": 1, "displaced": 1}, None),
        ("b.png", {"fracture": 0, "implant": 1, "displaced": 0}, None),
    )
    with caplog.at_level(logging.WARNING):
        warn_unnamed(some, DETECTOR)
    assert "also mark implant (alone in 1 images), which" in caplog.text
    assert "--set task.labels=fracture,implant" in caplog.text
    caplog.clear()
    warn_unnamed(some, apply(DETECTOR, ["task.labels=fracture,implant"]))
    assert not caplog.records
    with pytest.raises(DataError, match=r"none of the findings.*--set task\.labels"):
        check_labels(table(("a.png", {"tumour": 1}, None)), DETECTOR)
    check_labels(some, ACCURACY)
