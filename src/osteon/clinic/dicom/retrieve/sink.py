"""Where fetched images go: a folder, or the reading room's own intake; each is on the disk before it is acknowledged."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from osteon.clinic.dicom.receive.facts import read_facts
from osteon.clinic.dicom.receive.receiver import CANNOT_UNDERSTAND, MISMATCH, OUT_OF_RESOURCES, SUCCESS, TOO_LARGE
from osteon.clinic.store.draft import Draft, file_fault
from osteon.clinic.store.files import settle_folder
from osteon.core.errors import InputError, OsteonError, StoreError


class Sink(Protocol):
    """Takes images.

    Attributes:
        failure: why nothing more can be kept; None where more can.
    """

    failure: OsteonError | None

    def draft(self) -> Draft:
        """Begin to take an image."""
        ...

    def keep(self, draft: Draft, sop_class: str = "", instance: str = "", study: str = "") -> int:
        """Keep an image that came whole, or remove it.

        Args:
            draft: of it.
            sop_class: that was announced; empty where none was.
            instance: likewise.
            study: likewise.

        Returns:
            A status of C-STORE, 0 where it is kept.
        """
        ...

    def here(self, instances: Collection[str]) -> set[str]:
        """Those SOPInstanceUIDs that need not be fetched."""
        ...


class FolderSink:
    """A folder with a file for each image, named by its SOPInstanceUID.

    Args:
        folder: made if need be.
        most: bytes that an image may have.

    Raises:
        StoreError: the folder cannot be used.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self.failure: OsteonError | None = None
        self._folder = folder
        self._drafts = folder / ".partial"
        self._most = most
        try:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self._drafts, ignore_errors=True)  # what a killed process left
            self._drafts.mkdir(exist_ok=True)
        except OSError as error:
            raise file_fault(error) from error

    def close(self) -> None:
        """Remove what did not come whole."""
        shutil.rmtree(self._drafts, ignore_errors=True)

    def draft(self) -> Draft:
        """Begin to take an image."""
        return Draft(self._drafts / secrets.token_hex(16), self._most)

    def keep(self, draft: Draft, sop_class: str = "", instance: str = "", study: str = "") -> int:
        """Keep an image that came whole, or remove it."""
        try:
            draft.flush_out()
            facts = read_facts(draft.path)
            stated = (sop_class or facts.sop_class, instance or facts.instance, study or facts.study)
            if stated != (facts.sop_class, facts.instance, facts.study) or not _plain(facts.instance):
                draft.discard()
                return MISMATCH
            draft.settle()
            draft.path.rename(self._path(facts.instance))
            settle_folder(self._folder)
        except StoreError as error:
            self.failure = error
            draft.discard()
            return OUT_OF_RESOURCES
        except OSError as error:
            self.failure = file_fault(error)
            draft.discard()
            return OUT_OF_RESOURCES
        except InputError as error:
            draft.discard()
            return TOO_LARGE if draft.failure is error else CANNOT_UNDERSTAND
        return SUCCESS

    def here(self, instances: Collection[str]) -> set[str]:
        """Those that lie in the folder."""
        with suppress(OSError):
            return {one for one in instances if _plain(one) and self._path(one).is_file()}
        return set()

    def _path(self, instance: str) -> Path:
        return self._folder / f"{instance}.dcm"


def _plain(uid: str) -> bool:
    """Whether a UID may be the name of a file."""
    return bool(uid) and len(uid) <= 64 and not set(uid) - set("0123456789.") and uid.strip(".") != ""
