"""Opens bundles and store for a server or a worker: all that both have."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from osteon.bundle.archive import Bundle, open_bundle
from osteon.clinic.fleet.member import Member
from osteon.clinic.fleet.message import Call
from osteon.clinic.hub import Hub
from osteon.clinic.intake import Intake
from osteon.clinic.reading.budget import Budget
from osteon.clinic.reading.engines import Engines
from osteon.clinic.reading.follower import Follower, live_bundle
from osteon.clinic.reading.priority import made_lowered
from osteon.clinic.reading.worker import Worker
from osteon.clinic.settings import Settings
from osteon.clinic.store.connect import POOL
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.files import Files
from osteon.clinic.store.fleet.exclusive import exclusive
from osteon.clinic.store.fleet.presence import Kind
from osteon.clinic.store.studies.adopt import adopt, adopt_headers, adopt_instances
from osteon.clinic.store.upkeep.claim import Claim
from osteon.clinic.store.upkeep.clock import Clock
from osteon.clinic.store.upkeep.space import Space
from osteon.core.errors import StoreError
from osteon.imaging.limits import Limits
from osteon.inference.engine import InferenceEngine
from osteon.inference.networks.session import default_threads

PRIVATE: Final = 0o700
"""The store is for its owner alone."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What servers and workers have.

    Attributes:
        database: migrated.
        files: the images, by their hash.
        claim: on the store.
        space: room on the disk.
        clock: tells whether the clock can be believed.
        hub: tells of what has changed.
        member: this process among those that share the store; it is started.
        engines: of all bundles.
        budget: pixels that may be decoded at once.
        worker: reads what is queued; it is not started.
        intake: takes files in.
        follower: lets the live bundles of the registry read.
    """

    database: Database
    files: Files
    claim: Claim
    space: Space
    clock: Clock
    hub: Hub
    member: Member
    engines: Engines
    budget: Budget
    worker: Worker
    intake: Intake
    follower: Follower

    def close(self) -> None:
        """Leave the store to others."""
        self.member.stop()
        self.database.close()
        self.claim.release()


def open_parts(settings: Settings, kind: Kind, pool: int = POOL) -> Parts:
    """Open the bundles and the store.

    Args:
        settings: whole and checked.
        kind: what this process is.
        pool: connections to PostgreSQL that are kept.

    Raises:
        BundleError: a bundle is missing or was altered.
        StoreError: the store cannot be used, or another process has it that does not share it.
    """
    bundle = open_bundle(settings.bundle)
    further = [open_bundle(further_bundle) for further_bundle in settings.further_bundles]
    if settings.store.is_dir():
        Space(settings.store).check()  # on a full disk nothing below would find room
    make_private(settings.store)
    files = Files(settings.store)
    claim = Claim(files, shared=settings.shared)
    claim.take_folder()  # before anything is changed in it
    try:
        space = Space(settings.store)
        space.check()
        database = open_store(settings, pool)
        try:
            return _opened(settings, kind, bundle, further, files, claim, space, database)
        except BaseException:
            database.close()
            raise
    except BaseException:
        claim.release()
        raise


def _opened(
    settings: Settings,
    kind: Kind,
    bundle: Bundle,
    further: Sequence[Bundle],
    files: Files,
    claim: Claim,
    space: Space,
    database: Database,
) -> Parts:
    # The threads of a network are shared by all jobs and sleep while they wait: N jobs over N threads do not crowd it.
    def make(one: Bundle) -> InferenceEngine:
        return made_lowered(lambda: InferenceEngine(one, settings.threads))

    claim.take_database(database)
    with nullcontext() if claim.alone else exclusive(database, files):
        adopt(database, files)
        adopt_instances(database, files)
        adopt_headers(database, files)
    hub = Hub()
    jobs = default_threads() if settings.jobs is None else settings.jobs
    member = Member(database, hub, kind, jobs)
    try:
        if member.shared and claim.alone:
            files.clean()
        member.start(alone=claim.alone)
        claim.settle()
    except SQLAlchemyError as error:
        member.stop()
        raise StoreError("the database does not answer", got=type(error).__name__) from error
    try:
        chosen = live_bundle(database, settings.store, bundle)
        engine = make(chosen)
        database.on_full = space.release
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
            holder=member.id,
            shared=member.shared,
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
        follower.look()
    except BaseException:
        member.stop()
        raise
    member.on_done, member.on_look = worker.waiters.tell, worker.waiters.look
    member.on_call[Call.WORK] = worker.wake
    return Parts(database, files, claim, space, clock, hub, member, engines, budget, worker, intake, follower)


def open_store(settings: Settings, pool: int = POOL) -> Database:
    """Open the database, in a folder that only its owner can read.

    Args:
        settings: name folder and database.
        pool: connections to PostgreSQL that are kept.

    Raises:
        StoreError: the folder or the database cannot be used.
    """
    make_private(settings.store)
    return open_database(settings.database_url, pool)


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
