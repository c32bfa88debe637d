"""Any dataset with a COCO JSON beside or above its images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError
from osteon.data.boxes import usable
from osteon.data.card import DatasetCard
from osteon.data.case import Case
from osteon.data.coco import Coco, CocoImage, read_coco
from osteon.data.datasets.folder import SPLIT_NAMES
from osteon.data.films import films_below, inspect_film
from osteon.data.remark import Kind, Remark
from osteon.data.sidecar import complete
from osteon.data.table import Table, from_cases

CARD: Final = DatasetCard(
    name="coco",
    title="COCO JSON",
    about="Any images with one or several COCO files of boxes and polygons.",
    licence="as its owner says",
    citation="",
    url="https://cocodataset.org/#format-data",
    access="own",
    obtain="Your own files.",
    layout="*.json (at the root or in annotations/; the name may say train, val or test)\nimages anywhere below",
    identifiers=("cluster",),
    label_map={"any category": "label of its name = 1 where an image has a box of it, else 0"},
)


def read(root: Path) -> Table:
    """Read images and COCO files below ``root``.

    An image that a COCO file lists was looked at: a category without a box in it is 0. One that no file lists is left
    out.

    Raises:
        DataError: there is no COCO file, or one cannot be read.
    """
    found = sorted({*root.glob("*.json"), *root.glob("[Aa]nnotations/**/*.json")})
    if not found:
        raise DataError(f"no COCO file in {root}", expected="*.json at the root or in annotations/")
    names = films_below(root)
    by_file: dict[str, list[str]] = {}
    for name in names:
        by_file.setdefault(Path(name).name, []).append(name)
    cases: list[Case] = []
    remarks: list[Remark] = []
    listed: set[str] = set()
    for path in found:
        coco = read_coco(path)
        split = next((part for word, part in SPLIT_NAMES.items() if word in path.stem.lower()), None)
        for image in coco.images:
            named = by_file.get(Path(image.file_name).name, [])
            # Some files name images by where they lay on a disk: a path that ends with the image's is the image's.
            candidates = [one for one in named if one.endswith(image.file_name) or image.file_name.endswith(f"/{one}")]
            if len(candidates) != 1:
                why = "listed, but there is no such file" if not candidates else "several files have this name"
                remarks.append(Remark(Kind.MISSING_FILE, image.file_name, why, skipped=True))
            elif candidates[0] in listed:
                remarks.append(Remark(Kind.EXTRA_FILE, candidates[0], f"listed once more in {path.name}"))
            else:
                listed.add(candidates[0])
                remarks += _add(root, candidates[0], image, coco, split, cases)
    remarks += [
        Remark(Kind.NO_RECORD, name, "no COCO file lists it", skipped=True) for name in names if name not in listed
    ]
    return from_cases(complete(root, cases), dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _add(root: Path, name: str, image: CocoImage, coco: Coco, split: str | None, cases: list[Case]) -> list[Remark]:
    film = inspect_film(root / name, name)
    if isinstance(film, Remark):
        return [film]
    remarks: list[Remark] = []
    width, height = film.facts.annotated
    if (image.width, image.height) != (width, height):
        swapped = (image.height, image.width) == (width, height)
        says = f"the COCO file says {image.width} x {image.height}, the image is {width} x {height}"
        remarks.append(Remark(Kind.SWAPPED_SIZE if swapped else Kind.WRONG_SIZE, name, says))
    boxes, broken = usable(coco.boxes_of(image.id), film.facts, name)
    present = {one.label for one in boxes}
    labels = {label: int(label in present) for label in coco.labels}
    cases.append(replace(film.case(name), labels=labels, boxes=boxes, split=split))
    return [*remarks, *broken]
