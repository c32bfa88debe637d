"""Broken files, and files that are not part of the dataset."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from osteon.core.codes.fault import TRUNCATIONS
from osteon.core.filenames import readable
from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.files.files import DICOM_SUFFIXES, RASTER_SUFFIXES
from osteon.data.table.remark import Kind
from osteon.data.table.remark_code import RemarkCode

_JUNK: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_FEW: Final = 5
"""Minimum number of broken files for checking whether all are in one folder."""


def broken_files(evidence: Evidence) -> list[Problem]:
    """Files whose headers are intact but that cannot be decoded, and JPEGs whose last rows are missing."""
    reported = {remark.image for remark in evidence.table.skipped}
    found: list[Problem] = []
    for name, look in evidence.broken.items():
        if name not in reported and look.damage is not None:
            kind = Kind.TRUNCATED if look.damage.code in TRUNCATIONS else Kind.UNREADABLE
            values = {"fault": look.damage.code.value, **look.damage.values}
            found.append(problem(kind, [name], RemarkCode.FAULT, values))
    for name, look in zip(evidence.table.images, evidence.looks, strict=True):
        if look.missing:
            found.append(problem(Kind.TRUNCATED, [name], ProblemCode.ROWS_GREY, {"share": look.missing}))
    return found


def broken_in_one_folder(evidence: Evidence) -> list[Problem]:
    """Whether all broken files are in one folder, so that the damage would predict the label."""
    lost = [remark.image for remark in evidence.table.skipped if remark.kind in {Kind.TRUNCATED, Kind.UNREADABLE}]
    folders = {Path(name).parent.as_posix() for name in lost}
    inside = sum(Path(name).parent.as_posix() in folders for name in evidence.table.images)
    if len(lost) < _FEW or len(folders) > 1 or inside > 0.95 * len(evidence.table):
        return []
    values = {"count": len(lost), "folder": folders.pop()}
    return [problem(Kind.SHORTCUT, lost, ProblemCode.BROKEN_IN_ONE_FOLDER, values)]


def files_that_do_not_belong(evidence: Evidence) -> list[Problem]:
    """Images below the root that are not in the table, files of operating systems, and empty folders."""
    masks = {name for name in evidence.table.frame["mask"].to_list() if name is not None}
    known = {*evidence.table.images, *evidence.broken, *masks, *(remark.image for remark in evidence.table.remarks)}
    strays: list[str] = []
    junk: list[str] = []
    empty: list[str] = []
    for folder, folders, files in os.walk(evidence.root):
        below = Path(folder).relative_to(evidence.root)
        if not folders and not files and below.parts:
            empty.append(readable(below.as_posix()))
        if below.parts[:1] == ("masks",):
            continue
        for file in files:
            name = readable((below / file).as_posix())
            if file.startswith("._") or file.lower() in _JUNK:
                junk.append(name)
            elif Path(file).suffix.lower() in RASTER_SUFFIXES | DICOM_SUFFIXES and name not in known:
                strays.append(name)
    extras = (
        (strays, ProblemCode.NOT_IN_LAYOUT),
        (junk, ProblemCode.SYSTEM_FILES),
        (empty, ProblemCode.EMPTY_FOLDERS),
    )
    return [problem(Kind.EXTRA_FILE, sorted(names), code, {"count": len(names)}) for names, code in extras if names]
