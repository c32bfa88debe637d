"""The format of a file by its first bytes, never by its name."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError

HEAD: Final = 512
"""Number of bytes that are enough to tell."""


class Kind(StrEnum):
    """The formats that are read; the values are those of ``Radiograph.format``."""

    DICOM = "DICOM"
    JPEG = "JPEG"
    PNG = "PNG"
    TIFF = "TIFF"


_READ: Final = (
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"II+\x00", Kind.TIFF),
    (b"MM\x00+", Kind.TIFF),
)
_REFUSED: Final = (
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "rar"),
    (b"%PDF", "pdf"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"\xff\x4f\xff\x51", "j2k"),
    (b"\x00\x00\x00\x0cjP  ", "jp2"),
    (b"RIFF", "riff"),
    (b"\x93NUMPY", "numpy"),
    (b"\x89HDF", "hdf5"),
    (b"{\\rtf", "rtf"),
    (b"\xd0\xcf\x11\xe0", "office"),
)
VALUE_REPRESENTATIONS: Final = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OW PN SH SL SQ SS ST TM UC UI UL UN UR US UT".split()
)


def sniff(head: bytes) -> Kind:
    """Tell the format of a file by its first ``HEAD`` bytes.

    Raises:
        InputError: the format is not supported; the message says what it seems to be.
    """
    if not head:
        raise InputError(FaultCode.EMPTY_FILE)
    if (
        head.startswith(b"DICM") or head[128:132] == b"DICM"
    ):  # first, since its preamble may pose as TIFF (PS3.10 section 7.1)
        return Kind.DICOM
    for magic, kind in _READ:
        if head.startswith(magic):
            return kind
    if _is_bare_dicom(head):
        return Kind.DICOM
    for magic, name in _REFUSED:
        if head.startswith(magic):
            raise InputError(FaultCode.UNKNOWN_FORMAT, {"format": name})
    raise InputError(FaultCode.UNKNOWN_FORMAT, {"format": _name_text(head)})


def _is_bare_dicom(head: bytes) -> bool:
    """Whether this is a DICOM data set without preamble: it starts with an element of group 0002 or 0008."""
    if len(head) < 8 or head[:2] not in (b"\x02\x00", b"\x08\x00", b"\x00\x08"):
        return False
    if head[4:6] in VALUE_REPRESENTATIONS:
        return True
    element, length = int.from_bytes(head[2:4], "little"), int.from_bytes(head[4:8], "little")
    return head[1] == 0 and element <= 0x0070 and length <= 1024


def _name_text(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if start.startswith((b"<?xml", b"<svg")):
        return "xml"
    if start.startswith((b"{", b"[")):
        return "json"
    printable = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head)
    return "text" if printable > 0.95 * len(head) else "binary"
