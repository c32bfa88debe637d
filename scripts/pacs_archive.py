"""A DICOM destination for tests of faults: it keeps what it gets, commits itself, and fails as it is told to."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    BasicTextSRStorage,
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    StorageCommitmentPushModel,
)

COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"


class Mood(StrEnum):
    """How the archive behaves."""

    WELL = "well"
    DOWN = "down"
    SLOW = "slow"
    REFUSING = "refusing associations"
    FAILING = "answering failure"
    SILENT = "never committing itself"


class Archive:
    """An archive of pynetdicom on 127.0.0.1.

    Args:
        port: that it listens on.
        node: the port on which the node takes reports of commitment.

    Attributes:
        contents: digests of the data sets that came under each SOPInstanceUID, taken or not.
        accepted: how often each SOPInstanceUID was answered with success.
        headers: of what was taken: the newest by SOPInstanceUID.
        turned: how often each mood was met by the node.
    """

    aet = "PACS"

    def __init__(self, port: int, node: int) -> None:
        self.port = port
        self._node = node
        self.contents: defaultdict[str, set[str]] = defaultdict(set)
        self.accepted: Counter[str] = Counter()
        self.headers: dict[str, Dataset] = {}
        self.turned: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._mood = Mood.DOWN
        self._server: Any = None
        self._pool = ThreadPoolExecutor(4)

    @property
    def mood(self) -> Mood:
        """How it behaves now."""
        return self._mood

    def behave(self, mood: Mood) -> None:
        """Behave so from now on."""
        self._mood = mood
        if mood is Mood.DOWN:
            self._close()
        elif self._server is None:
            self._open()

    def stop(self) -> None:
        """End it."""
        self._close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _open(self) -> None:
        entity = AE(ae_title=self.aet)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 30
        entity.maximum_associations = 1000
        for one in (BasicTextSRStorage, Comprehensive3DSRStorage, ComprehensiveSRStorage):
            entity.add_supported_context(one)
        entity.add_supported_context(StorageCommitmentPushModel)
        handlers = [
            (evt.EVT_REQUESTED, self._requested),
            (evt.EVT_C_STORE, self._store),
            (evt.EVT_N_ACTION, self._asked),
        ]
        for _ in range(100):  # the port may still be in the hands of the last one
            try:
                self._server = entity.start_server(("127.0.0.1", self.port), block=False, evt_handlers=handlers)
                return
            except OSError:
                time.sleep(0.1)
        raise OSError(f"port {self.port} did not become free")

    def _close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server = None

    def _requested(self, event: Any) -> None:
        if self._mood is Mood.REFUSING:
            self.turned[self._mood] += 1
            event.assoc.acse.send_reject(1, 1, 3)
            event.assoc.kill()

    def _store(self, event: Any) -> int:
        mood = self._mood
        data = event.request.DataSet.getvalue()
        with self._lock:
            self.contents[str(event.request.AffectedSOPInstanceUID)].add(hashlib.sha256(data).hexdigest())
            self.turned[mood] += 1
        if mood is Mood.SLOW:
            time.sleep(3)
        if mood is Mood.FAILING:
            return 0xA700
        header = event.dataset
        header.remove_private_tags()
        with self._lock:
            self.accepted[str(header.SOPInstanceUID)] += 1
            self.headers[str(header.SOPInstanceUID)] = header
        return 0

    def _asked(self, event: Any) -> tuple[int, None]:
        if self._mood is Mood.SILENT:
            self.turned[self._mood] += 1
            return 0, None
        if self._mood is Mood.FAILING:
            return 0x0110, None
        self._pool.submit(self._report, event.action_information)
        return 0, None

    def _report(self, asked: Dataset) -> None:
        report = Dataset()
        report.TransactionUID = asked.TransactionUID
        done, failed = [], []
        for item in asked.ReferencedSOPSequence:
            one = Dataset()
            one.ReferencedSOPClassUID = item.ReferencedSOPClassUID
            one.ReferencedSOPInstanceUID = item.ReferencedSOPInstanceUID
            with self._lock:
                there = str(item.ReferencedSOPInstanceUID) in self.accepted
            if not there:
                one.FailureReason = 0x0112
            (done if there else failed).append(one)
        if done:
            report.ReferencedSOPSequence = done
        if failed:
            report.FailedSOPSequence = failed
        entity = AE(ae_title=self.aet)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = entity.connection_timeout = 20
        entity.add_requested_context(StorageCommitmentPushModel)
        role = build_role(StorageCommitmentPushModel, scp_role=True)
        association = entity.associate("127.0.0.1", self._node, ae_title="OSTEON", ext_neg=[role])
        if association.is_established:
            kind = 2 if failed else 1
            association.send_n_event_report(report, kind, StorageCommitmentPushModel, COMMITMENT_INSTANCE)
            association.release()
