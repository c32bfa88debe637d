"""How much a file may ask for, checked before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file that is read; what lies above is an ``InputError``.

    Attributes:
        max_bytes: bytes of the file, and of a deflated DICOM data set once it is inflated.
        max_pixels: pixels of a file, all its frames or pages together.
        max_frames: frames or pages.
    """

    max_bytes: int = 512 * 2**20
    max_pixels: int = 200_000_000
    max_frames: int = 256

    def check_bytes(self, count: int) -> None:
        """Refuse a file of ``count`` bytes if that is too large.

        Raises:
            InputError: it is.
        """
        if count > self.max_bytes:
            raise InputError(FaultCode.FILE_TOO_LARGE, {"bytes": count, "limit": self.max_bytes})

    def check_pixels(self, rows: int, columns: int, frames: int = 1) -> None:
        """Refuse images of ``rows`` x ``columns`` pixels if they are too many, too large or empty.

        Raises:
            InputError: they are.
        """
        if rows < 1 or columns < 1 or frames < 1:
            raise InputError(FaultCode.IMAGE_EMPTY, {"frames": frames, "rows": rows, "columns": columns})
        if frames > self.max_frames:
            raise InputError(FaultCode.TOO_MANY_FRAMES, {"frames": frames, "limit": self.max_frames})
        if rows * columns * frames > self.max_pixels:
            several = {"frames": frames} if frames > 1 else {}
            raise InputError(
                FaultCode.TOO_MANY_PIXELS, {"rows": rows, "columns": columns, **several, "limit": self.max_pixels}
            )


DEFAULT_LIMITS: Final = Limits()
