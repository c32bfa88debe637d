"""``osteon bench``: the cost of a recipe: parameters, multiply-adds, time per case and per epoch, memory."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from osteon.cli.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from osteon.learning.efficiency.measure import Timing
    from osteon.learning.efficiency.row import Row

EXAMPLES: Final = """
[bold]Examples[/bold]

  osteon bench pediurf

  osteon bench fracatlas mobilenet_elbow pediurf/resnet34 --threads 1 --markdown

  osteon bench pediurf --device cuda --json
"""

COLUMNS: Final = (
    "recipe", "input", "M parameters", "G multiply-adds", "ONNX, ms", "PyTorch, ms", "ONNX, MB", "step, ms", "epoch, s",
    "training, MB",
)  # fmt: skip


class Device(StrEnum):
    """Where PyTorch runs."""

    CPU = "cpu"
    CUDA = "cuda"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench", epilog=EXAMPLES)(bench)


def bench(
    recipes: Annotated[list[str], typer.Argument(metavar="RECIPE...", help="[bold]osteon recipes[/bold] lists them.")],
    cases: Annotated[int, typer.Option(min=1, help="Number of cases read, one at a time.")] = 50,
    steps: Annotated[int, typer.Option(min=1, help="Number of training steps timed.")] = 5,
    threads: Annotated[int | None, typer.Option(min=1, help="Number of threads. Default: as for reading.")] = None,
    device: Annotated[Device, typer.Option(help="Device of PyTorch; ONNX Runtime always uses the CPU.")] = Device.CPU,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the dataset, to count the cases of an epoch. Default: by its card.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a recipe field; may be repeated."),
    ] = None,
    as_json: AsJson = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a table in Markdown.")] = False,
) -> None:
    """Measure what recipes cost on this machine, with random weights and images of noise.

    The time of a case is that of the network alone: with the graph of a bundle in ONNX Runtime, to logits and map, and in
    PyTorch, to the logits; of a detector in both to its boxes. An epoch is its steps at the median time of a few, without
    validation.
    """
    from osteon.cli.learning import restart_with_allocator, with_learning

    restart_with_allocator()
    with with_learning():
        from osteon.inference.networks.session import default_threads
        from osteon.learning.efficiency.row import Setting, check_device, efficiency, machine
        from osteon.learning.recipes import find_network
        from osteon.learning.runs.overrides import apply

        chosen = [apply(find_network(name), settings or []) for name in recipes]
        setting = Setting(threads or default_threads(), device, cases, steps, data)
        check_device(device)
        rows: list[Row] = []
        for recipe in chosen:
            typer.echo(f"Measuring {recipe.name}", err=True)
            rows.append(efficiency(recipe, setting))
        notes = [machine(setting) + ".", *_notes(rows, setting.cases)]
        if as_json:
            _print_json(rows, notes)
        elif markdown:
            cells = [COLUMNS, ("---", "---", *("---:" for _ in COLUMNS[2:])), *(_cells(row) for row in rows)]
            typer.echo("\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n\n" + "\n".join(notes))
        else:
            _print_table(rows, notes)


def _print_json(rows: Sequence[Row], notes: Sequence[str]) -> None:
    import json
    from dataclasses import asdict

    typer.echo(json.dumps({"notes": notes, "rows": [asdict(row) for row in rows]}, ensure_ascii=False))


def _print_table(rows: Sequence[Row], notes: Sequence[str]) -> None:
    import sys

    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, column in enumerate(COLUMNS):
        table.add_column(column, justify="left" if number < 2 else "right")
    for row in rows:
        table.add_row(*_cells(row))
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    for note in notes:
        console.print(note, highlight=False, markup=False)


def _cells(row: Row) -> tuple[str, ...]:
    epoch = row.epoch
    learning = (
        (_timing(epoch.step), "?" if epoch.seconds is None else f"{epoch.seconds:,.0f}", _megabytes(epoch.memory))
        if epoch
        else ("-", "-", "-")
    )
    return (
        row.recipe,
        " x ".join(map(str, row.input)),
        f"{row.parameters / 1e6:.2f}",
        f"{row.multiply_adds / 1e9:.2f}",
        _timing(row.onnx),
        _timing(row.eager),
        _megabytes(row.onnx_memory),
        *learning,
    )


def _timing(timing: Timing) -> str:
    digits = 1 if timing.median < 100 else 0
    return f"{timing.median:,.{digits}f} ({timing.low:,.{digits}f}-{timing.high:,.{digits}f})"


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f}"


def _notes(rows: Sequence[Row], cases: int) -> list[str]:
    """Notes on the figures."""
    notes = [
        "Multiply-adds are for one case, up to its logits or boxes; papers often call them FLOPs.",
        (
            f"Times are medians with quartiles, of {cases} cases one at a time, with random weights. ONNX: the graph of a "
            "bundle, to logits and map. PyTorch: to the logits. A detector's, in both, to its boxes. Decoding is not included."
        ),
        "MB: peak of the process, libraries included; of training on a GPU, memory allocated by PyTorch.",
    ]
    for row in rows:
        if row.epoch is None:
            notes.append(f"{row.recipe} is an ensemble of trained members.")
            continue
        epoch = row.epoch
        size = (
            f"{epoch.cases:,} cases (by {epoch.source})"
            if epoch.cases
            else f"an unknown number of cases ({epoch.source})"
        )
        notes.append(
            f"{row.recipe}: an epoch of the phase {epoch.phase} shows {size} in batches of {epoch.batch}; its time is that of "
            f"its steps at the median of {epoch.step.repeats}, without validation."
        )
    return notes
