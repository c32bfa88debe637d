"""``osteon worker``: reads what the servers of a reading room have queued, in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon worker --database postgresql+psycopg://osteon@db/osteon --data /srv/osteon

  osteon worker --config reading-room.toml --jobs 4 --drain 60 --health-port 8043

The servers run as 'osteon serve --workers 0' with the same database and the same folder. Settings come from the TOML file, from
the environment as OSTEON_SERVE_NAME, and from --set, as for 'osteon serve'; those of HTTP and DICOM do nothing here.
Exit code: 0 clean shutdown, 2 could not start.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("worker", epilog=EXAMPLES)(worker)


def worker(
    config: Annotated[
        Path | None, typer.Option("--config", "-c", metavar="FILE", help="TOML file with settings.")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", metavar="URL", help="PostgreSQL that the servers use.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", "--store", metavar="DIR", help="Folder of the store that the servers use.")
    ] = None,
    bundle: Annotated[
        str | None, typer.Option("--bundle", "-b", metavar="NAME|FILE", help="Bundle for new studies, as the servers'.")
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", "-j", min=1, help="Studies read at the same time. Default: one for each processor, up to 4."
        ),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option("--threads", help="Threads for one image. Default: one for each processor, up to 4."),
    ] = None,
    drain: Annotated[
        float,
        typer.Option(
            "--drain",
            min=0,
            metavar="SECONDS",
            help="Seconds that studies in hand have at the end; what is not read then is queued again.",
        ),
    ] = 30.0,
    health_port: Annotated[
        int | None,
        typer.Option(
            "--health-port", min=0, max=65535, help="Port on which /health and /metrics answer. Default: none."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any other setting; repeatable.")
    ] = None,
) -> None:
    """Read what the servers of a reading room have queued; any number of workers may run, on any machine."""
    from osteon.cli.serve import chosen_settings
    from osteon.cli.serving import require_serving, run_worker

    require_serving()
    flags = {"database": database, "store": data, "bundle": bundle, "jobs": jobs, "threads": threads}
    run_worker(chosen_settings(flags, settings or [], config), typer.echo, drain, health_port)
