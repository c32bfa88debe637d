"""Why a file or a study cannot be read, as a code and values; sentences are made by ``osteon.core.wording``."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from osteon.core.values import Value, Values, hashed, to_json


class FaultCode(StrEnum):
    """All causes for which something cannot be read; the values that each brings stand behind it.

    ``cause`` is what the system says of it, ``error`` the class of an exception, ``source`` a path that the user named.
    """

    # Files.
    PATH_MISSING = "path_missing"
    FILE_MISSING = "file_missing"
    """``source``."""
    FILE_UNOPENED = "file_unopened"
    """``cause`` or ``source``."""
    FOLDER = "folder"
    """``source``."""
    EMPTY_FILE = "empty_file"
    FILE_TOO_LARGE = "file_too_large"
    """``bytes`` of it, and the ``limit``."""
    UNKNOWN_FORMAT = "unknown_format"
    """``format`` that it seems to have, see ``osteon.imaging.sniff``."""
    NOT_DICOM = "not_dicom"
    """``format`` that it has."""
    NO_MEMORY = "no_memory"
    NOT_DECODED = "not_decoded"
    """``error``."""

    # DICOM files and their headers.
    DICOM_DAMAGED = "dicom_damaged"
    """``error``."""
    DICOM_TRUNCATED = "dicom_truncated"
    """``element`` that ends behind the file, by its tag."""
    SEQUENCE_DAMAGED = "sequence_damaged"
    """``element`` before it."""
    DEFLATED_DAMAGED = "deflated_damaged"
    DEFLATED_TOO_LARGE = "deflated_too_large"
    """``limit`` in bytes."""
    TOO_MANY_ELEMENTS = "too_many_elements"
    """``limit``."""
    DICOMDIR = "dicomdir"
    NO_CLASS_AND_IMAGE = "no_class_and_image"
    NOT_RADIOGRAPH = "not_radiograph"
    """``object``: name of its SOP class, or ``modality``."""
    TRANSFER_SYNTAX = "transfer_syntax"
    """``name`` of it."""

    # Size and layout of an image.
    NO_IMAGE = "no_image"
    """``without_data``: whether it has rows and columns all the same."""
    IMAGE_EMPTY = "image_empty"
    """``frames``, ``rows`` and ``columns``."""
    TOO_MANY_FRAMES = "too_many_frames"
    """``frames``, and the ``limit``."""
    TOO_MANY_PIXELS = "too_many_pixels"
    """``rows``, ``columns``, the ``limit``, and ``frames`` where there are several."""
    SAMPLE_DEPTH = "sample_depth"
    """``allocated``, ``stored``, ``high_bit``."""
    PHOTOMETRIC = "photometric"
    """``photometric``: the interpretation that is stated, and ``samples`` of a pixel."""
    SUBSAMPLED = "subsampled"
    PALETTE = "palette"
    """``channel`` without a usable table."""

    # Pixel data of DICOM files.
    PIXELS_TRUNCATED = "pixels_truncated"
    """``frames``, and ``found`` of them; or ``frames``, ``bytes`` that they need, and ``found`` bytes."""
    FRAGMENTS = "fragments"
    """``frames`` and ``fragments``."""
    COMPRESSED_OTHER_SIZE = "compressed_other_size"
    """``rows``, ``columns`` and ``samples`` of the header, and ``found`` ones."""
    COMPRESSED_OTHER_DEPTH = "compressed_other_depth"
    """``bits`` that the header allows, and ``found`` ones."""
    COMPRESSED_DEPTH = "compressed_depth"
    """``bits``."""
    COMPRESSED_SHAPE = "compressed_shape"
    """``shape`` that is expected, and the one ``found``."""
    RLE_SEGMENTS = "rle_segments"
    """``segments`` that the header asks for, and those ``found``."""
    RLE_TRUNCATED = "rle_truncated"
    """``found`` bytes of the header alone, or ``bytes`` of a segment and how many were ``found``."""
    RLE_DAMAGED = "rle_damaged"
    """``cause``."""

    # Codestreams, in DICOM files and without.
    NO_CODESTREAM = "no_codestream"
    CODESTREAM_TRUNCATED = "codestream_truncated"
    CODESTREAM_DAMAGED = "codestream_damaged"
    """``codec`` and ``cause``."""
    JPEG_NO_DATA = "jpeg_no_data"
    JPEG_NO_SIZE = "jpeg_no_size"
    JPEG_FRAME_SHORT = "jpeg_frame_short"

    # Other image files.
    RASTER_TRUNCATED = "raster_truncated"
    """``format``."""
    RASTER_DAMAGED = "raster_damaged"
    """``format``, and ``error`` where there was one."""
    SAMPLE_LAYOUT = "sample_layout"
    """``shape``."""
    NOT_FINITE = "not_finite"
    RANGE = "range"
    TIFF_CIRCLE = "tiff_circle"
    TIFF_PAGE_OUTSIDE = "tiff_page_outside"
    TIFF_NO_IMAGE = "tiff_no_image"
    TIFF_NO_DATA = "tiff_no_data"
    TIFF_UNSUPPORTED = "tiff_unsupported"
    """``property`` for which it is not read, see ``osteon.imaging.raster.tiff``, and what was ``found``."""

    # Several files.
    SOURCE_UNREAD = "source_unread"
    """``source``, and its ``problem``."""
    NOTHING_READ = "nothing_read"
    """``failed`` and ``skipped`` files."""
    NO_IMAGES = "no_images"
    CONTAINER_UNLISTED = "container_unlisted"

    # De-identification.
    NO_FILES = "no_files"
    NOT_DEIDENTIFIED = "not_deidentified"
    """``object``: name of its SOP class, where it is a known one."""
    CLASS_MISSING = "class_missing"
    IDENTIFIER_MISSING = "identifier_missing"
    """``element``: its keyword."""
    KEY_TOO_SHORT = "key_too_short"
    """``bytes``, and the ``minimum``."""
    COMPRESSED_DAMAGED = "compressed_damaged"
    NEEDS_METADATA = "needs_metadata"
    NOT_DECODED_TO_CHANGE = "not_decoded_to_change"
    NOT_ENCODED = "not_encoded"
    TOO_LARGE_FOR_JPEG = "too_large_for_jpeg"

    # The server.
    STUDY_UNREAD = "study_unread"
    """``error``, where there was one."""
    STUDY_REMOVED = "study_removed"
    STUDY_TOO_LARGE = "study_too_large"
    """``limit`` in pixels."""
    STUDY_ENDS_SERVER = "study_ends_server"
    """``attempts``."""
    OTHER_IMAGE = "other_image"
    OTHER_PATIENT = "other_patient"
    INSTANCE_UNIDENTIFIED = "instance_unidentified"
    PSEUDONYM_RESERVED = "pseudonym_reserved"
    LABEL_LIKE_PSEUDONYM = "label_like_pseudonym"

    OTHER = "other"
    """``problem``, ``expected``, ``got`` and ``hint``: sentences of an earlier version or of a server."""


TRUNCATIONS: Final = frozenset(
    {
        FaultCode.DICOM_TRUNCATED,
        FaultCode.PIXELS_TRUNCATED,
        FaultCode.RLE_TRUNCATED,
        FaultCode.RLE_DAMAGED,
        FaultCode.CODESTREAM_TRUNCATED,
        FaultCode.COMPRESSED_DAMAGED,
        FaultCode.RASTER_TRUNCATED,
        FaultCode.RASTER_DAMAGED,
        FaultCode.TIFF_PAGE_OUTSIDE,
        FaultCode.TIFF_NO_IMAGE,
        FaultCode.TIFF_NO_DATA,
    }
)
"""Codes of files that are truncated, or may be."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A cause for which a file or a study cannot be read.

    Attributes:
        code: the cause.
        values: what its sentence needs, see ``FaultCode``; nothing that the file says of the patient.
    """

    code: FaultCode
    values: Values = field(default_factory=dict[str, Value])

    def __hash__(self) -> int:
        """Equal faults have the same hash."""
        return hash((self.code, hashed(self.values)))

    def to_json(self) -> dict[str, Any]:
        """``code`` and ``values``."""
        return {"code": self.code.value, "values": to_json(self.values)}
