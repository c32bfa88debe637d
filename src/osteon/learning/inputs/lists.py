"""The lists of a dataset's publisher, as the parts that a recipe makes of them."""

from __future__ import annotations

import logging
from typing import Final

import polars as pl

from osteon.core.errors import DataError
from osteon.data.splits.record import Split
from osteon.data.splits.split import split
from osteon.data.table.table import Table
from osteon.learning.recipe import SplitRule

PARTS: Final = ("train", "val", "test")
_log = logging.getLogger(__name__)


def publisher_lists(table: Table, rule: SplitRule) -> Split:
    """The publisher's lists as the parts that the rule makes of them, with the images of no list if it divides these.

    Raises:
        DataError: a list is missing, or the other images cannot be divided.
    """
    listed = table.frame.select("image", "split")
    parts = {
        part: listed.filter(pl.col("split") == name)["image"].to_list()
        for part, name in zip(PARTS, rule.lists, strict=True)
    }
    if lacking := [name for part, name in zip(PARTS, rule.lists, strict=True) if not parts[part]]:
        raise DataError(
            f"the publisher has no list of the {lacking[0]} part",
            expected=f"lists of {', '.join(PARTS)} in the dataset",
        )
    others = listed.filter(pl.col("split").is_null())["image"].to_list()
    if not rule.unlisted or not others:
        return Split(table.dataset, {part: tuple(sorted(images)) for part, images in parts.items()})
    fractions = {"train": rule.train, "val": rule.val, "test": rule.test}
    stratify = known_columns(table, rule)
    divided = split(table.select(others), fractions, seed=rule.seed, group=rule.group, stratify=stratify)
    joined = {part: tuple(sorted([*images, *divided.parts[part]])) for part, images in parts.items()}
    return Split(table.dataset, joined, rule.group, stratify, rule.seed)


def known_columns(table: Table, rule: SplitRule) -> tuple[str, ...]:
    """The columns to balance that the table has: those of labels follow from the data."""
    absent = [name for name in rule.stratify if name not in table.frame.columns]
    if absent:
        _log.warning("the data have no %s: the parts are not balanced by it", " and ".join(absent))
    return tuple(name for name in rule.stratify if name not in absent)
