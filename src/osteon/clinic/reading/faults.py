"""What a study may raise that nobody expected."""

from __future__ import annotations


def unexpected() -> tuple[type[Exception], ...]:
    """Where one of these is raised that study fails, and the others are read; for ``except``, which asks only then."""
    import cv2

    return (
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
