"""When an evaluation is entered in the ledger: which parts count, by whom, and what is said of many looks."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.bundle.archive import Bundle
from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.data.datasets import DATASETS
from osteon.data.splits.record import Split, parse_split
from osteon.data.table.table import Table
from osteon.evaluation.report.ledger import Entry, TestPart, append, default_ledger, earlier, identify, make, warning

_log = logging.getLogger(__name__)

SPLIT: Final = "split.json"
"""Part of a bundle: the split that it was trained, selected and measured with."""

TRUTH: Final = "truth.json"
"""What phantoms have in their folder: what was simulated."""


@dataclass(frozen=True)
class Look:
    """How an evaluation is entered.

    Attributes:
        book: the ledger; None enters nothing, because whoever asks does so, or nobody looks at the figures.
        purpose: why the cases are evaluated.
        every: enter the evaluation of any cases; otherwise of the test part of a registered dataset only.
    """

    book: Path | None
    purpose: str = ""
    every: bool = False


NOT_ENTERED: Final = Look(None)


def default_look() -> Look:
    """The look of a Python function that was told nothing: into the user's ledger."""
    return Look(default_ledger())


def is_synthetic(root: Path) -> bool:
    """Whether a folder holds phantoms. Their test parts wear out, too, but others can be simulated at any time."""
    return (root / TRUTH).is_file()


def is_registered(dataset: str) -> bool:
    """Whether a dataset is one that its publisher shares, and not a user's own folder or table."""
    return any(one.card.name == dataset and one.card.access != "own" for one in DATASETS)


def split_of(bundle: Bundle) -> Split | None:
    """The split that a bundle carries.

    Raises:
        DataError: it is damaged.
    """
    record = bundle.parts.get(SPLIT)
    return None if record is None else parse_split(record, f"{SPLIT} of {bundle.manifest.identity}")


def is_test_part(table: Table, bundle: Bundle | None) -> bool:
    """Whether a table holds images of a test part: that of the bundle's split, or of the publisher's."""
    if "test" in table.frame["split"].to_list():
        return True
    split = None if bundle is None else split_of(bundle)
    return split is not None and not set(split.parts.get("test", ())).isdisjoint(table.images)


def look_at_table(
    look: Look,
    table: Table,
    root: Path | None,
    bundle: Bundle | None,
    system: str,
    sha256: str,
    figures: Mapping[str, Estimate],
) -> list[Entry]:
    """Enter the evaluation of a table, where it is one that counts.

    Args:
        look: how.
        table: the cases.
        root: folder of their images, where it is known.
        bundle: that was evaluated; None for another system.
        system: its name.
        sha256: of the bundle, or of the file with its answers.
        figures: headline figures.

    Returns:
        The earlier evaluations of the same part; empty where this one does not count.
    """
    if look.book is None or (root is not None and is_synthetic(root)):
        return []
    test = is_test_part(table, bundle)
    if not look.every and not (test and is_registered(table.dataset)):
        return []
    part = identify(table.dataset, "test" if test else "", table.images, root)
    return enter(look, part, system, sha256, figures)


def enter(look: Look, part: TestPart, system: str, sha256: str, figures: Mapping[str, Estimate]) -> list[Entry]:
    """Enter an evaluation; a caution is logged from the third of a part on, and where the ledger cannot be written.

    Returns:
        The earlier evaluations of the same part.
    """
    if look.book is None:
        return []
    ends = {name: (one.value, one.low, one.high) for name, one in figures.items()}
    try:
        before = earlier(look.book, part)
        append(look.book, make(part, system, sha256, purpose=look.purpose, figures=ends))
    except DataError as error:
        _log.warning("%s: this evaluation is not recorded", error.problem)
        return []
    if caution := warning(before):
        _log.warning(caution)
    return before


def part_of(folder: Path) -> TestPart | None:
    """The cases that a folder of ``osteon evaluate`` or ``osteon reproduce`` says it is of; None where it does not say.

    Raises:
        DataError: its ``evaluation.json`` is no such file.
    """
    stated = folder / "evaluation.json"
    if not stated.is_file():
        return None
    try:
        content = json.loads(stated.read_text(encoding="utf-8")).get("part")
        return None if content is None else TestPart(**content)
    except (ValueError, TypeError, AttributeError) as error:
        raise DataError(
            "the evaluation cannot be read", expected="evaluation.json as written by `osteon evaluate`", got=str(stated)
        ) from error


def counts(part: TestPart) -> bool:
    """Whether an evaluation of this part is entered without being asked for."""
    return part.split == "test" and is_registered(part.dataset)


def sha256_of_systems(digests: Sequence[str]) -> str:
    """One SHA-256 for several systems that are compared."""
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()
