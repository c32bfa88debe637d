"""Refusals and notes as a program acts on them: codes with values."""

from __future__ import annotations

from pydantic import BaseModel, Field

from osteon.core.codes.note import NoteCode
from osteon.core.codes.refusal import RefusalCode

Values = dict[str, bool | int | float | str | list[str]]


class CodedRefusal(BaseModel):
    """Why something was not read."""

    code: RefusalCode
    values: Values = Field(description="What the sentence is made of, e.g. sizes and limits.")


class CodedNote(BaseModel):
    """Something that was unusual in a file."""

    code: NoteCode
    values: Values = Field(description="What the sentence is made of, e.g. the name of a DICOM element.")
    images: list[int] = Field(description="Indices of the images that it is about; empty where it is about all.")
