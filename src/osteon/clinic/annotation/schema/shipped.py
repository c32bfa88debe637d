"""Label schemas that come with Osteon."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from osteon.clinic.annotation.schema.parse import read_schema
from osteon.clinic.annotation.schema.records import LabelSchema
from osteon.core.errors import DataError

SHIPPED: Final = ("vindr_spinexr", "pediurf", "mobilenet_elbow", "fractuvision")
"""Their names, each a file of ``files/``."""


@cache
def shipped(name: str) -> LabelSchema:
    """A label schema that comes with Osteon.

    Raises:
        DataError: there is none of this name.
    """
    if name not in SHIPPED:
        raise DataError("there is no such label schema", expected=", ".join(SHIPPED), got=name[:64])
    return read_schema(Path(__file__).with_name("files") / f"{name}.yaml")


def schema_named(name: str) -> LabelSchema:
    """A shipped label schema, or that of a file.

    Raises:
        DataError: there is none, or the file is not valid.
    """
    return shipped(name) if name in SHIPPED or not Path(name).suffix else read_schema(Path(name))
