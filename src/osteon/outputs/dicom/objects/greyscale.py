"""How a presentation state shows its images: it stands in place of what the images themselves say (PS3.4 section N.2).

A state that left the window out would show every image flat. So what each image states is repeated: its modality LUT, its
window or VOI LUT, and its polarity.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from osteon.imaging.dicom.header import items, number, text, values
from osteon.outputs.dicom.common.source import SourceImage, stated

MONOCHROME = {"MONOCHROME1", "MONOCHROME2"}


@dataclass(frozen=True, slots=True)
class Shown:
    """What all images of a presentation state must share.

    Attributes:
        inverted: whether low values are white (MONOCHROME1).
        slope: of the rescaling; None where there is a table or nothing.
        intercept: of the rescaling.
        unit: its RescaleType.
        table: of the modality LUT: first value, bits and entries; None where there is none.
    """

    inverted: bool
    slope: float | None = None
    intercept: float = 0.0
    unit: str = "US"
    table: tuple[int, int, tuple[int, ...]] | None = None


def shown(image: SourceImage) -> Shown | None:
    """How an image is shown; None where it is in colour, which a greyscale state cannot refer to."""
    header = image.header
    photometric = text(header, "PhotometricInterpretation").upper()
    if photometric not in MONOCHROME:
        return None
    inverted = photometric == "MONOCHROME1"
    for item in items(header, "ModalityLUTSequence")[:1]:
        table = _table(item)
        if table is not None:
            return Shown(inverted, table=table, unit=stated(item, "ModalityLUTType") or "US")
    slope, intercept = number(header, "RescaleSlope"), number(header, "RescaleIntercept")
    if slope is None or slope == 0 or intercept is None:
        return Shown(inverted)
    return Shown(inverted, slope, intercept, stated(header, "RescaleType") or "US")


def add_modality(made: Dataset, one: Shown) -> None:
    """Give a state the modality LUT and the polarity of its images."""
    if one.table is not None:
        item = _lut(one.table)
        item.ModalityLUTType = one.unit
        made.ModalityLUTSequence = [item]
    elif one.slope is not None:
        made.RescaleIntercept, made.RescaleSlope = _decimal(one.intercept), _decimal(one.slope)
        made.RescaleType = one.unit
    made.PresentationLUTShape = "INVERSE" if one.inverted else "IDENTITY"


def windows(images: Sequence[SourceImage]) -> list[Dataset]:
    """The window or VOI LUT of each object that states one (PS3.3 section C.11.8)."""
    found: list[Dataset] = []
    for image in images:
        item = _window(image.header)
        if item is not None:
            item.ReferencedImageSequence = [image.reference(frame=False)]
            found.append(item)
    return found


def _window(header: Dataset) -> Dataset | None:
    item = Dataset()
    for lut in items(header, "VOILUTSequence")[:1]:
        table = _table(lut)
        if table is not None:
            item.VOILUTSequence = [_lut(table)]
            return item
    for centre, width in zip(values(header, "WindowCenter"), values(header, "WindowWidth"), strict=False):
        if centre is not None and width is not None and width >= 1:
            item.WindowCenter, item.WindowWidth = _decimal(centre), _decimal(width)
            function = text(header, "VOILUTFunction").upper()
            if function in {"LINEAR", "LINEAR_EXACT", "SIGMOID"}:
                item.VOILUTFunction = function
            return item
    return None


def _table(item: Dataset) -> tuple[int, int, tuple[int, ...]] | None:
    """First value, bits and entries of a LUT; None where it is malformed."""
    descriptor, data = item.get("LUTDescriptor"), item.get("LUTData")
    if descriptor is None or data is None or len(descriptor) != 3:
        return None
    if isinstance(data, bytes):
        data = struct.unpack(f"<{len(data) // 2}H", data[: len(data) // 2 * 2])
    count, first, bits = (int(value) for value in descriptor)
    entries = tuple(int(value) & 0xFFFF for value in data)
    if len(entries) != (count or 65536) or not 8 <= bits <= 16:
        return None
    return first, bits, entries


def _lut(table: tuple[int, int, tuple[int, ...]]) -> Dataset:
    first, bits, entries = table
    item = Dataset()
    count = len(entries) % 65536
    # Three values of one representation: a negative first value makes all of them signed.
    signed = first < 0
    if signed and count >= 32768:
        count -= 65536
    item["LUTDescriptor"] = DataElement("LUTDescriptor", "SS" if signed else "US", [count, first, bits])
    item["LUTData"] = DataElement("LUTData", "OW", struct.pack(f"<{len(entries)}H", *entries))
    return item


def _decimal(value: float) -> str:
    """A number in the 16 characters of a decimal string."""
    return f"{value:.10g}"
