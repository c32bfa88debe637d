"""Names of persons as they are searched for: letters alone count, whatever their case and accents (PS3.4 section C.2.2.2.1)."""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 400
"""Letters of a name that are kept; three representations of 64 letters fit."""


def folded(name: str) -> str:
    """A value of PN without case and accents, each of its representations between two equals signs; empty where there is none.

    Args:
        name: as DICOM writes it, ``Family^Given=...``; it may have the wildcards ``*`` and ``?``.
    """
    letters = unicodedata.normalize("NFKD", name).casefold()
    plain = unicodedata.normalize("NFC", "".join(one for one in letters if not unicodedata.combining(one)))
    groups = ["^".join(part.strip() for part in group.split("^")).rstrip("^") for group in plain.split("=")]
    joined = "=".join(groups).strip("=")
    return f"={joined}="[:LONGEST] if joined else ""


def words(name: str) -> list[str]:
    """The words of a name, folded."""
    return folded(name).translate(str.maketrans("=^,*?", "     ")).split()
