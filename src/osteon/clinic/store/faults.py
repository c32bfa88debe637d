"""Errors as the store keeps them: the fields of an ``OsteonError``, never a path of this machine.

Of an ``InputError`` the code and its values count. Its words are kept beside them for a server that does not know them:
an earlier one, or one to which the code is new.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import BundleError, InputError, OsteonError, StoreError
from osteon.core.values import from_json

Fault = dict[str, Any]

_KINDS: Final[dict[str, type[OsteonError]]] = {item.__name__: item for item in (InputError, BundleError, StoreError)}


def dump(error: OsteonError, folder: Path | None = None) -> Fault:
    """An error as values of JSON; ``folder`` is where the files lie, which is nobody's business."""
    private = folder is not None and str(folder) in error.got
    if private and isinstance(error, InputError):
        error = error.without_got()
    got = "" if private else error.got
    kind = next((name for name, item in _KINDS.items() if isinstance(error, item)), InputError.__name__)
    fields = {"problem": error.problem, "expected": error.expected, "got": got[:500], "hint": error.hint}
    coded = error.fault.to_json() if isinstance(error, InputError) else {}
    return {"kind": kind} | {name: text for name, text in fields.items() if text} | coded


def restore(fault: Mapping[str, Any]) -> OsteonError:
    """The error that was kept."""
    kind = _KINDS.get(fault.get("kind", ""), InputError)
    words = {name: str(fault.get(name, "")) for name in ("expected", "got", "hint")}
    if not issubclass(kind, InputError):
        return kind(fault["problem"], **words)
    if fault.get("code") in tuple(FaultCode):
        return InputError(FaultCode(fault["code"]), from_json(fault["values"]))
    return InputError(FaultCode.OTHER, {"problem": fault["problem"], **words})
