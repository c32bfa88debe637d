"""Pascal VOC: one XML file for each image, corners in pixels.

VOC counts pixels from 1 and includes the last (development kit of the VOC challenge, section 8). Tools write the
corners both in that way and from 0; they are read here as edges from 0, as in FracAtlas and most other datasets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.data.formats.classes import ANY
from osteon.data.formats.outlines import bounds, is_outline
from osteon.data.table.case import LabelledBox
from osteon.data.table.parse import number_of
from osteon.data.table.remark_code import RemarkCode


@dataclass(frozen=True, slots=True)
class VocImage:
    """One VOC file.

    Attributes:
        file: name of the image.
        width: stated columns, 0 where there are none.
        height: stated rows, 0 where there are none.
        boxes: in pixels; their labels are the names as written, ``ANY`` where there is none; unreadable corners are
            NaN.
        odd: defects, for remarks, each with the number of the object.
    """

    file: str
    width: int
    height: int
    boxes: tuple[LabelledBox, ...]
    odd: tuple[tuple[RemarkCode, int], ...] = ()


def read_voc(path: Path) -> VocImage:
    """Read a VOC file; entities and external references are refused.

    Raises:
        DataError: it is not a VOC file.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, parse

    try:
        root = parse(path).getroot()
    except (ParseError, DefusedXmlException, ValueError, LookupError, OSError, RecursionError) as error:
        location = f" in line {error.position[0]}" if isinstance(error, ParseError) else ""
        raise DataError(f"cannot read {path.name} as Pascal VOC", got=f"{type(error).__name__}{location}") from error
    if root is None or root.tag != "annotation":
        got = f"an element {root.tag[:40]}" if root is not None else "nothing"
        raise DataError(f"cannot read {path.name} as Pascal VOC", expected="an element annotation", got=got)
    odd: list[tuple[RemarkCode, int]] = []
    boxes = tuple(_box(element, number, odd) for number, element in enumerate(root.iter("object"), start=1))
    sides = [number_of(root.findtext(f"size/{side}") or "") or 0.0 for side in ("width", "height")]
    width, height = (int(side) if 0 < side < 1e9 else 0 for side in sides)
    return VocImage(root.findtext("filename") or "", width, height, boxes, tuple(odd))


def _box(element: Element, number: int, odd: list[tuple[RemarkCode, int]]) -> LabelledBox:
    """The box of an object, from its outline where it has no corners."""
    name = (element.findtext("name") or "").strip()
    if not name:
        odd.append((RemarkCode.OBJECT_UNNAMED, number))
    outlines = tuple(points for outline in element.findall("polygon") if (points := _points(outline)))
    corners = [number_of(element.findtext(f"bndbox/{side}") or "") for side in ("xmin", "ymin", "xmax", "ymax")]
    box = Box(*(math.nan if corner is None else corner for corner in corners))
    if None in corners and (found := next((points for points in outlines if is_outline(points)), None)):
        box = bounds(found)
        odd.append((RemarkCode.OBJECT_WITHOUT_CORNERS, number))
    return LabelledBox(box, name or ANY, element.findtext("reader") or "", outlines)


def _points(outline: Element) -> tuple[float, ...]:
    """The numbers of an outline: elements ``x1, y1, x2 ...``, or ``pt`` with ``x`` and ``y``."""
    numbers = [number_of(value.text or "") for value in outline.iter() if value.tag[:1] in {"x", "y"}]
    return tuple(math.nan if value is None else value for value in numbers)


def write_voc(path: Path, image: VocImage) -> None:
    """Write a VOC file; polygons and annotators, which VOC has no elements for, go into additional ones."""
    root = Element("annotation")
    SubElement(root, "filename").text = image.file
    size = SubElement(root, "size")
    for name, value in (("width", image.width), ("height", image.height), ("depth", 1)):
        SubElement(size, name).text = str(value)
    for labelled in image.boxes:
        found = SubElement(root, "object")
        SubElement(found, "name").text = labelled.label
        if labelled.reader:
            SubElement(found, "reader").text = labelled.reader
        corners = SubElement(found, "bndbox")
        for name, value in zip(("xmin", "ymin", "xmax", "ymax"), labelled.box, strict=True):
            SubElement(corners, name).text = repr(float(value))
        for points in labelled.polygons:
            outline = SubElement(found, "polygon")
            for index, value in enumerate(points):
                SubElement(outline, f"{'xy'[index % 2]}{index // 2 + 1}").text = repr(float(value))
    indent(root)
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
