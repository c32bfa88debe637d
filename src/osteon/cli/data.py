"""``osteon data``: list, fetch, check, describe, split and convert datasets."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osteon.cli import data_duplicates, deidentify, phantom
from osteon.cli.data_tables import print_audit, print_cards, print_statistics
from osteon.cli.options import AsJson
from osteon.cli.spread import Ray, spread

if TYPE_CHECKING:
    from rich.progress import TaskID

    from osteon.core.each import Each
    from osteon.data.duplicates.lookalikes import Embed

app = typer.Typer(name="data", no_args_is_help=True, help="Datasets: list, check, describe, split.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="A dataset of `osteon data list`.")]
Root = Annotated[Path, typer.Argument(metavar="FOLDER", help="Its folder.", exists=True, file_okay=False)]


PIECE = 64
"""Files of one task on a cluster."""


@contextmanager
def _files(ray: str | None, threads: int, root: Path) -> Generator[Each]:
    """How the files of a dataset are looked at within the block; on a cluster their headers are read there, too."""
    from osteon.data.files.images import inspected

    with spread(ray, threads, PIECE, [root]) as each, nullcontext() if ray is None else inspected(each):
        yield each


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    phantom.register(app)
    deidentify.register(app)
    data_duplicates.register(app)
    parent.add_typer(app, name="data")


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="The cards as one JSON list.")] = False,
) -> None:
    """Show the datasets that osteon reads, with their licence and how to get them."""
    from dataclasses import asdict

    from osteon.data.datasets import DATASETS

    if as_json:
        typer.echo(json.dumps([asdict(dataset.card) for dataset in DATASETS], ensure_ascii=False))
        return
    print_cards([dataset.card for dataset in DATASETS])


@app.command()
def fetch(
    name: Name,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Destination folder.")],
    accept: Annotated[bool, typer.Option("--accept", help="Accept the licence that is shown.")] = False,
) -> None:
    """Download a dataset that may be downloaded freely; for the others, explain how to apply."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from osteon.data.datasets import find
    from osteon.data.files.fetch import fetch as load

    card = find(name).card
    typer.echo(f"{card.title}\nLicence: {card.licence}\nCite: {card.citation}\n{card.url}", err=True)
    agreed = accept or (card.figshare is not None and typer.confirm("Do you accept the licence?", err=True))
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    with Progress(*columns) as bars:
        tasks: dict[str, TaskID] = {}

        def show(file: str, have: int, total: int) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file)
            bars.update(tasks[file], completed=have, total=total or None)

        load(card, out, accepted=agreed, progress=show)
    typer.echo(str(out))


@app.command()
def check(
    name: Name,
    root: Root,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write an HTML report.")] = None,
    as_json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if there is an error or a warning.")] = False,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Number of files decoded at once.")] = 2,
    split_file: Annotated[
        Path | None,
        typer.Option(
            "--split-file",
            metavar="JSON",
            help="Look for leaks between the parts of this split instead of the publisher's.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    look_alikes: Annotated[
        bool,
        typer.Option(
            "--look-alikes/--no-look-alikes",
            help="Search for look-alikes across parts, with the features of the shipped network.",
        ),
    ] = True,
    ray: Ray = None,
) -> None:
    """Audit a dataset: broken files, duplicates, contradictions, leaks, shortcuts."""
    from osteon.data.audit import audit
    from osteon.data.audit.page import write_page
    from osteon.data.datasets import find
    from osteon.data.duplicates.lookalikes import FEWEST
    from osteon.data.splits.record import load_split

    dataset, root = find(name), root if ray is None else root.resolve()
    with _files(ray, threads, root) as each, _progress("reading") as show:
        table = dataset.read(root)
        if split_file is not None:
            table = load_split(split_file).applied(table)
        in_parts = table.frame["split"].drop_nulls()
        embed, reason = None, ""
        if look_alikes and in_parts.n_unique() > 1:
            embed, reason = _embedding(threads)
            if len(in_parts) < FEWEST:
                embed, reason = None, f"there are too few images in parts ({len(in_parts)}; {FEWEST} are needed)"
        found = audit(table, root, dataset.card, each=each, progress=show, embed=embed)
    if reason:
        typer.echo(f"Look-alikes across parts were not searched: {reason}.", err=True)
    if out is not None:
        write_page(out, found, dataset.card, root)
    if as_json:
        problems = [problem.to_json() for problem in found.problems]
        typer.echo(json.dumps({"images": found.images, "problems": problems}))
    else:
        print_audit(found)
    if strict and any(problem.severity != "note" for problem in found.problems):
        raise typer.Exit(1)


def _embedding(threads: int) -> tuple[Embed | None, str]:
    """What embeds image files, or why nothing does."""
    from osteon.bundle.archive import open_bundle
    from osteon.bundle.catalogue import DEFAULT, shipped
    from osteon.inference.networks.features import FeatureExtractor, available

    if DEFAULT not in shipped():
        return None, "this installation ships no network"
    if not available():
        return None, "that needs the onnx package, which comes with pip install 'osteon[evaluate]'"
    return FeatureExtractor(open_bundle(DEFAULT), threads), ""


@contextmanager
def _progress(first: str) -> Generator[Callable[[int, int], None]]:
    """A transient progress bar on stderr; it shows ``first`` until the first update."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(first, total=None)

        def show(done: int, total: int) -> None:
            status = "checking files" if done < total else "comparing"
            bar.update(task, description=status, completed=done, total=total)

        yield show


@app.command()
def stats(
    name: Name,
    root: Root,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Write a page, and the plots as PNG and SVG.")
    ] = None,
    as_json: AsJson = False,
    ray: Ray = None,
) -> None:
    """Describe a dataset as papers do: counts by part, age, sex, size, labels, boxes; comparison with published figures."""
    from osteon.data.datasets import find
    from osteon.data.describe.page import as_json as plain
    from osteon.data.describe.page import write_folder
    from osteon.data.describe.stats import statistics

    dataset, root = find(name), root if ray is None else root.resolve()
    with _files(ray, 1, root):
        table = dataset.read(root)
    found = statistics(table, dataset.card)
    if out is not None:
        write_folder(out, found, table, dataset.card)
    if as_json:
        typer.echo(json.dumps(plain(found)))
    else:
        print_statistics(found)
        if out is not None:
            typer.echo(str(out / "stats.html"))


@app.command("split")
def split_(
    name: Name,
    root: Root,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The split, as JSON.")],
    parts: Annotated[
        str, typer.Option("--parts", help="Shares of train, val and test (70/15/15) or of train and test (4:1).")
    ] = "70/15/15",
    folds: Annotated[
        int | None,
        typer.Option("--folds", min=3, help="k-fold cross-validation instead: writes FILE-0.json, FILE-1.json ..."),
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option(
            "--group", help="patient, study, cluster, run or lookalike; may be repeated. Default: the card's."
        ),
    ] = None,
    stratify: Annotated[
        list[str] | None, typer.Option("--stratify", help="Column to balance; may be repeated. Default: all labels.")
    ] = None,
    keep: Annotated[list[str] | None, typer.Option("--keep", help="Part of the official split to keep.")] = None,
    official: Annotated[bool, typer.Option("--official", help="Use the publisher's own split.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Random seed.")] = 0,
) -> None:
    """Divide a dataset without dividing a patient, study, near-duplicate cluster, run of numbers or look-alikes.

    Groups that share an image are joined. Runs are images of one stated body part with numbers 1 or 2 apart in their names;
    look-alikes have nearly equal features in the shipped network.
    """
    from osteon.data.datasets import find
    from osteon.data.splits.grouping import grouped
    from osteon.data.splits.split import k_fold, official_split, split
    from osteon.data.table.schema import LABEL_PREFIX

    dataset = find(name)
    table = dataset.read(root)
    groups = tuple(group or dataset.card.together or dataset.card.identifiers[:1] or ("cluster",))
    if not official:
        embed, reason = _embedding(2) if "lookalike" in groups else (None, "")
        table, groups, missing = grouped(table, root, groups, embed=embed, without=reason)
        for sentence in missing:
            typer.echo(sentence, err=True)
    columns = tuple(stratify or (LABEL_PREFIX + label for label in table.labels))
    if official:
        made = [official_split(table)]
    elif folds:
        made = k_fold(table, folds, seed=seed, group=groups, stratify=columns)
    else:
        made = [split(table, _shares(parts), seed=seed, group=groups, stratify=columns, keep=tuple(keep or ()))]
    for number, part_split in enumerate(made):
        path = out if len(made) == 1 else out.with_stem(f"{out.stem}-{number}")
        part_split.save(path)
        counts = ", ".join(f"{part} {len(images):,}" for part, images in part_split.parts.items())
        typer.echo(f"{path}: {counts}; {part_split.hash[:12]}")


@app.command()
def convert(
    name: Name,
    root: Root,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="A new folder.")],
    to: Annotated[
        str,
        typer.Option("--to", metavar="FORMAT", help="coco, yolo, yolo-seg, voc, vindr, folder, listed or dicom."),
    ],
    pictures: Annotated[
        str, typer.Option("--images", help="Image files: keep, or re-encode in 16 bit: png, tiff, dicom.")
    ] = "keep",
) -> None:
    """Write a dataset in another format; cases.csv in the same folder keeps patients, ages and labels."""
    from osteon.data.convert import convert as write
    from osteon.data.convert import find as find_target
    from osteon.data.datasets import find

    dataset = find(name)
    target = find_target(to)
    table = dataset.read(root)
    count = write(table, root, out, to, pictures=pictures, card=dataset.card)
    left = f", {len(table.skipped):,} left out (see the audit)" if table.skipped else ""
    typer.echo(f"{out}: {count:,} images{left}; `osteon data check {target.reader} {out}` reads them again")
    boxes = int(table.frame["boxes"].list.len().sum())
    if boxes and not target.boxes:
        typer.echo(f"{to} cannot hold boxes: {boxes:,} were left out (coco, voc and others keep them)", err=True)


def _shares(text: str) -> dict[str, float]:
    """Shares from ``70/15/15``, ``81/9/10`` or ``4:1``."""
    try:
        numbers = [float(word) for word in text.replace(":", "/").split("/")]
    except ValueError:
        numbers = []
    names = {2: ("train", "test"), 3: ("train", "val", "test")}.get(len(numbers))
    if names is None or min(numbers) <= 0:
        raise typer.BadParameter("write shares as 70/15/15 or 4:1", param_hint="--parts")
    return {name: number / sum(numbers) for name, number in zip(names, numbers, strict=True)}
