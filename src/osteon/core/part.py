"""What records are made of that are written to files and read again."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


class Part(BaseModel):
    """Base of such records: frozen, and closed to unknown fields."""

    # Validators are built at the first use: of those that are only parts of another record none is needed.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
