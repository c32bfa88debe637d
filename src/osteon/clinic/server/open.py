"""Opens bundle, store and socket of a server, or says why that is not possible."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from osteon.bundle.archive import Bundle, open_bundle
from osteon.clinic.dicom.deliver.making import Maker
from osteon.clinic.dicom.node import Node
from osteon.clinic.events import TRAFFIC
from osteon.clinic.hub import Hub
from osteon.clinic.intake import Intake
from osteon.clinic.monitoring.monitoring import Monitoring
from osteon.clinic.pulse import Pulse
from osteon.clinic.reading.budget import Budget
from osteon.clinic.reading.engines import Engines
from osteon.clinic.reading.follower import Follower, live_bundle
from osteon.clinic.reading.image_cache import ImageCache
from osteon.clinic.reading.priority import made_lowered
from osteon.clinic.reading.shadow import ShadowReader
from osteon.clinic.reading.worker import Worker
from osteon.clinic.server.access.devices import Devices
from osteon.clinic.server.access.throttle import Throttle
from osteon.clinic.server.audit.metrics import Metrics
from osteon.clinic.server.audit.recorder import Recorder
from osteon.clinic.server.context import Context
from osteon.clinic.server.streams import Streams
from osteon.clinic.settings import Settings
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.files import Files
from osteon.clinic.store.studies.adopt import adopt, adopt_headers, adopt_instances
from osteon.clinic.store.upkeep.claim import Claim
from osteon.clinic.store.upkeep.clock import Clock
from osteon.clinic.store.upkeep.space import Space
from osteon.core.errors import OsteonError, StoreError
from osteon.imaging.limits import Limits
from osteon.inference.engine import InferenceEngine
from osteon.inference.networks.session import default_threads

PRIVATE: Final = 0o700
"""The store is for its owner alone."""


def open_context(settings: Settings) -> Context:
    """Open the bundles and the store, which is this server's from here on.

    Raises:
        BundleError: a bundle is missing or was altered.
        StoreError: the store cannot be used, or another server uses it.
    """
    bundle = open_bundle(settings.bundle)
    further = [open_bundle(further_bundle) for further_bundle in settings.further_bundles]
    if settings.store.is_dir():
        Space(settings.store).check()  # on a full disk nothing below would find room
    make_private(settings.store)
    files = Files(settings.store)
    claim = Claim(files)
    claim.take_folder()  # before anything is changed in it
    try:
        return _opened(settings, bundle, further, files, claim)
    except BaseException:
        claim.release()
        raise


def _opened(settings: Settings, bundle: Bundle, further: Sequence[Bundle], files: Files, claim: Claim) -> Context:
    space = Space(settings.store)
    space.check()

    # The threads of a network are shared by all jobs and sleep while they wait: N jobs over N threads do not crowd it.
    def make(one: Bundle) -> InferenceEngine:
        return made_lowered(lambda: InferenceEngine(one, settings.threads))

    jobs = default_threads() if settings.jobs is None else settings.jobs
    database = open_store(settings)
    try:
        claim.take_database(database)
        chosen = live_bundle(database, settings.store, bundle)
        engine = make(chosen)
        adopt(database, files)
        adopt_instances(database, files)
        adopt_headers(database, files)
    except OsteonError:
        database.close()
        raise
    database.on_full = space.release
    hub = Hub()
    clock = Clock(database)
    with suppress(SQLAlchemyError):  # on a full disk
        clock.check()  # before anything is written down by it
    engines = Engines(chosen, engine, further, make)
    budget = Budget(settings.pixels_at_once)
    worker = Worker(
        database,
        files,
        engine,
        hub,
        jobs,
        limits=Limits(max_pixels=settings.pixels),
        engines=engines,
        budget=budget,
        ready=lambda: claim.check() and space.check().enough,
        steady=lambda: not clock.look().jumped,
    )
    manifest = chosen.manifest
    intake = Intake(
        database,
        files,
        hub,
        bundle=manifest.identity,
        digest=chosen.digest,
        views=manifest.views,
        most=settings.queue,
        require_room=space.require,
        study_pixels=settings.study_pixels,
    )
    follower = Follower(database, settings.store, bundle, further, engines, intake, make)
    provider = None
    if settings.oidc is not None:
        from osteon.clinic.server.access.oidc import Provider  # a client for HTTP, which most servers do without

        provider = Provider(settings.oidc)
    metrics = Metrics(database)
    recorder = Recorder(database, settings.store / "audit")

    def require_room() -> None:
        claim.require()
        space.require()

    pulse = Pulse(lambda: hub.publish(TRAFFIC))

    def happened(event: str, peer: str) -> None:
        metrics.exchanged(event, peer)
        pulse.beat()

    try:
        follower.look()
        limits = Limits(max_pixels=settings.pixels)
        maker = Maker(database, files, engines, budget, limits, settings.dicom)
        node = Node(
            settings.dicom,
            database,
            files,
            intake,
            engines,
            maker,
            worker.wake,
            require_room,
            happened,
            recorder.add,
        )
    except OsteonError:
        database.close()
        raise
    metrics.watch(node)
    monitoring = Monitoring(database, files, engines)
    shadow = ShadowReader(database, files, Limits(max_pixels=settings.pixels), budget, lambda: space.check().enough)
    metrics.monitor(monitoring)
    return Context(
        settings=settings,
        database=database,
        files=files,
        worker=worker,
        hub=hub,
        intake=intake,
        metrics=metrics,
        throttle=Throttle(),
        recorder=recorder,
        devices=Devices(files.derived("devices")),
        streams=Streams(),
        room=files.derived("room").hex()[:8],
        claim=claim,
        space=space,
        clock=clock,
        engines=engines,
        budget=budget,
        image_cache=ImageCache(),
        node=node,
        follower=follower,
        monitoring=monitoring,
        shadow=shadow,
        provider=provider,
    )


def open_store(settings: Settings) -> Database:
    """Open the database, in a folder that only its owner can read.

    Raises:
        StoreError: the folder or the database cannot be used.
    """
    make_private(settings.store)
    return open_database(settings.database_url)


def make_private(folder: Path) -> None:
    """Make a folder that only its owner can read, or let one that is there be so.

    Raises:
        StoreError: it cannot be made or written to.
    """
    try:
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        folder.chmod(PRIVATE)
        probe = folder / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StoreError(
            f"the store at {folder} cannot be written to",
            got=error.strerror or str(error),
            hint="Choose another folder with --store.",
        ) from error


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
