"""``osteon annotate demo``: a reading room with simulated spines, two readers and an adjudicator."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

if TYPE_CHECKING:
    from osteon.clinic.server.context import Context

PROJECT: Final = "Simulated spines"
LEAD: Final = "lead"
READERS: Final = ("ana", "ben")
ADJUDICATOR: Final = "cleo"

_LABEL: Final = "Simulated sample"
_PATIENCE: Final = 120.0
"""Seconds to wait for a study to be read."""


class Wanted(NamedTuple):
    """What is simulated.

    Attributes:
        studies: how many, of two views each.
        size: longer edge of the images, pixels.
        seed: of the random numbers.
    """

    studies: int
    size: int
    seed: int


def demo(
    port: Annotated[int, typer.Option("--port", "-p", min=0, max=65535, help="Port; 0 takes a free one.")] = 8042,
    studies: Annotated[int, typer.Option("--studies", min=1, max=200, help="Simulated studies of two views.")] = 6,
    size: Annotated[int, typer.Option("--size", min=256, max=4096, help="Longer edge of the images, pixels.")] = 1024,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Random seed.")] = 20,
    store: Annotated[
        Path | None,
        typer.Option("--store", metavar="DIR", help="Keep the store in this new folder. Default: a temporary one."),
    ] = None,
) -> None:
    """Run a reading room with a project to try annotation out: simulated spines, two readers, an adjudicator."""
    from tempfile import TemporaryDirectory

    from osteon.cli.serving import require_serving
    from osteon.core.errors import StoreError

    require_serving()
    if store is None:
        with TemporaryDirectory(prefix="osteon-annotate-", ignore_cleanup_errors=True) as folder:
            _run(Path(folder) / "store", port, Wanted(studies, size, seed))
        return
    if store.exists() and (not store.is_dir() or any(store.iterdir())):
        raise StoreError(
            "the folder is not empty", hint=f"To go on with a store: osteon serve --store {store}. Or name a new one."
        )
    _run(store, port, Wanted(studies, size, seed))


def _run(store: Path, port: int, wanted: Wanted) -> None:
    """Simulate studies, read them, begin the project, and answer requests."""
    from tempfile import TemporaryDirectory
    from threading import Thread

    from osteon.cli.serving import run
    from osteon.clinic.settings import Settings
    from osteon.phantom.layouts.write import write

    typer.echo(f"Simulating {wanted.studies} studies ...")
    with TemporaryDirectory(prefix="osteon-spines-") as folder:
        data = write("spine", "spinexr", wanted.studies, wanted.seed, Path(folder) / "data", size=wanted.size)
        files = sorted(data.rglob("*.dicom"))
        taken: list[str] = []
        passwords = {name: secrets.token_urlsafe(12) for name in (LEAD, *READERS, ADJUDICATOR)}

        def before(context: Context) -> None:
            _make_accounts(context, passwords)
            taken.extend(_take_in(context, files))

        def announce(context: Context, address: str) -> None:
            # The server answers meanwhile: this must not hold it up.
            Thread(target=_begin, args=(context, taken, address, passwords), daemon=True).start()

        run(Settings(port=port, store=store), announce, before=before, quiet=True)


def _make_accounts(context: Context, passwords: dict[str, str]) -> None:
    """The lead is an administrator; the others may do nothing but annotate, and see no reading of the model."""
    from osteon.clinic.role import Role
    from osteon.clinic.store.access import accounts

    with context.database.session() as session:
        for name, password in passwords.items():
            accounts.create(session, name, Role.ADMINISTRATOR if name == LEAD else Role.ANNOTATOR, password)


def _take_in(context: Context, files: list[Path]) -> list[str]:
    """Queue the images to be read; returns the studies."""
    from contextlib import ExitStack

    from osteon.clinic.intake import Upload

    with ExitStack() as stack:
        uploads = [Upload(file.name, stack.enter_context(file.open("rb"))) for file in files]
        taken = context.intake.take(uploads, label=_LABEL)
    return list(dict.fromkeys(arrival.study for arrival in taken.arrivals))


def _begin(context: Context, studies: list[str], address: str, passwords: dict[str, str]) -> None:
    """Once all studies are read, begin the project and say who logs in where."""
    from osteon.clinic.annotation.records.project import Arm, MemberRole, Order
    from osteon.clinic.annotation.schema.shipped import shipped
    from osteon.clinic.store.access import accounts
    from osteon.clinic.store.annotation import assigning, items, members, projects
    from osteon.clinic.store.tables.studies import Study

    for study in studies:
        context.worker.waiters.wait(study, _PATIENCE)
    settings = projects.Settings(len(READERS), 0.0, 0, Order.RANDOM, Arm.UNAIDED, 0.5)
    roles = {ADJUDICATOR: MemberRole.ADJUDICATOR, **dict.fromkeys(READERS, MemberRole.ANNOTATOR)}
    with context.database.session() as session:
        lead = accounts.find(session, LEAD)
        number = None if lead is None else lead.id
        project = projects.create(session, PROJECT, shipped("vindr_spinexr"), settings, LEAD, number)
        for name, role in roles.items():
            account = accounts.find(session, name)
            if account is not None:
                members.put(session, project, account, role)
        added = items.add(session, project, [Study.id.in_(studies)])
        assigning.assign(session, project)
    typer.echo(f"The project “{PROJECT}” with {added.added} studies is open at {address}/#/annotate")
    typer.echo(f"{'name':<12}{'role':<14}password")
    for name, password in passwords.items():
        typer.echo(f"{name:<12}{roles.get(name, MemberRole.LEAD):<14}{password}")
    typer.echo("The images are simulated, not patients. Not for diagnosis. Ctrl+C stops the server.")
