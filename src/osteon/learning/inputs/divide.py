"""Which images are in which part: a dataset's own parts, as far as it has them, and a recipe's rule for the rest."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import polars as pl

from osteon.core.errors import DataError
from osteon.data.datasets import find
from osteon.data.splits.record import Split, load_split
from osteon.data.splits.split import official_split, split
from osteon.data.table.table import Table
from osteon.learning.recipe import SplitRule

PARTS = ("train", "val", "test")
SPLITS = Path(__file__).parent.parent / "recipes" / "splits"
"""Splits that come with Osteon."""
_log = logging.getLogger(__name__)


def divide(table: Table, rule: SplitRule) -> Split:
    """The dataset's own parts, as far as it has them; the others are divided by the rule.

    Where all three parts are complete they are taken. Where one of a user's own dataset is missing, its validation and test
    parts stay as they are and the missing one is taken from the rest. The lists of published datasets that leave images out
    (FracAtlas's) are no split of the whole, and are not used unless the rule keeps them: a rule that keeps all three parts
    takes the publisher's lists as they are, without the images in none of them.

    Raises:
        DataError: the table cannot be divided so.
    """
    if set(rule.keep) == set(PARTS):
        return _lists(table)
    official = set(table.frame["split"].drop_nulls().unique())
    own = find(table.dataset).card.access == "own"
    if official >= set(PARTS):
        try:
            return official_split(table)
        except DataError as error:
            if own:
                _log.warning("the dataset's own parts cannot be used: %s", error)
    fractions = {"train": rule.train, "val": rule.val, "test": rule.test}
    keep = tuple(part for part in PARTS if part in official and (part in rule.keep or (own and part != "train")))
    divided = partial(split, table, fractions, seed=rule.seed, group=rule.group, stratify=_known_columns(table, rule))
    if keep and own:
        try:
            return _with_warning(divided(keep=keep), table, keep)
        except DataError as error:
            _log.warning("the dataset's own parts (%s) cannot be kept: %s", ", ".join(keep), error)
            keep = tuple(part for part in keep if part in rule.keep)
    if rule.kept is None or own:
        return divided(keep=keep)
    try:
        return divided(keep=keep, before=load_split(SPLITS / f"{rule.kept}.json"))
    except DataError as error:
        _log.warning("the split %s does not fit these data (%s); they are divided again", rule.kept, error.problem)
        return divided(keep=keep)


def _with_warning(made: Split, table: Table, keep: Sequence[str]) -> Split:
    """The split, after a warning on what was divided, and on whether a part that was to stay has grown."""
    before = dict(zip(table.images, table.frame["split"].to_list(), strict=True))
    divided = [f"{part} ({len(made.parts[part])} images)" for part in PARTS if part not in keep and part != "train"]
    grown = sum(before[image] != part for part in keep for image in made.parts[part])
    _log.warning(
        "the dataset's own %s part stays as it is%s%s",
        " and ".join(keep),
        f"; {' and '.join(divided)} is taken from the rest, since the dataset has none" if divided else "",
        f"; {grown} near duplicates of it, or images of the same patients, were added to it" if grown else "",
    )
    return made


def _known_columns(table: Table, rule: SplitRule) -> tuple[str, ...]:
    """The columns to balance that the table has: those of labels follow from the data."""
    absent = [name for name in rule.stratify if name not in table.frame.columns]
    if absent:
        _log.warning("the data have no %s: the parts are not balanced by it", " and ".join(absent))
    return tuple(name for name in rule.stratify if name not in absent)


def _lists(table: Table) -> Split:
    listed = table.frame.select("image", "split").drop_nulls("split")
    parts = {part: tuple(sorted(listed.filter(pl.col("split") == part)["image"])) for part in PARTS}
    if lacking := [part for part, images in parts.items() if not images]:
        raise DataError(
            f"the publisher has no list of the {lacking[0]} part",
            expected=f"lists of {', '.join(PARTS)} in the dataset",
        )
    return Split(table.dataset, parts)
