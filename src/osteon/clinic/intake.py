"""Files that come in: told apart, kept, put together as studies and queued.

What is acknowledged here survives: files are on the disk before their study is in the database, and the study is in the
database before anybody is told. Names of files are never used as paths, and never kept.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO, Final

from osteon.clinic.hub import Hub
from osteon.clinic.store.admit import Arrival, Draft, File, admit, check_room
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.sweep import discard
from osteon.clinic.store.tables.studies import State
from osteon.core.errors import InputError, OsteonError, StoreError
from osteon.core.labels import View
from osteon.imaging.sniff import HEAD, Kind, sniff
from osteon.imaging.study import study_uid
from osteon.reader.views import view_of_name

LONGEST: Final = 120
"""Letters of a name that are repeated in an answer."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent.

    Attributes:
        name: as the sender calls it; not to be trusted.
        stream: its content, open for reading bytes, at its beginning.
    """

    name: str
    stream: BinaryIO


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not taken.

    Attributes:
        place: in the upload, from 0.
        error: why.
    """

    place: int
    error: OsteonError


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an upload.

    Attributes:
        arrivals: its studies, each once, in the order of their first files.
        refusals: files that were not taken.
    """

    arrivals: tuple[Arrival, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file that is on the disk, and the study that it says it belongs to; empty where it says none."""

    place: int
    file: File
    uid: str


class Intake:
    """Takes files in; safe to use from several threads at once.

    Args:
        database: of the store.
        files: of the store.
        hub: is told of new studies.
        bundle: ``name@version`` of the bundle that will read them.
        digest: of that bundle.
        views: that it reads together: for such a bundle the views of the files make a study, too.
        most: studies that may wait.
    """

    def __init__(
        self,
        database: Database,
        files: Files,
        hub: Hub,
        *,
        bundle: str,
        digest: str,
        views: Sequence[View] = (),
        most: int = 500,
    ) -> None:
        self._database = database
        self._files = files
        self._hub = hub
        self._bundle = bundle
        self._digest = digest
        self._views = views
        self._most = most

    def take(self, uploads: Sequence[Upload], *, together: bool = False, pseudonym: str | None = None) -> Taken:
        """Keep files and queue their studies.

        Args:
            uploads: in the order in which they were sent.
            together: whether the files that are not DICOM make one study.
            pseudonym: stands for the patient of files that name none.

        Raises:
            FullError: too many studies wait.
            StoreError: they cannot be kept.
        """
        check_room(self._database, most=self._most)  # before anything is written: a flood must cost little
        kept: list[_Kept] = []
        refusals: list[Refusal] = []
        try:
            for place, upload in enumerate(uploads):
                try:
                    kept.append(self._keep(place, upload))
                except InputError as error:
                    refusals.append(Refusal(place, error))
            drafts = [self._draft(group, pseudonym) for group in _groups(kept, together=together)]
            arrivals = admit(self._database, self._files, drafts, most=self._most)
        except StoreError:
            discard(self._database, self._files, {one.file.digest for one in kept})
            raise
        for arrival in arrivals:
            if arrival.new:
                self._hub.publish({"kind": "study", "id": arrival.study, "state": State.QUEUED.value})
        return Taken(arrivals, tuple(refusals))

    def _keep(self, place: int, upload: Upload) -> _Kept:
        head = upload.stream.read(HEAD)
        kind = sniff(head)
        upload.stream.seek(0)
        uid = study_uid(upload.stream) if kind is Kind.DICOM else ""
        upload.stream.seek(0)
        digest, size = self._files.put_stream(upload.stream)
        return _Kept(place, File(digest, size, kind.value, view_of_name(PurePosixPath(base_name(upload.name)))), uid)

    def _draft(self, group: Sequence[_Kept], pseudonym: str | None) -> Draft:
        """A study of these files; a file that was sent twice counts once."""
        first = {one.file.digest: one for one in reversed(group)}
        own = sorted(first.values(), key=lambda one: one.place)
        files = [one.file for one in own]
        places = [one.place for one in own]
        places += [one.place for one in group if one.place not in places]
        parts: list[Any] = sorted(
            [file.digest, str(file.view or "")] if self._views else [file.digest] for file in files
        )
        key = hashlib.sha256(json.dumps([self._digest, parts]).encode("ascii")).hexdigest()
        return Draft(key, self._bundle, tuple(files), tuple(places), pseudonym)


def base_name(name: str) -> str:
    """The last part of a file's name as it may be shown: no folders, no control characters, not too long."""
    last = PureWindowsPath(name).name  # which knows both kinds of slashes
    shown = "".join(letter if unicodedata.category(letter)[0] != "C" else "_" for letter in last)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 13]}...{shown[-10:]}"


def _groups(kept: Sequence[_Kept], *, together: bool) -> list[list[_Kept]]:
    """The files of each study."""
    groups: dict[str, list[_Kept]] = {}
    for one in kept:
        dicom = one.file.format == Kind.DICOM.value
        own = f"file:{one.place}"
        key = (f"uid:{one.uid}" if one.uid else own) if dicom else "together" if together else own
        groups.setdefault(key, []).append(one)
    return list(groups.values())
