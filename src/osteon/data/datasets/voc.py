"""Any dataset with a Pascal VOC file for each image."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError
from osteon.data.boxes import usable
from osteon.data.card import DatasetCard
from osteon.data.case import Case
from osteon.data.datasets.folder import SPLIT_NAMES
from osteon.data.films import films_below, inspect_films
from osteon.data.remark import Kind, Remark
from osteon.data.sidecar import complete
from osteon.data.table import Table, from_cases
from osteon.data.voc import VocImage, read_voc

CARD: Final = DatasetCard(
    name="voc",
    title="Pascal VOC",
    about="Any images with an XML file of boxes each.",
    licence="as its owner says",
    citation="",
    url="http://host.robots.ox.ac.uk/pascal/VOC/",
    access="own",
    obtain="Your own files.",
    layout="Annotations/*.xml and images with the same names anywhere below",
    identifiers=("cluster",),
    label_map={"any name": "label of its name = 1 where an image has a box of it, 0 where its file has none"},
)


def read(root: Path) -> Table:
    """Read images and VOC files below ``root``; they belong together by name.

    An image whose file has no object was looked at and has nothing; one without a file is unknown.

    Raises:
        DataError: there is no XML file.
    """
    files = sorted(root.rglob("*.xml"))
    if not files:
        raise DataError(f"no Pascal VOC file below {root}", expected="*.xml")
    known: dict[str, VocImage] = {}
    remarks: list[Remark] = []
    for path in files:
        try:
            known[path.stem] = read_voc(path)
        except DataError as error:
            remarks.append(Remark(Kind.UNREADABLE, path.relative_to(root).as_posix(), error.problem))
    labels = sorted({one.label for image in known.values() for one in image.boxes})
    cases: list[Case] = []
    names = films_below(root)
    for name, film in inspect_films(root, names):
        if isinstance(film, Remark):
            remarks.append(film)
            continue
        parts = Path(name).parts[:-1]
        split = next((SPLIT_NAMES[part.lower()] for part in parts if part.lower() in SPLIT_NAMES), None)
        voc = known.get(Path(name).stem)
        if voc is None:
            remarks.append(Remark(Kind.NO_RECORD, name, "no XML file; its labels are unknown"))
            cases.append(replace(film.case(name), split=split))
            continue
        width, height = film.facts.annotated
        if voc.width and (voc.width, voc.height) != (width, height):
            swapped = (voc.height, voc.width) == (width, height)
            says = f"the XML file says {voc.width} x {voc.height}, the image is {width} x {height}"
            remarks.append(Remark(Kind.SWAPPED_SIZE if swapped else Kind.WRONG_SIZE, name, says))
        boxes, broken = usable(voc.boxes, film.facts, name)
        remarks += broken
        present = {one.label for one in boxes}
        values = {label: int(label in present) for label in labels}
        cases.append(replace(film.case(name), labels=values, boxes=boxes, split=split))
    stems = {Path(name).stem for name in names}
    remarks += [
        Remark(Kind.MISSING_FILE, image.file, "it has an XML file, but there is no such image", skipped=True)
        for stem, image in known.items()
        if stem not in stems
    ]
    return from_cases(complete(root, cases), dataset=CARD.name, licence=CARD.licence, remarks=remarks)
