"""What comes out of a project of ``osteon annotate``, and goes in: agreement, snapshots, exports, imports."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osteon.cli.annotate_agree import agree
from osteon.cli.annotate_store import Config, Project, Set, content_of, note, opened, user
from osteon.core.errors import DataError

if TYPE_CHECKING:
    from osteon.clinic.annotation.records.project_content import ProjectContent
    from osteon.core.snapshot import Snapshot

Out = Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="New folder to write.", file_okay=False)]


class Rule(StrEnum):
    """How studies are decided that nobody decided."""

    MAJORITY = "majority"
    ANY = "any"
    ALL = "all"


class Pictures(StrEnum):
    """How images are written."""

    PNG = "png"
    KEEP = "keep"


class Target(StrEnum):
    """A format of export."""

    COCO = "coco"
    YOLO = "yolo"
    YOLO_SEG = "yolo-seg"
    VOC = "voc"
    VINDR = "vindr"
    LISTED = "listed"
    DICOM_SR = "dicom-sr"


class Source(StrEnum):
    """A format of import."""

    COCO = "coco"
    YOLO = "yolo"
    VOC = "voc"
    VINDR = "vindr"
    LISTED = "listed"
    DICOM_SR = "dicom-sr"


def add(group: typer.Typer) -> None:
    """Add the commands to ``osteon annotate``."""
    for name, command in (
        ("agree", agree),
        ("snapshot", snapshot),
        ("export", export),
        ("import", import_),
        ("describe", describe),
    ):
        group.command(name)(command)


RuleOption = Annotated[
    Rule | None,
    typer.Option(help="Decide by this rule the studies that several readers finished and nobody decided."),
]
PicturesOption = Annotated[
    Pictures,
    typer.Option(help="png: 16 bit, without any header; keep: the files with all that they say of the patient."),
]
TestShare = Annotated[
    float, typer.Option("--test", min=0, max=0.9, help="Share of the studies for testing; 0 for no split.")
]


def snapshot(
    project: Project,
    out: Out,
    rule: RuleOption = None,
    pictures: PicturesOption = Pictures.PNG,
    test: TestShare = 0.2,
    config: Config = None,
    settings: Set = None,
) -> None:
    """Take an immutable snapshot of what is decided, as a dataset that `osteon train --data FOLDER` takes as it is."""
    _written(project, out, rule, "listed", pictures, test, config, settings)


def export(
    project: Project,
    out: Out,
    to: Annotated[Target, typer.Option("--to", help="Format.")],
    rule: RuleOption = None,
    pictures: PicturesOption = Pictures.PNG,
    test: TestShare = 0.2,
    send: Annotated[
        str, typer.Option("--send", metavar="NAME", help="Send dicom-sr to this destination of the settings besides.")
    ] = "",
    config: Config = None,
    settings: Set = None,
) -> None:
    """Write what is decided in another format; dicom-sr writes a report for each read instead, by its reader."""
    if send and to is not Target.DICOM_SR:
        raise typer.BadParameter("only reports (--to dicom-sr) can be sent", param_hint="--send")
    if to is Target.DICOM_SR:
        from osteon.cli.annotate_exchange import write_reports
        from osteon.cli.annotate_send import send_reports

        with opened(config, settings) as store:
            content = content_of(store, project)
            written, refused = write_reports(content, store.files.path, out)
            with store.database.session() as session:
                note(session, "export reports of readers", content.project.id, send)
            if send:
                sent, more = send_reports(sorted(out.glob("read-*.dcm")), store.settings.dicom, send)
                refused += more
                typer.echo(f"{sent} reports accepted by {send}", err=True)
        for line in refused:
            typer.echo(line, err=True)
        typer.echo(f"{written} reports in {out}", err=True)
        if refused:
            raise typer.Exit(1)
        return
    _written(project, out, rule, str(to), pictures, test, config, settings)


def import_(
    project: Project,
    source: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder of the files.", exists=True, file_okay=False)
    ],
    kind: Annotated[Source, typer.Option("--from", help="Their format.")],
    reader: Annotated[str, typer.Option("--reader", metavar="NAME", help="Annotator who goes on from them.")],
    config: Config = None,
    settings: Set = None,
) -> None:
    """Give a reader annotations of other files to go on from: they are drafts, which the reader finishes.

    Images are found by the names that exports give them, by SOPInstanceUID, or by the content of their files.
    """
    from osteon.cli.annotate_exchange import imported_images
    from osteon.clinic.annotation.exchange.incoming import plan_import
    from osteon.clinic.store.annotation.importing import import_plan
    from osteon.clinic.store.annotation.load import find_project

    dataset = "spinexr" if kind is Source.VINDR else str(kind)
    with opened(config, settings) as store:
        content = content_of(store, project)
        unreadable: list[str] = []
        plan = plan_import(content, imported_images(dataset, source, content.schema, unreadable))
        with store.database.session() as session:
            row = find_project(session, project)
            done = import_plan(session, row, plan, reader)
            note(session, f"import annotations ({kind}) for {reader}", row.id)
    typer.echo(f"{done.studies:,} studies, {done.kept:,} annotations new, {done.known:,} there before", err=True)
    for count, words in (
        (plan.unmatched, "images that are not in the project"),
        (plan.unfit, "regions that the label schema does not allow, or without area"),
        (done.refused, "annotations that the label schema does not allow"),
        (done.busy, "studies that the reader has begun or finished: they stay as they are"),
    ):
        if count:
            typer.echo(f"left out: {count:,} {words}", err=True)
    for line in unreadable:
        typer.echo(f"left out: {line}", err=True)
    for label, count in plan.unknown.items():
        typer.echo(f"left out: {count:,} of the unknown label {label}", err=True)


def describe(
    source: Annotated[str, typer.Argument(metavar="PROJECT", help="A project, or the folder of a snapshot.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, and nothing else on stdout.")] = False,
    rule: RuleOption = None,
    test: TestShare = 0.2,
    config: Config = None,
    settings: Set = None,
) -> None:
    """Print the table of characteristics, as Table 2 of VinDr-SpineXR: studies, images, ages, sexes, boxes, by split."""
    import tempfile

    from osteon.cli.data_tables import print_statistics
    from osteon.core.snapshot import SNAPSHOT_FILE
    from osteon.data.describe.page import as_json as document
    from osteon.data.snapshots.describe import characteristics, of_folder
    from osteon.data.snapshots.write import linked_table

    if (Path(source) / SNAPSHOT_FILE).is_file():
        found = of_folder(Path(source))
    else:
        with opened(config, settings) as store, tempfile.TemporaryDirectory(prefix="osteon-") as folder:
            taken = _taken(content_of(store, source), rule)
            fractions = {"train": 1 - test, "test": test} if test else None
            found = characteristics(taken, linked_table(taken, store.files.path, Path(folder), fractions))
    if as_json:
        typer.echo(json.dumps(document(found)))
    else:
        print_statistics(found)


def _taken(content: ProjectContent, rule: Rule | None) -> Snapshot:
    from datetime import UTC, datetime

    from osteon.clinic.annotation.records.consensus import ConsensusRule
    from osteon.clinic.annotation.snapshots.take import take

    return take(content, datetime.now(UTC), None if rule is None else ConsensusRule(rule))


def _written(
    project: str,
    out: Path,
    rule: Rule | None,
    to: str,
    pictures: Pictures,
    test: float,
    config: Path | None,
    settings: list[str] | None,
) -> None:
    """Take a snapshot, keep it in the store, and write it as a folder."""
    from osteon.clinic.store.annotation.snapshots import keep
    from osteon.data.snapshots.write import write_snapshot

    with opened(config, settings) as store:
        content = content_of(store, project)
        taken = _taken(content, rule)
        fractions = {"train": 1 - test, "test": test} if test else None
        try:
            table = write_snapshot(taken, store.files.path, out, to=to, pictures=pictures, fractions=fractions)
        except DataError as error:
            if len(taken.studies) * min(test, 1 - test) >= 1 or not test:
                raise
            hint = "Decide more studies, or leave the test part out by --test 0."
            raise DataError(error.problem, expected=error.expected, got=error.got, hint=hint) from error
        with store.database.session() as session:
            keep(session, content.project.id, taken, user())
            note(session, f"take annotation snapshot ({to}, {pictures})", content.project.id, taken.digest)
    for reason, count in taken.left_out.items():
        if count:
            typer.echo(f"left out: {count:,} {reason.replace('_', ' ')}", err=True)
    for remark in table.skipped:
        typer.echo(f"left out: {remark.image}: {remark.detail}", err=True)
    typer.echo(
        f"{len(table):,} images of {len(taken.studies):,} studies in {out}, snapshot {taken.digest[:12]}", err=True
    )
