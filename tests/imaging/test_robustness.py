"""Whatever the bytes are: radiographs or an ``InputError``, and no warning."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.uid import JPEG2000Lossless

from osteon.core.errors import InputError
from osteon.core.records import Radiograph
from osteon.imaging import Limits, load

SMALL = Limits(max_bytes=2**20, max_pixels=2**20, max_frames=8)
FEW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
MUTATIONS = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6)


def _survives(data: bytes) -> None:
    try:
        radiographs = load(data, limits=SMALL)
    except InputError:
        return
    assert radiographs
    for radiograph in radiographs:
        assert isinstance(radiograph, Radiograph)
        assert 0.0 <= radiograph.pixels.min() <= radiograph.pixels.max() <= 1.0


def _mutated(data: bytes, mutations: list[tuple[float, int]], keep: float, reach: int) -> bytes:
    changed = bytearray(data[: max(1, int(len(data) * keep))])
    for where, value in mutations:
        changed[int(where * min(len(changed), reach))] = value
    return bytes(changed)


@FEW
@given(st.binary(max_size=600))
def test_any_bytes(data: bytes) -> None:
    _survives(data)
    _survives(b"\xff\xd8\xff" + data)
    _survives(b"\x89PNG\r\n\x1a\n" + data)
    _survives(b"II*\x00" + data)
    _survives(bytes(128) + b"DICM" + data)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "TIFF lzw", "TIFF rgb16", "PNG rgb16", "JPEG rgb"])
@FEW
@given(mutations=MUTATIONS, keep=st.sampled_from([1.0, 1.0, 0.9, 0.4]), reach=st.sampled_from([120, 10**6]))
def test_mutated_raster(form: str, mutations: list[tuple[float, int]], keep: float, reach: int, pattern: Any) -> None:
    stream = io.BytesIO()
    grey = pattern(0, 255, np.uint8)
    if form.endswith("rgb16"):
        import cv2

        suffix = ".tiff" if form.startswith("TIFF") else ".png"
        stream.write(cv2.imencode(suffix, np.dstack([pattern(0, 65535)] * 3))[1].tobytes())
    elif form == "TIFF lzw":
        Image.fromarray(grey).save(stream, "TIFF", compression="tiff_lzw")
    else:
        Image.fromarray(np.dstack([grey] * 3) if form == "JPEG rgb" else grey).save(stream, form.split()[0])
    _survives(_mutated(stream.getvalue(), mutations, keep, reach))


@FEW
@given(mutations=MUTATIONS, keep=st.sampled_from([1.0, 1.0, 0.9, 0.4]), reach=st.sampled_from([900, 10**6]))
def test_mutated_native_dicom(
    mutations: list[tuple[float, int]], keep: float, reach: int, write_dicom: Any, pattern: Any
) -> None:
    data = write_dicom(pattern(0, 4095), WindowCenter="2000", WindowWidth="3000", PixelSpacing=[0.2, 0.2])
    _survives(_mutated(data, mutations, keep, reach))


@pytest.fixture(scope="module")
def packed(write_dicom: Any, pattern: Any, dcmtk_command: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Compressed DICOM files, made once."""
    folder = tmp_path_factory.mktemp("packed")
    (folder / "plain.dcm").write_bytes(write_dicom(pattern(0, 4095)))
    programs = {
        "rle": ("dcmcrle",),
        "lossless": ("dcmcjpeg", "+e1"),
        "extended": ("dcmcjpeg", "+ee"),
        "jpeg-ls": ("dcmcjpls",),
    }
    for name, (program, *options) in programs.items():
        dcmtk_command(program, *options, folder / "plain.dcm", folder / name)
    return {name: (folder / name).read_bytes() for name in programs}


@pytest.mark.dcmtk
@pytest.mark.parametrize("codec", ["rle", "lossless", "extended", "jpeg-ls"])
@FEW
@given(mutations=MUTATIONS, keep=st.sampled_from([1.0, 1.0, 0.98]), reach=st.sampled_from([200, 10**6]))
def test_mutated_frame(codec: str, mutations: list[tuple[float, int]], keep: float, reach: int, packed: Any) -> None:
    data = packed[codec]
    start = data.index(b"\xe0\x7f\x10\x00OB") + 12
    _survives(data[:start] + _mutated(data[start:], mutations, keep, reach))


@FEW
@given(mutations=MUTATIONS, keep=st.sampled_from([1.0, 1.0, 0.98]), reach=st.sampled_from([120, 10**6]))
def test_mutated_jpeg_2000(
    mutations: list[tuple[float, int]], keep: float, reach: int, write_compressed: Any, pattern: Any
) -> None:
    from imagecodecs import jpeg2k_encode

    words = pattern(0, 4095)
    stream = bytes(jpeg2k_encode(words, codecformat="j2k", bitspersample=12, reversible=True))
    frame = _mutated(stream, mutations, keep, reach)
    _survives(write_compressed(words, frame, JPEG2000Lossless))
