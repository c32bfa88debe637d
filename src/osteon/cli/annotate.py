"""``osteon annotate``: annotation projects of a reading room."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from osteon.cli import annotate_demo, annotate_fill, annotate_results, annotate_schema
from osteon.cli.annotate_fill import CleanPixels, Dataset, Deidentify, SecretFile
from osteon.cli.annotate_room import HERE, Key, Project, Server, projects_of
from osteon.cli.annotate_sources import of_dataset

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon annotate demo

  osteon annotate schemas

  osteon annotate schema check elbows.yaml

  osteon annotate create "Spines 2026" --schema vindr_spinexr --readers 3 --repeats 0.05

  osteon annotate member "Spines 2026" maria --role annotator

  osteon annotate add "Spines 2026" --body-part spine

  osteon annotate add-pacs "Spines 2026" --peer PACS --date 20260101-20260131 --modality DX --deidentify --secret key

  osteon annotate screen "Spines 2026"

  osteon annotate assign "Spines 2026"

  osteon annotate status "Spines 2026"

  osteon annotate decide "Spines 2026" --rule majority

  osteon annotate agree "Spines 2026" --out agreement

  osteon annotate snapshot "Spines 2026" --out spines-2026

All up to close ask a running reading room: --server and --key, or OSTEON_SERVER and OSTEON_KEY; the key is an administrator's.
The others open the store itself, also while a server runs: --config or --set store=FOLDER name it.
"""


class Role(StrEnum):
    """Roles of members."""

    LEAD = "lead"
    ANNOTATOR = "annotator"
    ADJUDICATOR = "adjudicator"


class Order(StrEnum):
    """Orders of queues."""

    RANDOM = "random"
    UNCERTAINTY = "uncertainty"
    DISAGREEMENT = "disagreement"


class Arm(StrEnum):
    """When proposals of the model are shown."""

    UNAIDED = "unaided"
    AFTER_OWN = "after_own"
    WITH_MODEL = "with_model"


class Rule(StrEnum):
    """Rules of consensus."""

    MAJORITY = "majority"
    ANY = "any"
    ALL = "all"
    WEIGHTED = "weighted"


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", epilog=EXAMPLES)
    app.add_typer(group, name="annotate", help="Annotation projects: several readers, blinded; consensus.")
    for command in (annotate_demo.demo, create, member, *annotate_fill.COMMANDS, assign, status, decide, close):
        group.command(command.__name__.replace("_", "-"))(command)
    annotate_schema.add(group)
    annotate_results.add(group)


def create(
    name: Annotated[str, typer.Argument(help="Of the new project.")],
    schema: Annotated[str, typer.Option("--schema", help="A shipped label schema, or a YAML or JSON file.")],
    readers: Annotated[int, typer.Option("--readers", min=1, max=20, help="Annotators for each study.")] = 1,
    repeats: Annotated[
        float, typer.Option("--repeats", min=0, max=1, help="Share of studies that each annotator reads twice.")
    ] = 0.0,
    order: Annotated[Order, typer.Option("--order", help="Order of the queues.")] = Order.RANDOM,
    arm: Annotated[Arm, typer.Option("--arm", help="When proposals of the model are shown.")] = Arm.UNAIDED,
    box_iou: Annotated[
        float, typer.Option("--box-iou", min=0.01, max=1, help="Overlap from which boxes of two readers are the same.")
    ] = 0.5,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="Random seed.")] = 0,
    body_part: Annotated[
        list[str] | None,
        typer.Option("--body-part", help="That belongs into it; repeatable. Others are proposed to be screened out."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", metavar="FOLDER", help="Add the studies of this dataset, or table, at once.", exists=True
        ),
    ] = None,
    dataset: Dataset = "",
    deidentify: Deidentify = False,
    secret: SecretFile = None,
    clean_pixels: CleanPixels = False,
    server: Server = HERE,
    key: Key = "",
) -> None:
    """Begin a project, where wished with the studies of a dataset."""
    cleaning = annotate_fill.cleaning_of(deidentify, secret, clean_pixels)
    if data is None and (dataset or cleaning is not None):
        raise typer.BadParameter("there is no --data that it is about", param_hint="--dataset / --deidentify")
    with projects_of(server, key) as projects:
        made = projects.create(
            name,
            schema,
            readers_per_study=readers,
            repeat_share=repeats,
            order=order,
            arm=arm,
            box_iou=box_iou,
            seed=seed,
            body_parts=body_part or [],
        )
        typer.echo(f"{made.name}: {made.id}")
        if data is not None:
            annotate_fill.send(projects, made.id, of_dataset(data, dataset, cleaning))


def member(
    project: Project,
    name: Annotated[str, typer.Argument(help="Of an account.")],
    role: Annotated[Role, typer.Option("--role", help="What they do in the project.")] = Role.ANNOTATOR,
    remove: Annotated[bool, typer.Option("--remove", help="End the membership; reads stay.")] = False,
    server: Server = HERE,
    key: Key = "",
) -> None:
    """Make an account a member of a project, change its role, or end its membership."""
    from osteon.clinic.annotation.records.project import MemberRole

    with projects_of(server, key) as projects:
        found = projects.find(project)
        if remove:
            projects.remove_member(found.id, name)
            typer.echo(f"{name} is no member of {found.name} any more")
            return
        made = projects.put_member(found.id, name, MemberRole(role))
    typer.echo(f"{made.name}: {made.role} of {found.name}")
    if made.sees_room and made.role is MemberRole.ANNOTATOR:
        typer.echo(
            f"warning: {made.name} can see readings of the model in the reading room. "
            "To read blindly, the account needs the role annotator.",
            err=True,
        )


def assign(
    project: Project,
    reader: Annotated[list[str] | None, typer.Option("--reader", help="Only to this annotator; repeatable.")] = None,
    readers: Annotated[
        int | None, typer.Option("--readers", min=1, max=20, help="From now on so many annotators for each study.")
    ] = None,
    server: Server = HERE,
    key: Key = "",
) -> None:
    """Give studies to annotators, balanced. What is assigned already stays."""
    with projects_of(server, key) as projects:
        found = projects.find(project)
        if readers is not None:
            projects.change(found.id, readers_per_study=readers)
        done = projects.assign(found.id, reader or ())
    for name, count in sorted(done.made.items()):
        typer.echo(f"{name}: {count} studies")
    typer.echo(f"{sum(done.made.values())} in all, {done.repeats} of them repeats")
    if done.to_screen:
        typer.echo(f"warning: {done.to_screen} studies wait to be screened: osteon annotate screen", err=True)
    if done.short:
        typer.echo(f"warning: {done.short} studies have too few readers: nobody else may read them.", err=True)


def status(
    project: Annotated[str, typer.Argument(help="Name or identifier; none: list all projects.")] = "",
    server: Server = HERE,
    key: Key = "",
) -> None:
    """Show how far a project is, or list projects."""
    with projects_of(server, key) as projects:
        if not project:
            for found in projects.projects():
                typer.echo(
                    f"{found.id}  {found.schema_name:<16} {'closed' if found.closed else 'open  '}  {found.name}"
                )
            return
        found = projects.find(project)
        told = projects.progress(found.id)
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted((told.items or {}).items()))
    typer.echo(f"{found.name}: {counts or 'no studies'}")
    typer.echo(f"read by all {told.ready}, of them disputed {told.disputed}; decided {told.decided}")
    if told.to_screen:
        typer.echo(f"{told.to_screen} wait to be screened: osteon annotate screen")
    if told.readers:
        typer.echo(f"{'reader':<24}{'finished':>10}{'open':>8}{'skipped':>9}{'minutes':>10}")
    for one in told.readers:
        waiting = one.states.get("open", 0) + one.states.get("aided", 0)
        done, skipped = one.states.get("finished", 0), one.states.get("skipped", 0)
        typer.echo(f"{one.name[:23]:<24}{done:>10}{waiting:>8}{skipped:>9}{one.active_seconds / 60:>10.1f}")


def decide(
    project: Project,
    rule: Annotated[
        Rule,
        typer.Option("--rule", help="What counts: of most, any or all readers, or of more than half of their weights."),
    ],
    sign: Annotated[bool, typer.Option("--sign", help="Sign, which locks the studies.")] = False,
    weight: Annotated[
        list[str] | None,
        typer.Option("--weight", metavar="NAME=NUMBER", help="Of a reader, for weighted; repeatable. Others weigh 1."),
    ] = None,
    server: Server = HERE,
    key: Key = "",
) -> None:
    """Decide by a rule the studies that all their readers have finished and no person has decided."""
    weights = _weights(weight or [])
    if (rule is Rule.WEIGHTED) != (weights is not None):
        raise typer.BadParameter("weights are for --rule weighted, which needs them", param_hint="--weight")
    with projects_of(server, key) as projects:
        done = projects.decide(projects.find(project).id, rule, sign=sign, weights=weights)
    typer.echo(f"{done} studies {'signed' if sign else 'decided'}")


def close(
    project: Project,
    reopen: Annotated[bool, typer.Option("--reopen", help="Open it again.")] = False,
    server: Server = HERE,
    key: Key = "",
) -> None:
    """Close a project: it takes nothing any more."""
    with projects_of(server, key) as projects:
        found = projects.find(project)
        projects.change(found.id, closed=not reopen)
    typer.echo(f"{found.name} is {'open' if reopen else 'closed'}")


def _weights(given: list[str]) -> dict[str, float] | None:
    """Weights by name; None where there are none."""
    found: dict[str, float] = {}
    for text in given:
        name, _, number = text.rpartition("=")
        try:
            found[name] = float(number)
        except ValueError:
            found[""] = 0.0
    if "" in found:
        raise typer.BadParameter("expected NAME=NUMBER", param_hint="--weight")
    return found or None
