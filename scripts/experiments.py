#!/usr/bin/env python3
"""Run the planned experiments on the network, several at a time, within a time limit, and compare each with its base.

    scripts/experiments.py --data FracAtlas --out experiments --minutes 25 --jobs 8
    scripts/experiments.py --data FracAtlas --out experiments --minutes 25 --only base,limb --scale 0.2
    scripts/experiments.py --list

Each experiment is a cross-validation (`osteon train --folds`) on the same folds, which the first one makes. What is not done when
the time is up goes on where it was at the next call: every epoch leaves a checkpoint. At the end OUT/summary.json has the
out-of-fold figures of what is done and the paired differences to its base (`osteon compare`).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

FOLDS = 5
CLASSIFIER, DETECTOR = "fracatlas", "fracatlas/detector"
SQUEEZED = [f"{where}augmentation.{key}" for where in ("", "phases.2.") for key in ("aspect=0.22", "turn_share=0.3")]


class Experiment(NamedTuple):
    """A recipe with settings, and what it is compared with."""

    name: str
    recipe: str
    settings: tuple[str, ...]
    base: str | None
    question: str


EXPERIMENTS = (
    Experiment("base", CLASSIFIER, (), None, "the recipe of the shipped classifier"),
    Experiment("limb", CLASSIFIER, ("preprocessing.crop=limb",), "base", "does the limb alone help?"),
    Experiment("lite0", CLASSIFIER, ("architecture.backbone=tf_efficientnet_lite0",), "base", "a better pre-training?"),
    Experiment("lite2", CLASSIFIER, ("architecture.backbone=tf_efficientnet_lite2",), "base", "a larger one?"),
    Experiment("squeezed", CLASSIFIER, tuple(SQUEEZED), "base", "squeezes and turns in training?"),
    Experiment("alike", CLASSIFIER, ("loss.consistency=1.0",), "base", "copies called alike?"),
    Experiment("pasted", CLASSIFIER, ("sampling.paste_share=0.15",), "base", "pasted fractures?"),
    Experiment(
        "large",
        CLASSIFIER,
        ("preprocessing.height=576", "preprocessing.width=576", "cache_side=640", "phases.0.side=448"),
        "base",
        "a larger input?",
    ),
    Experiment("boxes", DETECTOR, ("selection.metric=val_froc",), None, "the detector, selected by FROC"),
    Experiment(
        "boxes-fine",
        DETECTOR,
        ("selection.metric=val_froc", "architecture.strides=[4,8,16,32]"),
        "boxes",
        "a level of stride 4?",
    ),
    Experiment(
        "boxes-limb", DETECTOR, ("selection.metric=val_froc", "preprocessing.crop=limb"), "boxes", "the limb alone?"
    ),
    Experiment(
        "boxes-lite0",
        DETECTOR,
        ("selection.metric=val_froc", "architecture.backbone=tf_efficientnet_lite0"),
        "boxes",
        "a better pre-training?",
    ),
    Experiment(
        "boxes-pasted",
        DETECTOR,
        ("selection.metric=val_froc", "sampling.paste_share=0.15"),
        "boxes",
        "pasted fractures?",
    ),
)


def shortened(recipe: str, scale: float) -> list[str]:
    """Settings that make every phase shorter; the last phase of the detector, for integers, is left to the final training."""
    from osteon.learning.recipes import find

    phases = find(recipe).phases
    return [f"phases.{number}.epochs={max(1, round(phase.epochs * scale))}" for number, phase in enumerate(phases)]


def command(experiment: Experiment, given: argparse.Namespace) -> list[str]:
    """The command line of an experiment."""
    out: Path = given.out
    base = out / (experiment.base or "base")
    folds = ["--folds", str(given.folds)]
    if experiment.name != "base":
        folds = ["--folds-of", str(out / "base" if (out / "base" / "folds").is_dir() else base)]
    if given.plan is not None:
        folds = ["--folds-of", str(given.plan)]
    # The settings of the command line come last, so that they may make everything small.
    settings = [
        *experiment.settings,
        *(shortened(experiment.recipe, given.scale) if given.scale != 1 else []),
        *given.set,
    ]
    words = [word for setting in settings for word in ("--set", setting)]
    return [
        *(sys.executable, "-m", "osteon.cli", "train", experiment.recipe, "--data", str(given.data)),
        *("--out", str(out / experiment.name), "--cache", str(given.cache or out / "cache"), *folds, *words),
        *("--threads", str(given.threads), "--quiet", "--resume"),
    ]


def run(chosen: list[Experiment], given: argparse.Namespace) -> dict[str, str]:
    """Start experiments as room becomes free, until all are done or the time is up; how each ended, by name."""
    given.out.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + 60 * given.minutes
    waiting, running, ended = list(chosen), {}, {}
    while (waiting or running) and time.monotonic() < end:
        # The folds are made by the first, and the images are decoded by it: the others follow once these lie there.
        ready = given.plan is not None or (given.out / "base" / "folds" / "groups.json").is_file() or not running
        if waiting and len(running) < given.jobs and ready:
            experiment = waiting.pop(0)
            log = (given.out / f"{experiment.name}.log").open("a")
            running[experiment.name] = (subprocess.Popen(command(experiment, given), stdout=log, stderr=log), log)
            print(f"{experiment.name}: started", file=sys.stderr)
        for name, (process, log) in list(running.items()):
            if process.poll() is not None:
                log.close()
                ended[name] = "done" if process.returncode == 0 else f"failed ({process.returncode}); see {name}.log"
                print(f"{name}: {ended[name]}", file=sys.stderr)
                del running[name]
        time.sleep(0.5)
    for name, (process, log) in running.items():
        process.terminate()
        process.wait(timeout=60)
        log.close()
        ended[name] = "not done yet"
    return ended | {experiment.name: "not begun" for experiment in waiting}


def figures(folder: Path) -> dict[str, str]:
    """The figures that are looked at, in words."""
    if not (folder / "figures.json").is_file():
        return {}
    found = json.loads((folder / "figures.json").read_text("utf-8"))
    wanted = (
        *("classification.auroc", "classification.average_precision", "classification.specificity_98.sensitivity"),
        *("calibration.ece", "detection.froc", "detection.map50"),
    )
    return {
        name: f"{found[name]['value']:.4f} ({found[name]['low']:.4f} to {found[name]['high']:.4f})"
        for name in wanted
        if name in found and found[name]["low"] is not None
    }


def compared(experiment: Experiment, out: Path) -> list[dict]:
    """Paired differences to the base, where both are done."""
    if experiment.base is None or not all(
        (out / name / "figures.json").is_file() for name in (experiment.name, experiment.base)
    ):
        return []
    both = [f"{name}={out / name}" for name in (experiment.name, experiment.base)]
    done = subprocess.run(
        [sys.executable, "-m", "osteon.cli", "compare", *both, "--json", "--resamples", "2000"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return [{"error": done.stderr.strip()}]
    content = json.loads(done.stdout)
    return [
        {"figure": one["figure"], "values": one["values"], "difference": one["difference"], "test": one["test"]}
        for one in [*content["differences"], *content.get("boxes", [])]
    ]


def main() -> None:
    """Run them and write the summary."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of FracAtlas")
    parser.add_argument("--out", type=Path, default=Path("experiments"))
    parser.add_argument("--cache", type=Path, help="folder of decoded images; default: below --out")
    parser.add_argument("--minutes", type=float, default=25.0, help="time limit")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2), help="experiments at a time")
    parser.add_argument("--threads", type=int, default=1, help="PyTorch threads of each")
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--plan", type=Path, help="a cross-validation whose folds are taken, which saves making them")
    parser.add_argument("--only", default="", help="names with commas between")
    parser.add_argument("--scale", type=float, default=1.0, help="factor of all epochs")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="for all experiments")
    parser.add_argument("--list", action="store_true", help="print the experiments and end")
    given = parser.parse_args()
    names = [name for name in given.only.split(",") if name]
    known = [experiment.name for experiment in EXPERIMENTS]
    if strange := [name for name in names if name not in known]:
        sys.exit(f"there is no experiment {strange[0]}; expected: {', '.join(known)}")
    chosen = [experiment for experiment in EXPERIMENTS if not names or experiment.name in names]
    if given.list:
        for experiment in chosen:
            print(f"{experiment.name}: {experiment.question} {experiment.recipe} {' '.join(experiment.settings)}")
        return
    if given.data is None:
        sys.exit("name the folder of FracAtlas with --data")
    ended = run(chosen, given)
    summary = {
        experiment.name: {
            "question": experiment.question,
            "settings": list(experiment.settings),
            "ended": ended[experiment.name],
            "figures": figures(given.out / experiment.name),
            "differences": compared(experiment, given.out),
        }
        for experiment in chosen
    }
    (given.out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    print(given.out / "summary.json", file=sys.stderr)
    sys.exit(any(state.startswith("failed") for state in ended.values()))


if __name__ == "__main__":
    main()
