"""Intake of uploaded files: identified, stored, grouped into studies and queued.

What is acknowledged is durable: files are on the disk before their study is in the database, and the study is in the database
before anybody is told. Names of files are never used as paths.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, BinaryIO, Final

from osteon.clinic.events import study_event
from osteon.clinic.hub import Hub
from osteon.clinic.patients.identity import stored_identity
from osteon.clinic.patients.names import folded
from osteon.clinic.patients.pseudonyms import built_like_name, check_label, check_pseudonym, resembles_name
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.studies.admit import GoneError, admit, check_room
from osteon.clinic.store.studies.arrivals import Arrival, Draft, File, Identity, Piece, Refusal
from osteon.clinic.store.tables.studies import MODALITY, State
from osteon.clinic.store.upkeep.sweep import discard
from osteon.core.errors import InputError, StoreError
from osteon.core.labels import View
from osteon.imaging.heading import read_heading
from osteon.imaging.sniff import HEAD, Kind, sniff
from osteon.inference.grouping import Member, group
from osteon.inference.views import view_of_name

LONGEST: Final = 120
"""Letters of a name that are kept, and repeated in an answer."""

_TRIES: Final = 3
"""How often files are kept anew that somebody who deletes their study removes while they come in."""


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
class Taken:
    """What became of an upload.

    Attributes:
        arrivals: its studies, each once, in the order of their first files.
        refusals: files that were not taken.
        warnings: what the sender should know.
    """

    arrivals: tuple[Arrival, ...]
    refusals: tuple[Refusal, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file that is on the disk, and where it says that it belongs."""

    position: int
    file: File
    identity: Identity


class Intake:
    """Accepts files; safe to use from several threads at once.

    Args:
        database: of the store.
        files: of the store.
        hub: is told of new studies.
        bundle: ``name@version`` of the bundle that will read them.
        digest: of that bundle.
        views: that it reads together: for such a bundle the views of the files make a study, too.
        most: studies that may wait.
        require_room: raises where there is no room on the disk.
        study_pixels: of all images of a study; None for any number.
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
        require_room: Callable[[], object] | None = None,
        study_pixels: int | None = None,
    ) -> None:
        self._database = database
        self._files = files
        self._hub = hub
        self._bundle = bundle
        self._digest = digest
        self._views = views
        self._most = most
        self._require_room = require_room
        self._study_pixels = study_pixels

    def read_with(self, bundle: str, digest: str, views: Sequence[View]) -> None:
        """Let another bundle read what is taken from now on; see the class for the arguments."""
        self._bundle, self._digest, self._views = bundle, digest, views

    def take(
        self,
        uploads: Sequence[Upload],
        *,
        together: bool = False,
        pseudonym: str | None = None,
        label: str | None = None,
        bundle: str = "",
        one_patient: bool = False,
    ) -> Taken:
        """Keep files and queue their studies.

        Args:
            uploads: in the order in which they were sent.
            together: whether the files that are not DICOM make one study.
            pseudonym: stands for the patient of files that name none.
            label: what the sender calls the studies.
            bundle: ``name@version`` of the bundle that will read those files that state their study; empty: the usual one.
            one_patient: whether images of another patient than that of their StudyInstanceUID are refused.

        Raises:
            InputError: the pseudonym has a form that is reserved, or the label looks like one.
            FullError: too many studies wait.
            StoreError: they cannot be kept.
        """
        if pseudonym is not None:
            check_pseudonym(pseudonym)
        if label is not None:
            check_label(label)
        if self._require_room is not None:
            self._require_room()
        check_room(self._database, most=self._most)  # before anything is written: a flood must cost little
        for _ in range(_TRIES - 1):
            try:
                return self._try(uploads, together, pseudonym, label, bundle, one_patient)
            except GoneError:
                continue
        return self._try(uploads, together, pseudonym, label, bundle, one_patient)

    def _try(
        self,
        uploads: Sequence[Upload],
        together: bool,
        pseudonym: str | None,
        label: str | None,
        bundle: str,
        one_patient: bool,
    ) -> Taken:
        kept: list[_Kept] = []
        refusals: list[Refusal] = []
        try:
            for position, upload in enumerate(uploads):
                try:
                    kept.append(self._keep(position, upload))
                except InputError as error:
                    refusals.append(Refusal(position, error))
            pieces = [
                Piece(file.position, file.file, file.identity, self._pseudonym(file, pseudonym), label)
                for file in kept
                if file.identity.uid
            ]
            drafts = [self._draft(files, pseudonym, label) for files in _grouped(kept, together=together)]
            admitted = admit(
                self._database,
                self._files,
                drafts,
                pieces,
                bundle=bundle or self._bundle,
                most=self._most,
                study_pixels=self._study_pixels,
                one_patient=one_patient,
            )
        except StoreError:
            discard(self._database, self._files, {file.file.digest for file in kept})
            raise
        refused = {refusal.position for refusal in admitted.refusals}
        needless = {file.file.digest for file in kept if file.position in refused} | admitted.copies
        discard(self._database, self._files, needless)
        self._publish(admitted.arrivals)
        ordered = sorted((*refusals, *admitted.refusals), key=lambda refusal: refusal.position)
        return Taken(admitted.arrivals, tuple(ordered), _warnings(pseudonym, label))

    def _publish(self, arrivals: Sequence[Arrival]) -> None:
        for arrival in arrivals:
            if arrival.new:
                self._hub.publish(study_event(arrival.study, State.QUEUED, arrival.replaces))

    def _keep(self, position: int, upload: Upload) -> _Kept:
        upload.stream.seek(0)
        kind = sniff(upload.stream.read(HEAD))
        upload.stream.seek(0)
        heading = read_heading(upload.stream, kind)
        upload.stream.seek(0)
        digest, size = self._files.put_stream(upload.stream)
        name = base_name(upload.name)
        view = view_of_name(PurePosixPath(name))
        file = File(
            digest,
            size,
            kind.value,
            view,
            name,
            heading.instance,
            heading.pixels,
            heading.series,
            heading.sop_class,
            heading.modality[:MODALITY],
        )
        found = stored_identity(heading, self._files) if kind is Kind.DICOM else {}
        identity = Identity(
            heading.study,
            heading.accession,
            heading.patient,
            found,
            date=heading.date,
            time=heading.time,
            number=heading.number,
            name=folded(heading.names),
            referrer=folded(heading.referrer),
        )
        return _Kept(position, file, identity)

    def _pseudonym(self, kept: _Kept, stated: str | None) -> str | None:
        return self._files.pseudonym(kept.identity.patient) if kept.identity.patient else stated

    def _draft(self, group: Sequence[_Kept], pseudonym: str | None, label: str | None) -> Draft:
        """A study of these files; a file that was sent twice counts once."""
        first = {item.file.digest: item for item in reversed(group)}
        own = sorted(first.values(), key=lambda item: item.position)
        files = [item.file for item in own]
        digests = [file.digest for file in files]
        copies = [item for item in group if item not in own]
        position_pairs = tuple((digests.index(item.file.digest), item.position) for item in (*own, *copies))
        parts: list[Any] = sorted(
            [file.digest, str(file.view or "")] if self._views else [file.digest] for file in files
        )
        key = hashlib.sha256(json.dumps([self._digest, parts]).encode("ascii")).hexdigest()
        called = self._pseudonym(own[0], pseudonym)
        return Draft(key, self._bundle, tuple(files), position_pairs, called, label, own[0].identity)


def _warnings(pseudonym: str | None, label: str | None) -> tuple[str, ...]:
    found: list[str] = []
    if pseudonym is not None and resembles_name(pseudonym):
        found.append("The pseudonym may be a person's name: everybody who looks at the study sees it.")
    if label is not None and built_like_name(label):
        found.append("The label may hold a person's name or a date: everybody who looks at the study sees it.")
    return tuple(found)


def base_name(name: str) -> str:
    """The last part of a file's name as it may be shown: no folders, no control characters, not too long."""
    last = PureWindowsPath(name).name  # which knows both kinds of slashes
    shown = "".join(letter if unicodedata.category(letter)[0] != "C" else "_" for letter in last)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 13]}...{shown[-10:]}"


def _grouped(kept: Sequence[_Kept], *, together: bool) -> list[tuple[_Kept, ...]]:
    """The files without a StudyInstanceUID by study; ``together`` has those that are not DICOM be one."""
    members = [
        Member(file, file.position, companions="together" if together and file.file.format != Kind.DICOM else "")
        for file in kept
        if not file.identity.uid
    ]
    return [found.items for found in group(members)]
