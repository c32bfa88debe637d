"""A folder of DICOM files, with labels from a CSV file joined by a UID or accession number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError
from osteon.data.card import DatasetCard
from osteon.data.case import Case
from osteon.data.coco import slug
from osteon.data.dicom import DicomFacts, dicoms_below, inspect_dicom
from osteon.data.films import Film
from osteon.data.names import as_path
from osteon.data.remark import Kind, Remark
from osteon.data.rows import read_rows
from osteon.data.sidecar import NAME, complete
from osteon.data.table import LABEL_PREFIX, Table, from_cases
from osteon.data.words import label_of

CARD: Final = DatasetCard(
    name="dicom",
    title="A folder of DICOM files",
    about="Any DICOM radiographs, with labels from a CSV file where there is one.",
    licence="as its owner says",
    citation="",
    url="",
    access="own",
    obtain="Your own files.",
    layout="*.dcm anywhere below\nlabels.csv: SOPInstanceUID, StudyInstanceUID or AccessionNumber, label_<name> ...",
    identifiers=("patient", "study", "cluster"),
    label_map={"label_<name>": "1, 0, or blank for unknown"},
)

KEYS: Final = ("sopinstanceuid", "studyinstanceuid", "accessionnumber")
"""What a row of labels may be joined by, the most exact first."""


def read(root: Path) -> Table:
    """Read the DICOM files below ``root`` and, where there is one, the CSV file of labels in it.

    Raises:
        DataError: there is no DICOM file, or the CSV file has none of the columns to join by.
    """
    tables = sorted(path for path in root.glob("*.csv") if path.name != NAME)
    if len(tables) > 1:
        raise DataError("more than one CSV file of labels", expected="one", got=str(len(tables)))
    rows = read_rows(tables[0]) if tables else []
    key = next((key for key in KEYS if rows and key in rows[0]), None)
    if rows and key is None:
        raise DataError(f"{tables[0].name} cannot be joined", expected="a column " + ", ".join(KEYS))
    by_key = {row[key]: row for row in rows if key and row.get(key)}
    cases: list[Case] = []
    remarks: list[Remark] = []
    met: set[str] = set()
    for name in dicoms_below(root):
        header = inspect_dicom(as_path(root, name), name)
        if isinstance(header, Remark):
            remarks.append(header)
            continue
        value = _value(header, key)
        row = by_key.get(value)
        met.add(value)
        if rows and row is None:
            remarks.append(Remark(Kind.NO_RECORD, name, f"no row in {tables[0].name}; its labels are unknown"))
        cases.append(_case(name, header, row or {}))
    if lost := len(set(by_key) - met):
        remarks.append(Remark(Kind.MISSING_FILE, tables[0].name, f"{lost} rows belong to no file", skipped=True))
    return from_cases(complete(root, cases), dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _value(header: DicomFacts, key: str | None) -> str:
    return {"sopinstanceuid": header.image, "studyinstanceuid": header.study}.get(key or "", header.accession)


def _case(name: str, header: DicomFacts, row: Mapping[str, str]) -> Case:
    labels = {slug(k.removeprefix(LABEL_PREFIX)): label_of(row[k]) for k in row if k.startswith(LABEL_PREFIX)}
    return replace(Film(header.facts, header).case(name), labels=labels)
