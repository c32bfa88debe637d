"""Hashes of a run's images and annotations: it is resumed with the same data, wherever they are, and never with others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError
from osteon.data.files.names import as_path
from osteon.data.splits.record import Split
from osteon.data.table.schema import LABEL_PREFIX
from osteon.data.table.table import Table
from osteon.learning.runs.run import Run
from osteon.learning.runs.write import write_json

FILE: Final = "data.json"
DIGITS: Final = 16


def check_content(run: Run, table: Table, root: Path, split: Split) -> None:
    """Compare data with those that a run was started with; the first time their hashes are stored.

    Args:
        run: whose folder keeps them.
        table: as read now.
        root: folder of the dataset now.
        split: of the run.

    Raises:
        DataError: images are missing, or have other pixels, labels or boxes; or a file cannot be read.
    """
    path, listed = run.folder / FILE, sorted(image for images in split.parts.values() for image in images)
    there = set(table.images)
    gone = [image for image in listed if image not in there]
    if gone:
        raise _other(len(listed), f"{len(gone)} images that are not in {root}")
    if path.is_file():
        kept: Mapping[str, str] = json.loads(path.read_text(encoding="utf-8"))["images"]
        now = digests(table.select(listed), root)
        if changed := sum(kept.get(image) != digest for image, digest in now.items()):
            raise _other(len(listed), f"{changed} images with other pixels, labels or boxes in {root}")
    elif not run.weights_file.is_file():
        write_json(path, {"images": digests(table.select(listed), root)})


def digests(table: Table, root: Path) -> dict[str, str]:
    """The start of a SHA-256 of each image: the file's bytes, its labels and boxes.

    Raises:
        DataError: a file cannot be read.
    """
    names = sorted(name for name in table.frame.columns if name.startswith(LABEL_PREFIX))
    found: dict[str, str] = {}
    for row in table.frame.select("image", "boxes", *names).iter_rows(named=True):
        try:
            with as_path(root, row["image"]).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
        except OSError as error:
            raise DataError("an image of the dataset cannot be read", got=error.strerror or "") from error
        digest.update(json.dumps([row["boxes"], [row[name] for name in names]]).encode())
        found[row["image"]] = digest.hexdigest()[:DIGITS]
    return found


def _other(images: int, got: str) -> DataError:
    return DataError(
        "the data are not those that the run was started with",
        expected=f"the same {images} images with the same labels, wherever they lie",
        got=got,
        hint="Name the folder of the run's own data with --data, or start a new run in another folder.",
    )
