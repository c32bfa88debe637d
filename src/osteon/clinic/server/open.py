"""Opens bundle, store and socket of a server, or says why that is not possible."""

from __future__ import annotations

import errno
import socket

from osteon.clinic.dicom.deliver.making import Maker
from osteon.clinic.dicom.node import Node
from osteon.clinic.events import TRAFFIC
from osteon.clinic.fleet.message import Call
from osteon.clinic.monitoring.monitoring import Monitoring
from osteon.clinic.opening import Parts, open_parts, open_store
from osteon.clinic.pulse import Pulse
from osteon.clinic.reading.image_cache import ImageCache
from osteon.clinic.reading.shadow import ShadowReader
from osteon.clinic.server.access.devices import Devices
from osteon.clinic.server.access.throttle import Throttle
from osteon.clinic.server.audit.metrics import Metrics
from osteon.clinic.server.audit.recorder import Recorder
from osteon.clinic.server.context import Context
from osteon.clinic.server.streams import Streams
from osteon.clinic.settings import Settings
from osteon.clinic.store.fleet.presence import Kind
from osteon.core.errors import OsteonError
from osteon.imaging.limits import Limits

__all__ = ["listen", "open_context", "open_store"]


def open_context(settings: Settings) -> Context:
    """Open the bundles and the store: the store is this server's from here on, or with PostgreSQL this one's, too.

    Raises:
        BundleError: a bundle is missing or was altered.
        StoreError: the store cannot be used, or another server has it that does not share it.
    """
    parts = open_parts(settings, Kind.SERVER)
    try:
        return _context(settings, parts)
    except BaseException:
        parts.close()
        raise


def _context(settings: Settings, parts: Parts) -> Context:
    database, files, hub, member = parts.database, parts.files, parts.hub, parts.member
    provider = None
    if settings.oidc is not None:
        from osteon.clinic.server.access.oidc import Provider  # a client for HTTP, which most servers do without

        provider = Provider(settings.oidc, files.derived("single sign-on"))
    metrics = Metrics(database)
    process = member.id if member.shared else ""
    recorder = Recorder(database, settings.store / "audit" / process)

    def require_room() -> None:
        parts.claim.require()
        parts.space.require()

    pulse = Pulse(lambda: hub.publish(TRAFFIC))

    def happened(event: str, peer: str) -> None:
        metrics.exchanged(event, peer)
        pulse.beat()

    limits = Limits(max_pixels=settings.pixels)
    maker = Maker(database, files, parts.engines, parts.budget, limits, settings.dicom)
    node = Node(
        settings.dicom,
        database,
        files,
        parts.intake,
        parts.engines,
        maker,
        parts.worker.wake,
        require_room,
        happened,
        recorder.add,
        process,
    )
    metrics.watch(node)
    monitoring = Monitoring(database, files, parts.engines)
    shadow = ShadowReader(database, files, limits, parts.budget, lambda: parts.space.check().enough)
    metrics.monitor(monitoring)
    streams = Streams(lambda: member.call(Call.ACCESS))
    member.on_call |= {Call.ACCESS: streams.look_here, Call.NODE: node.wake}
    return Context(
        settings=settings,
        database=database,
        files=files,
        worker=parts.worker,
        hub=hub,
        member=member,
        intake=parts.intake,
        metrics=metrics,
        throttle=Throttle(),
        recorder=recorder,
        devices=Devices(files.derived("devices")),
        streams=streams,
        room=files.derived("room").hex()[:8],
        claim=parts.claim,
        space=parts.space,
        clock=parts.clock,
        engines=parts.engines,
        budget=parts.budget,
        image_cache=ImageCache(),
        node=node,
        follower=parts.follower,
        monitoring=monitoring,
        shadow=shadow,
        provider=provider,
    )


def listen(settings: Settings) -> socket.socket:
    """Take the address, before anything is printed or opened that needs it.

    Raises:
        OsteonError: it is taken, not this machine's, or not allowed.
    """
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        taken = socket.socket(family, kind, number)
    except OSError as error:
        raise OsteonError(f"{settings.host} is not a valid address to listen on", got=error.strerror or "") from error
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        # Another server that starts now must be told so now, not when this one is ready.
        taken.listen(socket.SOMAXCONN)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            raise OsteonError(
                f"port {settings.port} of {settings.host} is used by another program",
                hint="Choose another with --port; --port 0 takes a free one.",
            ) from error
        raise OsteonError(
            f"{settings.host}, port {settings.port}, cannot be listened on", got=error.strerror or str(error)
        ) from error
    return taken
