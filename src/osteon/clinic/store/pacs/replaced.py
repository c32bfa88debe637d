"""Objects that are not made any more, because a later version of the result has its own: they would pass for the newest."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from osteon.clinic.store.tables.pacs import Delivery
from osteon.clinic.store.tables.studies import Study


def is_replaced(session: Session, study: str, form: str) -> bool:
    """Whether an object in a format was made of a later version of a study.

    That one does not name what is made of this version from now on, so an archive would have two that nothing replaces.

    Args:
        session: a transaction.
        study: identifier of the version.
        form: name of the output format.
    """
    own = aliased(Study)
    later = (
        select(Delivery.id)
        .join(Study, Study.id == Delivery.study_id)
        .join(own, own.examination == Study.examination)
        .where(own.id == study, Study.version > own.version, Delivery.form == form, Delivery.digest.is_not(None))
    )
    return session.scalar(later.limit(1)) is not None
