"""Objects that destinations want in different forms: each form has a SOPInstanceUID of its own."""

from __future__ import annotations

from osteon.clinic.dicom.settings import Destination
from osteon.clinic.store.files import Files
from osteon.clinic.store.pacs.outbox import Fits, Made, anything
from osteon.outputs.dicom import Compression, kinds


def wanted(form: str, destination: Destination | None, files: Files) -> Fits:
    """What a destination can take of what was made for others.

    Args:
        form: name of the output format.
        destination: that chooses; None where nobody does.
        files: where the objects are.
    """
    if destination is None:
        return anything
    if form == kinds.MEASUREMENTS.name:
        from osteon.outputs.dicom.objects.measurements import COMPREHENSIVE  # which takes long to import

        comprehensive = destination.sr_class == "comprehensive"
        return lambda made: (made.sop_class == COMPREHENSIVE) == comprehensive
    if form == kinds.CAPTURE.name:
        from osteon.outputs.dicom.objects.capture import SYNTAXES

        syntax = str(SYNTAXES[Compression(destination.capture)])
        return lambda made: _syntax(files, made) == syntax
    return anything


def _syntax(files: Files, made: Made) -> str:
    from pydicom.filereader import read_file_meta_info

    return str(read_file_meta_info(files.path(made.digest)).TransferSyntaxUID)
