"""``osteon reproduce fracatlas``: the shipped bundle from its data, command by command."""

from __future__ import annotations

import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

NAME: Final = "fracatlas"
CLASSIFIER: Final = "fracatlas/lite2"
DETECTOR: Final = "fracatlas/detector"
STARTS: Final = "fracatlas"
"""Recipe of the classifier that the detector starts from: that of the versions before 2.0.0, with the same backbone."""
SEED: Final = 0
BEFORE: Final = ("0.1.0", "0.2.0")
"""Versions of the classifier alone, and of both networks without a gate: a gate is added under a version of its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the reproduction.

    Attributes:
        arguments: of ``osteon``.
        made: the file that it leaves: where that is there already, the command is not run again.
    """

    arguments: tuple[str, ...]
    made: Path

    @property
    def command(self) -> str:
        """As one would type it."""
        return shlex.join(("osteon", *self.arguments))


def steps(data: Path, out: Path, version: str, *, small: bool, ledger: Path | None) -> list[Step]:
    """The commands, the first first.

    Args:
        data: folder of FracAtlas.
        out: folder of the runs and bundles.
        version: of the bundle.
        small: train on small images for few epochs, and fit no gate: to see that everything fits.
        ledger: of evaluations; None for the user's own.
    """
    runs = {name: out / "runs" / name for name in ("classifier", "start", "detector")}
    classifier, both, gated = (out / name / f"{NAME}.osteon" for name in ("classifier", "both", "gated"))
    brief = ("--budget", "small") if small else ()
    common = ("--data", str(data), "--split-file", str(out / "split.json"), "--seed", str(SEED), *brief)
    chance = ("--allow-uncalibrated",) if small else ()
    looked = () if ledger is None else ("--ledger", str(ledger))
    found = [
        Step(("train", CLASSIFIER, *common, "--out", str(runs["classifier"])), runs["classifier"] / "weights.safetensors"),
        Step(("train", STARTS, *common, "--out", str(runs["start"])), runs["start"] / "weights.safetensors"),
        Step(
            ("train", DETECTOR, *common, "--start", str(runs["start"]), "--out", str(runs["detector"])),
            runs["detector"] / "weights.safetensors",
        ),
        Step(
            ("export", str(runs["classifier"]), str(classifier), "--int8", "--version", BEFORE[0], *chance, *looked),
            classifier,
        ),
        Step(
            (
                "export", str(runs["detector"]), str(both), "--beside", str(classifier), "--int8",
                "--version", BEFORE[1], *chance, *looked,
            ),
            both,
        ),
    ]  # fmt: skip
    if not small:
        fitted = (
            "--recipe",
            CLASSIFIER,
            "--data",
            str(data),
            "--version",
            version,
            "--figures",
            str(out / "gate.json"),
        )
        found.append(Step(("bundle", "gate", str(both), str(gated), *fitted), gated))
    last = both if small else gated
    measured = ("--data", NAME, "--root", str(data), "--read-validation", "--out", str(out / "evaluation"))
    card = ("--card", str(out / f"{NAME}.osteon"))
    found.append(Step(("evaluate", str(last), *measured, *card, *looked), out / f"{NAME}.osteon"))
    return found


def reproduce_shipped(data: Path | None, out: Path, budget: str, ledger: Path | None) -> None:
    """Train, export, gate and measure the shipped bundle's networks; what is there is not made again.

    Args:
        data: folder of FracAtlas.
        out: folder of the runs and bundles.
        budget: ``small`` or ``full``.
        ledger: of evaluations; None for the user's own.

    Raises:
        OsteonError: there are no data, or no such budget.
        typer.Exit: a command failed; it has said why.
    """
    from osteon.bundle.archive import open_bundle
    from osteon.cli.learning import made_folder
    from osteon.cli.ledger import usable
    from osteon.core.errors import OsteonError

    if data is None:
        raise OsteonError(
            "the shipped bundle is made of real radiographs",
            expected="--data FOLDER of FracAtlas",
            hint="osteon data fetch fracatlas tells how to get it.",
        )
    if budget not in ("small", "full"):
        raise OsteonError("the shipped bundle has no table", expected="--budget small or --budget full", got=budget)
    shipped = open_bundle(NAME)
    made_folder(out)
    split = out / "split.json"
    if not split.is_file():
        split.write_bytes(shipped.parts[split.name])
    work = steps(data, out, shipped.manifest.version, small=budget == "small", ledger=usable(ledger))
    for number, step in enumerate(work, 1):
        if step.made.is_file():
            typer.echo(f"[{number}/{len(work)}] done before: {step.command}", err=True)
            continue
        typer.echo(f"[{number}/{len(work)}] {step.command}", err=True)
        step.made.parent.mkdir(parents=True, exist_ok=True)
        again = ("--resume",) if step.arguments[0] == "train" and (step.made.parent / "run.json").is_file() else ()
        done = subprocess.run([sys.executable, "-m", "osteon.cli", *step.arguments, *again], check=False)  # noqa: S603 - this program
        if done.returncode:
            typer.echo("The same command continues with this step.", err=True)
            raise typer.Exit(done.returncode)
    made = open_bundle(str(work[-1].made))
    typer.echo(f"{work[-1].made}: {made.manifest.identity}, SHA-256 of bundle.json {made.digest}")
    typer.echo(
        f"Compare it with the shipped one: osteon evaluate {NAME} --data {NAME} --root {data} --out shipped, then"
    )
    typer.echo(f"osteon compare new={out / 'evaluation'} shipped=shipped --reference shipped --out comparison")
