"""What an API key may be used for: less than its role would let it do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """What a key is for. A key with several may do what each of them lets it."""

    ALL = "all"
    SEND = "send"
    VIEW = "view"
    METRICS = "metrics"


ABOUT: Final = {
    Scope.ALL: "everything that its role may do",
    Scope.SEND: "sends studies and asks whether they were read; sees no study, reading or list",
    Scope.VIEW: "sees studies, readings and reports; sends nothing, changes nothing, gets no original file",
    Scope.METRICS: "fetches the figures of the server and nothing else",
}
"""What each scope lets a key do; its role must allow it too."""

SENDING: Final = frozenset(
    {
        ("POST", "/api/v1/studies"),
        ("GET", "/api/v1/jobs/{job}"),
        ("POST", "/dicomweb/studies"),
        ("POST", "/dicomweb/studies/{study}"),
    }
)
FIGURES: Final = frozenset({("GET", "/api/v1/metrics")})


def covers(scopes: Iterable[Scope], method: str, route: str, *, viewing: bool) -> bool:
    """Whether a key with these scopes may use a route.

    Args:
        scopes: of the key.
        method: of the request.
        route: its template.
        viewing: whether the route is one that shows something to every role.
    """
    held = set(scopes)
    return (
        Scope.ALL in held
        or (Scope.SEND in held and (method, route) in SENDING)
        or (Scope.METRICS in held and (method, route) in FIGURES)
        or (Scope.VIEW in held and viewing and method in {"GET", "HEAD"})
    )


def written(scopes: Iterable[Scope]) -> str:
    """Scopes as the store keeps them."""
    return " ".join(sorted(set(scopes)))


def parsed(text: str) -> tuple[Scope, ...]:
    """Scopes as the store kept them; one that is not known any more allows nothing."""
    known = {scope.value for scope in Scope}
    return tuple(Scope(item) for item in text.split() if item in known)
