"""What readers say and draw goes out as reports: here they are told of, and signed."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request
from sqlalchemy import update
from sqlalchemy.orm import Session

from osteon.clinic.server.access.access import Person
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import ProblemError
from osteon.clinic.store.pacs import reader_reports
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Opinion


def touch(request: Request, session: Session, study: str, person: Person) -> None:
    """Say that a person has said or drawn something of a study: a report of it goes where the settings say.

    Programs and visitors are nobody whose report an archive could name.
    """
    if person.id is not None and context(request).settings.dicom.wants_reports:
        reader_reports.touch(session, study, person.name, now())


def unsign(session: Session, study: str, person: Person) -> bool:
    """Take the signature of a person back, who has drawn something that they had not signed; whether there was one."""
    own = (Opinion.study_id == study, Opinion.author == person.name, Opinion.signed.is_not(None))
    statement = update(Opinion).where(*own).values(signed=None).returning(Opinion.id)
    return len(session.scalars(statement).all()) > 0


def signature(person: Person) -> datetime:
    """When a person signs: now.

    Raises:
        ProblemError: it is no person.
    """
    if person.id is None:
        raise ProblemError(403, "Only a person can sign", "Log in with an account of your own; a key cannot sign.")
    return now()
