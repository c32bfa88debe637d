"""Opens archives by their settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osteon.clinic.dicom.settings import Dicom
from osteon.clinic.dicom.sources import Archive as Settings
from osteon.core.errors import OsteonError

if TYPE_CHECKING:
    from osteon.clinic.dicom.retrieve.archive import Archive


def archive_settings(settings: Dicom, name: str) -> Settings:
    """The settings of an archive by its name, else of a peer by its AE title, with C-GET.

    Raises:
        OsteonError: there is none of this name.
    """
    if name in settings.archives:
        return settings.archives[name]
    if name in settings.peers:
        return Settings(peer=name)
    known = ", ".join(sorted({*settings.archives, *settings.peers})) or "none yet"
    raise OsteonError(
        "the settings name no such archive", expected=f"one of archives or peers of [dicom]: {known}", got=name[:64]
    )


def open_archive(settings: Dicom, chosen: Settings, patience: float | None = None) -> Archive:
    """An archive that can be asked.

    Args:
        settings: of the node.
        chosen: those of the archive.
        patience: seconds that an answer may take; None: that of the node.

    Raises:
        OsteonError: its peer cannot be called.
    """
    if chosen.web:
        from osteon.clinic.dicom.retrieve.web import WebArchive

        return WebArchive(chosen, settings.patience if patience is None else patience)
    # pynetdicom takes long to import, and is not installed everywhere
    from osteon.clinic.dicom.retrieve.calling import callee
    from osteon.clinic.dicom.retrieve.dimse import DimseArchive
    from osteon.clinic.dicom.retrieve.transfer import Get, Move

    transfer = Move(settings) if chosen.way == "move" else Get(settings)
    return DimseArchive(settings, callee(settings, chosen.peer), transfer, patience)
