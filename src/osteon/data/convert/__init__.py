"""Writing a table and its images in others' formats: COCO, YOLO, Pascal VOC, VinDr's CSV, folders, DICOM.

Beside the annotations of the format every conversion writes ``cases.csv`` (see ``osteon.data.sidecar``), which keeps
what the format has no place for, and ``SOURCE.md``, which keeps the licence and the citation.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from osteon.core.errors import DataError
from osteon.data.boxes import stretched
from osteon.data.card import DatasetCard
from osteon.data.convert import coco, plain, vindr, voc, yolo
from osteon.data.convert.target import Target, Written
from osteon.data.films import MASKS, inspect_film
from osteon.data.names import as_path
from osteon.data.pictures import PICTURES, Picture
from osteon.data.remark import Remark
from osteon.data.sidecar import NAME, write_sidecar
from osteon.data.table import Table, boxes_of

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
        DataError: there is no such target or kind of picture, or the folder is not empty.
        InputError: an image cannot be read.
    """
    target = find(to)
    kind = target.pictures or pictures
    picture = PICTURES.get(kind)
    if picture is None and kind != "keep":
        raise DataError("no such kind of picture", expected=", ".join(["keep", *PICTURES]), got=kind)
    if out.exists() and any(out.iterdir()):
        raise DataError(f"{out} is not empty", hint="Name a new folder.")
    written = list(_written(table, root, out, target, picture))
    labels = sorted({box.label for one in written for box in one.boxes}) or list(table.labels)
    target.write(written, labels, out)
    write_sidecar(out / NAME, (one.row for one in written))
    if card is not None:
        (out / "SOURCE.md").write_text(_source(card), "utf-8")
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
    taken: set[str] = set()
    for row in table.frame.iter_rows(named=True):
        source = as_path(root, row["image"])
        named = Path(row["image"])
        suffix = picture.suffix if picture else named.suffix
        stem = named.stem
        if stem in taken:  # names are unique below the root; annotations go by the name of the file alone
            stem = "_".join(named.with_suffix("").parts)
        taken.add(stem)
        name = f"{target.folder(row)}/{stem}{suffix}"
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        new = {**row, "image": name, "mask": _mask(row, root, out, stem)}
        if picture is None:
            shutil.copyfile(source, out / name)
            yield _kept(out / name, name, new)
        else:
            uid = picture.write(source, out / name, row, table.dataset)
            yield Written(name, new, boxes_of(row), row["width"], row["height"], uid)


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
