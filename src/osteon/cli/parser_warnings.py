"""Suppression of warnings of libraries that parse files: they may quote the content of the file."""

from __future__ import annotations

import inspect
import logging
import warnings
from typing import Any, Final

_PARSERS: Final = ("pydicom", "PIL")


def silence_parsers() -> None:
    """Suppress warnings raised while a file is parsed, and the parsers' log lines, for the whole process.

    ``osteon.imaging.quiet`` counts them where files are opened; this is for what may be overlooked there.
    """
    shown = warnings.showwarning

    def show(
        message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: str | None = None
    ) -> None:
        if not _parsing():
            shown(message, category, filename, lineno, file, line)

    warnings.showwarning = show
    for name in _PARSERS:
        logging.getLogger(name).propagate = False


def _parsing() -> bool:
    """Whether a parser is at work in this thread."""
    frame = inspect.currentframe()
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).split(".")[0] in _PARSERS:
            return True
        frame = frame.f_back
    return False
