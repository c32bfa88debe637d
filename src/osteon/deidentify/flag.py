"""Reasons for which a person should look at a file that was de-identified, as codes, and their sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FlagCode(StrEnum):
    """All reasons; of text in the pixels there is the number of ``lines``."""

    TEXT_BLANKED = "text_blanked"
    TEXT_LEFT = "text_left"
    TEXT_NOT_FOUND = "text_not_found"
    SECONDARY_CAPTURE = "secondary_capture"
    SCANNED = "scanned"
    BITS_CLEARED = "bits_cleared"
    OVERLAYS_REMOVED = "overlays_removed"
    DISPLAY_CHANGED = "display_changed"


WORDS: Final[Mapping[FlagCode, str]] = {
    FlagCode.TEXT_BLANKED: "{lines} line(s) of text found in the pixels, blanked: check that all of it is gone",
    FlagCode.TEXT_LEFT: "{lines} line(s) of text found in the pixels, still there",
    FlagCode.TEXT_NOT_FOUND: "the header says that text is burned into the pixels, and none was found",
    FlagCode.SECONDARY_CAPTURE: "secondary capture: images of screens and films often show names",
    FlagCode.SCANNED: "made from a film, a video or a screen, which often show names",
    FlagCode.BITS_CLEARED: "bits outside the samples were cleared",
    FlagCode.OVERLAYS_REMOVED: "overlays with text or of an unusual kind were removed",
    FlagCode.DISPLAY_CHANGED: "it may be displayed differently: an attribute that affects display could not be kept",
}


@dataclass(frozen=True, slots=True)
class Flag:
    """A reason; it contains nothing about the patient.

    Attributes:
        code: the reason.
        lines: of text that was found in the pixels.
    """

    code: FlagCode
    lines: int = 0

    def __str__(self) -> str:
        """The sentence, without a full stop."""
        return WORDS[self.code].format(lines=self.lines)


def text_flag(lines: int, *, blanked: bool) -> Flag:
    """The flag of text in the pixels."""
    return Flag(FlagCode.TEXT_BLANKED if blanked else FlagCode.TEXT_LEFT, lines)
