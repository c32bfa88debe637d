"""Files that are broken, that do not belong, or that are not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from osteon.core.filenames import readable
from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.files.files import DICOM_SUFFIXES, RASTER_SUFFIXES
from osteon.data.table.remark import Kind

_JUNK: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_FEW: Final = 5
"""Broken files from which it is worth asking whether they are all of one folder."""


def broken_files(evidence: Evidence) -> list[Problem]:
    """Files that the reader took for whole and that cannot be decoded, and JPEGs whose last rows are missing."""
    told = {one.image for one in evidence.table.skipped}
    found: list[Problem] = []
    for name, one in evidence.broken.items():
        if name not in told:
            cut = "truncated" in one.damage or "end early" in one.damage
            found.append(problem(Kind.TRUNCATED if cut else Kind.UNREADABLE, [name], one.damage))
    for name, one in zip(evidence.table.images, evidence.looks, strict=True):
        if one.missing:
            text = (
                f"the lowest {100 * one.missing:.0f} % of it are one even grey: the image data are cut off or damaged"
            )
            found.append(problem(Kind.TRUNCATED, [name], text))
    return found


def broken_in_one_folder(evidence: Evidence) -> list[Problem]:
    """Whether the broken files all lie in one folder, so that their damage would tell the label."""
    lost = [one.image for one in evidence.table.skipped if one.kind in {Kind.TRUNCATED, Kind.UNREADABLE}]
    folders = {Path(name).parent.as_posix() for name in lost}
    inside = sum(Path(name).parent.as_posix() in folders for name in evidence.table.images)
    if len(lost) < _FEW or len(folders) > 1 or inside > 0.95 * len(evidence.table):
        return []
    text = f"all {len(lost)} broken files lie in {folders.pop()}: decoded leniently, their grey stripes give it away"
    return [problem(Kind.SHORTCUT, lost, text)]


def files_that_do_not_belong(evidence: Evidence) -> list[Problem]:
    """Images below the root that the reader does not mention, leavings of operating systems, and empty folders."""
    masks = {name for name in evidence.table.frame["mask"].to_list() if name is not None}
    known = {*evidence.table.images, *evidence.broken, *masks, *(one.image for one in evidence.table.remarks)}
    strays: list[str] = []
    junk: list[str] = []
    empty: list[str] = []
    for folder, folders, files in os.walk(evidence.root):
        place = Path(folder).relative_to(evidence.root)
        if not folders and not files and place.parts:
            empty.append(readable(place.as_posix()))
        if place.parts[:1] == ("masks",):
            continue
        for file in files:
            name = readable((place / file).as_posix())
            if file.startswith("._") or file.lower() in _JUNK:
                junk.append(name)
            elif Path(file).suffix.lower() in RASTER_SUFFIXES | DICOM_SUFFIXES and name not in known:
                strays.append(name)
    said = (
        (strays, "images that the dataset's layout has no place for; they are left out"),
        (junk, "leavings of an operating system"),
        (empty, "empty folders"),
    )
    return [problem(Kind.EXTRA_FILE, sorted(names), f"{len(names)} {what}") for names, what in said if names]
