"""Reports of reads, and files of other formats, for ``osteon annotate export`` and ``import``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osteon.clinic.annotation.exchange.incoming import ImportedImage, ImportedRegion
    from osteon.clinic.annotation.records.project_content import ProjectContent
    from osteon.clinic.annotation.schema.records import LabelSchema
    from osteon.data.table.case import LabelledBox


def write_reports(content: ProjectContent, path_of: Callable[[str], Path], out: Path) -> tuple[int, list[str]]:
    """Write a DICOM report for each read that was not skipped.

    Args:
        content: of the project.
        path_of: where the file of a digest lies.
        out: folder; it is made.

    Returns:
        How many were written, and why others were not, a sentence each; they name a study by its number alone.
    """
    from osteon.clinic.annotation.exchange.reports import dicom_report
    from osteon.core.errors import OsteonError

    out.mkdir(parents=True, exist_ok=True)
    items = {item.id: item for item in content.items}
    written, refused = 0, list[str]()
    for read in content.reads:
        if read.skip_reason or read.item not in items:
            continue
        item = items[read.item]
        try:
            made = dicom_report(read, item, content.project.name, content.schema, path_of)
        except OsteonError as error:
            refused.append(f"read {read.id} of study {item.id}: {error.problem}")
            continue
        (out / f"read-{read.id:06}.dcm").write_bytes(made)
        written += 1
    return written, refused


def imported_images(
    kind: str, source: Path, schema: LabelSchema, unreadable: list[str] | None = None
) -> Iterator[ImportedImage]:
    """What files of a format say of images.

    Args:
        kind: name of a dataset of ``osteon data list``, or ``dicom-sr``.
        source: their folder.
        schema: of the project.
        unreadable: gets the name of each report that cannot be read, with the reason.

    Raises:
        DataError: the folder is not of that format.
    """
    if kind == "dicom-sr":
        return _of_reports(source, schema, [] if unreadable is None else unreadable)
    return _of_table(kind, source)


def _of_reports(source: Path, schema: LabelSchema, unreadable: list[str]) -> Iterator[ImportedImage]:
    from osteon.clinic.annotation.exchange.reports import imported_images as images_of
    from osteon.core.errors import OsteonError
    from osteon.core.filenames import printable
    from osteon.inference.results import read_header
    from osteon.outputs.dicom import parse_report

    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        try:
            report = parse_report(read_header(path))
        except OsteonError as error:
            unreadable.append(f"{printable(path.name)}: {error}")
            continue
        yield from images_of(report, schema)


def _of_table(kind: str, source: Path) -> Iterator[ImportedImage]:
    import hashlib

    from osteon.clinic.annotation.exchange.incoming import ImportedImage
    from osteon.data.datasets import read
    from osteon.data.files.images import inspect_image
    from osteon.data.files.names import as_path
    from osteon.data.table.boxes import stretched
    from osteon.data.table.remark import Remark
    from osteon.data.table.schema import LABEL_PREFIX
    from osteon.data.table.table import boxes_of

    for row in read(kind, source).frame.iter_rows(named=True):
        path = as_path(source, row["image"])
        keys = [Path(row["image"]).stem]
        image = inspect_image(path, row["image"])
        across = down = 1.0
        if not isinstance(image, Remark):
            keys += [image.header.image] if image.header and image.header.image else []
            width, height = image.facts.annotated
            # The table counts square pixels, the workbench those that are stored.
            across, down = width / row["width"], height / row["height"]
        with path.open("rb") as file:
            keys.append(hashlib.file_digest(file, "sha256").hexdigest())
        labels = {
            name.removeprefix(LABEL_PREFIX): value for name, value in row.items() if name.startswith(LABEL_PREFIX)
        }
        regions = tuple(_region(stretched(box, across, down)) for box in boxes_of(row) if not box.crowd)
        yield ImportedImage(tuple(keys), labels, regions)


def _region(box: LabelledBox) -> ImportedRegion:
    from osteon.clinic.annotation.exchange.incoming import ImportedRegion
    from osteon.clinic.annotation.schema.records import RegionKind

    if len(box.polygons) == 1 and len(box.polygons[0]) >= 6:
        flat = box.polygons[0]
        return ImportedRegion(box.label, RegionKind.POLYGON, tuple(zip(flat[::2], flat[1::2], strict=True)))
    x0, y0, x1, y1 = box.box
    return ImportedRegion(box.label, RegionKind.BOX, ((x0, y0), (x1, y1)))
