"""Headers of raster files, and whether a file is complete; it is decoded only where its end seems cut off."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from osteon.core.errors import DataError
from osteon.data.files.walk import DICOM_SUFFIXES as DICOM_SUFFIXES
from osteon.data.files.walk import RASTER_SUFFIXES as RASTER_SUFFIXES
from osteon.data.table.case import TURNED, FileFacts
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode

_READ: Final = frozenset({"JPEG", "MPO", "PNG", "TIFF"})
"""Formats, in Pillow's words, that ``osteon.imaging.load`` reads; MPO is a JPEG followed by others."""

_EXIF_ORIENTATION: Final = 0x0112


def inspect(path: Path, name: str) -> FileFacts | Remark:
    """Read the header of a raster file, and decode it only where its end seems cut off.

    Args:
        path: the file.
        name: used in remarks: its path below the root.

    Returns:
        its facts, or the remark with which it is skipped.
    """
    try:
        with Image.open(path) as image:
            if image.format not in _READ:
                return Remark(
                    Kind.UNREADABLE, name, RemarkCode.FORMAT_UNREAD, {"format": image.format or ""}, skipped=True
                )
            orientation = int(image.getexif().get(_EXIF_ORIENTATION, 1))
            width, height = image.size[::-1] if orientation in TURNED else image.size
            facts = FileFacts(width, height, image.mode, image.format or "", path.stat().st_size, orientation)
            if not _ends_well(path, facts.format):
                image.load()
    except FileNotFoundError:
        return Remark(Kind.MISSING_FILE, name, RemarkCode.FILE_MISSING, skipped=True)
    except IsADirectoryError:
        return Remark(Kind.MISSING_FILE, name, RemarkCode.IS_FOLDER, skipped=True)
    except UnidentifiedImageError:
        empty = path.exists() and not path.stat().st_size
        code = RemarkCode.FILE_EMPTY if empty else RemarkCode.UNIDENTIFIED
        return Remark(Kind.UNREADABLE, name, code, skipped=True)
    except PermissionError:
        return Remark(Kind.UNREADABLE, name, RemarkCode.NOT_PERMITTED, skipped=True)
    except OSError as error:
        cut = "truncated" in str(error) or "unrecognized data stream" in str(error)
        kind = Kind.TRUNCATED if cut else Kind.UNREADABLE
        code = RemarkCode.IMAGE_ENDS_EARLY if cut else RemarkCode.IMAGE_UNDECODED
        return Remark(kind, name, code, skipped=True)
    except (SyntaxError, ValueError, Image.DecompressionBombError) as error:
        return Remark(Kind.UNREADABLE, name, RemarkCode.HEADER_DAMAGED, {"error": type(error).__name__}, skipped=True)
    return facts


def _ends_well(path: Path, kind: str) -> bool:
    """Whether the file ends with its format's end marker; other formats are always decoded."""
    marker = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}.get(kind)
    if marker is None:
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16))
        return marker in file.read()


def need(root: Path, *names: str) -> None:
    """Check that a dataset's files exist.

    Raises:
        DataError: the root or one of the names below it is absent.
    """
    if not root.is_dir():
        raise DataError(f"no folder {root}")
    for name in names:
        if not (root / name).exists():
            below = next((path for path in sorted(root.iterdir()) if (path / name).exists()), None)
            hint = f"Its root folder seems to be {below}." if below else "Give its root folder."
            raise DataError(f"this does not look like the dataset: {name} is not in {root}", hint=hint)
