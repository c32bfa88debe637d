"""What a store and an archive must hold after a trial of faults."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pacs_archive import Archive
from pydicom.dataset import Dataset
from sqlalchemy import select

from osteon.clinic.store.database import open_database
from osteon.clinic.store.files import Files
from osteon.clinic.store.tables.pacs import Delivery, DeliveryState, HeldInstance, Receipt
from osteon.clinic.store.tables.studies import Original, State, Study


@dataclass(frozen=True)
class Check:
    """A row of the table: what was counted, how much it is, whether it is as promised."""

    what: str
    count: str
    good: bool = True


def checks(store: Path, sent: Mapping[str, tuple[str, bytes]], acknowledged: set[str], archive: Archive) -> list[Check]:
    """Compare all of it.

    Args:
        store: of the server, which has ended.
        sent: StudyInstanceUID and data set of every image, by SOPInstanceUID.
        acknowledged: SOPInstanceUIDs.
        archive: where the results went.
    """
    database, files = open_database(f"sqlite:///{store / 'osteon.db'}"), Files(store)
    try:
        with database.session() as session:
            studies = list(session.scalars(select(Study).where(Study.newer.is_(None))))
            versions = len(session.scalars(select(Study.id)).all())
            newest = {study.id for study in studies}
            rows = session.execute(select(Original.study_id, Original.instance, Original.digest)).all()
            originals = [(str(uid), digest) for study, uid, digest in rows if study in newest]
            receipts = len(session.scalars(select(Receipt.id)).all())
            held = len(session.scalars(select(HeldInstance.id)).all())
            deliveries = list(session.scalars(select(Delivery).where(Delivery.state != DeliveryState.UNWANTED)))
        same = sum(data_set(files.read(digest)) == sent[uid][1] for uid, digest in originals if uid in sent)
        kept = {row.instance: hashlib.sha256(data_set(files.read(str(row.digest)))).hexdigest() for row in deliveries}
    finally:
        database.close()
    left = [path for folder in ("incoming", "quarantine") for path in (store / folder).rglob("*") if path.is_file()]
    once = Counter(uid for uid, _ in originals)
    stored = sum(once[uid] == 1 for uid in acknowledged)
    wanted = Counter(study for study, _ in sent.values())
    whole = [one for one in studies if one.state == State.DONE and wanted[str(one.uid)] == one.view_count]
    done = [row for row in deliveries if row.state == DeliveryState.DONE]
    strange = [uid for uid, found in archive.contents.items() if found != {kept.get(uid)}]
    current = {name: currents(archive, name) for name in ("sr", "text-sr")}
    counts = [Counter(found) for found in current.values()]
    one_each = sum(all(count[study] == 1 for count in counts) for study in wanted)
    strangers = {study for count in counts for study in count} - set(wanted)
    return [
        Check("images acknowledged", str(len(acknowledged)), acknowledged == set(sent)),
        Check("acknowledged images in the store, each once", str(stored), stored == len(acknowledged) == len(once)),
        Check("the same content, byte for byte", str(same), same == len(acknowledged) == len(originals)),
        Check("images counted as received", str(receipts), receipts == len(acknowledged)),
        Check("images left waiting, half received or in the quarantine", str(len(left) + held), not left and not held),
        Check("versions of results", str(versions)),
        Check("studies with one newest result, of all their images", str(len(whole)), _all(whole, studies, wanted)),
        Check("objects made and delivered", f"{len(done)} of {len(deliveries)}", len(done) == len(deliveries)),
        Check("objects that the archive has", str(len(archive.accepted)), set(archive.accepted) == set(kept)),
        Check("objects that came more than once", str(sum(count > 1 for count in archive.accepted.values()))),
        Check("objects that came in other bytes, or cut off", str(len(strange)), not strange),
        Check(
            "studies with one current SR and text SR in the archive",
            str(one_each),
            one_each == len(wanted) and not strangers,
        ),
    ]


def _all(whole: list[Study], studies: list[Study], wanted: Counter[str]) -> bool:
    return len(whole) == len(studies) == len(wanted) and {str(one.uid) for one in whole} == set(wanted)


def currents(archive: Archive, form: str) -> list[str]:
    """The StudyInstanceUID of each report in the archive that no other takes the place of."""
    word = "Text" if form == "text-sr" else "Comprehensive"
    reports = [header for header in archive.headers.values() if word in str(header.SOPClassUID.name)]
    replaced = {uid for report in reports for uid in _predecessors(report)}
    return [str(report.StudyInstanceUID) for report in reports if str(report.SOPInstanceUID) not in replaced]


def _predecessors(report: Dataset) -> list[str]:
    return [
        str(one.ReferencedSOPInstanceUID)
        for study in report.get("PredecessorDocumentsSequence", [])
        for series in study.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    ]


def data_set(data: bytes) -> bytes:
    """The data set of a DICOM file, without what stands before it."""
    return data[144 + int.from_bytes(data[140:144], "little") :]
