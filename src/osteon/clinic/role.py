"""Roles: four, each of which includes the one before it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """A role. They are ordered by what they may do, not by their names: ask with ``allows``."""

    ANNOTATOR = "annotator"
    VIEWER = "viewer"
    READER = "reader"
    ADMINISTRATOR = "administrator"

    def allows(self, needed: Role) -> bool:
        """Whether somebody of this role may do what needs the other."""
        return _RANK[self] >= _RANK[needed]


_RANK: Final = {Role.ANNOTATOR: 0, Role.VIEWER: 1, Role.READER: 2, Role.ADMINISTRATOR: 3}

ABOUT: Final = {
    Role.ANNOTATOR: "sees nothing but the own work in annotation projects",
    Role.VIEWER: "sees studies, readings and reports",
    Role.READER: "uploads images, agrees or disagrees, fetches original files",
    Role.ADMINISTRATOR: "deletes studies, keeps accounts and API keys, sees the audit log and the metrics",
}
"""What each role may do besides what the one before it may."""
