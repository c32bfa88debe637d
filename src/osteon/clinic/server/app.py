"""The application: routes, errors, the page, and what runs beside the requests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Final

import anyio.to_thread
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from osteon.clinic.reading.priority import made_lowered
from osteon.clinic.server import problems
from osteon.clinic.server.api import DOCUMENT, api
from osteon.clinic.server.audit.viewing import Viewing
from osteon.clinic.server.audit.watch import Watch
from osteon.clinic.server.context import Context
from osteon.clinic.server.leading import lead
from osteon.clinic.server.limits.headers import Headers
from osteon.clinic.server.limits.hosts import Hosts
from osteon.clinic.server.limits.limits import Limits
from osteon.clinic.server.page import Page
from osteon.clinic.server.retention import retain
from osteon.clinic.state import State
from osteon.core.errors import OsteonError, StoreError

SWEEP: Final = 3600.0
"""Seconds between two sweeps of what has expired."""

FOLLOW: Final = 2.0
"""Seconds between two looks at the registry, which another process may have changed."""

MONITOR: Final = 3600.0
"""Seconds between two looks for drift; the first comes after as many minutes, so that a start is quick."""

LOOK: Final = 1.0
"""Seconds between two looks at the disk."""

LEAD: Final = 1.0
"""Seconds between two looks whether this server does what one does for all."""

_log = logging.getLogger("osteon.clinic.server")


def application(context: Context) -> FastAPI:
    """The application, without what guards it; see ``guarded``.

    Args:
        context: what the requests need; the worker is started and stopped with the application.
    """
    app = api(_lifespan)
    app.state.context = context
    problems.install(app)
    app.router.default = _Rest(Page())
    return app


def guarded(app: FastAPI) -> ASGIApp:
    """An application with all that stands before it: the log, headers, names, limits."""
    context: Context = app.state.context
    settings = context.settings
    return Watch(Headers(Hosts(Limits(Viewing(app, context), settings), settings)), context.metrics)


class _Rest:
    """What is no route: the page, and the answer that there is no such thing.

    Args:
        page: its files.
    """

    def __init__(self, page: Page) -> None:
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        name = scope["path"].lstrip("/")
        if name in {"api", "dicomweb"} or name.startswith(("api/", "dicomweb/")):
            raise problems.ProblemError(404, "There is no such route", f"GET {DOCUMENT} lists the routes.")
        if scope["method"] not in {"GET", "HEAD"}:
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        await self._page.answer(Request(scope), name)(scope, receive, send)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    here: Context = app.state.context
    here.recorder.start()
    here.worker.start()
    here.node.start(alone=not here.member.shared)
    if here.member.leads():
        await anyio.to_thread.run_sync(lead, here)
    tasks = (_listen, _lead, _sweep, _watch, _follow, _monitor, _shadow)
    beside = [asyncio.create_task(item(here)) for item in tasks]
    try:
        yield
    finally:
        here.hub.close()
        here.monitoring.stop()
        for task in beside:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await anyio.to_thread.run_sync(here.node.stop)
        await anyio.to_thread.run_sync(here.worker.stop)
        await anyio.to_thread.run_sync(here.recorder.stop)
        await anyio.to_thread.run_sync(here.member.stop)
        here.database.close()
        here.claim.release()


async def _listen(here: Context) -> None:
    """Let the figures, and who delivers results, know what the worker does."""
    async for event in here.hub.subscribe():
        here.metrics.happened(event)
        if event.get("state") == State.DONE:
            here.node.read()


async def _lead(here: Context) -> None:
    """Do what one server at a time does for all, for as long as this is the one."""
    if not here.member.shared:
        return
    while True:
        await asyncio.sleep(LEAD)
        if here.member.leads():
            await anyio.to_thread.run_sync(lead, here)
        elif here.node.leading:
            await anyio.to_thread.run_sync(here.node.follow)


async def _sweep(here: Context) -> None:
    """Forget what has expired, now and every hour; where the store cannot be used now, the next time."""

    def sweep() -> None:
        if not here.member.leads():
            return
        try:
            retain(here)
        except (SQLAlchemyError, StoreError) as error:
            _log.warning("expired data cannot be deleted yet", extra={"fields": {"error": type(error).__name__}})

    while True:
        await anyio.to_thread.run_sync(sweep)
        await asyncio.sleep(SWEEP)


async def _watch(here: Context) -> None:
    """Look each moment how much room there is on the disk, so that what needs none can go on where it is full."""

    def look() -> None:
        with suppress(OSError):
            here.space.check()

    while True:
        await anyio.to_thread.run_sync(look)
        await asyncio.sleep(LOOK)


async def _follow(here: Context) -> None:
    """Let the bundles read that the registry says; where that cannot be done, those read on that do."""
    failing = False

    def follow() -> None:
        nonlocal failing
        try:
            here.follower.look()
            failing = False
        except (SQLAlchemyError, OsteonError) as error:
            if not failing:  # once, and not each moment
                _log.error("the registry cannot be followed", extra={"fields": {"error": type(error).__name__}})
            failing = True

    while True:
        await asyncio.sleep(FOLLOW)
        await anyio.to_thread.run_sync(follow)


async def _monitor(here: Context) -> None:
    """Look for drift every hour, on spare time."""

    def look() -> None:
        if not here.member.leads():
            return
        try:
            made_lowered(here.monitoring.look)
        except (SQLAlchemyError, OsteonError) as error:
            _log.warning("drift cannot be looked for now", extra={"fields": {"error": type(error).__name__}})

    await asyncio.sleep(MONITOR / 60)
    while True:
        await anyio.to_thread.run_sync(look)
        await asyncio.sleep(MONITOR)


async def _shadow(here: Context) -> None:
    """Let bundles in shadow read while nothing waits for the live ones."""
    failing = False

    def read() -> bool:
        nonlocal failing
        if not here.member.leads():
            return False
        try:
            found = made_lowered(here.shadow.step)
            failing = False
        except (SQLAlchemyError, OsteonError) as error:
            if not failing:
                _log.warning("nothing can be read in shadow now", extra={"fields": {"error": type(error).__name__}})
            failing = True
            return False
        return found

    while True:
        if not await anyio.to_thread.run_sync(read):
            await asyncio.sleep(FOLLOW)
