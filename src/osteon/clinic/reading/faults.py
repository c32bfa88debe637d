"""What a study may raise that nobody expected."""

from __future__ import annotations

from typing import Final

import cv2

UNEXPECTED: Final = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    cv2.error,
)
"""That study fails, and the others are read."""
