"""Headers of instances in the JSON model of DICOM (PS3.18 annex F), without anything that is large."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from osteon.core.errors import InputError

Attributes = dict[str, dict[str, Any]]

LARGE: Final = 1024
"""Bytes of a binary value beyond which it is left out: what needs it retrieves the instance."""

_BINARY: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})


def header(path: Path) -> Attributes:
    """All attributes of a file up to its pixels, large binary values left out.

    Raises:
        InputError: it cannot be read.
        OSError: it cannot be opened.
    """
    from osteon.imaging.dicom.dataset import open_dataset

    dataset = open_dataset(path, pixels=False)
    found: Attributes = {}
    for element in dataset:
        if element.tag.group == 0x7FE0 or (element.VR in _BINARY and len(element.value or b"") > LARGE):
            continue
        try:
            found[f"{element.tag:08X}"] = element.to_json_dict(None, LARGE)
        except (TypeError, ValueError, AttributeError, OverflowError):  # a value that its representation does not allow
            continue
    return dict(sorted(found.items()))


def value(attributes: Attributes, tag: str) -> str:
    """The first value of an attribute as text; empty where there is none."""
    values: list[Any] = attributes.get(tag, {}).get("Value") or [""]
    first = values[0]
    return str(first.get("Alphabetic", "") if isinstance(first, dict) else first)  # pyright: ignore[reportUnknownMemberType]


def kept(path: Path) -> Attributes:
    """The same; no attributes where the file cannot be read."""
    try:
        return header(path)
    except (InputError, OSError):
        return {}
