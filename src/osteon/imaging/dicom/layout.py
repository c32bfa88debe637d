"""Where the pixels of a DICOM object lie and how they are written, by what they are and not only by what is stated of them.

Pixel Data of a defined length are native, items of an undefined length are encapsulated (PS3.5 sections 8.2 and A.4), and
a codestream says of itself which it is: where a transfer syntax contradicts them, it is the transfer syntax that is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pydicom.dataset import Dataset
from pydicom.uid import UID

from osteon.core.codes.fault import FaultCode
from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError
from osteon.imaging.codecs.codecs import CODECS, RLE, Codec, Layout, frame_codec, syntax_of
from osteon.imaging.codecs.codestream import Codestream, Family
from osteon.imaging.dicom import header as head
from osteon.imaging.dicom.encoding import BIG_ENDIAN, EXPLICIT
from osteon.imaging.dicom.frames import PixelData, transfer_codec
from osteon.imaging.dicom.items import Items, is_codestream, read_items, starts_with_items, to_frames
from osteon.imaging.display.colour import INDEXED, MONOCHROME, check_photometric
from osteon.imaging.display.voi import Stored
from osteon.imaging.limits import Limits


@dataclass(frozen=True, slots=True)
class _Found:
    """Compressed frames, how to decode them, and their transfer syntax."""

    frames: tuple[bytes, ...]
    codec: Codec
    syntax: str
    stream: Codestream | None
    notes: tuple[Note, ...]


def read_layout(header: Dataset, limits: Limits) -> tuple[PixelData, Stored]:
    """Where the pixels of an object lie, not yet decoded, and how a sample lies in its word.

    Raises:
        InputError: there are none, they are above the limits, or of a layout or transfer syntax that is not read.
    """
    stated = _syntax(header)
    stated_codec = transfer_codec(stated, UID(stated).name[:80])
    rows, columns = head.integer(header, "Rows"), head.integer(header, "Columns")
    frames = head.integer(header, "NumberOfFrames", 1) or 1
    if not rows or not columns or "PixelData" not in header:
        raise InputError(FaultCode.NO_IMAGE, {"without_data": False})
    limits.check_pixels(rows, columns, frames)
    bits, high_bit, allocated = _depth(header)
    photometric = head.text(header, "PhotometricInterpretation").upper()
    layout = Layout(
        rows=rows,
        columns=columns,
        samples=head.integer(header, "SamplesPerPixel", 1),
        word_bytes=allocated // 8,
        photometric=photometric,
        planar=head.integer(header, "PlanarConfiguration") == 1,
        signed=head.integer(header, "PixelRepresentation") == 1 and photometric in MONOCHROME | INDEXED,
    )
    check_photometric(layout.photometric, layout.samples)
    found = _compressed(header, layout, frames, stated)
    if found is None:
        pixels = _native(header, layout, frames, contradicted=stated_codec is not None)
        return pixels, Stored(bits, high_bit, layout.signed, word_bits=allocated)
    exact = found.codec is RLE or (found.stream is not None and not found.stream.lossy and found.stream.bits > high_bit)
    lossy = found.stream is not None and (found.stream.lossy or _cut_short(header, found.stream))
    pixels = PixelData(
        layout, frames, compressed=found.frames, codec=found.codec, syntax=found.syntax, notes=found.notes
    )
    high_bit = high_bit if exact and not lossy else bits - 1
    return pixels, Stored(bits, high_bit, layout.signed, masked=not lossy, word_bits=allocated)


def _syntax(header: Dataset) -> str:
    """The transfer syntax, of the file meta information or, without one, by how the data set was parsed."""
    stated = head.text(getattr(header, "file_meta", header), "TransferSyntaxUID")
    return stated or (BIG_ENDIAN if _is_big_endian(header) else EXPLICIT)


def _is_big_endian(header: Dataset) -> bool:
    return header.original_encoding[1] is False


def _depth(header: Dataset) -> tuple[int, int, int]:
    allocated = head.integer(header, "BitsAllocated")
    bits = head.integer(header, "BitsStored", allocated)
    high_bit = head.integer(header, "HighBit", bits - 1)
    if allocated not in (8, 16) or not 1 <= bits <= allocated or not bits - 1 <= high_bit < allocated:
        raise InputError(FaultCode.SAMPLE_DEPTH, {"allocated": allocated, "stored": bits, "high_bit": high_bit})
    return bits, high_bit, allocated


def _cut_short(header: Dataset, stream: Codestream) -> bool:
    """Whether a reversible wavelet was cut short, which the header alone tells: its samples may overshoot."""
    return stream.family is Family.JPEG_2000 and head.text(header, "LossyImageCompression") == "01"


def _value(header: Dataset) -> bytes:
    data = header["PixelData"].value
    if not isinstance(data, bytes) or not data:
        raise InputError(FaultCode.NO_IMAGE, {"without_data": True})
    return data


def _native(header: Dataset, layout: Layout, frames: int, *, contradicted: bool) -> PixelData:
    data = _value(header)
    if layout.photometric == "YBR_FULL_422" and (layout.columns % 2 or layout.word_bytes != 1):
        raise InputError(FaultCode.SUBSAMPLED)
    big = _is_big_endian(header)
    notes = [Note(NoteCode.TRANSFER_SYNTAX, {"read_as": "uncompressed"})] if contradicted else []
    pixels = PixelData(
        layout,
        frames,
        native=data,
        big_endian=big,
        swapped=big and layout.word_bytes == 1 and header["PixelData"].VR == "OW",
        syntax=BIG_ENDIAN if big else EXPLICIT,
    )
    if len(data) >= pixels.frame_bytes * (frames + 1):
        more = len(data) // pixels.frame_bytes
        notes.append(Note(NoteCode.SURPLUS_FRAMES, {"found": more, "stated": frames}))
    return replace(pixels, notes=tuple(notes))


def _compressed(header: Dataset, layout: Layout, frames: int, stated: str) -> _Found | None:
    """Compressed frames; None where pixels are native."""
    data = _value(header)
    size = PixelData(layout, frames).frame_bytes * frames
    notes: list[Note] = []
    if header["PixelData"].is_undefined_length or (starts_with_items(data) and len(data) not in (size, size + 1)):
        items = read_items(data, frames)
        table = header.get("ExtendedOffsetTable"), header.get("ExtendedOffsetTableLengths")
        extended = (table[0], table[1]) if isinstance(table[0], bytes) and isinstance(table[1], bytes) else None
        streams = to_frames(items, frames, extended)
        notes += _told(items, header["PixelData"].is_undefined_length)
    elif is_codestream(data) and len(data) not in (size, size + 1):
        streams = (data,)
        notes.append(Note(NoteCode.NOT_ENCAPSULATED))
    else:
        return None
    codec, stream = frame_codec(streams[0] if streams else b"", CODECS.get(stated))
    syntax = stated if CODECS.get(stated) is codec else syntax_of(stream)
    if syntax != stated and head.text(header.file_meta, "TransferSyntaxUID"):
        notes.insert(0, Note(NoteCode.TRANSFER_SYNTAX, {"read_as": UID(syntax).name}))
    if stream is not None and stream.family is Family.JPEG_2000 and stream.signed != layout.signed:
        notes.append(Note(NoteCode.SIGN, {"signed": layout.signed}))
    return _Found(streams, codec, syntax, stream, tuple(notes))


def _told(items: Items, undefined: bool) -> tuple[Note, ...]:
    """Notes on items; those of a defined length need no delimiter."""
    return (
        items.notes if undefined else tuple(note for note in items.notes if note.code is not NoteCode.DELIMITER_MISSING)
    )
