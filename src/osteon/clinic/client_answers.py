"""What a client makes of the answers of a reading room."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError, PeerError

BUSY: Final = frozenset({429, 503})
"""Answers that say when to come again."""

_T = TypeVar("_T")


def pause(answer: httpx.Response) -> float | None:
    """Seconds after which a busy server wants to be asked again; None where it is not busy."""
    after = answer.headers.get("Retry-After", "")
    return float(after) if answer.status_code in BUSY and after.isdecimal() else None


def checked(answer: httpx.Response) -> httpx.Response:
    """The answer, if it is none of a refusal.

    Raises:
        InputError: no image of an upload could be read.
        PeerError: the server refuses.
    """
    if answer.is_success:
        return answer
    try:
        content = answer.json()
    except ValueError:
        content = {}
    problem: dict[str, Any] = content if isinstance(content, dict) else {}
    words = problem.get("detail") or problem.get("title") or f"the server answered {answer.status_code}"
    said = str(words).rstrip(".")
    fields = {name: str(problem.get(name, "")) for name in ("expected", "got", "hint")}
    if "failures" in problem:
        raise InputError(FaultCode.OTHER, {"problem": said, **fields})
    raise PeerError(said, **fields)


def parsed(model: type[_T], answer: httpx.Response) -> _T:
    """The content of an answer.

    Raises:
        PeerError: it is not what the model says.
    """
    try:
        return TypeAdapter(model).validate_json(answer.content)
    except ValidationError as error:
        raise PeerError("the response is not valid", hint="Do server and client have the same version?") from error
