"""Destinations that can fail, and what the outbox says of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, JPEGLSLossless
from pynetdicom import AE, evt
from pynetdicom.sop_class import (
    BasicTextSRStorage,
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    SecondaryCaptureImageStorage,
)
from sqlalchemy import select
from tests.clinic.dicom.deliver.results import ONE, TWO

from osteon.clinic.store.tables.pacs import Delivery

FAST = {"pause_seconds": 0.2, "longest_pause_minutes": 0.02}


@pytest.fixture(autouse=True)
def _formats(monkeypatch: pytest.MonkeyPatch) -> None:
    from osteon.clinic.dicom.deliver import making

    monkeypatch.setattr(making, "FORMATS", (*making.FORMATS, ONE, TWO))


def destination(port: int, **more: Any) -> dict[str, Any]:
    return {"aet": "PACS", "host": "127.0.0.1", "port": port, "outputs": ["one"], **more}


PEERS = {"SENDER0": {"address": "127.0.0.1"}, "PACS": {"address": "127.0.0.1"}}


def deliveries(room: Any) -> list[Delivery]:
    with room.context.database.session() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def states(room: Any) -> list[str]:
    return [row.state for row in deliveries(room)]


class Archive:
    """A destination of pynetdicom that can fail in many ways, and keeps the bytes that it gets.

    Attributes:
        statuses: what it answers to the next objects; 0 after them.
        got: the data set of each object, whether it was taken or not.
    """

    def __init__(self, port: int, statuses: tuple[int, ...] = ()) -> None:
        self.statuses = list(statuses)
        self.got: list[bytes] = []
        entity = AE("PACS")
        for sop_class in (BasicTextSRStorage, ComprehensiveSRStorage, Comprehensive3DSRStorage):
            entity.add_supported_context(sop_class)
        entity.add_supported_context(
            SecondaryCaptureImageStorage, [JPEGBaseline8Bit, JPEGLSLossless, ExplicitVRLittleEndian]
        )
        self._server = entity.start_server(
            ("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, self._store)]
        )

    def _store(self, event: Any) -> int:
        path = event.dataset_path
        self.got.append(dcmread(path).get("ContentLabel", "").encode() + path.read_bytes()[-40:])
        return self.statuses.pop(0) if self.statuses else 0

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()


@contextmanager
def archive(port: int, *statuses: int) -> Iterator[Archive]:
    made = Archive(port, statuses)
    try:
        yield made
    finally:
        made.stop()
