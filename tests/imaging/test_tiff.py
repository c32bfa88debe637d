"""TIFF files of every sample type, byte order, layout and polarity look like the same picture stored plainly."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError
from osteon.imaging import load

ROWS, COLUMNS = 40, 56
RAMP = np.linspace(0.0, 1.0, ROWS * COLUMNS).reshape(ROWS, COLUMNS)
GREY16 = np.rint(RAMP * 65535).astype(np.uint16)
GREY8 = np.rint(RAMP * 255).astype(np.uint8)


def tiff(samples: NDArray[Any], **options: Any) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, samples, metadata=None, **options)
    return stream.getvalue()


def shown(data: bytes) -> NDArray[np.float32]:
    (radiograph,) = load(data)
    return radiograph.pixels


@pytest.mark.parametrize("white", [False, True])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "dtype", ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"], ids=lambda name: name
)
def test_every_sample_type_in_both_polarities_and_orders(dtype: str, order: str, white: bool) -> None:
    kind = np.dtype(dtype)
    if kind.kind == "f":
        values = RAMP * 3 - 1
        low, high = -1.0, 2.0
    else:
        low, high = (int(np.iinfo(kind).min), int(np.iinfo(kind).max)) if kind.itemsize < 4 else (-900, 90000)
        low = low if kind.kind == "i" else 0
        values = np.rint(low + RAMP * (high - low))
    samples = (low + high - values if white else values).astype(kind)
    data = tiff(samples, photometric="miniswhite" if white else "minisblack", byteorder=order)
    (radiograph,) = load(data)
    assert np.abs(radiograph.pixels - RAMP).max() < 0.005
    spread = kind.kind != "u" or kind.itemsize > 2
    assert any(note.code is NoteCode.RANGE_SPREAD for note in radiograph.notes) == spread


@pytest.mark.parametrize("white", [False, True])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "packbits", "jpeg2000", "zstd", "lzma", "jpegxl"])
def test_every_lossless_compression(compression: str | None, white: bool) -> None:
    samples = 65535 - GREY16 if white else GREY16
    lossless = {"compressionargs": {"reversible": True}} if compression == "jpeg2000" else {}
    data = tiff(samples, photometric="miniswhite" if white else "minisblack", compression=compression, **lossless)
    assert np.abs(shown(data) - GREY16 / 65535).max() < 1e-6


@pytest.mark.parametrize(
    "options", [{"tile": (16, 16)}, {"rowsperstrip": 7}, {"bigtiff": True}, {"predictor": True, "compression": "zlib"}]
)
def test_every_layout(options: dict[str, Any]) -> None:
    assert np.abs(shown(tiff(GREY16, photometric="minisblack", **options)) - GREY16 / 65535).max() < 1e-6


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_colours_in_both_planar_configurations(planar: str, dtype: type[np.generic]) -> None:
    grey = GREY8 if dtype == np.uint8 else GREY16
    colours = np.stack([grey] * 3, axis=-1 if planar == "contig" else 0)
    data = tiff(colours, photometric="rgb", planarconfig=planar)
    assert np.abs(shown(data) - grey / np.iinfo(dtype).max).max() < 1e-6


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("meaning", "weight"), [("unspecified", 1.0), ("assocalpha", 1.0), ("unassalpha", 0.5)])
def test_an_extra_sample_is_opacity_only_where_it_says_so(
    meaning: str, weight: float, channels: int, planar: str, dtype: type[np.generic]
) -> None:
    grey = GREY8 if dtype == np.uint8 else GREY16
    full = int(np.iinfo(dtype).max)
    extra = np.full_like(grey, full // 2 + 1)
    samples = np.stack([*([grey] * channels), extra], axis=-1 if planar == "contig" else 0)
    data = tiff(
        samples, photometric="minisblack" if channels == 1 else "rgb", planarconfig=planar, extrasamples=[meaning]
    )
    (radiograph,) = load(data)
    # 16 bit samples are scaled by the power of two that holds them
    top = full if dtype == np.uint8 else 2 ** int(np.rint(grey.max() * weight)).bit_length() - 1
    assert np.abs(radiograph.pixels * top - grey.astype(np.float64) * weight).max() < full / 100
    assert (Note(NoteCode.EXTRA_SAMPLES, {"count": 1}) in radiograph.notes) == (meaning == "unspecified")


@pytest.mark.parametrize("bits", [1, 2, 4, 6, 10, 12, 14])
def test_packed_samples(bits: int) -> None:
    words = np.rint(RAMP * (2**bits - 1)).astype(np.uint16)
    rows = []
    for row in words:
        every = np.unpackbits(row.astype(">u2").view(np.uint8).reshape(-1, 2), axis=1)[:, 16 - bits :]
        rows.append(np.packbits(every.ravel()).tobytes())
    packed = b"".join(rows)
    tags = [
        (256, 3, COLUMNS), (257, 3, ROWS), (258, 3, bits), (259, 3, 1), (262, 3, 1),
        (273, 4, 8 + 2 + 12 * 9 + 4), (277, 3, 1), (278, 3, ROWS), (279, 4, len(packed)),
    ]  # fmt: skip
    directory = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags
    )
    data = b"II*\0" + struct.pack("<I", 8) + directory + bytes(4) + packed
    assert np.abs(shown(data) - words / (2**bits - 1)).max() < 0.002


@pytest.mark.parametrize("scale", [257, 1])
def test_palettes_of_words_and_of_bytes(scale: int) -> None:
    entries = np.arange(256, dtype=np.uint16)[::-1] * np.uint16(scale)
    data = tiff(255 - GREY8, photometric="palette", colormap=np.stack([entries] * 3))
    assert np.abs(shown(data) * 255 - GREY8).max() < 0.6


def test_reduced_copies_and_masks_are_no_images() -> None:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as file:
        file.write(GREY8, photometric="minisblack", metadata=None)
        file.write(GREY8[::2, ::2], photometric="minisblack", metadata=None, subfiletype=1)
        file.write(GREY8 > 99, photometric="minisblack", metadata=None, subfiletype=4)
    assert len(load(stream.getvalue())) == 1
    with pytest.raises(InputError, match="no image"):
        load(tiff(GREY8, photometric="minisblack", subfiletype=1))


@pytest.mark.parametrize(
    ("samples", "options", "told"),
    [
        (np.zeros((9, 9, 3), np.uint8), {"photometric": "cielab"}, "CIELAB"),
        (GREY16, {"photometric": "cfa"}, "CFA"),
        (np.zeros((9, 9), np.complex64), {"photometric": "minisblack"}, "COMPLEX"),
        (np.zeros((9, 9, 3), np.float32), {"photometric": "rgb"}, "32 bit"),
        (np.zeros((4, 32, 32), np.uint8), {"photometric": "minisblack", "volumetric": True, "tile": (4, 16, 16)}, "ImageDepth"),
    ],
    ids=["lab", "cfa", "complex", "float colours", "volume"],
)  # fmt: skip
def test_what_is_not_read_is_named(samples: NDArray[Any], options: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        load(tiff(samples, **options))
    assert "damaged" not in str(caught.value)


def pages(count: int, *, big: bool) -> bytearray:
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream, bigtiff=big) as file:
        for _ in range(count):
            file.write(GREY8, photometric="minisblack", metadata=None)
    return bytearray(stream.getvalue())


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("where", ["itself", "outside"])
def test_a_chain_of_pages_that_does_not_end_is_told(where: str, big: bool) -> None:
    data = pages(3, big=big)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        form, second = file.tiff, file.pages[1].offset
    (entries,) = struct.unpack_from(form.tagnoformat, data, second)
    place = second + form.tagnosize + entries * form.tagsize
    struct.pack_into(form.offsetformat, data, place, second if where == "itself" else 10**8)
    with pytest.raises(InputError, match="circle" if where == "itself" else "outside of it"):
        load(bytes(data))


def test_a_strip_without_data_is_damage() -> None:
    data = bytearray(tiff(GREY8, photometric="minisblack", rowsperstrip=ROWS))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        counts = file.pages[0].tags[279]
    struct.pack_into("<HHII", data, counts.offset, 279, 4, 1, 0)
    with pytest.raises(InputError, match="strip"):
        load(bytes(data))


def test_tags_are_not_told(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    data = pages(2, big=False)
    with pytest.raises(InputError):
        load(bytes(data[: len(data) // 3]))
    assert caplog.records == []
    assert capsys.readouterr() == ("", "")
