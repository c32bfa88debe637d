"""Reports of readers, sent to a destination of the reading room's settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osteon.clinic.dicom.settings import Dicom

FORM = "annotation-sr"


def send_reports(files: Sequence[Path], settings: Dicom, name: str) -> tuple[int, list[str]]:
    """Send DICOM files to a PACS, all in one association or request.

    Args:
        files: to send, byte for byte.
        settings: of the reading room.
        name: of the destination.

    Returns:
        How many it accepted, and why it refused others, a sentence each.

    Raises:
        DataError: the settings name no such destination.
        PeerError: it cannot be reached, or refuses everything.
    """
    from pydicom import dcmread

    from osteon.cli.serving import require_pacs
    from osteon.clinic.dicom.deliver.stow import StowTransport
    from osteon.clinic.dicom.deliver.transport import Load
    from osteon.clinic.store.pacs.outbox import Parcel
    from osteon.core.errors import DataError

    destination = settings.destinations.get(name)
    if destination is None:
        known = ", ".join(settings.destinations) or "one in the settings [dicom.destinations]"
        raise DataError("there is no such destination", expected=known, got=name)
    if destination.web:
        transport = StowTransport(destination, settings.patience)
    else:
        require_pacs()
        from osteon.clinic.dicom.deliver.dimse import DimseTransport

        transport = DimseTransport(settings, destination, lambda _event: (0x0000, None))
    loads: list[Load] = []
    for number, path in enumerate(files):
        head = dcmread(path, stop_before_pixels=True, specific_tags=["SOPClassUID", "SOPInstanceUID"])
        parcel = Parcel(number, "", name, FORM, 0, "", str(head.SOPClassUID), str(head.SOPInstanceUID), 0)
        loads.append(Load(parcel, path))
    if not loads:
        return 0, []
    outcomes = transport.send(loads)
    refused = [
        f"{load.path.name}: {outcome.problem if outcome is not None else 'not tried'}"
        for load in loads
        if (outcome := outcomes.get(load.parcel.id)) is not None or load.parcel.id not in outcomes
    ]
    return len(loads) - len(refused), refused
