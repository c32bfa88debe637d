"""Paths to studies: which files there are, and which of them belong together.

Only names and the first bytes of files are looked at here (of DICOM files the header, where there are several), so that
a folder of thousands costs little memory; pixels are decoded when a study's turn comes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError, OsteonError
from osteon.core.labels import BodyPart, View
from osteon.imaging.heading import Heading, read_file_heading
from osteon.imaging.patient_identity import patient_identity
from osteon.imaging.sniff import HEAD, Kind, sniff
from osteon.inference.grouping import Member, group
from osteon.inference.views import view_of_name

PathLike = str | os.PathLike[str]

_SUFFIXES: Final = frozenset({".dcm", ".dicom", ".ima", ".jpeg", ".jpg", ".png", ".tif", ".tiff"})
"""A file in a folder whose name claims to be an image is tried, whatever its content; others are counted."""


@cache
def _own() -> tuple[str, ...]:
    """Endings of overlays and DICOM objects: those that an earlier run left in a folder are no radiographs."""
    from osteon.outputs.dicom.formats import FORMATS as DICOM_FORMATS
    from osteon.outputs.formats import overlay

    return (overlay.FORMAT.suffix, *(form.suffix for form in DICOM_FORMATS))


@dataclass(frozen=True, slots=True)
class Study:
    """Files that are read together.

    Attributes:
        files: at least one, in the order in which they were found.
        views: of each file, as its sender states; empty where file names state them.
        body_parts: of each file, as its sender states; a file's own statement goes before. Empty where nothing is stated.
    """

    files: tuple[Path, ...]
    views: tuple[View | None, ...] = ()
    body_parts: tuple[BodyPart | None, ...] = ()

    def showing(self, body_part: BodyPart | None) -> Study:
        """The study, of whose files the sender states one body part; None states nothing."""
        return self if body_part is None else replace(self, body_parts=(body_part,) * len(self.files))

    @property
    def source(self) -> str:
        """The file, or the folder that holds all files of the study."""
        return str(self.files[0]) if len(self.files) == 1 else os.path.commonpath([file.parent for file in self.files])


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be read.

    Attributes:
        source: the file or path.
        error: why.
    """

    source: str
    error: OsteonError


@dataclass(frozen=True, slots=True)
class Discovery:
    """What lies at the paths that the user named.

    Attributes:
        studies: in the order of the paths, files of folders sorted by name; a study stands where its first file does.
        failures: paths at which there is nothing.
        skipped: number of files in folders that are no images.
    """

    studies: tuple[Study, ...]
    failures: tuple[Failure, ...]
    skipped: int


def discover(paths: Sequence[PathLike], views: Sequence[View] = ()) -> Discovery:
    """Find the files at ``paths`` and group them by study, see ``osteon.inference.grouping``.

    Folders are searched through; hidden files, macOS resource forks (``._*``) and DICOMDIR are passed over. Any other
    image file is a study of its own, unless the bundle sees several views at once.

    Args:
        paths: files and folders.
        views: that the bundle sees at once (``Manifest.views``): other image files of one folder whose names state
            different ones of these views (``front.jpg``, ``side.jpg``) are then a study.
    """
    failures: list[Failure] = []
    found: dict[Path, bool] = {}
    skipped = 0
    for path in map(Path, paths):
        if path.is_dir():
            for file in walk(path):
                dicom = looks_like_image(file)
                if dicom is None:
                    skipped += 1
                else:
                    found.setdefault(file, dicom)
        elif path.exists():
            found.setdefault(path, bool(_is_dicom(path)))
        else:
            failures.append(Failure(str(path), InputError(FaultCode.PATH_MISSING)))
    return Discovery(tuple(group_files(found, views)), tuple(failures), skipped)


def looks_like_image(file: Path) -> bool | None:
    """Whether a file of a folder is DICOM (True) or claims to be another image (False); None: it is passed over."""
    dicom = _is_dicom(file)
    alien = dicom is None and file.suffix.lower() not in _SUFFIXES
    return None if alien or file.name.endswith(_own()) else bool(dicom)


def walk(folder: Path) -> Iterator[Path]:
    """All files below a folder, sorted, without hidden ones and DICOMDIR."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and name.upper() != "DICOMDIR":
                yield Path(place, name)


def _is_dicom(file: Path) -> bool | None:
    """Whether a file is DICOM, or None if it is not an image or cannot be opened."""
    try:
        with file.open("rb") as stream:
            return sniff(stream.read(HEAD)) is Kind.DICOM
    except (OSError, InputError):
        return None


def group_files(found: Mapping[Path, bool], views: Sequence[View] = ()) -> Iterator[Study]:
    """Put the files of one study together; a single DICOM file needs no look at its header.

    Args:
        found: files, and whether each is DICOM.
        views: see ``discover``.
    """
    several = sum(found.values()) > 1
    paired = _paired([file for file, dicom in found.items() if not dicom], views)
    members: list[Member[Path]] = []
    for position, (file, dicom) in enumerate(found.items()):
        heading = read_file_heading(file, Kind.DICOM) if dicom and several else Heading()
        identity = patient_identity(heading)
        members.append(Member(file, position, heading.study, identity, str(file), paired.get(file, "")))
    return (Study(found.items) for found in group(members))


def _paired(files: Sequence[Path], views: Sequence[View]) -> dict[Path, str]:
    """The folder of each file, for folders that hold each of the views at most once by the names of their files."""
    folders: dict[Path, dict[View, list[Path]]] = {}
    for file in files:
        view = view_of_name(file)
        if view is not None and view in views:
            folders.setdefault(file.parent, {}).setdefault(view, []).append(file)
    return {
        file: str(folder)
        for folder, named in folders.items()
        if all(len(found) == 1 for found in named.values())
        for found in named.values()
        for file in found
    }
