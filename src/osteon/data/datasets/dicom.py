"""A folder of DICOM files, with labels from a CSV file joined by a UID or accession number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.data.files.dicom import DicomFacts
from osteon.data.files.images import inspect_images, is_dicom
from osteon.data.files.names import as_path
from osteon.data.files.sidecar import NAME, complete
from osteon.data.files.walk import survey
from osteon.data.table.card import DatasetCard
from osteon.data.table.case import Case
from osteon.data.table.columns import known_columns, labels_of, unparsed_cells
from osteon.data.table.parse import meaning
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.rows import Row, by_key, read_sheet
from osteon.data.table.table import Table, from_cases

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
"""Identifiers that rows of labels can be joined by, the most specific first."""


def read(root: Path) -> Table:
    """Read the DICOM files below ``root`` and, where there is one, the CSV file of labels in it.

    Rows with the same key are merged; contradictions are unknown.

    Raises:
        DataError: there is no DICOM file, or the CSV file has no column to join by.
    """
    if not root.is_dir():
        raise DataError(f"no folder {root}")
    tables = sorted(path for path in root.glob("*") if path.suffix.lower() in {".csv", ".tsv"} and path.name != NAME)
    if len(tables) > 1:
        got = ", ".join(path.name for path in tables[:5])
        raise DataError("more than one CSV file of labels", expected="one", got=got)
    remarks: list[Remark] = []
    rows, key = _rows(tables[0], remarks) if tables else ({}, "")
    file = tables[0].name if tables else ""
    cases: list[Case] = []
    met: set[str] = set()
    found = survey(root)
    remarks += found.remarks
    names = [name for name in found.images if is_dicom(as_path(root, name))]
    remarks += [
        Remark(Kind.EXTRA_FILE, name, RemarkCode.NOT_DICOM_LEFT_OUT, skipped=True)
        for name in found.images
        if name not in set(names)
    ]
    labels = {column for row in rows.values() for column in labels_of(row)}
    for name, image in inspect_images(root, names):
        if isinstance(image, Remark):
            remarks.append(image)
            continue
        value = _value(image.header, key) if image.header else ""
        row = rows.get(value)
        met.add(value)
        if rows and row is None:
            remarks.append(Remark(Kind.NO_RECORD, name, RemarkCode.NO_ROW, {"file": file}))
        elif row is not None:
            remarks += unparsed_cells(file, name, row)
        cases.append(replace(image.case(name), labels=labels_of(row) if row else dict.fromkeys(labels, UNKNOWN)))
    lost = [row for value, row in rows.items() if value not in met]
    if lost:
        remarks.append(
            Remark(
                Kind.MISSING_FILE,
                file,
                RemarkCode.ROWS_OF_NO_FILE,
                {"count": len(lost), "where": lost[0].location},
                skipped=True,
            )
        )
    cases = complete(root, cases, remarks)
    return from_cases(cases, dataset=CARD.name, licence=CARD.licence, remarks=remarks)


def _rows(path: Path, remarks: list[Remark]) -> tuple[dict[str, Row], str]:
    """The rows of labels by identifier, and which of ``KEYS`` that is.

    Raises:
        DataError: the table has no such column.
    """
    sheet = read_sheet(path)
    columns = {column.replace("_", ""): column for column in sheet.columns}
    key = next((key for key in KEYS if key in columns), None)
    if key is None:
        got = ", ".join(sheet.columns[:12])
        raise DataError(f"{path.name} cannot be joined", expected="a column " + ", ".join(KEYS), got=got)
    own = {columns[key_name] for key_name in KEYS if key_name in columns}
    sheet = known_columns(sheet, *own)
    remarks += sheet.remarks
    return by_key(sheet, lambda row: row.cells[columns[key]], remarks, meaning), key


def _value(header: DicomFacts, key: str) -> str:
    return {"sopinstanceuid": header.image, "studyinstanceuid": header.study}.get(key, header.accession).strip()
