"""Pascal VOC: ``Annotations/<image>.xml``; outlines and readers, which VOC does not know, in elements of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from osteon.data.convert.target import Target, Written, in_images, says_nothing
from osteon.data.formats.voc import VocImage, write_voc


def write(written: Sequence[Written], labels: Sequence[str], out: Path) -> None:
    """Write an XML file for each image of which anything is known."""
    del labels
    folder = out / "Annotations"
    folder.mkdir()
    for one in written:
        if says_nothing(one):
            continue
        image = VocImage(Path(one.name).name, one.width, one.height, one.boxes)
        write_voc(folder / f"{Path(one.name).stem}.xml", image)


TARGET: Final = Target("voc", "Pascal VOC XML with boxes and outlines", "voc", in_images, write)
