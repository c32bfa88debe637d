"""Which images are in which part: a dataset's own parts, as far as it has them, and a recipe's rule for the rest."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from osteon.core.errors import DataError
from osteon.data.datasets import find
from osteon.data.splits.record import Split, load_split
from osteon.data.splits.split import official_split, split
from osteon.data.table.table import Table
from osteon.learning.inputs.lists import PARTS, known_columns, publisher_lists
from osteon.learning.recipe import SplitRule

SPLITS = Path(__file__).parent.parent / "recipes" / "splits"
"""Splits that come with Osteon."""
_log = logging.getLogger(__name__)


def divide(table: Table, rule: SplitRule) -> Split:
    """The dataset's own parts, as far as it has them; the others are divided by the rule.

    Where all three parts are complete they are taken. Where one of a user's own dataset is missing, its validation and test
    parts stay as they are and the missing one is taken from the rest. The lists of published datasets that leave images out
    (FracAtlas's) are no split of the whole, and are not used unless the rule keeps them: a rule that keeps all three parts
    takes the publisher's lists as they are, and leaves out or divides the images in none of them. A user's own dataset has no
    such lists.

    Raises:
        DataError: the table cannot be divided so.
    """
    own = find(table.dataset).card.access == "own"
    if set(rule.keep) == set(PARTS) and not own:
        return publisher_lists(table, rule)
    official = set(table.frame["split"].drop_nulls().unique())
    if official >= set(PARTS):
        try:
            return official_split(table)
        except DataError as error:
            if own:
                _log.warning("the dataset's own parts cannot be used: %s", error)
    fractions = {"train": rule.train, "val": rule.val, "test": rule.test}
    keep = tuple(part for part in PARTS if part in official and (part in rule.keep or (own and part != "train")))
    divided = partial(split, table, fractions, seed=rule.seed, group=rule.group, stratify=known_columns(table, rule))
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
