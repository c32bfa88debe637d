"""The names of bundles: those that are shipped, and files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from osteon.core.errors import BundleError

DEFAULT: Final = "fracatlas"
"""The bundle that reads where none is named."""

SUFFIX: Final = ".osteon"

_FOLDER: Final = Path(__file__).parent / "shipped"


def shipped() -> tuple[str, ...]:
    """Names of the bundles that come with this installation, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob(f"*{SUFFIX}")))


def locate_reference(name: str) -> Path | None:
    """The file of the reference that comes with a shipped bundle, if there is one."""
    path = _FOLDER / f"{name}.reference.json"
    return path if name in shipped() and path.is_file() else None


def locate(name_or_path: str | os.PathLike[str]) -> Path:
    """The file of a shipped bundle, or the file at a path; a shipped name wins over a file of the same name.

    Raises:
        BundleError: neither exists.
    """
    text = os.fspath(name_or_path)
    names = shipped()
    if text in names:
        return _FOLDER / f"{text}{SUFFIX}"
    path = Path(text)
    if path.is_file():
        return path
    if path.is_dir():
        raise BundleError(f"{text} is a folder", expected=f"a bundle's name or its {SUFFIX} file")
    looks_like_path = path.suffix == SUFFIX or len(path.parts) > 1
    hint = "Name the file of a bundle." if names else f"This installation ships no bundle: name a {SUFFIX} file."
    if looks_like_path:
        raise BundleError(f"there is no bundle at {text}", hint="Check the path.")
    raise BundleError(f"there is no bundle named {text!r}", expected=", ".join(names) or "a file", hint=hint)
