"""Pascal VOC: ``Annotations/<image>.xml``; outlines and annotators, which VOC has no elements for, in additional elements."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from osteon.data.convert.target import Target, Written, in_images, is_unlabelled
from osteon.data.formats.voc import VocImage, write_voc


def write(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Write an XML file for each image about which anything is known."""
    del labels
    folder = out / "Annotations"
    folder.mkdir()
    for written_image in written:
        if is_unlabelled(written_image):
            continue
        image = VocImage(Path(written_image.name).name, written_image.width, written_image.height, written_image.boxes)
        write_voc(folder / f"{Path(written_image.name).stem}.xml", image)


TARGET: Final = Target("voc", "Pascal VOC XML with boxes and outlines", "voc", in_images, write)
