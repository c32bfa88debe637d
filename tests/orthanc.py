"""A real Orthanc for a test, which is skipped where there is none: ``with orthanc(folder) as pacs``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from scripts.orthanc import Orthanc, OrthancMissingError, free_port
from scripts.orthanc import orthanc as started

__all__ = ["Orthanc", "free_port", "orthanc"]


@contextmanager
def orthanc(folder: Path, *, peers: Mapping[str, tuple[str, int]] | None = None, **settings: Any) -> Iterator[Orthanc]:
    """Start Orthanc with DICOMweb, and end it (arguments as for ``scripts.orthanc``)."""
    with ExitStack() as stack:
        try:
            pacs = stack.enter_context(started(folder, peers=peers, **settings))
        except OrthancMissingError as error:
            pytest.skip(str(error))
        yield pacs
