"""Runs of image numbers, and groups that a split keeps together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from osteon.core.errors import DataError
from osteon.core.labels import BodyPart
from osteon.data.duplicates.lookalikes import FEWEST, lookalikes, with_lookalikes
from osteon.data.splits.grouping import grouped
from osteon.data.splits.leakage import group_rows, leaks
from osteon.data.splits.record import Split
from osteon.data.splits.runs import numbering, run_numbers, with_runs
from osteon.data.splits.split import split
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.table import Table, from_cases, load


def table(names: list[str], parts: list[BodyPart | None] | None = None) -> Table:
    facts = FileFacts(60, 80, "L", "PNG", 100)
    regions = parts or [BodyPart.HAND] * len(names)
    cases = [
        Case(name, facts, study=name, body_part=part, labels={"fracture": index % 2})
        for index, (name, part) in enumerate(zip(names, regions, strict=True))
    ]
    return from_cases(cases, dataset="tests", licence="CC0-1.0")


def test_a_run_ends_at_a_gap_but_not_at_an_image_of_another_part() -> None:
    names = [f"IMG{number:07d}.jpg" for number in (9, 1, 2, 4, 7, 8)]
    assert run_numbers(names, "aaaaab").tolist() == [1, 0, 0, 0, 1, 2]
    assert run_numbers(names, "aaaaaa").tolist() == [1, 0, 0, 0, 1, 1]
    assert run_numbers(names, "aaaaaa", gap=1).tolist() == [2, 0, 0, 1, 2, 2]


def test_a_numbering_that_repeats_in_folders_is_one_for_each() -> None:
    over = ["broken/IMG1.png", "sound/IMG2.png", "sound/IMG3.png"]
    assert len(set(run_numbers(over, "aaa").tolist())) == 1
    within = ["broken/1.png", "broken/2.png", "sound/1.png", "sound/2.png"]
    assert run_numbers(within, "aaaa").tolist() == [0, 0, 1, 1]
    series, numbers = numbering(["a_01_left.png", "a_02_left.png", "a_02_right.png", "plain.png"])
    assert numbers.tolist() == [1, 2, 2, -1]
    assert series[0] == series[1] != series[2]


def test_names_without_numbers_have_no_runs() -> None:
    with pytest.raises(DataError, match="hold no numbers"):
        with_runs(table(["left.png", "right.png"]))


def test_groups_are_joined_and_a_split_keeps_them() -> None:
    made = with_runs(table([f"{number}.png" for number in range(0, 120, 3)]))
    assert made.frame["run"].n_unique() == 40
    made = made.with_group(
        "lookalike", np.where(np.arange(40) < 20, np.arange(40) // 2, np.arange(40)).astype(np.int32)
    )
    joined = group_rows(made, ("run", "lookalike"))
    assert joined.max() == 29
    parts = split(made, {"train": 0.5, "test": 0.5}, seed=0, group=("run", "lookalike"))
    assert not leaks(parts, made)
    torn = Split("tests", {"train": tuple(made.images[::2]), "test": tuple(made.images[1::2])})
    assert len(leaks(torn, made)["lookalike"]) == 10


def test_tables_of_before_have_no_runs(tmp_path: Path) -> None:
    made = with_runs(table(["1.png", "2.png"]))
    made.save(tmp_path / "new.parquet")
    assert load(tmp_path / "new.parquet").frame["run"].to_list() == [0, 0]
    content = made.frame.drop("run", "lookalike")
    about = json.dumps({"schema": 1, "dataset": "tests", "remarks": []})
    content.write_parquet(tmp_path / "old.parquet", metadata={"osteon.table": about})
    assert load(tmp_path / "old.parquet").frame["run"].to_list() == [None, None]


def features(count: int) -> np.ndarray:
    """Features of unlike images, in which 7 and 300, and 8 and 9, are nearly the same."""
    made = np.random.default_rng(0).normal(size=(count, 96)).astype(np.float32)
    made[300] = made[7] + 0.05
    made[9] = made[8] * 1.02
    return made


def test_look_alikes_of_one_part_are_found() -> None:
    names = [f"{index}.png" for index in range(FEWEST)]
    assert lookalikes(features(FEWEST), names, ["hand"] * FEWEST).tolist() == [[7, 300], [8, 9]]
    parts = ["leg" if index == 300 else "hand" for index in range(FEWEST)]
    assert lookalikes(features(FEWEST), names, parts).tolist() == [[8, 9]]


def test_too_few_images_have_no_look_alikes(tmp_path: Path) -> None:
    small = table([f"{index}.png" for index in range(20)])

    def embed(paths: Sequence[Path]) -> np.ndarray:
        raise AssertionError(f"nothing is to be embedded, but {len(paths)} files were")

    with pytest.raises(DataError, match="too few images"):
        with_lookalikes(small, tmp_path, embed)
    found = grouped(small, tmp_path, ("run", "lookalike"), embed=embed)
    assert found.columns == ("run",)
    assert "too few images" in found.missing[0]
    bare = grouped(small, tmp_path, ("run", "lookalike"), without="there is no network")
    assert bare.missing == ("Look-alikes were not searched: there is no network.",)


def test_the_groups_of_fracatlas(shared_data: Path) -> None:
    from osteon.data.datasets import find, read

    made = with_runs(read("fracatlas", shared_data / "fracatlas"))
    runs = np.bincount(made.frame["run"].to_numpy())
    assert (len(runs), runs.max()) == (1306, 28)
    assert find("fracatlas").card.together == ("run", "cluster", "lookalike")
