"""What an output format is, and what it declares to need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from osteon.core.records import Reading
from osteon.outputs.result import StudyResult


class Need(StrEnum):
    """Something that a format cannot be written without.

    Attributes:
        PIXELS: the images are decoded for it. Without this need it is given black images of the right size.
        IDENTITY: patient, study and instance identifiers. They are given only where the destination may have them.
        DICOM: every image comes from a DICOM object, to which it refers.
        ALL_IMAGES: it describes the whole study, and cannot be written of one image of it alone.
    """

    PIXELS = "pixels"
    IDENTITY = "identity"
    DICOM = "dicom"
    ALL_IMAGES = "all-images"


class Write(Protocol):
    """Writes the result of one study to a file."""

    def __call__(self, result: StudyResult, destination: Path, /) -> None:
        """Write ``result`` to ``destination``.

        Args:
            result: of one study, with what the format declares to need.
            destination: the file to write; a shared format appends to it.

        Raises:
            OSError: the file cannot be written.
        """
        ...


def _always(reading: Reading) -> bool:
    del reading
    return True


@dataclass(frozen=True, slots=True)
class Format:
    """An output format. It is written through ``osteon.outputs.write.write_output``, which keeps to ``needs``.

    Attributes:
        name: its name on the command line and in the API.
        label: its name on the page, e.g. ``Report (PDF)``.
        suffix: of the files, with its dot.
        media_type: of the files.
        write: writes the result of one study.
        shared: whether the studies of one run go to one file, one after the other, rather than to a file each.
        needs: what it cannot be written without.
        speaks: whether it has anything to say of a reading; where it has not, no file is written.
    """

    name: str
    label: str
    suffix: str
    media_type: str
    write: Write
    shared: bool
    needs: frozenset[Need]
    speaks: Callable[[Reading], bool] = _always
