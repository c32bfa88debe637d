"""What was unusual in a file and how it was read, as a code and values; sentences are made by ``osteon.core.wording``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from osteon.core.values import Value, Values, from_json, hashed, to_json


class NoteCode(StrEnum):
    """All that is noted; the values that each note brings stand behind it."""

    # What kind of object it is.
    BURNED_IN = "burned_in"
    FOR_PROCESSING = "for_processing"
    FLUOROSCOPY = "fluoroscopy"
    SECONDARY_CAPTURE = "secondary_capture"
    SOP_CLASS_MISSING = "sop_class_missing"
    ANIMATED = "animated"

    # The encoding of the file.
    DEFLATED_UNSTATED = "deflated_unstated"
    HEADER_ENCODING = "header_encoding"
    HEADER_IRREGULAR = "header_irregular"
    """``count`` of places."""
    PIXEL_DATA_LENGTH = "pixel_data_length"
    DELIMITER_MISSING = "delimiter_missing"
    FRAGMENT_LENGTHS = "fragment_lengths"
    TRANSFER_SYNTAX = "transfer_syntax"
    """``read_as``: name of the transfer syntax that the pixels are in, ``uncompressed`` where they are native."""
    NOT_ENCAPSULATED = "not_encapsulated"
    SURPLUS_FRAMES = "surplus_frames"
    """``found`` at least, and ``stated``."""
    SIGN = "sign"
    """``signed``: whether samples are taken as signed."""

    # Elements of numbers.
    NOT_SEPARATED = "not_separated"
    """``element``: its keyword."""
    MALFORMED = "malformed"
    """``element``."""
    DECIMAL_COMMA = "decimal_comma"
    """``element``."""

    # Spacing and geometry.
    PIXEL_SPACING_INVALID = "pixel_spacing_invalid"
    SPACING_OF_SCANNER = "spacing_of_scanner"
    SPACING_OF_DETECTOR = "spacing_of_detector"
    SPACING_CORRECTED = "spacing_corrected"
    """``magnification`` that the file states."""
    ASPECT_RATIO_INVALID = "aspect_ratio_invalid"
    RESAMPLED = "resampled"
    """``rows`` and ``columns`` before, ``new_rows`` and ``new_columns`` after."""

    # Display.
    COLOUR_REDUCED = "colour_reduced"
    WINDOW_MISSING = "window_missing"
    WINDOW_OUTSIDE = "window_outside"
    WINDOW_TOO_NARROW = "window_too_narrow"
    WINDOWS = "windows"
    """``count``, and ``skipped``: how many stand before the one that is used."""
    VOI_FUNCTION = "voi_function"
    VOI_LUTS = "voi_luts"
    """``count``."""
    VOI_LUT_DEPTH = "voi_lut_depth"
    """``stated`` and ``found`` bits."""
    LUT_UNUSABLE = "lut_unusable"
    """``count``, and ``table``: which kind of LUT."""
    LUT_LENGTH = "lut_length"
    """``table``, ``stated`` and ``found`` entries."""
    PALETTE_DEPTH = "palette_depth"
    RESCALE_SLOPE = "rescale_slope"
    PRESENTATION_LUT_SHAPE = "presentation_lut_shape"
    RANGE_SPREAD = "range_spread"
    """``bits`` and ``type`` of the samples: floating-point, signed or unsigned."""
    EXTRA_SAMPLES = "extra_samples"
    """``count`` for each pixel."""

    # Of the reading.
    VIEW_FROM_NAME = "view_from_name"
    BODY_PART_OF_SENDER = "body_part_of_sender"
    BODY_PART_UNSTATED = "body_part_unstated"
    FILES_FAILED = "files_failed"
    """``failed`` of ``files``."""
    OTHER = "other"
    """``text``: a sentence that an earlier version stored, and that no other code stands for."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the user should know of how a file was read.

    Attributes:
        code: what it is.
        values: what its sentence needs, see ``NoteCode``; nothing that the file says of the patient.
        images: in a reading, the indices of the radiographs that it is about; empty where it is about all of them.
    """

    code: NoteCode
    values: Values = field(default_factory=dict[str, Value])
    images: tuple[int, ...] = ()

    def __hash__(self) -> int:
        """Equal notes have the same hash."""
        return hash((self.code, hashed(self.values), self.images))

    def to_json(self) -> dict[str, Any]:
        """``code``, ``values`` and ``images``."""
        return {"code": self.code.value, "values": to_json(self.values), "images": list(self.images)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """What ``to_json`` gave; a code that only a newer version knows becomes ``OTHER``."""
        images = tuple(content["images"])
        if content["code"] not in tuple(NoteCode):
            return cls(NoteCode.OTHER, {"text": content["code"]}, images)
        return cls(NoteCode(content["code"]), from_json(content["values"]), images)
