"""Writing a table and its images in others' formats: COCO, YOLO, Pascal VOC, VinDr's CSV, folders, DICOM.

Beside the annotations of the format every conversion writes ``cases.csv`` (see ``osteon.data.files.sidecar``), which keeps
what the format has no place for, and ``SOURCE.md``, which keeps the licence and the citation.
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
from osteon.data.files.images import MASKS, inspect_film
from osteon.data.files.names import as_path
from osteon.data.files.pictures import PICTURES, Picture
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
        pictures: ``keep`` copies the files as they are; ``png``, ``tiff`` and ``dicom`` write them anew in 16 bit,
            upright, as they are displayed.
        card: of the dataset, for ``SOURCE.md``.

    Returns:
        the number of images written.

    Raises:
        DataError: there is no such target or kind of picture, or the folder is not empty or cannot be written; it is
            then as it was.
        InputError: an image cannot be read.
    """
    target = find(to)
    kind = target.pictures or pictures
    picture = PICTURES.get(kind)
    if picture is None and kind != "keep":
        raise DataError("no such kind of picture", expected=", ".join(["keep", *PICTURES]), got=kind)
    if out.exists() and not out.is_dir():
        raise DataError(f"{out} is a file", hint="Name a new folder.")
    if out.exists() and any(out.iterdir()):
        raise DataError(f"{out} is not empty", hint="Name a new folder.")
    with filling(out) as new:
        written = list(_written(table, root, new, target, picture))
        labels = sorted({box.label for one in written for box in one.boxes}) or list(table.labels)
        target.write(written, labels, new)
        write_sidecar(new / NAME, (one.row for one in written))
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
    raise DataError("no such format to write", expected=", ".join(one.name for one in TARGETS), got=name)


def _written(table: Table, root: Path, out: Path, target: Target, picture: Picture | None) -> Iterator[Written]:
    for row, stem in zip(table.frame.iter_rows(named=True), stems(table.images), strict=True):
        source = as_path(root, row["image"])
        suffix = picture.suffix if picture else Path(row["image"]).suffix
        name = f"{target.folder(row)}/{stem}{suffix}"
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        new = {**row, "image": name, "mask": _mask(row, root, out, stem)}
        if picture is None:
            shutil.copyfile(source, out / name)
            yield _kept(out / name, name, new)
        else:
            uid = picture.write(source, out / name, row, table.dataset)
            yield Written(name, new, boxes_of(row), row["width"], row["height"], uid)


def stems(images: Sequence[str]) -> list[str]:
    """A name without suffix for each image, no two alike in any case of their letters, whatever system reads them.

    An image keeps its own name where no other has it; else it is called by its folders too, and by a number where that
    is taken as well. Annotations go by the name of the file alone.
    """
    own = Counter(_alike(Path(image).stem) for image in images)
    taken = set(own)
    found: list[str] = []
    met: set[str] = set()
    for image in images:
        path = Path(image)
        stem = path.stem
        first = own[_alike(stem)] > 1 and _alike(stem) not in met
        met.add(_alike(stem))
        if own[_alike(stem)] > 1 and not first:
            long = "_".join(path.with_suffix("").parts)
            tries = (long, *(f"{long}_{number}" for number in range(2, len(images) + 2)))
            stem = next(one for one in tries if _alike(one) not in taken)
        taken.add(_alike(stem))
        found.append(stem)
    return found


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _kept(path: Path, name: str, row: dict[str, Any]) -> Written:
    """A file that was copied: boxes go back into its own pixels where these are not square.

    Raises:
        DataError: the file has become unreadable since the table was made.
    """
    film = inspect_film(path, name)
    if isinstance(film, Remark):
        raise DataError("an image cannot be read", got=film.detail)
    width, height = film.facts.annotated
    across, down = width / row["width"], height / row["height"]
    boxes = tuple(stretched(one, across, down) for one in boxes_of(row))
    return Written(name, row, boxes, width, height, film.header.image if film.header else "")


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
