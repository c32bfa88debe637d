"""Dummy values for each value representation (action D)."""

from __future__ import annotations

from typing import Final

_REMOVED: Final = "REMOVED"
_BYTES: Final = frozenset({"OB", "OW", "OF", "OD", "OL", "OV", "UN"})
_TEXT: Final[dict[str, str]] = {
    "AS": "000Y",
    "DA": "19000101",
    "DS": "0",
    "DT": "19000101000000",
    "IS": "0",
    "TM": "000000",
    "UI": "2.25.0",
    "UR": "urn:removed",
}


def dummy(vr: str) -> str | bytes | int | float:
    """A value of non-zero length without information."""
    if vr in _BYTES:
        return bytes(8)
    if vr in ("FL", "FD"):
        return 0.0
    if vr in ("US", "SS", "UL", "SL", "UV", "SV", "AT"):
        return 0
    return _TEXT.get(vr, _REMOVED)
