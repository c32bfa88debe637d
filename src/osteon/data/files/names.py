r"""Names of files in tables, and the paths they refer to.

A file's name may contain bytes that are not UTF-8 (Latin-1 umlauts on an old disk). Tables, CSV files, JSON and HTML
cannot hold these, so such a byte is written ``\xf6``; ``as_path`` finds the file again.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from osteon.core.filenames import readable

_ESCAPED: Final = re.compile(rb"\\x([89a-f][0-9a-f])")


def as_name(path: Path, root: Path) -> str:
    """The path of a file below ``root`` with forward slashes, as valid Unicode."""
    return readable(path.relative_to(root).as_posix())


def as_path(root: Path, name: str) -> Path:
    """The path of a file from its name by ``as_name``, also where its name contains bytes that are not UTF-8."""
    path = root / name
    if "\\x" not in name or path.exists():
        return path
    raw = root / os.fsdecode(_ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode("ascii")), os.fsencode(name)))
    return raw if raw.exists() else path
