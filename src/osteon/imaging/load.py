"""From a file to radiographs: the only entry point to decoding."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.core.records import Radiograph
from osteon.imaging.limits import DEFAULT_LIMITS, Limits
from osteon.imaging.sniff import HEAD, Kind, sniff


def load(source: str | Path | bytes | BinaryIO, *, limits: Limits = DEFAULT_LIMITS) -> list[Radiograph]:
    """Read the radiographs of a DICOM, JPEG, PNG or TIFF file, identified by content.

    Args:
        source: a path, the bytes of a file, or a file open for reading bytes.
        limits: how much the file may ask for.

    Returns:
        One radiograph for each frame or page: float32 (H, W) in [0, 1], black background, square pixels.

    Raises:
        InputError: it cannot be read as a radiograph; the message says why.
    """
    data, where, name = _fetch(source, limits)
    kind = sniff(data[:HEAD])
    if kind is Kind.DICOM:
        from osteon.imaging.dicom.dicom import read_dicom

        return read_dicom(data, where, limits)
    from osteon.imaging.raster.raster import read_raster

    return read_raster(data, kind, where, name, limits)


def _fetch(source: str | Path | bytes | BinaryIO, limits: Limits) -> tuple[bytes, str, str]:
    """The bytes of a source, where they came from, and the name of the file, empty where it has none."""
    if isinstance(source, bytes):
        limits.check_bytes(len(source))
        return source, "<bytes>", ""
    if isinstance(source, (str, Path)):
        path = Path(source)
        try:
            if path.is_dir():
                raise InputError(FaultCode.FOLDER, {"source": str(source)})
            limits.check_bytes(path.stat().st_size)
            return path.read_bytes(), str(source), path.name
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            code = FaultCode.FILE_MISSING if missing else FaultCode.FILE_UNOPENED
            raise InputError(code, {"source": str(source)}) from error
    data = source.read(limits.max_bytes + 1)
    limits.check_bytes(len(data))
    name = getattr(source, "name", "")
    return data, str(name) or "<file>", Path(name).name if isinstance(name, str) else ""
