"""The ranges that numbers of a recipe may lie in, as types: pydantic checks them where a recipe is changed or read again.

They refuse what cannot be meant (no epochs, a negative learning rate), not what is unusual.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

SMALLEST_SIDE = 16
LARGEST_SIDE = 8192
"""Of an image that a network is shown, in pixels."""

Count = Annotated[int, Field(ge=1)]
"""Of things of which at least one is needed."""

Index = Annotated[int, Field(ge=0)]
"""A whole number from 0."""

Side = Annotated[int, Field(ge=SMALLEST_SIDE, le=LARGEST_SIDE)]
"""Of an image that a network is shown, in pixels."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""A number above 0."""

NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""A number from 0."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole; nothing and all of it are allowed."""

SomeShare = Annotated[float, Field(gt=0, le=1)]
"""A part of a whole, but not nothing."""

Fraction = Annotated[float, Field(ge=0, lt=1)]
"""A part of a whole, but not all of it: dropout, momentum, the decay of an average."""

Between = Annotated[float, Field(gt=0, lt=1)]
"""A part of a whole, neither nothing nor all of it."""

Angle = Annotated[float, Field(ge=0, le=180)]
"""In degrees."""

Logarithm = Annotated[float, Field(ge=0, le=3)]
"""The natural logarithm of a factor, to both sides: 3 is twentyfold."""

Factor = Annotated[float, Field(ge=1, le=100)]
"""By which an image is made smaller."""

Quality = Annotated[int, Field(ge=1, le=100)]
"""Of JPEG."""

Age = Annotated[float, Field(ge=0, le=150)]
"""In years."""
