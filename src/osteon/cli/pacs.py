"""``osteon pacs``: the DICOM node of a reading room, and studies from other archives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from osteon.cli.options import Key, Server, ServerConfig, ServerSettings
from osteon.cli.pacs_pull import pull

if TYPE_CHECKING:
    from osteon.clinic.client import Client

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon pacs serve --config reading-room.toml

  osteon pacs traffic

  osteon pacs test pacs

  osteon pacs resend --destination pacs --state stuck

  osteon pacs pull --peer PACS --patient 4711 --date 20260101-

All but serve ask a running reading room: --server and --key, or OSTEON_SERVER and OSTEON_KEY; the key is an administrator's.
With --out or --dry-run, pull asks the archive itself.
"""

Ids = Annotated[list[int] | None, typer.Argument(help="Numbers of objects, as `deliveries` shows them.")]
Study = Annotated[str, typer.Option("--study", help="Of this study of the reading room.")]
To = Annotated[str, typer.Option("--destination", "-d", help="Of this destination.")]
States = Annotated[list[str] | None, typer.Option("--state", help="In this state; repeatable.")]
_HERE: Final = "http://127.0.0.1:8042"


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", epilog=EXAMPLES)
    app.add_typer(group, name="pacs", help="DICOM node: traffic, quarantine, deliveries; studies from other archives.")
    for name, command in (
        ("serve", serve),
        ("peers", peers),
        ("traffic", traffic),
        ("test", ask),
        ("quarantine", quarantine),
        ("release-instance", release_instance),
        ("delete-instance", delete_instance),
        ("deliveries", deliveries),
        ("resend", resend),
        ("hold", hold),
        ("release", release),
        ("pull", pull),
    ):
        group.command(name)(command)


def serve(
    config: ServerConfig = None,
    dicom_port: Annotated[
        int | None,
        typer.Option("--dicom-port", help="Port of the DICOM node. Default: that of the settings, or 11112."),
    ] = None,
    aet: Annotated[str | None, typer.Option("--aet", metavar="TITLE", help="AE title of the DICOM node.")] = None,
    settings: ServerSettings = None,
) -> None:
    """Run the reading room with its DICOM node: `osteon serve`, with port 11112 where none is set."""
    from osteon.cli.serve import announce, chosen_settings
    from osteon.cli.serving import require_pacs, require_serving, run
    from osteon.clinic.dicom.settings import PORT

    require_serving()
    require_pacs()
    flags = {name: value for name, value in (("port", dicom_port), ("aet", aet)) if value is not None}
    chosen = chosen_settings({"dicom": flags or None}, settings or [], config)
    if chosen.dicom.port is None:
        chosen = chosen_settings({"dicom": {**flags, "port": PORT}}, settings or [], config)
    run(chosen, announce)


def peers(server: Server = _HERE, key: Key = "") -> None:
    """Who may send, and whether each destination answers."""
    with _room(server, key) as room:
        told = room.request("GET", "/pacs/traffic")
        typer.echo(
            f"node {told['aet']} {'listens on port ' + str(told['port']) if told['listening'] else 'does not listen'}"
        )
        for peer in told["peers"]:
            typer.echo(f"peer {peer['name']} from {peer['address'] or 'STOW-RS'}")
        for one in told["destinations"]:
            answer = (
                room.request("POST", f"/pacs/peers/{one['name']}/test")
                if one["way"] != "gone"
                else {"answers": False, "problem": ""}
            )
            state = "answers" if answer["answers"] else answer["problem"] or "is not in the settings any more"
            kind = "webhook" if one["way"] == "webhook" else "destination"
            way = "" if kind == "webhook" else f" ({one['way']})"
            typer.echo(f"{kind} {one['name']}{way}: {state}")


def traffic(server: Server = _HERE, key: Key = "") -> None:
    """Count instances by peer and results by destination."""
    with _room(server, key) as room:
        told = room.request("GET", "/pacs/traffic")
    _table(told["peers"], ("name", "received", "waiting", "read", "quarantined"))
    if told["destinations"]:
        typer.echo("")
        _table(told["destinations"], ("name", "to_send", "sent", "committed", "stuck", "held"))


def ask(
    name: Annotated[str, typer.Argument(help="Of a destination or webhook, or AE title of a peer.")],
    server: Server = _HERE,
    key: Key = "",
) -> None:
    """Let the reading room try whether a destination, webhook or peer answers, step by step. Exit code 1: it does not."""
    with _room(server, key) as room:
        answer = room.request("POST", f"/pacs/peers/{name}/test")
    for check in answer["checks"]:
        typer.echo(f"{check['step']}: {'ok' if check['cause'] is None else 'failed'}")
    typer.echo(f"{name} answers" if answer["answers"] else f"{name}: {answer['problem']}")
    raise typer.Exit(0 if answer["answers"] else 1)


def quarantine(
    peer: Annotated[str, typer.Option("--peer", help="Of this peer.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="For this reason, e.g. other-patient.")] = "",
    server: Server = _HERE,
    key: Key = "",
) -> None:
    """List instances that are held back, with the reason."""
    query = {name: value for name, value in (("peer", peer), ("reason", reason)) if value}
    with _room(server, key) as room:
        found = room.request("GET", "/pacs/quarantine", params=query)["instances"]
    _table(found, ("id", "peer", "received", "reason", "instance"))


def release_instance(
    number: Annotated[int, typer.Argument(help="As `quarantine` shows it.")], server: Server = _HERE, key: Key = ""
) -> None:
    """Read an instance that is held back, whatever the rules say, and apart from another patient's images."""
    with _room(server, key) as room:
        room.request("POST", f"/pacs/quarantine/{number}/release")


def delete_instance(
    number: Annotated[int, typer.Argument(help="As `quarantine` shows it.")], server: Server = _HERE, key: Key = ""
) -> None:
    """Delete an instance that is held back."""
    with _room(server, key) as room:
        room.request("DELETE", f"/pacs/quarantine/{number}")


def deliveries(
    destination: To = "",
    study: Study = "",
    state: Annotated[str, typer.Option("--state", help="waiting, sent, done, stuck or held.")] = "",
    output: Annotated[
        str, typer.Option("--output", help="An output format, reader-sr for reports of readers, webhook for notices.")
    ] = "",
    server: Server = _HERE,
    key: Key = "",
) -> None:
    """List results on their way, the newest first."""
    wanted = {"destination": destination, "study": study, "state": state, "output": output}
    with _room(server, key) as room:
        query = {name: value for name, value in wanted.items() if value}
        found = room.request("GET", "/pacs/deliveries", params=query)["objects"]
    _table(found, ("id", "study", "destination", "output", "state", "attempts", "problem"))


def resend(
    ids: Ids = None,
    study: Study = "",
    destination: To = "",
    state: States = None,
    server: Server = _HERE,
    key: Key = "",
) -> None:
    """Send results now, also those that were delivered: the same bytes."""
    _change("resend", ids, study, destination, state, server, key)


def hold(
    ids: Ids = None,
    study: Study = "",
    destination: To = "",
    state: States = None,
    server: Server = _HERE,
    key: Key = "",
) -> None:
    """Hold results back that are not delivered yet."""
    _change("hold", ids, study, destination, state, server, key)


def release(
    ids: Ids = None,
    study: Study = "",
    destination: To = "",
    state: States = None,
    server: Server = _HERE,
    key: Key = "",
) -> None:
    """Let results go that are held back."""
    _change("release", ids, study, destination, state, server, key)


def _change(
    action: str, ids: list[int] | None, study: str, destination: str, states: list[str] | None, server: str, key: str
) -> None:
    body = {"ids": ids or [], "study": study, "destination": destination, "states": states or []}
    with _room(server, key) as room:
        changed = room.request("POST", f"/pacs/deliveries/{action}", json=body)
    typer.echo(f"{changed['objects']} objects")


def _room(server: str, key: str) -> Client:
    from osteon.cli.serving import require_serving

    require_serving()
    from osteon.clinic.client import Client

    return Client(server, key=key)


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    """Rows in columns, each as wide as it must be."""
    lines = [tuple(column.replace("_", " ") for column in columns)]
    lines += [tuple(str(row[column]) for column in columns) for row in rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
