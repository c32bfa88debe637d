"""Writing a table and its images in other formats: COCO, YOLO, Pascal VOC, VinDr's CSV, folders, DICOM.

In addition to the annotations of the format every conversion writes ``cases.csv`` (see ``osteon.data.files.sidecar``),
which keeps what the format cannot hold, and ``SOURCE.md`` with the licence and the citation.
"""

from __future__ import annotations

import shutil
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from osteon.core.errors import DataError
from osteon.data.convert import coco, plain, vindr, voc, yolo
from osteon.data.convert.target import Target, Written
from osteon.data.files.atomic import filling
from osteon.data.files.images import MASKS, inspect_image
from osteon.data.files.names import as_path
from osteon.data.files.reencode import IMAGE_FORMATS, ImageFormat
from osteon.data.files.sidecar import NAME, write_sidecar
from osteon.data.table.boxes import stretched
from osteon.data.table.card import DatasetCard
from osteon.data.table.remark import Remark
from osteon.data.table.table import Table, boxes_of

TARGETS: Final = (
    coco.TARGET,
    yolo.BOXES,
    yolo.OUTLINES,
    voc.TARGET,
    vindr.TARGET,
    plain.FOLDER,
    plain.LISTED,
    plain.DICOM,
)
"""Formats that a dataset can be written in."""


def convert(
    table: Table, root: Path, out: Path, to: str, *, pictures: str = "keep", card: DatasetCard | None = None
) -> int:
    """Write a dataset in another format.

    Args:
        table: its cases.
        root: folder of its images.
        out: folder to write into; it must be empty or absent.
        to: name of a target.
        pictures: ``keep`` copies the files as they are; ``png``, ``tiff`` and ``dicom`` re-encode them in 16 bit,
            upright, as they are displayed.
        card: of the dataset, for ``SOURCE.md``.

    Returns:
        the number of images written.

    Raises:
        DataError: there is no such target or image format, or the folder is not empty or cannot be written; it is
            left unchanged then.
        InputError: an image cannot be read.
    """
    target = find(to)
    kind = target.pictures or pictures
    image_format = IMAGE_FORMATS.get(kind)
    if image_format is None and kind != "keep":
        raise DataError("no such image format", expected=", ".join(["keep", *IMAGE_FORMATS]), got=kind)
    if out.exists() and not out.is_dir():
        raise DataError(f"{out} is a file", hint="Name a new folder.")
    if out.exists() and any(out.iterdir()):
        raise DataError(f"{out} is not empty", hint="Name a new folder.")
    with filling(out) as new:
        written = list(_written(table, root, new, target, image_format))
        labels = sorted({box.label for image in written for box in image.boxes}) or list(table.labels)
        target.write(written, labels, new)
        write_sidecar(new / NAME, (image.row for image in written))
        if card is not None:
            (new / "SOURCE.md").write_text(_source(card), "utf-8")
    return len(written)


def find(name: str) -> Target:
    """The target of that name.

    Raises:
        DataError: there is none.
    """
    for target in TARGETS:
        if target.name == name:
            return target
    raise DataError("no such format to write", expected=", ".join(target.name for target in TARGETS), got=name)


def _written(
    table: Table, root: Path, out: Path, target: Target, image_format: ImageFormat | None
) -> Iterator[Written]:
    for row, stem in zip(table.frame.iter_rows(named=True), stems(table.images), strict=True):
        source = as_path(root, row["image"])
        suffix = image_format.suffix if image_format else Path(row["image"]).suffix
        name = f"{target.folder(row)}/{stem}{suffix}"
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        new = {**row, "image": name, "mask": _mask(row, root, out, stem)}
        if image_format is None:
            shutil.copyfile(source, out / name)
            yield _copied(out / name, name, new)
        else:
            uid = image_format.write(source, out / name, row, table.dataset)
            yield Written(name, new, boxes_of(row), row["width"], row["height"], uid)


def stems(images: Sequence[str]) -> list[str]:
    """A unique name without suffix for each image, also on file systems that ignore case.

    An image keeps its own name where no other has it; otherwise its folders are added, and a number where that is taken
    as well. Annotations refer to the name of the file alone.
    """
    own = Counter(_comparable(Path(image).stem) for image in images)
    taken = set(own)
    found: list[str] = []
    used: set[str] = set()
    for image in images:
        path = Path(image)
        stem = path.stem
        first = own[_comparable(stem)] > 1 and _comparable(stem) not in used
        used.add(_comparable(stem))
        if own[_comparable(stem)] > 1 and not first:
            long = "_".join(path.with_suffix("").parts)
            tries = (long, *(f"{long}_{number}" for number in range(2, len(images) + 2)))
            stem = next(candidate for candidate in tries if _comparable(candidate) not in taken)
        taken.add(_comparable(stem))
        found.append(stem)
    return found


def _comparable(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _copied(path: Path, name: str, row: dict[str, Any]) -> Written:
    """A copied file: its boxes are converted back to its own pixels where these are not square.

    Raises:
        DataError: the file is no longer readable.
    """
    image = inspect_image(path, name)
    if isinstance(image, Remark):
        raise DataError("an image cannot be read", got=image.detail)
    width, height = image.facts.annotated
    across, down = width / row["width"], height / row["height"]
    boxes = tuple(stretched(box, across, down) for box in boxes_of(row))
    return Written(name, row, boxes, width, height, image.header.image if image.header else "")


def _mask(row: dict[str, Any], root: Path, out: Path, stem: str) -> str | None:
    """Copy the mask image of a row; its new path."""
    if not row["mask"]:
        return None
    name = f"{MASKS}/{stem}{Path(row['mask']).suffix}"
    (out / MASKS).mkdir(exist_ok=True)
    shutil.copyfile(as_path(root, row["mask"]), out / name)
    return name


def _source(card: DatasetCard) -> str:
    """Where the images come from and under what terms, as Markdown."""
    cite = f"Cite: {card.citation}" if card.citation else ""
    lines = [f"# {card.title}, converted by osteon", f"Licence: {card.licence}", cite, card.url]
    return "\n\n".join(filter(None, lines)) + "\n"
