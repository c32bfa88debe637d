"""Pascal VOC: one XML file for each image, corners in pixels.

VOC counts pixels from 1 and includes the last (development kit of the VOC challenge, section 8). Tools write the
corners both in that way and from 0; as FracAtlas and most others do, they are read here as edges from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.data.case import LabelledBox
from osteon.data.coco import slug


@dataclass(frozen=True, slots=True)
class VocImage:
    """One VOC file.

    Attributes:
        file: name of the image.
        width: columns that it states, 0 where it does not.
        height: rows that it states, 0 where it does not.
        boxes: in pixels.
    """

    file: str
    width: int
    height: int
    boxes: tuple[LabelledBox, ...]


def read_voc(path: Path) -> VocImage:
    """Read a VOC file; entities and external references are refused.

    Raises:
        DataError: it is no VOC file.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, parse

    try:
        root = parse(path).getroot()
        if root is None:
            raise ValueError
        boxes = tuple(_box(one) for one in root.iter("object"))
        size = [int(float(root.findtext(f"size/{side}") or 0)) for side in ("width", "height")]
    except (ParseError, DefusedXmlException, ValueError, OSError) as error:
        raise DataError(f"cannot read {path.name} as Pascal VOC", got=type(error).__name__) from error
    return VocImage(root.findtext("filename") or f"{path.stem}.jpg", size[0], size[1], boxes)


def _box(one: Element) -> LabelledBox:
    x0, y0, x1, y1 = (float(one.findtext(f"bndbox/{side}") or "nan") for side in ("xmin", "ymin", "xmax", "ymax"))
    points = tuple(tuple(float(value.text or "nan") for value in outline) for outline in one.findall("polygon"))
    return LabelledBox(Box(x0, y0, x1, y1), slug(one.findtext("name") or ""), one.findtext("reader") or "", points)


def write_voc(path: Path, image: VocImage) -> None:
    """Write a VOC file; polygons and readers, which VOC does not know, go into elements of their own."""
    root = Element("annotation")
    SubElement(root, "filename").text = image.file
    size = SubElement(root, "size")
    for name, value in (("width", image.width), ("height", image.height), ("depth", 1)):
        SubElement(size, name).text = str(value)
    for one in image.boxes:
        found = SubElement(root, "object")
        SubElement(found, "name").text = one.label
        if one.reader:
            SubElement(found, "reader").text = one.reader
        corners = SubElement(found, "bndbox")
        for name, value in zip(("xmin", "ymin", "xmax", "ymax"), one.box, strict=True):
            SubElement(corners, name).text = repr(float(value))
        for points in one.polygons:
            outline = SubElement(found, "polygon")
            for index, value in enumerate(points):
                SubElement(outline, f"{'xy'[index % 2]}{index // 2 + 1}").text = repr(float(value))
    indent(root)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
