"""Pages that are made from the code: so they cannot say another thing than it does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataframely import Column

    from osteon.data.table.card import DatasetCard


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in (head, *rows)]
    body = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([body[0], "|" + "---|" * len(head), *body[1:]])


def commands() -> str:
    """The help of every command."""
    import click
    import typer.main

    from osteon.cli import application

    root = typer.main.get_command(application())
    parts = ["# Commands\n\nEvery command explains itself with `--help`.\n"]

    def walk(command: click.Command, path: str) -> None:
        subcommands = getattr(command, "commands", {})
        for name, one in subcommands.items():
            walk(one, f"{path} {name}")
        if subcommands:
            return
        options = [
            (
                f"`{' '.join(p.opts)}`" if p.param_type_name == "option" else (p.name or "").upper(),
                getattr(p, "help", "") or "",
            )
            for p in command.params
            if p.name != "help"
        ]
        parts.append(f"## `{path}`\n\n{(command.help or '').strip()}\n\n{table(('argument', 'meaning'), options)}\n")

    walk(root, "osteon")
    return "\n".join(parts)


def recipes() -> str:
    """Every number of every recipe."""
    from osteon.learning.recipes import ALL
    from osteon.learning.runs.overrides import leaves

    parts = ["# Recipes\n\nEach leaf can be changed with `osteon train RECIPE --set KEY=VALUE`.\n"]
    for recipe in ALL:
        told = ("claims", "unstated", "deviations", "name", "summary", "source")
        rows = [(f"`{key}`", f"`{value}`") for key, value in leaves(recipe).items() if key.split(".")[0] not in told]
        parts.append(f"## {recipe.name}\n\n{recipe.summary}\n\n{recipe.source}\n\n{table(('key', 'value'), rows)}\n")
        if recipe.claims:
            claims = [(claim.metric, claim.value, claim.where) for claim in recipe.claims if claim.value is not None]
            parts.append(
                f"### What the paper claims ({recipe.name})\n\n{table(('figure', 'value', 'where'), claims)}\n"
            )
        for word, lines in (("Unstated in the paper", recipe.unstated), ("Where we depart", recipe.deviations)):
            if lines:
                parts.append(f"### {word} ({recipe.name})\n\n" + "\n".join(f"- {line}" for line in lines) + "\n")
    return "\n".join(parts)


def papers() -> str:
    """Every number of every paper, with ours or the reason why there is none."""
    from osteon.learning.recipes import PAPERS
    from osteon.learning.reproduce.numbers.page import papers_markdown

    return papers_markdown(PAPERS)


def bundles() -> str:
    """The cards of the shipped bundles."""
    from osteon.bundle.archive import open_bundle
    from osteon.bundle.catalogue import shipped

    cards = [open_bundle(name).card.replace("\n#", "\n##").replace("# ", "## ", 1) for name in shipped()]
    return "# Shipped bundles\n\n" + ("\n\n".join(cards) or "None.")


def outputs() -> str:
    """The output formats."""
    from osteon.outputs import FORMATS

    rows = [
        (
            f"`{one.name}`",
            f"`{one.suffix}`",
            one.media_type,
            "one file" if one.shared else "a file each",
            ", ".join(sorted(one.needs)),
        )
        for one in FORMATS
    ]
    listed = table(("name", "suffix", "media type", "files", "needs"), rows)
    return f"# Output formats\n\n`osteon read PATH --out DIR --format NAME`\n\n{listed}\n"


def datasets() -> str:
    """What osteon reads, and the columns of the table that all of it becomes."""
    from osteon.data.convert import TARGETS
    from osteon.data.datasets import DATASETS
    from osteon.data.table.schema import BOX, CaseSchema

    access = {"free": "`osteon data fetch`", "apply": "on application", "own": "your own files"}
    cards = [dataset.card for dataset in DATASETS]
    rows = [
        (
            f"[{card.title}](datasets/{card.name}.md)",
            f"{card.expected['images']:,}" if "images" in card.expected else "",
            card.licence,
            access[card.access],
        )
        for card in cards
    ]
    columns = [
        (f"`{name}`", kind(column), "yes" if column.nullable else "", column.description)
        for name, column in CaseSchema.columns().items()
    ]
    marks = [(f"`{name}`", kind(column), column.description) for name, column in BOX.inner.items()]
    targets = [(f"`{one.name}`", one.about, "yes" if one.boxes else "no", f"`{one.reader}`") for one in TARGETS]
    listed = "\n".join(f"datasets/{card.name}" for card in cards)
    return (
        "# Datasets\n\nOsteon reads these as they come from their publishers, and says what it left out and why.\n\n"
        f"{table(('dataset', 'images', 'licence', 'how to get it'), rows)}\n\n"
        "## The table\n\nEach becomes a table with the same columns, one row per image, stored as Parquet and validated "
        "on every reading. A label column `label_<name>` holds 1, 0 or -1: unknown is never 0.\n\n"
        f"{table(('column', 'type', 'may be unknown', 'what it holds'), columns)}\n\n"
        f"Each of the `boxes` has\n\n{table(('field', 'type', 'what it holds'), marks)}\n\n"
        "## Formats that `osteon data convert` writes\n\n"
        f"{table(('format', 'what it is', 'boxes and outlines', 'read again as'), targets)}\n\n"
        f"```{{toctree}}\n:hidden:\n\n{listed}\n```\n"
    )


def kind(column: Column) -> str:
    """The type of a column, or the words that it may hold."""
    words = getattr(column, "categories", None)
    return ", ".join(f"`{word}`" for word in words) if words else str(column.dtype).split("(")[0]


def published(card: DatasetCard) -> str:
    """The published figures of a card: a row for each, a column for each part that any is given for."""
    found: dict[str, dict[str, str]] = {}
    for name, value in card.expected.items():
        what, _, part = name.partition(" in ")
        found.setdefault(what, {})[part] = f"{value:,}"
    parts = [part for part in ("", "train", "val", "test") if any(part in row for row in found.values())]
    rows = [(what, *(row.get(part, "") for part in parts)) for what, row in found.items()]
    return table(("figure", *(part or "all" for part in parts)), rows)


def dataset(card: DatasetCard) -> str:
    """The page of one dataset, from its card."""
    name = card.name
    facts = [("name", f"`{name}`"), ("licence", card.licence), ("page", f"<{card.url}>" if card.url else "")]
    facts += [("cite", card.citation), ("how to get it", card.obtain)]
    labels = [(word, meaning) for word, meaning in card.label_map.items()]
    fetch = [f"osteon data fetch {name} --out FOLDER"] if card.access == "free" else []
    group = "" if card.together else f" --group {card.identifiers[0] if card.identifiers else 'cluster'}"
    commands = [
        *fetch,
        f"osteon data check {name} FOLDER --out audit.html",
        f"osteon data stats {name} FOLDER --out figures/",
        f"osteon data split {name} FOLDER --out split.json{group} --parts 70/15/15",
        f"osteon data convert {name} FOLDER --to coco --out coco/",
    ]
    parts = [
        f"# {card.title}\n\n{card.about}\n",
        table(("", ""), [fact for fact in facts if fact[1]]),
        f"\n## How it lies on disk\n\n```text\n{card.layout.strip()}\n```\n",
        f"## Labels\n\n{table(('in the dataset', 'in the table'), labels)}\n",
    ]
    for title, lines in (("Traps", card.caveats), ("Not verified at its source", card.unverified)):
        if lines:
            parts.append(f"## {title}\n\n" + "\n".join(f"- {line}" for line in lines) + "\n")
    if card.expected:
        told = "`osteon data stats` prints them beside those of your files."
        parts.append(f"## Published figures\n\n{told}\n\n{published(card)}\n")
    held = (" and " if card.together else " and then ").join(f"`{word}`" for word in card.identifiers)
    parts.append(f"## Commands\n\nHold together by {held}.\n\n```sh\n" + "\n".join(commands) + "\n```\n")
    return "\n".join(parts)


def settings() -> str:
    """The fields of a recipe."""
    from osteon.learning import recipe

    names = [name for name, value in vars(recipe).items() if dataclasses.is_dataclass(value)]
    return "# What a recipe holds\n\n" + "\n\n".join(
        f"```{{eval-rst}}\n.. autoclass:: osteon.learning.recipe.{name}\n```" for name in names
    )


def server() -> str:
    """Who may ask which route of the reading room."""
    from osteon.clinic.role import ABOUT, Role
    from osteon.clinic.server.access.access import Needs
    from osteon.clinic.server.api import PUBLIC, routes

    asked: list[tuple[str, str, str]] = []
    for route in routes():
        roles = [str(one.call.role) for one in route.dependant.dependencies if isinstance(one.call, Needs)]
        for method in sorted(route.methods):
            who = "everyone" if (method, route.path) in PUBLIC else roles[0]
            if route.path.endswith("/metrics"):  # which asks for itself
                who = "administrator, this machine"
            asked.append((f"`{method} {route.path}`", who, (route.description or "").split("\n")[0]))
    return (
        "# Roles and routes of the reading room\n\n## Roles\n\nEach may also do what those before it may.\n\n"
        f"{table(('role', 'may'), [(role, ABOUT[role]) for role in Role])}\n\n"
        f"## Routes\n\n{table(('route', 'for', 'what it does'), asked)}\n"
    )


OBJECTS = {
    "sr": ("1.2.840.10008.5.1.4.1.1.88.34", "1.2.840.10008.5.1.4.1.1.88.33"),
    "text-sr": ("1.2.840.10008.5.1.4.1.1.88.11",),
    "gsps": ("1.2.840.10008.5.1.4.1.1.11.1",),
    "sc": ("1.2.840.10008.5.1.4.1.1.7",),
    "kos": ("1.2.840.10008.5.1.4.1.1.88.59",),
    "pdf-dicom": ("1.2.840.10008.5.1.4.1.1.104.1",),
    "reader-sr": ("1.2.840.10008.5.1.4.1.1.88.34", "1.2.840.10008.5.1.4.1.1.88.33"),
}
"""SOP classes of the objects of each kind; a test compares those that are made."""


def conformance() -> str:
    """SOP classes and transfer syntaxes of the DICOM node, from the lists that it offers and accepts."""
    from pydicom.uid import UID

    from osteon.clinic.dicom import network
    from osteon.outputs.dicom import KINDS
    from osteon.outputs.dicom.kinds import READER

    def named(uid: str) -> tuple[str, str]:
        return UID(uid).name, f"`{uid}`"

    services = (
        (network.VERIFICATION, "user, provider"),
        (network.COMMITMENT, "user, provider"),
        (network.STUDY_ROOT_FIND, "user, provider"),
        (network.STUDY_ROOT_MOVE, "user, provider"),
        (network.STUDY_ROOT_GET, "user, provider"),
    )
    made = [(*named(uid), f"`{kind.name}`") for kind in (*KINDS, READER) for uid in OBJECTS[kind.name]]
    parts = (
        ("Services", table(("SOP class", "UID", "role"), [(*named(uid), role) for uid, role in services])),
        ("Storage, provider", table(("SOP class", "UID"), map(named, network.STORED))),
        ("Transfer syntaxes of storage, provider", table(("transfer syntax", "UID"), map(named, network.SYNTAXES))),
        ("Storage, user", table(("SOP class", "UID", "output"), made)),
    )
    return "\n\n".join(f"## {title}\n\n{content}" for title, content in parts) + "\n"


PAGES = (commands, recipes, papers, bundles, outputs, datasets, settings, server, conformance)


def generate(folder: Path) -> None:
    """Write the pages."""
    import evidence
    import evidence_year

    folder.mkdir(exist_ok=True)
    evidence.generate(folder / "evidence")
    evidence_year.generate(folder / "evidence")
    for page in PAGES:
        (folder / f"{page.__name__}.md").write_text(page(), encoding="utf-8")
    from osteon.data.datasets import DATASETS

    (folder / "datasets").mkdir(exist_ok=True)
    for one in DATASETS:
        (folder / "datasets" / f"{one.card.name}.md").write_text(dataset(one.card), encoding="utf-8")
