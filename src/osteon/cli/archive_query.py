"""Options by which commands ask another archive for studies, and the query that they make."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from osteon.clinic.dicom.retrieve.query import Query


class Way(StrEnum):
    """How an archive sends images over DICOM."""

    GET = "get"
    MOVE = "move"


StudyUids = Annotated[list[str] | None, typer.Option("--study", help="StudyInstanceUID; repeatable.")]
Patient = Annotated[str, typer.Option("--patient", help="All studies of this PatientID.")]
Accession = Annotated[str, typer.Option("--accession", help="The study of this AccessionNumber.")]
StudyDate = Annotated[
    str, typer.Option("--date", help="StudyDate: YYYYMMDD, or a range as 20260101-20260131 or 20260101-.")
]
Modalities = Annotated[list[str] | None, typer.Option("--modality", help="Only studies with such images; repeatable.")]
PeerName = Annotated[
    str, typer.Option("--peer", help="Name of an archive in the settings, or AE title of a peer with a port.")
]
ByWay = Annotated[
    Way | None,
    typer.Option("--way", help="By C-GET, or by C-MOVE to this node's port; default: as the settings say."),
]
Url = Annotated[str, typer.Option("--url", metavar="URL", help="Root of a DICOMweb service instead of --peer.")]
Token = Annotated[str, typer.Option("--token", envvar="OSTEON_TOKEN", help="Bearer token for --url.")]


def query_of(
    peer: str,
    url: str,
    *,
    study: Sequence[str] | None,
    patient: str,
    accession: str,
    date: str,
    modality: Sequence[str] | None,
) -> Query:
    """What is asked for, of one archive.

    Raises:
        BadParameter: not one archive is named, or nothing says which studies.
        OsteonError: the extra ``serve`` is not installed.
    """
    if bool(peer) == bool(url):
        raise typer.BadParameter("expected either --peer or --url", param_hint="--peer / --url")
    if not (study or patient or accession or date):
        raise typer.BadParameter("say which studies", param_hint="--study / --patient / --accession / --date")
    from osteon.cli.serving import require_serving

    require_serving()
    from osteon.clinic.dicom.retrieve.query import Query

    return Query(tuple(study or ()), patient, accession, date, tuple(modality or ()))
