"""DICOM objects made by the tests, and dcmtk's independent rendering of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests import dicom_files

Grey = NDArray[np.uint8]
WriteDicom = Callable[..., bytes]
Render = Callable[..., Grey]


@pytest.fixture(scope="session")
def write_dicom() -> WriteDicom:
    """Write a DICOM file with the given samples: ``write_dicom(words, bits=12, syntax=..., Keyword=value)``."""
    return dicom_files.write_dicom


@pytest.fixture(scope="session")
def write_compressed() -> Callable[..., bytes]:
    """Write a DICOM file with one codestream as its pixels: ``write_compressed(words, stream, syntax)``."""
    return dicom_files.write_compressed


@pytest.fixture(scope="session")
def restate() -> Callable[[bytes, str], bytes]:
    """The same file with another transfer syntax in its meta information: ``restate(data, syntax)``."""

    def restate(data: bytes, syntax: str) -> bytes:
        end = 132 + 12 + int.from_bytes(data[140:144], "little")
        start = data.index(b"\x02\x00\x10\x00UI", 0, end)
        old = int.from_bytes(data[start + 6 : start + 8], "little")
        uid = syntax.encode() + b"\0" * (len(syntax) % 2)
        size = (end - 144 - old + len(uid)).to_bytes(4, "little")
        element = data[start : start + 6] + len(uid).to_bytes(2, "little") + uid
        return data[:140] + size + data[144:start] + element + data[start + 8 + old :]

    return restate


@pytest.fixture(scope="session")
def dcmtk_command() -> Callable[..., None]:
    """Run one of dcmtk's programs; skips where it is not installed."""

    def run(program: str, *arguments: str | Path) -> None:
        if shutil.which(program) is None:
            pytest.skip(f"needs Debian's dcmtk: {program} is not there")
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, check=False, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    return run


@pytest.fixture
def dcmtk_render(tmp_path: Path, dcmtk_command: Callable[..., None]) -> Render:
    """Render a DICOM file with dcmtk: ``dcmtk_render(data_or_path, "+Wi", "1")`` gives uint8 (H, W)."""

    def render(source: bytes | Path, *options: str, program: str = "dcm2pnm") -> Grey:
        path = source if isinstance(source, Path) else tmp_path / "image.dcm"
        if isinstance(source, bytes):
            path.write_bytes(source)
        out = tmp_path / "image.pgm"
        dcmtk_command(program, "-O", "+op", *options, path, out)
        return np.asarray(cv2.imdecode(np.fromfile(out, np.uint8), cv2.IMREAD_GRAYSCALE), np.uint8)

    return render


@pytest.fixture
def dcmtk_encode(tmp_path: Path, dcmtk_command: Callable[..., None]) -> Callable[..., bytes]:
    """Compress a DICOM file with one of dcmtk's encoders: ``dcmtk_encode(data, "dcmcjpeg", "+e1")``."""

    def encode(data: bytes, program: str, *options: str) -> bytes:
        plain, packed = tmp_path / "plain.dcm", tmp_path / "packed.dcm"
        plain.write_bytes(data)
        dcmtk_command(program, *options, plain, packed)
        return packed.read_bytes()

    return encode


@pytest.fixture(scope="session")
def pattern() -> Callable[..., NDArray[Any]]:
    """Samples (60, 84) that run through a range with a gradient and texture: ``pattern(low, high, dtype)``."""

    def make(low: int, high: int, dtype: type[np.generic] = np.uint16, seed: int = 7) -> NDArray[Any]:
        y, x = np.mgrid[:60, :84]
        ramp = (x + y) / 142
        wave = 0.12 * np.sin(x / 5) * np.cos(y / 7) + np.random.default_rng(seed).normal(0, 0.01, ramp.shape)
        scaled = np.clip(ramp + wave, 0, 1)
        scaled.flat[0], scaled.flat[-1] = 0, 1
        return np.rint(low + scaled * (high - low)).astype(dtype)

    return make


@pytest.fixture(scope="session")
def grey_levels() -> Callable[[NDArray[Any], NDArray[Any]], int]:
    """Largest difference of pixels in [0, 1] from a rendering of 8 bits, in grey levels."""

    def difference(pixels: NDArray[Any], rendered: NDArray[Any]) -> int:
        assert pixels.shape == rendered.shape
        return int(np.abs(np.rint(pixels * 255).astype(int) - rendered).max())

    return difference
