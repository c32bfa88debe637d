"""``osteon serve``: the reading room, a server with a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from osteon.cli.options import ServerConfig, Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from osteon.clinic.server.context import Context
    from osteon.clinic.settings import Settings

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon serve

  osteon serve --config reading-room.toml --jobs 2

  osteon serve --host 0.0.0.0 --tls-cert chain.pem --tls-key key.pem

  osteon serve --config reading-room.toml --dicom-port 11112 --aet OSTEON

  osteon serve --new-token        reset administrator access

Every setting can also be in the TOML file, or in the environment as OSTEON_SERVE_NAME. Exit code: 0 clean shutdown,
2 could not start.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve", epilog=EXAMPLES)(serve)


def serve(
    config: ServerConfig = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option("--port", "-p", help="Port; 0 takes a free one. Default: 8042.")] = None,
    bundle: Annotated[
        str | None, typer.Option("--bundle", "-b", metavar="NAME|FILE", help="Bundle for new studies.")
    ] = None,
    store: Store = None,
    database: Annotated[
        str | None, typer.Option("--database", metavar="URL", help="PostgreSQL instead of SQLite in the store.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            "-j",
            "--workers",
            help="Studies read at the same time; 0 leaves reading to 'osteon worker'. Default: one for each processor, up to 4.",
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option("--threads", help="Threads for one image. Default: one for each processor, up to 4."),
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", metavar="FILE", help="TLS certificate with its chain, PEM.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", help="Key of the TLS certificate, PEM.")
    ] = None,
    behind_proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--behind-proxy", metavar="ADDRESS", help="Address of a reverse proxy that terminates TLS; repeatable."
        ),
    ] = None,
    hosts: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="Further host name of this server; repeatable."),
    ] = None,
    public_url: Annotated[
        str | None, typer.Option("--public-url", help="Address of the page in the browser, where a proxy changes it.")
    ] = None,
    open_access: Annotated[
        str | None,
        typer.Option("--open-access", metavar="ROLE", help="Access without a login on this machine: viewer or reader."),
    ] = None,
    dicom_port: Annotated[
        int | None, typer.Option("--dicom-port", help="Port of the DICOM node, usually 11112. Default: no node.")
    ] = None,
    aet: Annotated[
        str | None, typer.Option("--aet", metavar="TITLE", help="AE title of the DICOM node. Default: OSTEON.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any other setting; repeatable.")
    ] = None,
    new_token: Annotated[
        bool, typer.Option("--new-token", help="Print a one-time token that resets administrator access, and exit.")
    ] = False,
) -> None:
    """Run the reading room: a web page that reads radiographs, and its HTTP API."""
    from osteon.cli.serving import require_serving

    require_serving()
    flags = {
        "host": host,
        "port": port,
        "bundle": bundle,
        "store": store,
        "database": database,
        "jobs": jobs,
        "threads": threads,
        "tls_cert": tls_cert,
        "tls_key": tls_key,
        "behind_proxy": behind_proxy or None,
        "hosts": hosts or None,
        "public_url": public_url,
        "open_access": open_access,
        "dicom": {name: value for name, value in (("port", dicom_port), ("aet", aet)) if value is not None} or None,
    }
    chosen = chosen_settings(flags, settings or [], config)
    if new_token:
        _print_token(chosen)
        return
    from osteon.cli.serving import run

    run(chosen, announce)


def chosen_settings(flags: Mapping[str, object], further: list[str], config: Path | None) -> Settings:
    """All settings; ``--set`` takes the names of the TOML file."""
    import os

    from osteon.clinic.configuration import load_settings

    given: dict[str, str] = {}
    for item in further:
        name, sign, value = item.partition("=")
        if not sign:
            raise typer.BadParameter(f"expected NAME=VALUE, got {name}", param_hint="--set")
        given[name.strip()] = value.strip()
    return load_settings(flags, dict(os.environ), config, given)


def announce(context: Context, address: str) -> None:
    """Say where the server is, and how its first administrator is made."""
    from osteon.clinic.server.run import first_token

    typer.echo(f"Osteon reads with {context.bundle.manifest.identity} at {address}")
    if context.node.listener is not None:
        dicom = context.settings.dicom
        typer.echo(f"DICOM node {dicom.aet} at {dicom.host}:{context.node.listener.port}")
    typer.echo("For research and not for diagnosis. Ctrl+C stops the server.")
    token = first_token(context.settings, context.database, issue=context.member.leads())
    if token is not None:
        typer.echo(
            f"\nCreate the administrator account with this link, once, within a day:\n  {address}/#setup={token}\n"
        )


def _print_token(settings: Settings) -> None:
    from osteon.clinic.server.open import open_store
    from osteon.clinic.store.access import setup
    from osteon.clinic.store.audit import audit

    database = open_store(settings)
    with database.session() as session:
        token = setup.issue(session)
        audit.write(session, audit.Entry("", "", "make one-time token", "", "the server's own machine"))
    database.close()
    url = settings.public_url.rstrip("/") or f"{'https' if settings.tls else 'http'}://{settings.host}:{settings.port}"
    typer.echo(f"Valid once, within a day; an account of the same name gets the new password:\n  {url}/#setup={token}")
