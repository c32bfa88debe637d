"""What records are made of that are written to files and read again."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


class Part(BaseModel):
    """Base of such records: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")
