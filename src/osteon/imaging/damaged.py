"""What decoders raise on damaged files."""

from __future__ import annotations

import struct
import zlib
from typing import Final

DAMAGED: Final[tuple[type[Exception], ...]] = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What Pillow, tifffile and the codecs raise on files that they cannot read; they have no base of their own."""
