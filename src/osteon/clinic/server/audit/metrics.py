"""Metrics for Prometheus: requests, their duration, readings, the queue."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from osteon.clinic.dicom.node import Node
from osteon.clinic.dicom.traffic import delivered, received
from osteon.clinic.events import Event
from osteon.clinic.monitoring.monitoring import Monitoring
from osteon.clinic.store.database import Database
from osteon.clinic.store.fleet.presence import Kind, counted
from osteon.clinic.store.pacs import orders, reader_reports
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import OPEN, State, Study

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the histograms."""

_STARTED: Final = 10_000
_PROCESSES: Final = "Servers and workers on this store that live (PostgreSQL)"
_JOBS: Final = "Studies that they can read at the same time"
_OLDEST: Final = "Age of the oldest result that a destination or webhook has not got; 0 where it has all"


class Metrics:
    """The figures of one server.

    Args:
        database: asked for the queue and the studies whenever the figures are fetched.
    """

    def __init__(self, database: Database) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "osteon_http_requests", "Answers", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "osteon_http_request_seconds", "Time to an answer", ["route"], buckets=SECONDS, registry=self._registry
        )
        self._reading = Histogram(
            "osteon_reading_seconds", "Time to read a study", buckets=SECONDS, registry=self._registry
        )
        self._exchanged = Counter(
            "osteon_dicom_events", "What happened over DICOM", ["event", "peer"], registry=self._registry
        )
        self._begun: dict[str, float] = {}
        self._database = database
        ProcessCollector(registry=self._registry)
        self._registry.register(_Studies(database))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def exchanged(self, event: str, peer: str) -> None:
        """Count what happened over DICOM; ``peer`` is one that the settings name, or empty."""
        self._exchanged.labels(event, peer).inc()

    def watch(self, node: Node) -> None:
        """Tell what waits in a DICOM node."""
        self._registry.register(_Exchange(self._database, node))

    def monitor(self, monitoring: Monitoring) -> None:
        """Tell what the watch for drift found last."""
        self._registry.register(_Drift(monitoring))

    def happened(self, event: Event) -> None:
        """Take the time of a reading from what the hub tells of its study."""
        study, state = event.get("id", ""), event.get("state")
        if state == State.READING and len(self._begun) < _STARTED:
            self._begun[study] = monotonic()
        elif study in self._begun:
            begun = self._begun.pop(study)
            if state in {State.DONE, State.FAILED}:
                self._reading.observe(monotonic() - begun)

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)


class _Drift(Collector):
    """What the watch for drift found last."""

    def __init__(self, monitoring: Monitoring) -> None:
        self._monitoring = monitoring

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The names alone."""
        yield GaugeMetricFamily("osteon_drift_studies", "Studies that the watch for drift compared")
        yield GaugeMetricFamily("osteon_drift_alarm", "1 where a share has changed", labels=["stream"])
        yield GaugeMetricFamily("osteon_drift_log_evidence", "Log of the evidence (e-value)", labels=["stream"])

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Nothing until it has looked."""
        found = self._monitoring.latest.watch
        yield GaugeMetricFamily(
            "osteon_drift_studies",
            "Studies that the watch for drift compared",
            value=0 if found is None else found.studies,
        )
        alarm = GaugeMetricFamily("osteon_drift_alarm", "1 where a share has changed", labels=["stream"])
        evidence = GaugeMetricFamily("osteon_drift_log_evidence", "Log of the evidence (e-value)", labels=["stream"])
        changed = {one.stream.name for one in found.alarms} if found is not None else set[str]()
        for index, stream in enumerate(() if found is None else found.streams):
            alarm.add_metric([stream.name], float(stream.name in changed))
            evidence.add_metric([stream.name], float(found.log_evidence[-1, index]) if found is not None else 0.0)
        yield alarm
        yield evidence


class _Exchange(Collector):
    """What waits in a DICOM node, counted when it is asked for."""

    def __init__(self, database: Database, node: Node) -> None:
        self._database = database
        self._node = node

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The names, without asking the database."""
        yield GaugeMetricFamily("osteon_dicom_instances", "Instances received, by state", labels=["state", "peer"])
        yield GaugeMetricFamily("osteon_dicom_results", "Results, by state", labels=["state", "destination"])
        yield GaugeMetricFamily("osteon_dicom_oldest_seconds", _OLDEST, labels=["destination"])
        yield GaugeMetricFamily("osteon_reader_reports", "Reports of readers, by state", labels=["state"])

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Count."""
        instances = GaugeMetricFamily(
            "osteon_dicom_instances", "Instances received, by state", labels=["state", "peer"]
        )
        for peer, counts in received(self._database, self._node).items():
            for state, count in counts.items():
                instances.add_metric([state, peer], count)
        yield instances
        results = GaugeMetricFamily("osteon_dicom_results", "Results, by state", labels=["state", "destination"])
        for destination, counts in delivered(self._database, self._node).items():
            for state, count in counts.items():
                results.add_metric([state, destination], count)
        yield results
        with self._database.session() as session:
            oldest, counts = orders.oldest(session), reader_reports.counted(session)
        waiting = GaugeMetricFamily("osteon_dicom_oldest_seconds", _OLDEST, labels=["destination"])
        for destination in self._node.senders:
            since = oldest.get(destination)
            waiting.add_metric([destination], 0.0 if since is None else max(0.0, (now() - since).total_seconds()))
        yield waiting
        reports = GaugeMetricFamily("osteon_reader_reports", "Reports of readers, by state", labels=["state"])
        for state, count in counts.items():
            reports.add_metric([state], count)
        yield reports


class _Studies(Collector):
    """What is in the store, counted when it is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """The names, without asking the database."""
        yield GaugeMetricFamily("osteon_queue_length", "Studies that wait or are being read")
        yield GaugeMetricFamily("osteon_processes", _PROCESSES, labels=["kind"])
        yield GaugeMetricFamily("osteon_jobs", _JOBS, labels=["kind"])
        yield GaugeMetricFamily("osteon_studies", "Studies by call", labels=["call"])

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Count."""
        with self._database.session() as session:
            waiting = session.scalar(select(func.count()).select_from(Study).where(Study.state.in_(OPEN)))
            calls = session.execute(
                select(Study.call, func.count())
                .where(Study.call.is_not(None), Study.newer.is_(None))
                .group_by(Study.call)
            ).all()
            living = counted(session.connection()) if self._database.kind == "postgresql" else {}
        yield GaugeMetricFamily("osteon_queue_length", "Studies that wait or are being read", value=waiting or 0)
        processes = GaugeMetricFamily("osteon_processes", _PROCESSES, labels=["kind"])
        jobs = GaugeMetricFamily("osteon_jobs", _JOBS, labels=["kind"])
        for kind in Kind if self._database.kind == "postgresql" else ():
            count, each = living.get(kind.value, (0, 0))
            processes.add_metric([kind.value], count)
            jobs.add_metric([kind.value], each)
        yield processes
        yield jobs
        studies = GaugeMetricFamily("osteon_studies", "Studies by call", labels=["call"])
        for call, count in calls:
            studies.add_metric([str(call)], count)
        yield studies
