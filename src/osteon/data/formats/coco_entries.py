"""Entries of a COCO file: ids, numbers and shapes as programs write them, and remarks that count similar defects."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from osteon.core.geometry import Box
from osteon.core.values import Value
from osteon.data.formats.outlines import bounds, is_outline
from osteon.data.formats.rle import rle_bounds
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode

_SHOWN: Final = 3
"""Entries with the same defect that are named; the others are counted."""

_NOWHERE: Final = Box(*[math.nan] * 4)


class EntryRemarks:
    """Collects defects of the entries of a file, and reports similar ones together."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: dict[tuple[Kind, RemarkCode, tuple[tuple[str, Value], ...]], list[str]] = {}

    def add(self, location: str, code: RemarkCode, kind: Kind = Kind.UNREADABLE, **values: Value) -> None:
        """Add a defect of the entry at a location."""
        self._found.setdefault((kind, code, tuple(values.items())), []).append(location)

    def remarks(self) -> list[Remark]:
        """A remark for each kind of defect."""
        return [
            Remark(
                kind,
                self._name,
                code,
                {**dict(values), "where": tuple(locations[:_SHOWN]), "more": max(0, len(locations) - _SHOWN)},
            )
            for (kind, code, values), locations in self._found.items()
        ]


def objects(entries: Any, key: str, odd: EntryRemarks) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entries of a list that are objects, each with its location."""
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            yield f"{key}[{number}]", entry
        else:
            odd.add(f"{key}[{number}]", RemarkCode.ENTRY_NO_OBJECT)


def shape(entry: Mapping[str, Any], location: str, odd: EntryRemarks) -> tuple[Box, tuple[tuple[float, ...], ...]]:
    """The box of an annotation, from its outlines or mask where it states none, and its outlines."""
    stated, mask = entry.get("bbox"), entry.get("segmentation")
    outlines: list[tuple[float, ...]] = []
    lists = mask if isinstance(mask, list) else []
    for points in [lists] if lists and not isinstance(lists[0], list) else lists:
        values = numbers(points)
        if values:
            outlines.append(values)
        elif points != []:
            odd.add(f"{location}.segmentation", RemarkCode.OUTLINE_NO_NUMBERS, Kind.EMPTY_BOX)
    corners = numbers(stated)
    if corners is not None and len(corners) == 4:
        if not all(math.isfinite(value) for value in corners):
            odd.add(f"{location}.bbox", RemarkCode.BOX_NOT_FINITE, Kind.EMPTY_BOX)
        x, y, width, height = corners
        return Box(x, y, x + width, y + height), tuple(outlines)
    found = [bounds(points) for points in outlines if is_outline(points)]
    if isinstance(mask, dict) and (within := rle_bounds(mask)) is not None:
        found.append(within)
    if not found:
        odd.add(f"{location}.bbox", RemarkCode.BOX_MISSING, Kind.EMPTY_BOX)
        return _NOWHERE, tuple(outlines)
    odd.add(f"{location}.bbox", RemarkCode.BOX_FROM_OUTLINE, Kind.ASSUMED)
    whole = Box(*(min(box[i] for box in found) for i in (0, 1)), *(max(box[i] for box in found) for i in (2, 3)))
    return whole, tuple(outlines)


def identifier(value: Any) -> str | None:
    """An id as text: a number or a word; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else None
    return str(value).strip() or None if isinstance(value, int | str) else None


def side_length(value: Any) -> int:
    """A stated size; 0 where it is invalid."""
    number = _number(value)
    return int(number) if number is not None and 0 < number < 1e9 else 0


def numbers(values: Any) -> tuple[float, ...] | None:
    """A list of numbers; invalid ones become NaN. None where it is not a list, or empty."""
    if not isinstance(values, Sequence) or isinstance(values, str) or not values:
        return None
    found = [_number(value) for value in values]
    if all(value is None for value in found):
        return None
    return tuple(math.nan if value is None else value for value in found)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
