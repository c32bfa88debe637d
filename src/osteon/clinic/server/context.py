"""The parts of a running server: one record, made at the start and handed on with the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

if TYPE_CHECKING:
    from osteon.bundle.archive import Bundle
    from osteon.clinic.dicom.node import Node
    from osteon.clinic.fleet.member import Member
    from osteon.clinic.hub import Hub
    from osteon.clinic.intake import Intake
    from osteon.clinic.monitoring.monitoring import Monitoring
    from osteon.clinic.reading.budget import Budget
    from osteon.clinic.reading.engines import Engines
    from osteon.clinic.reading.follower import Follower
    from osteon.clinic.reading.image_cache import ImageCache
    from osteon.clinic.reading.shadow import ShadowReader
    from osteon.clinic.reading.worker import Worker
    from osteon.clinic.server.access.devices import Devices
    from osteon.clinic.server.access.oidc import Provider
    from osteon.clinic.server.access.throttle import Throttle
    from osteon.clinic.server.audit.metrics import Metrics
    from osteon.clinic.server.audit.recorder import Recorder
    from osteon.clinic.server.streams import Streams
    from osteon.clinic.settings import Settings
    from osteon.clinic.store.database import Database
    from osteon.clinic.store.files import Files
    from osteon.clinic.store.upkeep.claim import Claim
    from osteon.clinic.store.upkeep.clock import Clock
    from osteon.clinic.store.upkeep.space import Space


@dataclass(frozen=True, slots=True)
class Context:
    """What a running server has.

    Attributes:
        settings: whole and checked.
        database: migrated.
        files: the images, by their hash.
        worker: reads what is queued.
        hub: tells the pages what has changed.
        member: this process among those that share the store.
        intake: takes files in.
        metrics: counts for Prometheus.
        throttle: slows the guessing of passwords down.
        recorder: writes the audit log.
        devices: knows the browsers in which somebody logged in before.
        streams: the streams of events that are open.
        room: a few signs that tell the cookies of this room from those of others on the same host.
        claim: on the store, which one server has, or with PostgreSQL several.
        space: room on the disk.
        clock: tells whether the clock can be believed.
        engines: of all bundles.
        budget: pixels that may be decoded at once.
        image_cache: decoded not long ago.
        node: receives and delivers over DICOM.
        follower: lets the live bundles of the registry read.
        monitoring: watches for drift.
        shadow: lets candidates read beside.
        provider: of OpenID Connect, where one is set.
    """

    settings: Settings
    database: Database
    files: Files
    worker: Worker
    hub: Hub
    member: Member
    intake: Intake
    metrics: Metrics
    throttle: Throttle
    recorder: Recorder
    devices: Devices
    streams: Streams
    room: str
    claim: Claim
    space: Space
    clock: Clock
    engines: Engines
    budget: Budget
    image_cache: ImageCache
    node: Node
    follower: Follower
    monitoring: Monitoring
    shadow: ShadowReader
    provider: Provider | None = None

    @property
    def bundle(self) -> Bundle:
        """The bundle that reads new studies now."""
        return self.engines.default


def context(request: HTTPConnection) -> Context:
    """The context of the application that got a request."""
    found: Context = request.app.state.context
    return found
