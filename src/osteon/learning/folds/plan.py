"""Which images are in which fold, and what is resampled for intervals.

FOLDS/
  folds/0.json ...   a split for each fold: its test part is the fold, its validation part comes from the others
  groups.json        the group of each image, which no fold divides and which intervals resample
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from osteon.core.errors import DataError
from osteon.data.splits.leakage import group_rows
from osteon.data.splits.record import Split, load_split
from osteon.data.splits.split import k_fold, split
from osteon.data.table.table import Table
from osteon.learning.inputs.lists import known_columns
from osteon.learning.recipe import SplitRule
from osteon.learning.runs.write import write_json


@dataclass(frozen=True)
class FoldPlan:
    """A division into folds.

    Attributes:
        splits: one for each fold.
        groups: by image, the number of its group.
    """

    splits: tuple[Split, ...]
    groups: Mapping[str, int]

    def save(self, folder: Path) -> None:
        """Write it below a folder.

        Raises:
            DataError: it cannot be written.
        """
        (folder / "folds").mkdir(parents=True, exist_ok=True)
        for number, made in enumerate(self.splits):
            made.save(split_file(folder, number))
        write_json(_groups_file(folder), dict(self.groups))

    def check(self, table: Table) -> None:
        """Check that it is of these images.

        Raises:
            DataError: it is not.
        """
        other = set(table.images) ^ set(self.groups)
        if other:
            raise DataError(
                "the folds are of other images",
                expected=f"the {len(self.groups)} images that were divided",
                got=f"{len(other)} images that are in only one of both",
                hint="Name the folder of the data that were divided, or divide these anew in another folder.",
            )


def divide_in_folds(table: Table, rule: SplitRule, folds: int) -> FoldPlan:
    """Divide all images, so that each is in the test part of one fold.

    The folds do not divide the rule's groups and are balanced by its columns. Of what is not a fold's test part, the rule's share
    of validation images is held back to select and calibrate by.

    Args:
        table: with the columns of the rule's groups filled.
        rule: of the recipe, with the groups that the data have.
        folds: how many, 3 or more.

    Raises:
        DataError: the data cannot be divided so.
    """
    columns = known_columns(table, rule)
    outer = k_fold(table, folds, seed=rule.seed, group=rule.group, stratify=columns)
    share = rule.val / (rule.train + rule.val)
    made: list[Split] = []
    for fold in outer:
        test = fold.parts["test"]
        rest = 1.0 - len(test) / len(table)
        made.append(
            split(
                Split(table.dataset, {"test": test}).applied(table),
                {"train": rest * (1.0 - share), "val": rest * share, "test": 1.0 - rest},
                seed=rule.seed,
                group=rule.group,
                stratify=columns,
                keep=("test",),
            )
        )
    groups = group_rows(table, rule.group).tolist()
    return FoldPlan(tuple(made), dict(zip(table.images, groups, strict=True)))


def load_plan(folder: Path) -> FoldPlan | None:
    """The division that lies below a folder; None where there is none.

    Raises:
        DataError: it is damaged.
    """
    if not _groups_file(folder).is_file():
        return None
    try:
        groups = {
            str(image): int(number) for image, number in json.loads(_groups_file(folder).read_text("utf-8")).items()
        }
    except (ValueError, AttributeError, TypeError) as error:
        raise DataError(
            "the folds cannot be read", expected="groups.json as it was written", got=str(folder)
        ) from error
    splits: list[Split] = []
    while split_file(folder, len(splits)).is_file():
        splits.append(load_split(split_file(folder, len(splits))))
    tested = [image for made in splits for image in made.parts["test"]]
    if sorted(tested) != sorted(groups):
        raise DataError(
            "the folds are not whole",
            expected=f"{len(groups)} images, each tested in one fold",
            got=f"{len(tested)} in {len(splits)} folds",
        )
    return FoldPlan(tuple(splits), groups)


def split_file(folder: Path, number: int) -> Path:
    """The split of a fold."""
    return folder / "folds" / f"{number}.json"


def _groups_file(folder: Path) -> Path:
    return folder / "folds" / "groups.json"
