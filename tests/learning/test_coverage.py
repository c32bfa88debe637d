"""Parts that a recipe cannot learn from or be selected on are refused before training; a dataset's own parts are kept."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.core.errors import DataError
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
