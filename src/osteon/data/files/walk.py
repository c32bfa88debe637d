"""Files below a dataset's root: images, masks, and what is left out, each with a remark.

Links to folders are followed; each folder is visited once, also where several links or a link to a parent folder lead
to it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from osteon.core.errors import InputError
from osteon.data.files.names import as_name
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import RemarkCode
from osteon.imaging.sniff import HEAD, sniff
from osteon.imaging.sniff import Kind as Format

RASTER_SUFFIXES: Final = frozenset((
    ".jpg", ".jpeg", ".jpe", ".jif", ".jfif", ".jfi", ".pjpeg", ".pjp", ".png", ".apng", ".tif", ".tiff", ".bmp",
))  # fmt: skip
"""Files that are opened as images; ``osteon.data.files.files.inspect`` decides which of them can be read."""

DICOM_SUFFIXES: Final = frozenset({".dcm", ".dicom", ".dic", ".ima"})
_UNSUPPORTED: Final = frozenset((
    ".webp", ".gif", ".jp2", ".j2k", ".jpf", ".jpx", ".jpc", ".j2c", ".jls", ".jxl", ".heic", ".heif", ".avif",
    ".dib", ".pgm", ".ppm", ".pbm", ".pnm", ".tga", ".ico", ".svg", ".psd", ".raw", ".exr", ".hdr", ".nii", ".mha",
    ".mhd", ".nrrd", ".mat", ".npy", ".npz", ".pdf",
))  # fmt: skip
"""Suffixes of image formats that are not read."""

MASKS: Final = "masks"
"""Folder at the root of a dataset whose images are masks; osteon's own conversion writes it."""

_MASK_FOLDERS: Final = re.compile(
    r"masks?|segmentation(class|object)\w*|segmentations?|seg(mentation)?[_ -]?masks?|ground[_ -]?truths?|gt|panoptic\w*",
    re.IGNORECASE,
)
_MASK_NAME: Final = re.compile(r"(.+?)[_ -](?:mask|seg|segmentation|label|gt)(?:[_ -]?\d+)?", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"\..*|__macosx|@eadir|\$recycle\.bin|lost\+found", re.IGNORECASE)
_FEW: Final = 3


@dataclass(frozen=True, slots=True)
class Survey:
    """Files below a root.

    Attributes:
        images: paths of raster and DICOM files, sorted, with forward slashes.
        others: paths of all other files.
        remarks: what was left out, and why.
    """

    images: tuple[str, ...]
    others: tuple[str, ...]
    remarks: tuple[Remark, ...]

    def named(self, *suffixes: str) -> list[str]:
        """The other files that have one of these suffixes, in any case."""
        return [name for name in self.others if PurePosixPath(name).suffix.lower() in suffixes]


def survey(root: Path, folder: str = ".") -> Survey:
    """Look through ``folder`` below ``root``.

    Images in folders of masks, images named like another one plus ``_mask``, unsupported image formats, and hidden
    folders are left out with a remark; hidden files (``._name``) and ``masks/`` at the root, which
    osteon's conversion writes, without.
    """
    remarks: list[Remark] = []
    images: list[str] = []
    others: list[str] = []
    masks: list[str] = []
    unsupported: dict[str, list[str]] = {}
    for name, path in _files(root, folder, remarks):
        suffix = path.suffix.lower()
        if is_image_name(path) or is_signed(path):
            (masks if _in_masks(name) else images).append(name)
        elif suffix in _UNSUPPORTED or name.lower().endswith(".nii.gz"):
            unsupported.setdefault(suffix, []).append(name)
        else:
            others.append(name)
    stems = {name.rsplit(".", 1)[0] for name in images}
    mask_images = {name for name in images if _is_mask_of(name, stems)}
    masks += sorted(mask_images)
    reported = [name for name in masks if not name.startswith(f"{MASKS}/")]
    remarks += _left_out(reported, RemarkCode.MASK_LEFT_OUT, RemarkCode.MASKS_LEFT_OUT)
    for suffix, names in sorted(unsupported.items()):
        remarks += _left_out(names, RemarkCode.KIND_LEFT_OUT, RemarkCode.KINDS_LEFT_OUT, suffix=suffix)
    return Survey(tuple(sorted(set(images) - mask_images)), tuple(sorted(others)), tuple(remarks))


def is_image_name(path: Path) -> bool:
    """Whether the suffix is that of a raster or DICOM file."""
    return path.suffix.lower() in RASTER_SUFFIXES | DICOM_SUFFIXES


def is_signed(path: Path) -> bool:
    """Whether a file is DICOM by its first bytes, whatever its name.

    Without a preamble, or where it cannot be opened, it may be DICOM if its name has no suffix or ends like a UID.
    """
    bare = not path.suffix or path.suffix[1:].isdecimal()
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError:
        return bare
    if head[128:132] == b"DICM":
        return True
    try:
        return bare and sniff(head) is Format.DICOM
    except InputError:
        return False


def _left_out(names: Iterable[str], one: RemarkCode, several: RemarkCode, **values: str) -> Iterator[Remark]:
    """One remark for each folder with files that are left out; one for each file where there are few."""
    folders: dict[str, list[str]] = {}
    for name in names:
        folders.setdefault(PurePosixPath(name).parent.as_posix(), []).append(name)
    for listed in folders.values():
        if len(listed) <= _FEW:
            yield from (Remark(Kind.EXTRA_FILE, name, one, values, skipped=True) for name in listed)
        else:
            yield Remark(Kind.EXTRA_FILE, listed[0], several, {"count": len(listed), **values}, skipped=True)


def _in_masks(name: str) -> bool:
    return any(_MASK_FOLDERS.fullmatch(folder) for folder in PurePosixPath(name).parts[:-1])


def _is_mask_of(name: str, stems: set[str]) -> bool:
    folder, _, file = name.rpartition("/")
    found = _MASK_NAME.fullmatch(file.rsplit(".", 1)[0])
    return found is not None and (f"{folder}/{found[1]}" if folder else found[1]) in stems


def _files(root: Path, folder: str, remarks: list[Remark]) -> Iterator[tuple[str, Path]]:
    """All files with their names below the root; real folders before linked ones, each once."""
    start = root / folder
    seen = {_identity(above) for above in (start, *start.parents) if above != start and above.is_relative_to(root)}
    links: list[Path] = []
    waiting = [start]
    while waiting or links:
        directory = waiting.pop() if waiting else links.pop()
        below = as_name(directory, root)
        try:
            identity = _identity(directory)
            entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        except OSError as error:
            remarks.append(Remark(Kind.UNREADABLE, below, RemarkCode.FOLDER_UNOPENED, {"error": type(error).__name__}))
            continue
        if identity in seen:
            remarks.append(Remark(Kind.EXTRA_FILE, below, RemarkCode.LINK_LEFT_OUT))
            continue
        seen.add(identity)
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                if _HIDDEN.fullmatch(entry.name):
                    remarks += _hidden(path, root)
                else:
                    waiting.append(path)
            elif entry.is_dir():
                links.append(path)
            elif not entry.name.startswith(".") and (entry.is_file() or entry.is_symlink()):
                yield as_name(path, root), path


def _identity(folder: Path) -> tuple[int, int]:
    """Device and inode: the same for a folder by whatever link it is reached."""
    status = folder.stat()
    return status.st_dev, status.st_ino


def _hidden(path: Path, root: Path) -> list[Remark]:
    """A remark where a hidden folder holds images: they are copies made by programs."""
    found = next((file for file in path.rglob("*") if is_image_name(file) and not file.name.startswith(".")), None)
    return [Remark(Kind.EXTRA_FILE, as_name(path, root), RemarkCode.HIDDEN_FOLDER)] if found else []
