"""Who is trained on and who is measured on: nothing of any evaluation set is trained on, nothing ever trained on is measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from osteon.core.errors import DataError
from osteon.core.locked import Lock, LockedStudy
from osteon.core.snapshot import SnapshotStudy
from osteon.data.files.names import as_path
from osteon.data.splits.leakage import group_rows
from osteon.data.splits.record import Split
from osteon.data.splits.split import split
from osteon.data.table.schema import LABEL_PREFIX
from osteon.data.table.table import Table
from osteon.learning.improve.known import Known, Shown, of_shown

VALIDATION = 0.2
"""Share of the new images that may be trained on that select epoch and thresholds."""

MOST_STRATA = 3


@dataclass(frozen=True)
class New:
    """What readers decided.

    Attributes:
        table: of the snapshot.
        root: its folder.
        studies: its records, by study.
        digests: SHA-256 of the file of the store that an image was made from, by image.
        lockable: images of studies that may be locked for testing.
    """

    table: Table
    root: Path
    studies: Mapping[str, SnapshotStudy]
    digests: Mapping[str, str]
    lockable: frozenset[str]

    def shown(self) -> Shown:
        """Its images."""
        return Shown.of({image: as_path(self.root, image) for image in self.table.images}, self.digests)


@dataclass(frozen=True)
class Old:
    """The dataset of before.

    Attributes:
        table: all of it.
        root: its folder.
        split: that the live bundle was trained and measured with.
    """

    table: Table
    root: Path
    split: Split

    def shown(self) -> dict[str, Shown]:
        """Its images, by part."""
        there = set(self.table.images)
        return {
            part: Shown.of({image: as_path(self.root, image) for image in images if image in there})
            for part, images in self.split.parts.items()
        }


@dataclass
class Sets:
    """Which image is in which part; paths within the new and the old dataset.

    Attributes:
        new: parts ``train``, ``val``, ``local``.
        old: parts ``train``, ``val``, ``test``.
        barred: images that were kept out, by reason.
        lock: the locked test set.
    """

    new: dict[str, list[str]]
    old: dict[str, list[str]]
    lock: Lock
    barred: Counter[str] = field(default_factory=Counter)


def divide(new: New, old: Old | None, trained: Known, lock: Lock | None, seed: int, share: float) -> Sets:
    """Divide new and old images.

    Args:
        new: what readers decided.
        old: the dataset of before, or None.
        trained: what the live bundle, or one that it came from, was ever trained on.
        lock: locked before, or None: then it is made.
        seed: of the choice.
        share: of the studies that are locked where nothing is.

    Raises:
        DataError: too few studies are left for a part.
    """
    barred: Counter[str] = Counter()
    shown = new.shown()
    before = {} if old is None else old.shown()
    taught = of_shown([before[part] for part in ("train", "val") if part in before])
    ever = trained.joined(taught)
    seen = set(ever.met(shown))
    barred["new_trained_before"] = len(seen)
    groups = dict(zip(new.table.images, group_rows(new.table, _groups(new.table)).tolist(), strict=True))
    if lock is None:
        lock = _locked(new, groups, seen, seed, share)
    digests = lock.digests
    local = [image for image in new.table.images if new.digests.get(image) in digests]
    barred["locked_trained_before"] = sum(image in seen for image in local)
    local = [image for image in local if image not in seen]
    if not local:
        raise DataError("nothing of the locked test set is in the snapshot", expected="its studies, decided")
    tested = of_shown([shown.only(local), *([before["test"]] if "test" in before else [])])
    closed = {groups[image] for image in new.table.images if new.digests.get(image) in digests}
    free = [image for image in new.table.images if groups[image] not in closed]
    copies = set(tested.met(shown.only(free)))
    barred["new_shows_a_test_image"] = len(copies)
    pool = [image for image in free if image not in copies]
    parts = _divided(new.table.select(pool), seed)
    sets = Sets({**parts, "local": local}, {"train": [], "val": [], "test": []}, lock, barred)
    if old is not None:
        _keep_apart(sets, shown, before, trained, local)
    return sets


def _keep_apart(sets: Sets, shown: Shown, before: Mapping[str, Shown], trained: Known, local: Sequence[str]) -> None:
    """Old images: those for training without copies of the local test set, those for testing without any ever trained on."""
    locked = of_shown([shown.only(local)])
    for part in ("train", "val"):
        images = before.get(part)
        if images is None:
            continue
        met = set(locked.met(images))
        sets.barred["old_shows_a_locked_image"] += len(met)
        sets.old[part] = [image for image in images.prints if image not in met]
    test = before.get("test")
    if test is not None:
        learnt = trained.joined(of_shown([shown.only([*sets.new["train"], *sets.new["val"]])]))
        met = set(learnt.met(test))
        sets.barred["old_test_trained_before"] = len(met)
        sets.old["test"] = [image for image in test.prints if image not in met]


def _groups(table: Table) -> tuple[str, ...]:
    known = table.frame["patient"].null_count() < len(table)
    return ("patient", "study") if known else ("study",)


def _strata(table: Table) -> list[str]:
    counts = {name: int((table.label(name) == 1).sum()) for name in table.labels}
    several = [name for name, count in counts.items() if 1 < count < len(table)]
    return [LABEL_PREFIX + name for name in sorted(several, key=lambda name: counts[name])[:MOST_STRATA]]


def _locked(new: New, groups: Mapping[str, int], seen: set[str], seed: int, share: float) -> Lock:
    """Choose studies to lock: of patients none of whose images was ever trained on."""
    if not new.lockable:
        raise DataError(
            "opinions cannot be locked as a test set: their readers had seen what the live bundle says",
            expected="a project whose studies were decided, or its lock",
            hint="Name a project beside --since.",
        )
    taught = {groups[image] for image in seen}
    able = [image for image in new.table.images if image in new.lockable and groups[image] not in taught]
    if not able:
        raise DataError("every study was trained on before: none can be locked", expected="studies that are new")
    table = new.table.select(able)
    made = split(
        table, {"train": 1 - share, "test": share}, seed=seed, group=_groups(table), stratify=_strata(table)
    )  # fmt: skip
    chosen = set(made.parts["test"])
    names = dict.fromkeys(study for image, study in table.frame.select("image", "study").iter_rows() if image in chosen)
    studies = [new.studies[name] for name in names]
    return Lock(
        created=datetime.now(UTC),
        seed=seed,
        share=share,
        studies=tuple(
            LockedStudy(study=one.study, patient=one.patient, digests=tuple(image.digest for image in one.images))
            for one in studies
        ),
    )


def _divided(table: Table, seed: int) -> dict[str, list[str]]:
    made = split(
        table,
        {"train": 1 - VALIDATION, "val": VALIDATION},
        seed=seed,
        group=_groups(table),
        stratify=_strata(table),
    )
    return {part: list(images) for part, images in made.parts.items()}


def repeats(new: int, old: int, share: float, most: int = 20) -> int:
    """How often new images are listed so that they make about a share of an epoch."""
    if not new or not old:
        return 1
    return int(np.clip(round(share / (1 - share) * old / new), 1, most))
