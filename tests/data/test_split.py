"""Splits: nothing that belongs together is divided, strata are balanced, the file knows when it was altered."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.core.labels import BodyPart
from osteon.data.splits.balance import assign_groups, strata
from osteon.data.splits.leakage import check_split, group_rows
from osteon.data.splits.record import Split, load_split
from osteon.data.splits.split import k_fold, official_split, split
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.table import Table, from_cases

FRACTIONS = {"train": 0.7, "val": 0.15, "test": 0.15}
STRATA = ("label_fracture", "label_cast", "body_part")


@pytest.fixture(scope="module")
def table() -> Table:
    """600 images of 210 patients, two labels, three regions, clusters that join some patients."""
    random = np.random.default_rng(5)
    patients = random.integers(0, 210, 600)
    cases = [
        Case(
            f"{row:04d}.png",
            FileFacts(60, 80, "L", "PNG", 100),
            study=f"{patient}-{random.integers(0, 2)}",
            patient=f"p{patient}",
            labels={
                "fracture": int(random.random() < 0.15),
                "cast": int(random.choice([-1, 0, 1], p=[0.5, 0.45, 0.05])),
            },
            body_part=(BodyPart.HAND, BodyPart.LEG, None)[random.choice(3, p=[0.6, 0.3, 0.1])],
        )
        for row, patient in enumerate(patients.tolist())
    ]
    made = from_cases(cases, dataset="tests", licence="CC0-1.0")
    rows = np.arange(600, dtype=np.int32)
    return made.with_group("cluster", np.where(rows < 60, rows // 2, rows).astype(np.int32))


@pytest.mark.parametrize("group", ["patient", ("patient", "cluster")])
def test_no_group_is_divided_and_every_image_has_one_part(table: Table, group: str | tuple[str, ...]) -> None:
    free = table if group != "patient" else table.with_group("cluster", np.arange(600, dtype=np.int32))
    made = split(free, FRACTIONS, seed=1, group=group, stratify=STRATA)
    assert sorted(image for images in made.parts.values() for image in images) == sorted(table.images)
    part = {image: name for name, images in made.parts.items() for image in images}
    for number in np.unique(groups := group_rows(free, (group,) if isinstance(group, str) else group)):
        assert len({part[free.images[row]] for row in np.flatnonzero(groups == number)}) == 1


def imbalance(counts: NDArray[np.float64], part: NDArray[np.int64], shares: NDArray[np.float64]) -> float:
    """Chi-square distance of the counts in each part from the requested shares; 0 is perfect."""
    have = np.zeros((len(shares), counts.shape[1]))
    np.add.at(have, part, counts)
    want = shares[:, None] * counts.sum(axis=0)[None, :]
    return float(((have - want) ** 2 / np.maximum(want, 1e-9)).sum())


def test_it_is_balanced_better_than_random(table: Table) -> None:
    counts = strata(table, STRATA)
    groups = group_rows(table, ("patient",))
    totals = np.zeros((groups.max() + 1, counts.shape[1]))
    np.add.at(totals, groups, counts)
    shares = np.array(list(FRACTIONS.values()))
    ours = imbalance(totals, assign_groups(totals, shares, seed=0), shares)
    random = [imbalance(totals, np.random.default_rng(k).choice(3, len(totals), p=shares), shares) for k in range(100)]
    assert ours < 0.2 * min(random)


def test_shares_and_prevalence_are_those_asked_for(table: Table) -> None:
    free = table.with_group("cluster", np.arange(600, dtype=np.int32))
    made = split(free, FRACTIONS, seed=3, group="patient", stratify=STRATA)
    whole = (table.label("fracture") == 1).mean()
    for name, share in FRACTIONS.items():
        part = made.part(name, free)
        assert len(part) / len(table) == pytest.approx(share, abs=0.01)
        assert (part.label("fracture") == 1).mean() == pytest.approx(whole, abs=0.01)


def test_the_seed_decides(table: Table) -> None:
    one, same, other = (split(table, FRACTIONS, seed=s, group=("patient", "cluster")).hash for s in (1, 1, 2))
    assert one == same != other


def test_the_file_comes_back_and_knows_when_it_was_altered(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    made = split(table, FRACTIONS, seed=1, group=("patient", "cluster"))
    made.save(path)
    assert load_split(path) == made
    content = json.loads(path.read_text())
    content["parts"]["test"].append(content["parts"]["train"].pop())
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match="modified"):
        load_split(path)
    path.write_text("{}")
    with pytest.raises(DataError, match="cannot read the split"):
        load_split(path)


def test_the_hash_is_of_the_content_not_of_its_order() -> None:
    one = Split("d", {"train": ("a", "b"), "test": ("c",)})
    assert one.hash == Split("d", {"test": ("c",), "train": ("b", "a")}).hash
    assert one.hash != Split("d", {"train": ("a", "c"), "test": ("b",)}).hash


def test_a_split_that_leaks_is_refused(table: Table) -> None:
    with pytest.raises(DataError, match="patient"):
        split(table, FRACTIONS, seed=1, group="study")
    images = table.images
    with pytest.raises(DataError, match="leaks"):
        check_split(Split("tests", {"train": tuple(images[::2]), "test": tuple(images[1::2])}), table)
    with pytest.raises(DataError, match="two parts"):
        check_split(Split("tests", {"train": tuple(images), "test": (images[0],)}), table)
    with pytest.raises(DataError, match="not in the table"):
        check_split(Split("tests", {"train": ("stranger.png",)}), table)


def test_the_official_test_part_is_kept(table: Table) -> None:
    free = table.with_group("cluster", np.arange(600, dtype=np.int32))
    first = split(free, {"train": 0.8, "test": 0.2}, seed=1, group="patient")
    part = {image: name for name, images in first.parts.items() for image in images}
    frame = free.frame.with_columns(split=free.frame["image"].replace_strict(part).cast(free.frame["split"].dtype))
    official = Table(frame, "tests")
    assert official_split(official).parts == dict(first.parts)
    second = split(official, {"train": 0.7, "val": 0.1, "test": 0.2}, seed=4, group="patient", keep=("test",))
    assert second.parts["test"] == first.parts["test"]
    assert len(second.parts["val"]) == pytest.approx(60, abs=6)
    with pytest.raises(DataError, match="not complete"):
        official_split(free)


def test_images_of_an_earlier_split_stay_and_others_follow_their_group_or_are_dealt(table: Table) -> None:
    free = table.with_group("cluster", np.arange(600, dtype=np.int32))
    earlier = split(free.select(free.images[:400]), FRACTIONS, seed=3, group="patient", stratify=STRATA)
    made = split(free, FRACTIONS, seed=9, group="patient", stratify=STRATA, before=earlier)
    for part, images in earlier.parts.items():
        assert set(images) <= set(made.parts[part])
    assert sorted(image for images in made.parts.values() for image in images) == sorted(table.images)
    same = split(free, FRACTIONS, seed=9, group="patient", stratify=STRATA, before=made)
    assert same.parts == made.parts


def test_an_earlier_split_that_divides_a_group_is_refused(table: Table) -> None:
    first, second = table.images[:2]  # one cluster
    earlier = Split(table.dataset, {"train": (first,), "test": (second,)})
    with pytest.raises(DataError, match="earlier split divides a group"):
        split(table, FRACTIONS, seed=9, group=("patient", "cluster"), before=earlier)


def test_k_fold_tests_each_image_once(table: Table) -> None:
    folds = k_fold(table, 5, seed=0, group=("patient", "cluster"), stratify=("label_fracture",))
    tested = [image for fold in folds for image in fold.parts["test"]]
    assert sorted(tested) == sorted(table.images)
    with pytest.raises(DataError, match="at least 3"):
        k_fold(table, 2, seed=0)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"fractions": {"train": 0.5, "test": 0.4}}, "sum to 1"),
        ({"group": "age"}, "no such group"),
        ({"stratify": ("label_absent",)}, "no such column"),
        ({"keep": ("holdout",)}, "no fraction"),
    ],
)
def test_wrong_arguments_are_explained(table: Table, arguments: dict[str, object], problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        split(table, **{"fractions": FRACTIONS, "seed": 0, **arguments})


def test_clusters_must_be_sought_first(table: Table) -> None:
    bare = Table(table.frame.with_columns(cluster=None).cast({"cluster": table.frame["cluster"].dtype}), "tests")
    with pytest.raises(DataError, match="no values in column cluster"):
        split(bare, FRACTIONS, seed=0, group="cluster")


def small(count: int) -> Table:
    cases = [
        Case(f"{n}.png", FileFacts(60, 80, "L", "PNG", 100), study=f"{n}", patient=f"p{n}", labels={"fracture": n % 2})
        for n in range(count)
    ]
    return from_cases(cases, dataset="tests", licence="CC0-1.0")


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_no_part_is_left_empty(count: int) -> None:
    with pytest.raises(DataError, match="too few groups"):
        split(small(count), FRACTIONS, seed=0, stratify=("label_fracture",))
    with pytest.raises(DataError, match=f"more folds than groups: 5 folds of {count} groups"):
        k_fold(small(count), 5, seed=0)


@pytest.mark.parametrize("count", [10, 20, 60])
def test_small_tables_fill_every_part(count: int) -> None:
    assert all(split(small(count), FRACTIONS, seed=0, stratify=("label_fracture",)).parts.values())
    for fold in k_fold(small(count), 5, seed=0, stratify=("label_fracture",)):
        assert all(fold.parts.values())


def test_a_part_that_is_not_there_cannot_be_kept() -> None:
    with pytest.raises(DataError, match="no official part test to keep"):
        split(small(20), FRACTIONS, seed=0, keep=("test",))
