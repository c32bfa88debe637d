"""Broken files, and files that are not part of the dataset."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from osteon.core.codes.fault import TRUNCATIONS
from osteon.core.filenames import readable
from osteon.core.wording.faults import fault_words
from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.files.files import DICOM_SUFFIXES, RASTER_SUFFIXES
from osteon.data.table.remark import Kind

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
            found.append(problem(kind, [name], fault_words(look.damage).problem))
    for name, look in zip(evidence.table.images, evidence.looks, strict=True):
        if look.missing:
            text = f"the lowest {100 * look.missing:.0f} % of the rows are uniform grey: the image data are cut off or damaged"
            found.append(problem(Kind.TRUNCATED, [name], text))
    return found


def broken_in_one_folder(evidence: Evidence) -> list[Problem]:
    """Whether all broken files are in one folder, so that the damage would predict the label."""
    lost = [remark.image for remark in evidence.table.skipped if remark.kind in {Kind.TRUNCATED, Kind.UNREADABLE}]
    folders = {Path(name).parent.as_posix() for name in lost}
    inside = sum(Path(name).parent.as_posix() in folders for name in evidence.table.images)
    if len(lost) < _FEW or len(folders) > 1 or inside > 0.95 * len(evidence.table):
        return []
    text = (
        f"all {len(lost)} broken files are in {folders.pop()}: decoded leniently, their grey stripes predict the label"
    )
    return [problem(Kind.SHORTCUT, lost, text)]


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
        (strays, "images that are not part of the dataset's layout; they are left out"),
        (junk, "files of an operating system"),
        (empty, "empty folders"),
    )
    return [
        problem(Kind.EXTRA_FILE, sorted(names), f"{len(names)} {description}") for names, description in extras if names
    ]
