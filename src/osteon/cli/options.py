"""Options and arguments that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, to stdout.")]
Server = Annotated[
    str, typer.Option("--server", envvar="OSTEON_SERVER", metavar="URL", help="Address of the reading room.")
]
Key = Annotated[
    str, typer.Option("--key", envvar="OSTEON_KEY", help="API key of an administrator.", show_default=False)
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
ServerSettings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Any setting; repeatable.")
]
BundleOrFile = Annotated[str, typer.Argument(metavar="NAME|FILE", help="A shipped bundle, or a file.")]
ServerConfig = Annotated[Path | None, typer.Option("--config", "-c", metavar="FILE", help="TOML file with settings.")]
StoreConfig = Annotated[
    Path | None, typer.Option("--config", "-c", metavar="FILE", help="TOML file of the reading room, with its store.")
]
Store = Annotated[
    Path | None, typer.Option("--store", metavar="DIR", help="Folder of the store. Default: the user's data folder.")
]
RecipeName = Annotated[str, typer.Argument(help="Name of a recipe; [bold]osteon recipes[/bold] lists them.")]
Cache = Annotated[Path | None, typer.Option(help="Folder of decoded images.", envvar="OSTEON_CACHE", file_okay=False)]
Resamples = Annotated[int, typer.Option("--resamples", min=100, help="Number of bootstrap resamples.")]
BootstrapSeed = Annotated[int, typer.Option("--seed", min=0, help="Random seed of the bootstrap.")]
