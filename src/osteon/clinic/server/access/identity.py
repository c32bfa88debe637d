"""Who somebody is by the word of another system."""

from __future__ import annotations

from dataclasses import dataclass

from osteon.clinic.role import Role
from osteon.core.errors import PeerError


class LoginError(PeerError):
    """A login that the provider's answer does not prove."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for.

    Attributes:
        subject: issuer and subject, which together never change.
        name: as the claims give it.
        role: from the groups.
    """

    subject: str
    name: str
    role: Role
