"""Texts that people write and every database takes."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator

ALLOWED: Final = "\n\t"


def written(text: str) -> str:
    """A text without control characters, which PostgreSQL refuses or a page cannot show.

    Raises:
        ValueError: it has some, or half a character (a lone surrogate).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if any(
        (letter < " " and letter not in ALLOWED) or letter == "\x7f" or "\ud800" <= letter <= "\udfff"
        for letter in text
    ):
        raise ValueError("expected a text without control characters")
    return text


Written = Annotated[str, AfterValidator(written)]
