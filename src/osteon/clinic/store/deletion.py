"""Deletion by statement: of two that delete the same row at once one is first, and the other finds nothing.

``Session.delete`` warns of a row that another one has deleted meanwhile.
"""

from __future__ import annotations

from sqlalchemy import CursorResult, Delete
from sqlalchemy.orm import Session


def deleted(session: Session, statement: Delete) -> int:
    """Execute a ``DELETE``; how many rows it found."""
    done = session.execute(statement)
    return done.rowcount if isinstance(done, CursorResult) else 0
