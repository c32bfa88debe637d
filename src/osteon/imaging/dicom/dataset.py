"""DICOM data sets, opened safely: the one way in to the elements of a file.

A file is read as what its bytes are, with or without preamble and meta information; no more is inflated than the limits
allow; nothing that a parser quotes of the file is printed or logged.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from pydicom.charset import convert_encodings, default_encoding
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.filereader import data_element_generator
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from osteon.core.codes.fault import FaultCode
from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError
from osteon.imaging.dicom import header as head
from osteon.imaging.dicom.encoding import (
    DEFLATED,
    Encoding,
    Inflating,
    Metered,
    inflate,
    stated_encoding,
    tell_encoding,
)
from osteon.imaging.limits import DEFAULT_LIMITS, Limits
from osteon.imaging.quiet import quiet
from osteon.imaging.sniff import HEAD, Kind, sniff

UNPARSABLE: Final = (*head.UNREADABLE, InvalidDicomError, struct.error, zlib.error)
"""What pydicom and zlib raise on objects that cannot be parsed."""

PIXEL_DATA: Final = 0x7FE00010
_UNDEFINED: Final = 0xFFFFFFFF
_SLACK: Final = 1 << 24
"""Bytes that may come in a deflated file behind the image."""
_LONGEST: Final = 1 << 20
"""Bytes of an element that ``open_dataset`` decodes; longer ones stay as they are until they are asked for."""


@dataclass(frozen=True)
class Parsed:
    """A parsed data set.

    Attributes:
        header: all elements up to Pixel Data, and Pixel Data where they are wanted: the bytes as they lie in the file,
            with ``is_undefined_length`` where they are items; ``file_meta`` is always there.
        notes: on what was not as stated.
    """

    header: Dataset
    notes: tuple[Note, ...]


def open_dataset(source: Path | bytes | BinaryIO, limits: Limits = DEFAULT_LIMITS, *, pixels: bool = True) -> Dataset:
    """Open a DICOM file and decode all its elements; later access to them neither warns nor logs.

    Args:
        source: a path, the bytes of a file, or a file open for reading bytes.
        limits: what the file may ask for.
        pixels: whether to read Pixel Data; without, a file is read no further than to its pixels.

    Returns:
        The elements up to Pixel Data (see ``Parsed.header``), with ``file_meta`` (empty where the file has none).

    Raises:
        InputError: it is no DICOM, damaged, or above the limits; the message quotes nothing of the file.
    """
    try:
        if isinstance(source, Path):
            limits.check_bytes(source.stat().st_size if pixels else 0)
            with source.open("rb") as stream:
                return _open(stream, limits, pixels=pixels)
        if isinstance(source, bytes):
            limits.check_bytes(len(source))
            return _open(io.BytesIO(source), limits, pixels=pixels)
        return _open(source, limits, pixels=pixels)
    except MemoryError:
        raise InputError(FaultCode.NO_MEMORY) from None
    except UNPARSABLE as error:
        if isinstance(error, OSError) and isinstance(source, Path):
            missing = isinstance(error, FileNotFoundError)
            code = FaultCode.FILE_MISSING if missing else FaultCode.FILE_UNOPENED
            raise InputError(code, {"source": str(source)}) from None
        raise InputError(FaultCode.DICOM_DAMAGED, {"error": type(error).__name__}) from None


def _open(stream: BinaryIO, limits: Limits, *, pixels: bool) -> Dataset:
    begin = stream.tell()
    kind = sniff(stream.read(HEAD))
    if kind is not Kind.DICOM:
        raise InputError(FaultCode.NOT_DICOM, {"format": kind.value})
    stream.seek(begin)
    with quiet():
        header = parse(stream, limits, pixels=pixels).header
        _decode(header)
        _decode(header.file_meta)
    return header


def _decode(header: Dataset) -> None:
    """Decode all elements; those that cannot be decoded stay as they are."""
    for tag in list(header.keys()):
        try:
            raw = header.get_item(tag)
            if isinstance(raw, RawDataElement) and len(raw.value or b"") > _LONGEST:
                continue
            element = header[tag]
            if element.VR == "SQ":
                for item in element.value:
                    _decode(item)
            elif element.VR == "PN":
                str(element.value)
        except UNPARSABLE:
            continue


def parse(source: bytes | BinaryIO, limits: Limits, *, pixels: bool = True) -> Parsed:
    """Parse a data set, with or without preamble; call it within ``quiet``.

    Args:
        source: the whole file, or a stream that stands at its beginning.
        limits: what it may ask for.
        pixels: whether to read Pixel Data.

    Raises:
        InputError: it is truncated or above the limits; ``UNPARSABLE`` are raised for what else is damaged.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    begin = stream.tell()
    for preamble in (128, 0):  # some writers leave it out, and write the prefix
        stream.seek(begin + preamble)
        if stream.read(4) == b"DICM":
            break
        stream.seek(begin)
    meta, _ = _elements(stream, _peek(stream) or Encoding(implicit=False, little=True), lambda tag: tag >> 16 != 2)
    stated = head.text(meta, "TransferSyntaxUID")
    stream, encoding, notes = _data_set(stream, stated, limits)
    header, cut = _elements(stream, encoding, lambda tag: tag == PIXEL_DATA)
    header.file_meta = FileMetaDataset(meta)
    if cut is not None:
        raise cut
    if pixels:
        notes += _pixels(stream, encoding, header, limits)
    return Parsed(header, notes)


def _peek(stream: BinaryIO) -> Encoding | None:
    first = stream.read(8)
    stream.seek(-len(first), 1)
    return tell_encoding(first)


def _data_set(stream: BinaryIO, stated: str, limits: Limits) -> tuple[BinaryIO, Encoding, tuple[Note, ...]]:
    """Where the elements of the data set are read from, how they are encoded, and what contradicts the stated syntax."""
    found = _peek(stream)
    plain = cast("BinaryIO | None", inflate(stream, limits)) if found is None or stated == DEFLATED else None
    if plain is not None:
        inner = _peek(plain) or Encoding(implicit=False, little=True)
        return plain, inner, () if stated == DEFLATED else (Note(NoteCode.DEFLATED_UNSTATED),)
    if stated == DEFLATED and found is None:
        raise InputError(FaultCode.DEFLATED_DAMAGED)
    expected = stated_encoding(stated)
    if found is None or (stated and stated != DEFLATED and found == expected):
        return stream, found or expected, ()
    return stream, found, (Note(NoteCode.HEADER_ENCODING),) if stated else ()


def _elements(stream: BinaryIO, encoding: Encoding, stop: Callable[[int], bool]) -> tuple[Dataset, InputError | None]:
    """Elements up to one at which to stop, and what is wrong where the file ends within one."""
    found: dict[BaseTag, RawDataElement | DataElement] = {}
    stopped = False

    def stop_when(tag: BaseTag, _vr: str | None, _length: int) -> bool:
        nonlocal stopped
        stopped = stop(tag)
        return stopped

    cut: InputError | None = None
    charset: str | list[str] = default_encoding
    source, place = cast("BinaryIO", Metered(stream)), -1
    try:
        # The parser ends at the delimiter of an item, which comes here where a sequence states too short a length.
        while not stopped and place < (place := stream.tell()):
            for element in data_element_generator(source, encoding.implicit, encoding.little, stop_when):
                found.setdefault(element.tag, element)
                if isinstance(element, RawDataElement) and len(element.value or b"") < element.length:
                    cut = _cut(element.tag)
    except EOFError:
        cut = _cut(max(found, default=Tag(0)))
    except OSError as error:  # which pydicom makes of what it meets within sequences
        if isinstance(error.__context__, InputError):
            raise error.__context__ from None
        last = max(found, default=Tag(0))
        raise InputError(FaultCode.SEQUENCE_DAMAGED, {"element": f"({last.group:04X},{last.element:04X})"}) from None
    header = Dataset(found)
    if 0x00080005 in found:
        charset = convert_encodings(header[0x00080005].value)
    header.set_original_encoding(encoding.implicit, encoding.little, charset)
    return header, None if stopped else cut


def _cut(tag: BaseTag) -> InputError:
    return InputError(FaultCode.DICOM_TRUNCATED, {"element": f"({tag.group:04X},{tag.element:04X})"})


def _pixels(stream: BinaryIO, encoding: Encoding, header: Dataset, limits: Limits) -> tuple[Note, ...]:
    """Read the element Pixel Data, at which the stream stands; give notes."""
    order = "little" if encoding.little else "big"
    first = stream.read(8)
    if len(first) < 8 or int.from_bytes(first[:2], order) << 16 | int.from_bytes(first[2:4], order) != PIXEL_DATA:
        return ()
    vr = "" if encoding.implicit else first[4:6].decode("ascii", "replace")
    if vr in EXPLICIT_VR_LENGTH_32:
        length = int.from_bytes(stream.read(4), order)
    else:
        length = int.from_bytes(first[6:8] if vr.isalpha() and vr.isupper() else first[4:8], order)
    if isinstance(stream, Inflating):
        stream.allow(_needed(header, limits))
    value = stream.read() if length == _UNDEFINED else stream.read(length)
    rest = b"" if length == _UNDEFINED else stream.read()
    notes: tuple[Note, ...] = ()
    if len(value) < _image_bytes(header) and rest.strip(b"\0") and not _begins_element(rest, encoding):
        value, notes = value + rest, (Note(NoteCode.PIXEL_DATA_LENGTH),)
    element = DataElement(PIXEL_DATA, vr if vr in ("OB", "OW", "UN") else "OW", value, already_converted=True)
    element.is_undefined_length = length == _UNDEFINED
    header.add(element)
    return notes


def _needed(header: Dataset, limits: Limits) -> int:
    """How many bytes the image that the header describes takes at most.

    Raises:
        InputError: it is above the limits.
    """
    frames = head.integer(header, "NumberOfFrames", 1) or 1
    limits.check_pixels(head.integer(header, "Rows"), head.integer(header, "Columns"), frames)
    needed = _image_bytes(header)
    limits.check_bytes(needed)
    return needed + _SLACK


def _image_bytes(header: Dataset) -> int:
    """Bytes of the image that the header describes, if it is not compressed."""
    pixels = head.integer(header, "Rows") * head.integer(header, "Columns")
    words = pixels * head.integer(header, "SamplesPerPixel", 1) * (head.integer(header, "NumberOfFrames", 1) or 1)
    return words * ((head.integer(header, "BitsAllocated", 16) + 7) // 8)


def _begins_element(rest: bytes, encoding: Encoding) -> bool:
    """Whether an element that may follow Pixel Data begins here: of their group or a higher one."""
    order = "little" if encoding.little else "big"
    return len(rest) >= 8 and int.from_bytes(rest[:2], order) >= 0x7FE0
