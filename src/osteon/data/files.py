"""What the header of an image file says, and whether the file is whole; decoded only where its end looks cut off."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from osteon.core.errors import DataError
from osteon.data.case import TURNED, FileFacts
from osteon.data.names import as_name, as_path
from osteon.data.remark import Kind, Remark

RASTER_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp"})
DICOM_SUFFIXES: Final = frozenset({".dcm", ".dicom"})
_EXIF_ORIENTATION: Final = 0x0112


def inspect(path: Path, name: str) -> FileFacts | Remark:
    """Read the header of a raster file, and decode it only where its end looks cut off.

    Args:
        path: the file.
        name: what to call it in a remark: its path below the root.

    Returns:
        its facts, or the remark for which it must be skipped.
    """
    try:
        with Image.open(path) as image:
            orientation = int(image.getexif().get(_EXIF_ORIENTATION, 1))
            width, height = image.size[::-1] if orientation in TURNED else image.size
            facts = FileFacts(width, height, image.mode, image.format or "", path.stat().st_size, orientation)
            if not _ends_well(path, facts.format):
                image.load()
    except FileNotFoundError:
        return Remark(Kind.MISSING_FILE, name, "the file is not there", skipped=True)
    except UnidentifiedImageError:
        return Remark(Kind.UNREADABLE, name, "not an image that can be identified", skipped=True)
    except OSError as error:
        cut = "truncated" in str(error) or "unrecognized data stream" in str(error)
        kind = Kind.TRUNCATED if cut else Kind.UNREADABLE
        return Remark(
            kind, name, "the image data end early" if cut else "the image data cannot be decoded", skipped=True
        )
    except (SyntaxError, ValueError, Image.DecompressionBombError) as error:
        return Remark(Kind.UNREADABLE, name, f"the header is damaged ({type(error).__name__})", skipped=True)
    return facts


def _ends_well(path: Path, kind: str) -> bool:
    """Whether the file ends with its format's end marker; other formats are always decoded."""
    marker = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}.get(kind)
    if marker is None:
        return False
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16))
        return marker in file.read()


def inspect_all(root: Path, names: list[str]) -> Iterator[tuple[str, FileFacts | Remark]]:
    """``inspect`` for many paths below ``root``, in their order."""
    with ThreadPoolExecutor(4) as pool:
        paths = [as_path(root, name) for name in names]
        yield from zip(names, pool.map(inspect, paths, names), strict=True)


def is_image(path: Path) -> bool:
    """Whether the suffix is a raster image's, leaving out hidden files such as macOS's ``._name``."""
    return path.suffix.lower() in RASTER_SUFFIXES and not path.name.startswith(".")


def images_below(root: Path, folder: str = ".") -> list[str]:
    """Paths below ``root`` of all raster images in ``folder``, sorted, with forward slashes."""
    return sorted(as_name(path, root) for path in (root / folder).rglob("*") if is_image(path))


def need(root: Path, *names: str) -> None:
    """Check that a dataset's files are where its reader looks for them.

    Raises:
        DataError: the root or one of the names below it is absent.
    """
    if not root.is_dir():
        raise DataError(f"no folder {root}")
    for name in names:
        if not (root / name).exists():
            below = next((path for path in sorted(root.iterdir()) if (path / name).exists()), None)
            hint = f"Its root folder seems to be {below}." if below else "Point at its root folder."
            raise DataError(f"this does not look like the dataset: {name} is not in {root}", hint=hint)
