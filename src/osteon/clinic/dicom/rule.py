"""The settings of what a bundle reads of what comes in."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from osteon.core.labels import BodyPart, View


class Rule(BaseModel):
    """What a bundle reads; an empty condition holds for everything.

    Attributes:
        bundle: its name; empty: the bundle for new studies.
        modalities: Modality of the images.
        body_parts: that the header states.
        views: that the header states.
        senders: AE titles; ``key:NAME`` for what comes in over STOW-RS.
        minimum_age: years that the patient has at least, as the header states.
        maximum_age: years that the patient has at most.
        descriptions: words of which one is in the description of study, series or procedure, or the protocol's name.
        images: images of a study with which it is complete, and read at once; None: those of the bundle's views.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    bundle: str = ""
    modalities: tuple[str, ...] = ()
    body_parts: tuple[BodyPart, ...] = ()
    views: tuple[View, ...] = ()
    senders: tuple[str, ...] = ()
    minimum_age: float | None = Field(default=None, ge=0, le=150)
    maximum_age: float | None = Field(default=None, ge=0, le=150)
    descriptions: tuple[str, ...] = ()
    images: int | None = Field(default=None, ge=1, le=1000)

    @field_validator("body_parts", "views", mode="before")
    @classmethod
    def _lower(cls, words: Any) -> Any:
        """As DICOM writes them, or as Osteon does."""
        return [word.lower() if isinstance(word, str) else word for word in words]

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.minimum_age is not None and self.maximum_age is not None and self.minimum_age > self.maximum_age:
            raise ValueError("minimum_age of a rule is above its maximum_age, so that nobody fits it")
        return self
