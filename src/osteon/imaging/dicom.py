"""DICOM objects to radiographs."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import dcmread, read_dataset, read_preamble
from pydicom.uid import UID

from osteon.core.errors import InputError
from osteon.core.records import Radiograph
from osteon.imaging import header as head
from osteon.imaging.annotation import burned_in
from osteon.imaging.codecs import Codec, Layout
from osteon.imaging.colour import MONOCHROME, PALETTE, Palette, check_photometric, read_palette, to_rgb
from osteon.imaging.display import read_rendering
from osteon.imaging.frames import BIG_ENDIAN, DEFLATED, EXPLICIT, PixelData, samples, transfer_codec
from osteon.imaging.grey import Samples, colourfulness, to_grey
from osteon.imaging.limits import Limits
from osteon.imaging.quiet import quiet
from osteon.imaging.scope import check_radiograph
from osteon.imaging.square import square
from osteon.imaging.voi import Rendering, Stored, Window, render

UNPARSABLE: Final = (*head.UNREADABLE, BytesLengthException, InvalidDicomError, struct.error, zlib.error)
"""What pydicom and zlib raise on objects that cannot be parsed."""

_AGAIN: Final = "Fetch the file again from where it came."


@dataclass(frozen=True)
class _Film:
    """An object whose header is read and whose pixels are not yet decoded."""

    pixels: PixelData
    rendering: Rendering
    palette: Palette | None
    aspect: float
    template: Radiograph


def read_dicom(
    data: bytes, source: str, limits: Limits, shown: Callable[[Rendering], Rendering | None] | None = None
) -> list[Radiograph]:
    """Read a DICOM object, with or without preamble; one radiograph for each frame.

    Args:
        data: the whole file.
        source: where it came from.
        limits: what it may ask for.
        shown: gives another rendering than the one that the file states, or None to leave it.

    Raises:
        InputError: it is no radiograph, truncated, damaged, above the limits, or of a transfer syntax that is not read.
    """
    try:
        with quiet() as caught:
            film = _read_header(parse(data, limits), source, limits)
            deviations = len(caught)
        film = film if shown is None else replace(film, rendering=shown(film.rendering) or film.rendering)
    except UNPARSABLE as error:
        raise InputError("the DICOM file is damaged", got=type(error).__name__, hint=_AGAIN) from error
    if deviations:
        note = f"the header deviates from the standard in {deviations} place(s)"
        film = replace(film, template=replace(film.template, notes=(*film.template.notes, note)))
    return [_develop(film, words, index, limits) for index, words in enumerate(samples(film.pixels), start=1)]


def parse(data: bytes, limits: Limits) -> Dataset:
    """Parse the data set; what is deflated (PS3.5 section A.5) is inflated no further than the limit on bytes.

    Raises:
        InputError: the deflated data set is too large or truncated; ``UNPARSABLE`` are raised for what else is damaged.
    """
    stream = io.BytesIO(data)
    read_preamble(stream, force=True)
    meta = read_dataset(stream, False, True, stop_when=lambda tag, _vr, _length: tag.group != 2)
    if head.text(meta, "TransferSyntaxUID") != DEFLATED:
        return dcmread(io.BytesIO(data), force=True)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    plain = inflater.decompress(data[stream.tell() :], limits.max_bytes)
    if inflater.unconsumed_tail:
        limits.check_bytes(limits.max_bytes + 1)
    if not inflater.eof:
        raise InputError("the deflated DICOM file is truncated", hint=_AGAIN)
    header = read_dataset(io.BytesIO(plain), False, True)
    header.update(meta)
    return header


def _syntax(header: Dataset) -> str:
    """The transfer syntax, of the file meta information or, without one, by how the data set was parsed."""
    stated = head.text(getattr(header, "file_meta", header), "TransferSyntaxUID")
    return stated or (BIG_ENDIAN if header.original_encoding[1] is False else EXPLICIT)


def _read_header(header: Dataset, source: str, limits: Limits) -> _Film:
    notes = check_radiograph(header)
    pixels, stored = read_layout(header, limits)
    photometric = pixels.layout.photometric
    palette = read_palette(header, stored.bits) if photometric == PALETTE else None
    if photometric in MONOCHROME:
        rendering, more = read_rendering(header, stored)
    else:
        depth = stored.bits if palette is None else 8 * palette.dtype.itemsize
        rendering, more = _full_scale(depth), ("colour: reduced to grey",)
    distances, where = head.spacing(header)
    template = Radiograph(
        pixels=np.zeros((1, 1), np.float32),
        source=source,
        format="DICOM",
        spacing=distances,
        view=head.view(header),
        laterality=head.laterality(header),
        body_part=head.body_part(header),
        age=head.age(header),
        sex=head.sex(header),
        bits=stored.bits,
        notes=(*notes, *burned_in(header), *more, *where),
        identifiers=head.identify(header),
    )
    return _Film(pixels, rendering, palette, head.aspect(header, distances), template)


def _full_scale(bits: int) -> Rendering:
    highest = 2.0**bits - 1.0
    return Rendering(Stored(bits, bits - 1), voi=Window(highest / 2, highest, "LINEAR_EXACT"))


def read_layout(header: Dataset, limits: Limits) -> tuple[PixelData, Stored]:
    """Where the pixels of an object lie, not yet decoded, and how a sample lies in its word.

    Raises:
        InputError: there are none, they are above the limits, or of a layout or transfer syntax that is not read.
    """
    syntax = _syntax(header)
    codec = transfer_codec(syntax, UID(syntax).name[:80])
    rows, columns = head.integer(header, "Rows"), head.integer(header, "Columns")
    frames = head.integer(header, "NumberOfFrames", 1) or 1
    if not rows or not columns or "PixelData" not in header:
        raise InputError("the DICOM object has no image", expected="Rows, Columns and Pixel Data", hint=_AGAIN)
    limits.check_pixels(rows, columns, frames)
    allocated = head.integer(header, "BitsAllocated")
    bits = head.integer(header, "BitsStored", allocated)
    high_bit = head.integer(header, "HighBit", bits - 1)
    if allocated not in (8, 16) or not 1 <= bits <= allocated or not bits - 1 <= high_bit < allocated:
        raise InputError(
            "the depth of the samples is not read",
            expected="8 or 16 bits allocated, and samples that fit into them",
            got=f"{allocated} allocated, {bits} stored, high bit {high_bit}",
        )
    layout = Layout(
        rows=rows,
        columns=columns,
        samples=head.integer(header, "SamplesPerPixel", 1),
        word_bytes=allocated // 8,
        photometric=head.text(header, "PhotometricInterpretation").upper(),
        planar=head.integer(header, "PlanarConfiguration") == 1,
    )
    check_photometric(layout.photometric, layout.samples)
    if layout.photometric == "YBR_FULL_422" and codec is None and (columns % 2 or allocated != 8):
        raise InputError("subsampled colour of this shape is not read", expected="8 bits and an even number of columns")
    signed = head.integer(header, "PixelRepresentation") == 1 and layout.photometric in MONOCHROME
    stored = Stored(bits, high_bit if codec is None else bits - 1, signed, masked=codec is None or not codec.lossy)
    return _locate(header, layout, frames, codec, big_endian=syntax == BIG_ENDIAN), stored


def _locate(header: Dataset, layout: Layout, frames: int, codec: Codec | None, *, big_endian: bool) -> PixelData:
    element = header["PixelData"]
    data = element.value
    if not isinstance(data, bytes) or not data:
        raise InputError("the DICOM object has no image", expected="Pixel Data that are not empty", hint=_AGAIN)
    if codec is None:
        swapped = big_endian and layout.word_bytes == 1 and element.VR == "OW"
        return PixelData(layout, frames, native=data, big_endian=big_endian, swapped=swapped)
    table = header.get("ExtendedOffsetTable"), header.get("ExtendedOffsetTableLengths")
    extended = (table[0], table[1]) if isinstance(table[0], bytes) and isinstance(table[1], bytes) else None
    compressed = tuple(generate_frames(data, number_of_frames=frames, extended_offsets=extended))
    return PixelData(layout, frames, compressed=compressed, codec=codec)


def _develop(film: _Film, words: Samples, index: int, limits: Limits) -> Radiograph:
    """Make the radiograph of one decoded frame; ``index`` counts from 1."""
    layout, codec = film.pixels.layout, film.pixels.codec
    colourful = 0.0
    if layout.photometric not in MONOCHROME:
        colours = to_rgb(words, layout.photometric, film.palette, decoded=codec is not None and codec.to_rgb)
        colourful, words = colourfulness(colours), to_grey(colours)
    pixels, spacing, note = square(render(words, film.rendering), film.template.spacing, film.aspect, limits)
    names = film.template.identifiers
    return replace(
        film.template,
        pixels=pixels,
        spacing=spacing,
        notes=(*film.template.notes, *note),
        identifiers=names if index == 1 else replace(names, image=f"{names.image}#{index}"),
        colourfulness=colourful,
    )
