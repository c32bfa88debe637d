"""What an answer tells of studies besides their own rows, fetched for a whole page of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from osteon.clinic.patients.pseudonyms import resembles_name
from osteon.clinic.server.schemas.studies import Identifiers
from osteon.clinic.store.studies import studies as store
from osteon.clinic.store.studies import versions
from osteon.clinic.store.tables.studies import Opinion, Study


@dataclass(frozen=True, slots=True)
class Beside:
    """What belongs to some studies, by their identifiers.

    Attributes:
        opinions: the latest about each.
        earlier: the latest about an earlier version of each.
        previous: the version that each replaces.
        shared: StudyInstanceUIDs that several patients' examinations have.
        names: of their first files.
        identified: whether what names the patient may be told.
    """

    opinions: Mapping[str, Opinion]
    earlier: Mapping[str, Opinion]
    previous: Mapping[str, Study]
    shared: frozenset[str]
    names: Mapping[str, str]
    identified: bool


def about(session: Session, rows: Sequence[Study], *, identified: bool) -> Beside:
    """Ask for what belongs to studies."""
    studies = [row.id for row in rows]
    return Beside(
        store.latest_opinions(session, studies),
        {study: opinion for study, (opinion, _) in store.earlier_opinions(session, rows).items()},
        versions.predecessors(session, rows),
        frozenset(versions.shared_uids(session, rows)),
        store.file_names(session, studies) if identified else {},
        identified,
    )


def identifiers(row: Study, beside: Beside) -> Identifiers:
    """What names a study outside of this reading room."""
    return Identifiers(
        study_uid=row.uid, accession=row.accession, patient=row.patient, file_name=beside.names.get(row.id)
    )


def warnings(row: Study, beside: Beside) -> list[str]:
    """What whoever looks at a study should know."""
    found: list[str] = []
    if row.uid in beside.shared:
        found.append(
            "Images of another patient came under the same StudyInstanceUID. They are kept apart, as a study of their "
            "own: check at the sender which images belong to whom."
        )
    if row.pseudonym and not row.pseudonym.startswith("P-") and resembles_name(row.pseudonym):
        found.append("The pseudonym that the sender gave may be a person's name.")
    return found
