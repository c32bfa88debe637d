"""Errors as the store keeps them: the fields of an ``OsteonError``, never a path of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from osteon.core.errors import BundleError, InputError, OsteonError, StoreError

Fault = dict[str, str]

_KINDS: Final[dict[str, type[OsteonError]]] = {item.__name__: item for item in (InputError, BundleError, StoreError)}


def dump(error: OsteonError, folder: Path | None = None) -> Fault:
    """An error as values of JSON; ``folder`` is where the files lie, which is nobody's business."""
    got = "" if folder is not None and str(folder) in error.got else error.got
    kind = next((name for name, item in _KINDS.items() if isinstance(error, item)), InputError.__name__)
    fields = {"problem": error.problem, "expected": error.expected, "got": got[:500], "hint": error.hint}
    return {"kind": kind} | {name: text for name, text in fields.items() if text}


def restore(fault: Mapping[str, str]) -> OsteonError:
    """The error that was kept."""
    kind = _KINDS.get(fault.get("kind", ""), InputError)
    return kind(
        fault["problem"],
        expected=fault.get("expected", ""),
        got=fault.get("got", ""),
        hint=fault.get("hint", ""),
    )
