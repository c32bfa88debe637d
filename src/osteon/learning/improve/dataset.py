"""New and old images as one dataset that trains: links to the files, one table, one split."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import polars as pl

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.core.snapshot import Snapshot, SnapshotStudy
from osteon.data.datasets import read
from osteon.data.files.names import as_path
from osteon.data.snapshots.write import verify_snapshot
from osteon.data.splits.record import Split
from osteon.data.table.schema import LABEL_PREFIX
from osteon.data.table.table import Table
from osteon.learning.improve.sets import New, Old, Sets, repeats

TABLE = "cases.parquet"
SPLIT = "split.json"


class Made(NamedTuple):
    """A dataset that was written.

    Attributes:
        counts: images in training and validation, by origin.
        share: of new images among those that an epoch takes from.
        local: names of the images of the locked test set.
        old: those of the old test set.
    """

    counts: dict[str, int]
    share: float
    local: list[str]
    old: list[str]


def read_new(folders: Mapping[Path, bool], rename: Mapping[str, str]) -> New:
    """Read snapshots; a study that several hold is taken from the first.

    Args:
        folders: of snapshots, and whether their studies may be locked.
        rename: labels of the snapshot to those of the recipe.

    Raises:
        DataError: a folder is no snapshot, was changed, or a renamed label is not in it.
    """
    root = Path(os.path.commonpath([folder.parent for folder in folders]))
    tables: list[Table] = []
    found: dict[str, str] = {}
    studies: dict[str, SnapshotStudy] = {}
    lockable: list[str] = []
    for folder, locks in folders.items():
        record = verify_snapshot(folder)
        table = _renamed(read("listed", folder), rename)
        digests = _digests(record, table)
        fresh = [image for image in table.images if digests[image] not in found.values()]
        prefix = folder.relative_to(root).as_posix()
        tables.append(_placed(table.select(fresh), prefix))
        found |= {f"{prefix}/{image}": digests[image] for image in fresh}
        studies = {one.study: one for one in record.studies} | studies
        lockable += [f"{prefix}/{image}" for image in fresh if locks]
    return New(_joined(tables), root, studies, found, frozenset(lockable))


def _digests(record: Snapshot, table: Table) -> dict[str, str]:
    named = {image.name: image.digest for study in record.studies for image in study.images}
    return {image: named[PurePosixPath(image).stem] for image in table.images}


def _renamed(table: Table, rename: Mapping[str, str]) -> Table:
    absent = [name for name in rename if name not in table.labels]
    if absent:
        raise DataError("the snapshot has no label of this name", expected=", ".join(table.labels), got=absent[0])
    columns = {LABEL_PREFIX + name: LABEL_PREFIX + to for name, to in rename.items()}
    dropped = [to for to in columns.values() if to in table.frame.columns]
    frame = table.frame.drop(dropped).rename(columns)
    if rename:
        label = pl.element().struct.field("label").replace(dict(rename))
        frame = frame.with_columns(pl.col("boxes").list.eval(pl.element().struct.with_fields(label=label)))
    return Table(frame, table.dataset, table.remarks)


def _placed(table: Table, prefix: str) -> Table:
    """The table with paths below another folder."""
    return Table(table.frame.with_columns(pl.format("{}/{}", pl.lit(prefix), "image").alias("image")), table.dataset)


def _joined(tables: list[Table]) -> Table:
    frame = pl.concat([table.frame for table in tables], how="diagonal")
    labels = [name for name in frame.columns if name.startswith(LABEL_PREFIX)]
    return Table(frame.with_columns(pl.col(labels).fill_null(UNKNOWN)), "listed")


def write_dataset(folder: Path, new: New, old: Old | None, sets: Sets, share: float) -> Made:
    """Write the dataset of a round.

    Args:
        folder: to write into; empty.
        new: what readers decided.
        old: the dataset of before, or None.
        sets: which images are in which part.
        share: of new images in an epoch.

    Raises:
        DataError: there is nothing to train on, or the folder cannot be written.
    """
    often = repeats(len(sets.new["train"]), len(sets.old["train"]), share)
    parts: dict[str, list[str]] = {"train": [], "val": [], "test": []}
    frames: list[pl.DataFrame] = []
    named: dict[str, list[str]] = {}
    origins = [("new", new.table, new.root, sets.new, often)]
    if old is not None:
        origins.append(("old", old.table, old.root, sets.old, 1))
    for origin, table, root, divided, times in origins:
        for part, images in divided.items():
            into = "test" if part in ("local", "test") else part
            for copy in range(times if part == "train" else 1):
                names = [_link(root, image, folder, f"images/{origin}", copy) for image in images]
                frames.append(_rows(table, images, names, origin, into))
                parts[into] += names
                named.setdefault(f"{origin} {part}", names)
    joined = _joined([Table(frame, "listed") for frame in frames if frame.height])
    joined.frame.write_parquet(folder / TABLE)
    columns = ("patient", "study") if joined.frame["patient"].null_count() < len(joined) else ("study",)
    Split("listed", {part: tuple(sorted(names)) for part, names in parts.items()}, columns).save(folder / SPLIT)
    fresh, before = len(sets.new["train"]) * often, len(sets.old["train"])
    counts = {
        f"{origin}_{part}": len(divided[part]) for origin, _, _, divided, _ in origins for part in ("train", "val")
    }
    counts["repeats"] = often
    return Made(counts, fresh / (fresh + before), named["new local"], named.get("old test", []))


def _rows(table: Table, images: list[str], names: list[str], origin: str, part: str) -> pl.DataFrame:
    """Rows of the table under their new names; studies and patients of both origins are kept apart."""
    frame = table.select(images).frame
    return frame.with_columns(
        pl.Series("image", names, pl.String),
        pl.format("{} {}", pl.lit(origin), "study").alias("study"),
        pl.when(pl.col("patient").is_not_null()).then(pl.format("{} {}", pl.lit(origin), "patient")).alias("patient"),
        pl.lit(part).cast(frame.schema["split"]).alias("split"),
        pl.lit(None, pl.String).alias("mask"),
        *(pl.lit(None, pl.Int32).alias(name) for name in ("cluster", "run", "lookalike")),
    )


def _link(root: Path, image: str, folder: Path, below: str, copy: int) -> str:
    """A link to a file under a flat name that no other has; a copy where links cannot be made."""
    flat = "_".join(PurePosixPath(image).parts)
    if copy:
        path = PurePosixPath(flat)
        flat = f"{path.stem}~{copy + 1}{path.suffix}"
    target = folder / below / flat
    target.parent.mkdir(parents=True, exist_ok=True)
    source = as_path(root, image).resolve()
    try:
        target.symlink_to(source)
    except OSError:
        shutil.copyfile(source, target)
    return f"{below}/{flat}"


def files_of(folder: Path, names: list[str]) -> Iterator[Path]:
    """Files of a dataset."""
    for name in names:
        yield as_path(folder, name)
