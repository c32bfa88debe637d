"""Encoding of a file: properties that a network could learn instead of the bone."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image

from osteon.core.errors import InputError
from osteon.data.files.preview import UNDECODABLE
from osteon.imaging.dicom.dataset import open_dataset
from osteon.imaging.dicom.header import text
from osteon.imaging.quiet import quiet

_LUMA: Final = 3688
"""Sum of the example quantisation table for luminance (ITU-T T.81 table K.1), that of IJG's quality 50."""

_MAKE, _MODEL, _SOFTWARE = 0x010F, 0x0110, 0x0131
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Encoding:
    """Encoding of a file.

    Attributes:
        quality: of a JPEG on IJG's scale, 1 to 100, estimated from its quantisation table; None for other files.
        scheme: baseline or progressive JPEG with its colour sampling; transfer syntax of a DICOM file; else empty.
        software: make, model and software that wrote it, where the file states them; else empty.
        exif: whether there is an Exif block.
    """

    quality: int | None = None
    scheme: str = ""
    software: str = ""
    exif: bool = False


def raster_encoding(data: bytes) -> Encoding:
    """The encoding of a JPEG, PNG, TIFF or BMP file that can be decoded; read from its header."""
    try:
        with quiet(), Image.open(io.BytesIO(data)) as image:
            exif = image.getexif()
            named = [str(exif.get(tag, "")) for tag in (_MAKE, _MODEL, _SOFTWARE)]
            named.append(str(image.info.get("Software", "")))
            tables: dict[int, list[int]] = getattr(image, "quantization", None) or {}
            scheme = ""
            if image.format == "JPEG":
                layers: list[Any] = getattr(image, "layer", [])
                sampling = " ".join(f"{layer[1]}x{layer[2]}" for layer in layers)
                scheme = f"{'progressive' if image.info.get('progressive') else 'baseline'} {sampling}"
            return Encoding(ijg_quality(list(tables[0])) if 0 in tables else None, scheme, _tidy(named), bool(exif))
    except UNDECODABLE:
        return Encoding()


def ijg_quality(table: list[int]) -> int:
    """Quality of a luminance table of 64 entries in any order, on the scale of the IJG's library (jcparam.c)."""
    scale = 100.0 * sum(table) / _LUMA
    return max(1, min(100, round(5000.0 / scale if scale > 100.0 else (200.0 - scale) / 2.0)))


def dicom_encoding(data: bytes) -> Encoding:
    """The encoding of a DICOM file that can be decoded: its transfer syntax, device and software."""
    try:
        header = open_dataset(data, pixels=False)
    except InputError:
        return Encoding()
    named = [text(header, word) for word in ("Manufacturer", "ManufacturerModelName", "SoftwareVersions")]
    return Encoding(scheme=text(header.file_meta, "TransferSyntaxUID"), software=_tidy(named))


def _tidy(values: list[str]) -> str:
    return " ".join(word.strip("\0 ") for word in values if word.strip("\0 "))[:_LONGEST]
