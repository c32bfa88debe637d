"""Writing a table and its images in others' formats: COCO, YOLO, Pascal VOC, VinDr's CSV, folders of classes."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.core.labels import UNKNOWN
from osteon.data.case import LabelledBox
from osteon.data.pictures import PICTURES, Picture
from osteon.data.table import LABEL_PREFIX, Table
from osteon.data.voc import VocImage, write_voc
from osteon.data.yolo import outline_line, yolo_line


@dataclass(frozen=True, slots=True)
class Written:
    """One image in its new place.

    Attributes:
        name: path of the file below the new root.
        row: its row of the table, by column.
        boxes: in pixels of the upright image.
    """

    name: str
    row: dict[str, Any]
    boxes: tuple[LabelledBox, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A format that a dataset can be written in.

    Attributes:
        name: the word for it on the command line.
        reader: name of the dataset reader that reads it again.
        folder: where an image goes, below the new root.
        write: writes the annotations, given the images and the new root.
    """

    name: str
    reader: str
    folder: Callable[[dict[str, Any]], str]
    write: Callable[[list[Written], list[str], Path], None]


def boxes_of(row: dict[str, Any]) -> tuple[LabelledBox, ...]:
    """The boxes of a row of the table, typed again."""
    return tuple(
        LabelledBox(
            Box(one["x0"], one["y0"], one["x1"], one["y1"]),
            one["label"],
            one["reader"],
            tuple(tuple(points) for points in one["polygons"]),
        )
        for one in row["boxes"]
    )


def convert(table: Table, root: Path, out: Path, to: str, *, pictures: str = "keep") -> int:
    """Write a dataset in another format.

    Args:
        table: its cases.
        root: folder of its images.
        out: folder to write into; it must be empty or absent.
        to: name of a target.
        pictures: ``keep`` copies the files as they are; ``png``, ``tiff`` and ``dicom`` write them anew in 16 bit,
            upright.

    Returns:
        the number of images written.

    Raises:
        DataError: there is no such target or kind of picture, or the folder is not empty.
        InputError: an image cannot be read.
    """
    target = next((one for one in TARGETS if one.name == to), None)
    if target is None:
        raise DataError("no such format to write", expected=", ".join(one.name for one in TARGETS), got=to)
    picture = PICTURES.get(pictures)
    if picture is None and pictures != "keep":
        raise DataError("no such kind of picture", expected=", ".join(["keep", *PICTURES]), got=pictures)
    if out.exists() and any(out.iterdir()):
        raise DataError(f"{out} is not empty", hint="Name a new folder.")
    written = list(_written(table, root, out, target, picture))
    labels = sorted({box.label for one in written for box in one.boxes}) or list(table.labels)
    target.write(written, labels, out)
    return len(written)


def _written(table: Table, root: Path, out: Path, target: Target, picture: Picture | None) -> Iterator[Written]:
    taken: set[str] = set()
    for row in table.frame.iter_rows(named=True):
        source = root / row["image"]
        suffix = picture.suffix if picture else source.suffix
        name = f"{target.folder(row)}/{source.stem}{suffix}"
        if name in taken:  # names are unique below the root, not within the new folder
            name = f"{target.folder(row)}/{'_'.join(Path(row['image']).with_suffix('').parts)}{suffix}"
        taken.add(name)
        destination = out / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        if picture:
            picture.write(source, destination, row)
        else:
            shutil.copyfile(source, destination)
        yield Written(name, row, boxes_of(row))


def _in_images(row: dict[str, Any]) -> str:
    return f"images/{row['split']}" if row["split"] else "images"


def _in_class(row: dict[str, Any]) -> str:
    """Folder of the first label that is 1, or ``no_<label>`` of the only label that is 0."""
    labels = {key.removeprefix(LABEL_PREFIX): value for key, value in row.items() if key.startswith(LABEL_PREFIX)}
    positive = next((name for name, value in labels.items() if value == 1), None)
    negative = next((f"no_{name}" for name, value in labels.items() if value == 0), "unknown")
    part = f"{row['split']}/" if row["split"] else ""
    return part + (positive or negative)


def _in_vindr(row: dict[str, Any]) -> str:
    return "test_images" if row["split"] == "test" else "train_images"


def _write_coco(written: list[Written], labels: list[str], out: Path) -> None:
    parts: dict[str, list[Written]] = {}
    for one in written:
        parts.setdefault(one.row["split"] or "all", []).append(one)
    numbers = {label: number for number, label in enumerate(labels)}
    for part, images in parts.items():
        annotations: list[dict[str, Any]] = []
        for number, one in enumerate(images):
            for marked in one.boxes:
                box = marked.box
                found = {
                    "id": len(annotations),
                    "image_id": number,
                    "category_id": numbers[marked.label],
                    "bbox": [box.x0, box.y0, box.width, box.height],
                    "area": box.area,
                    "iscrowd": 0,
                    "segmentation": [list(points) for points in marked.polygons],
                }
                annotations.append({**found, "reader": marked.reader} if marked.reader else found)
        content = {
            "images": [
                {"id": number, "file_name": one.name, "width": one.row["width"], "height": one.row["height"]}
                for number, one in enumerate(images)
            ],
            "categories": [{"id": number, "name": label} for label, number in numbers.items()],
            "annotations": annotations,
        }
        (out / f"instances_{part}.json").write_text(json.dumps(content), "utf-8")


def _write_yolo(written: list[Written], labels: list[str], out: Path) -> None:
    for one in written:
        lines: list[str] = []
        for marked in one.boxes:
            size = one.row["width"], one.row["height"]
            number = labels.index(marked.label)
            outline = marked.polygons[0] if marked.polygons else None
            lines.append(outline_line(outline, number, *size) if outline else yolo_line(marked.box, number, *size))
        path = out / Path("labels", *Path(one.name).parts[1:]).with_suffix(".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    names = "".join(f"  {number}: {label}\n" for number, label in enumerate(labels))
    parts = sorted({one.row["split"] for one in written if one.row["split"]})
    places = "".join(f"{part}: images/{part}\n" for part in parts) or "train: images\n"
    (out / "data.yaml").write_text(f"path: .\n{places}names:\n{names}", "utf-8")


def _write_voc(written: list[Written], labels: list[str], out: Path) -> None:
    del labels
    folder = out / "Annotations"
    folder.mkdir()
    for one in written:
        image = VocImage(Path(one.name).name, one.row["width"], one.row["height"], one.boxes)
        write_voc(folder / f"{Path(one.name).stem}.xml", image)


def _write_vindr(written: list[Written], labels: list[str], out: Path) -> None:
    """``annotations/{train,test}.csv``; an image whose ``abnormal`` (or first label) is 0 gets the row "No finding"."""
    del labels
    (out / "annotations").mkdir()
    head = ("image_id", "study_id", "series_id", "rad_id", "lesion_type", "xmin", "ymin", "xmax", "ymax")
    for part in ("train", "test"):
        with (out / "annotations" / f"{part}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(head)
            for one in written:
                if one.name.startswith(part):
                    rows.writerows(_vindr_rows(one))


def _vindr_rows(one: Written) -> list[tuple[object, ...]]:
    start = (Path(one.name).stem, one.row["study"], "")
    if not one.boxes:
        known = [value for key, value in one.row.items() if key.startswith(LABEL_PREFIX) and value != UNKNOWN]
        return [(*start, "", "No finding", "", "", "", "")] if known and not any(known) else []
    return [(*start, box.reader, box.label.replace("_", " ").capitalize(), *box.box) for box in one.boxes]


def _write_nothing(written: list[Written], labels: list[str], out: Path) -> None:
    """The folders say it all."""
    del written, labels, out


TARGETS: Final = (
    Target("coco", "coco", _in_images, _write_coco),
    Target("yolo", "yolo", _in_images, _write_yolo),
    Target("voc", "voc", _in_images, _write_voc),
    Target("vindr", "spinexr", _in_vindr, _write_vindr),
    Target("folder", "folder", _in_class, _write_nothing),
)
"""Formats that a dataset can be written in."""
