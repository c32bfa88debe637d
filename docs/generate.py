"""Pages that are made from the code: so they cannot say another thing than it does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path


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
    from osteon.learning.recipes import RECIPES
    from osteon.learning.settings import leaves

    parts = ["# Recipes\n\nEach leaf can be changed with `osteon train RECIPE --set KEY=VALUE`.\n"]
    for recipe in RECIPES:
        told = ("claims", "unstated", "deviations", "name", "summary", "source")
        rows = [(f"`{key}`", f"`{value}`") for key, value in leaves(recipe).items() if key.split(".")[0] not in told]
        parts.append(f"## {recipe.name}\n\n{recipe.summary}\n\n{recipe.source}\n\n{table(('key', 'value'), rows)}\n")
        if recipe.claims:
            claims = [(claim.metric, claim.value, claim.where) for claim in recipe.claims]
            parts.append(
                f"### What the paper claims ({recipe.name})\n\n{table(('figure', 'value', 'where'), claims)}\n"
            )
        for word, lines in (("Unstated in the paper", recipe.unstated), ("Where we depart", recipe.deviations)):
            if lines:
                parts.append(f"### {word} ({recipe.name})\n\n" + "\n".join(f"- {line}" for line in lines) + "\n")
    return "\n".join(parts)


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
        (f"`{one.name}`", f"`{one.suffix}`", one.media_type, "one file" if one.shared else "a file each")
        for one in FORMATS
    ]
    listed = table(("name", "suffix", "media type", "files"), rows)
    return f"# Output formats\n\n`osteon read PATH --out DIR --format NAME`\n\n{listed}\n"


def datasets() -> str:
    """The cards of the datasets."""
    from osteon.data.datasets import DATASETS

    parts = ["# Datasets\n\nOsteon reads these as they come from their publishers.\n"]
    for dataset in DATASETS:
        card = dataset.card
        parts.append(f"## {card.name}\n\n**{card.title}.** {card.about}\n\n{card.obtain}\n")
        facts = [("licence", card.licence), ("citation", card.citation), ("page", card.url)]
        facts += [(f"expected {name}", f"{count:,}") for name, count in card.expected.items()]
        parts.append(table(("", ""), facts) + f"\n\n```text\n{card.layout.strip()}\n```\n")
        if card.caveats:
            parts.append("\n".join(f"- {line}" for line in card.caveats) + "\n")
    return "\n".join(parts)


def settings() -> str:
    """The fields of a recipe."""
    from osteon.learning import recipe

    names = [name for name, value in vars(recipe).items() if dataclasses.is_dataclass(value)]
    return "# What a recipe holds\n\n" + "\n\n".join(
        f"```{{eval-rst}}\n.. autoclass:: osteon.learning.recipe.{name}\n```" for name in names
    )


PAGES = (commands, recipes, bundles, outputs, datasets, settings)


def generate(folder: Path) -> None:
    """Write the pages."""
    folder.mkdir(exist_ok=True)
    for page in PAGES:
        (folder / f"{page.__name__}.md").write_text(page(), encoding="utf-8")
