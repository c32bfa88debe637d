"""From the name of an image in an annotation to its file, without guessing.

A name refers to the file with exactly that path, below the folder of the annotation or below the root. Otherwise both
are compared as other systems and programs may have written them: with backslashes, ``%20``, composed or decomposed
letters, another case, a path on another machine, the prefixes of a tool's uploads. Then it refers to the only file with
the same last component and no contradicting folder. Everything else is reported as ambiguous.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

from osteon.data.formats.parts import part_of_folders
from osteon.data.table.remark import Kind, Remark
from osteon.data.table.remark_code import NoMatch, RemarkCode

_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/]*/?|[a-z]:", re.IGNORECASE)
_LOCAL: Final = re.compile(r".*[?&]d=([^&]+).*")
"""Label Studio's addresses of local files: ``/data/local-files/?d=folder/name.png``."""

_GENERIC_FOLDERS: Final = frozenset((
    "images", "image", "img", "imgs", "jpegimages", "pictures", "picture", "photos", "films", "film", "radiographs",
    "xrays", "data", "dataset", "media", "upload", "uploads", "files", "file", "raw", "input", "inputs", "all",
    "obj_train_data", "obj_valid_data", "obj_test_data", "jpg", "png", "dicom", "dcm", "tmp", "home", "train2017",
    "val2017", "test2017", "content", "drive", "mydrive", "kaggle", "working",
))  # fmt: skip
"""Folders that contain images and carry no information about them."""


@dataclass(frozen=True, slots=True)
class Miss:
    """Why a name refers to no file.

    Attributes:
        code: the reason.
        count: of the files or names that it may be.
        image: that several names may refer to.
    """

    code: NoMatch
    count: int = 0
    image: str = ""

    @property
    def values(self) -> dict[str, str | int]:
        """For a remark."""
        return {"why": self.code.value, "count": self.count, "image": self.image}


@dataclass(frozen=True, slots=True)
class Match:
    """The file that a name refers to.

    Attributes:
        stated: the name.
        image: path of the file below the root; None where there is none, or several.
        exact: whether the file has exactly the path that is stated.
        loose: whether folders or spelling had to be ignored.
        why: reason where there is none.
    """

    stated: str
    image: str | None
    exact: bool = False
    loose: bool = False
    why: Miss | None = None


class Files:
    """The files below a root that names can refer to."""

    def __init__(self, root: Path, names: Sequence[str]) -> None:
        """Take the root and the paths of the files below it, with forward slashes."""
        self._root = root
        self._names = frozenset(names)
        self._by_file: dict[str, list[str]] = {}
        for name in names:
            self._by_file.setdefault(_casefolded(PurePosixPath(name).name), []).append(name)
        self._real: dict[str, str] | None = None

    def find(self, stated: str, near: str = "", part: str | None = None) -> Match:
        """The file that a name refers to.

        Args:
            stated: the name, as an annotation gives it.
            near: folder of the annotation below the root: names are looked up there first, and only there if it
                contains images.
            part: part of the split of the annotation: it decides between files of one name in folders of
                several parts.
        """
        if not stated.strip() or "\0" in stated:
            return Match(stated, None, why=Miss(NoMatch.BLANK))
        for folder in dict.fromkeys((near, "")):
            exact = self._exact(f"{folder}/{stated}" if folder else stated)
            if exact is not None:
                return Match(stated, exact, exact=True)
        wanted = _parts(stated)
        if not wanted:
            return Match(stated, None, why=Miss(NoMatch.BLANK))
        found = self._by_file.get(_casefolded(wanted[-1]), [])
        prefix = f"{near}/"
        if near and any(name.startswith(prefix) for name in self._names):
            found = [name for name in found if name.startswith(prefix)]
        return _decide(stated, wanted, found, part)

    def _exact(self, path: str) -> str | None:
        plain = os.path.normpath(path).replace(os.sep, "/")
        if plain in self._names:
            return plain
        if plain.startswith(("../", "/")):
            return None
        try:
            if not (self._root / plain).is_file():
                return None
            real = os.path.realpath(self._root / plain)
        except (OSError, ValueError):
            return None
        if self._real is None:  # a link to a file or folder that is read under another name
            self._real = {os.path.realpath(self._root / name): name for name in sorted(self._names, reverse=True)}
        return self._real.get(real)


def _decide(stated: str, wanted: list[str], names: Sequence[str], part: str | None) -> Match:
    if not names:
        return Match(stated, None, why=Miss(NoMatch.NO_FILE))
    lengths: dict[str, int] = {}
    for normalise in _NORMALISATIONS:
        lengths = {name: length for name in names if (length := _agreement(wanted, name, normalise))}
        if lengths:
            break
    if not lengths:
        return Match(stated, None, why=Miss(NoMatch.OTHER_FOLDER))
    longest = max(lengths.values())
    best = [name for name, length in lengths.items() if length == longest]
    if len(best) > 1 and part is not None:
        best = [name for name in best if part_of_folders(name) == part] or best
    if len(best) > 1:
        return Match(stated, None, why=Miss(NoMatch.SEVERAL_FILES, len(best)))
    plain = stated.strip().removeprefix("./")
    return Match(stated, best[0], loose=not f"/{best[0]}".endswith(f"/{plain}"))


def overlooked(file: str, matches: Iterable[Match]) -> list[Remark]:
    """A remark where names in an annotation file were matched although they are not the images' paths."""
    loose = {match.stated: match.image for match in matches if match.loose and match.image is not None}
    if not loose:
        return []
    stated, image = next(iter(loose.items()))
    return [
        Remark(Kind.ASSUMED, file, RemarkCode.MATCHED_BY_ENDS, {"count": len(loose), "stated": stated, "image": image})
    ]


def _agreement(wanted: Sequence[str], name: str, normalise: Callable[[str], str]) -> int:
    """Number of trailing components that a stated path and a file's share; 0 where a folder contradicts."""
    there = PurePosixPath(name).parts
    count = 0
    for own, theirs in zip(reversed(wanted), reversed(there), strict=False):
        if normalise(own) != normalise(theirs):
            break
        count += 1
    if not count:
        return 0
    stated, actual = wanted[: len(wanted) - count], there[: len(there) - count]
    contradicts = stated and actual and not (_is_generic_folder(stated[-1]) or _is_generic_folder(actual[-1]))
    return 0 if contradicts else count


def _is_generic_folder(folder: str) -> bool:
    """Whether a folder's name is one of ``_PLACES`` or a number, as used for uploads."""
    return folder.lower() in _GENERIC_FOLDERS or folder.isdecimal()


def _parts(stated: str) -> list[str]:
    """The parts of a stated path, without address, drive, ``.`` and ``..``."""
    text = stated.strip().replace("\\", "/")
    if local := _LOCAL.fullmatch(text):
        text = unquote(local[1])
    text = _ADDRESS.sub("", text, count=1) if _ADDRESS.match(text) else text
    return [part for part in text.split("/") if part not in {"", ".", ".."}]


def canonical(path: str) -> str:
    """A path in a form for comparison across systems: letters composed, ``%20`` decoded, case folded."""
    return "/".join(_casefolded(part) for part in _parts(path))


def _composed(part: str) -> str:
    return unicodedata.normalize("NFC", part)


def _unquoted(part: str) -> str:
    return _composed(unquote(part))


def _lower_suffix(part: str) -> str:
    stem, dot, suffix = _unquoted(part).rpartition(".")
    return f"{stem}{dot}{suffix.lower()}"


def _casefolded(part: str) -> str:
    return _unquoted(part).strip().casefold()


_NORMALISATIONS: Final = (_composed, _unquoted, _lower_suffix, _casefolded)
"""Ways to compare parts of a path, the strictest first."""


def settle(matches: Iterable[Match]) -> dict[tuple[str, str], Miss]:
    """Names to reject because contradicting names were matched to the same file.

    A name with exactly the file's path keeps it, and so do names with the same ending.

    Returns:
        the reason by stated name and image.
    """
    claims: dict[str, dict[tuple[str, ...], Match]] = {}
    for match in matches:
        if match.image is not None:
            key = tuple(_casefolded(part) for part in _parts(match.stated))
            claims.setdefault(match.image, {}).setdefault(key, match)
            if match.exact:
                claims[match.image][key] = match
    lost: dict[tuple[str, str], Miss] = {}
    for image, named in claims.items():
        accepted = [key for key, match in named.items() if match.exact] or list(named)
        for key, match in named.items():
            if not match.exact and not all(_same_ending(key, other_key) for other_key in accepted):
                lost[match.stated, image] = Miss(NoMatch.SEVERAL_NAMES, len(named), image)
    return lost


def _same_ending(first: Sequence[str], second: Sequence[str]) -> bool:
    shared = min(len(first), len(second))
    return tuple(first[-shared:]) == tuple(second[-shared:])
