"""A round from its plan to its candidate; what is done already is not done again."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from osteon.bundle.archive import Bundle, open_bundle
from osteon.bundle.promotion.page import comparison_page
from osteon.bundle.promotion.plan import LOCAL, OLD, Plan, parse_plan
from osteon.bundle.promotion.record import Comparison, parse_comparison
from osteon.core.errors import DataError
from osteon.data.datasets import read
from osteon.data.files.atomic import replacing, write_text
from osteon.data.splits.record import load_split
from osteon.evaluation.report.looks import Look
from osteon.learning.improve.comparing import Facts, compare_bundles
from osteon.learning.improve.dataset import read_new, write_dataset
from osteon.learning.improve.gating import gate_candidate
from osteon.learning.improve.known import of_bundle
from osteon.learning.improve.networks import (
    began,
    export_candidate,
    prepare_start,
    recipes_of,
    reopened,
    train_network,
)
from osteon.learning.improve.request import STEPS, Request, Room
from osteon.learning.improve.sets import New, divide
from osteon.learning.improve.sources import keep_lock, lock_of, old_data
from osteon.learning.improve.steps import Steps
from osteon.learning.recipe import Recipe
from osteon.learning.train import TrainerOptions

LIVE: Final = "live.osteon"
COMPARISON: Final = "comparison.json"
PAGE: Final = "comparison.html"


class Round(NamedTuple):
    """A round that goes on.

    Attributes:
        folder: of the round.
        request: what was asked for.
        plan: what is fixed, apart from the live bundle and the time, which the first step adds.
        room: of the store; None without one.
        options: of the training.
        look: how looks at test parts are entered in the ledger.
    """

    folder: Path
    request: Request
    plan: Plan | None
    room: Room | None
    options: TrainerOptions
    look: Look


def conduct(this: Round, until: str = STEPS[-1]) -> Comparison | None:
    """Do the steps of a round that are not done yet.

    Args:
        this: the round.
        until: last step to do.

    Returns:
        The comparison, once it is made.

    Raises:
        DataError: of any step; the round can go on once its cause is gone.
    """
    steps = Steps(this.folder)
    if this.plan is not None and steps.done("plan") is not None and not this.plan.requires_as(plan_of(this.folder)):
        raise DataError(
            "the plan of a round is fixed before it begins", hint="Go on with its own options, or begin another round."
        )
    work = {
        "plan": _plan,
        "snapshot": _snapshot,
        "sets": _sets,
        "weights": _weights,
        "train": _train,
        "export": _export,
        "gate": _gate,
        "compare": _compare,
        "register": _register,
    }
    for name in STEPS[: STEPS.index(until) + 1]:
        steps.do(name, lambda name=name: work[name](this, steps))
    path = this.folder / COMPARISON
    return parse_comparison(path.read_bytes(), path.name) if steps.done("compare") else None


def plan_of(folder: Path) -> Plan:
    """The plan of a round."""
    return parse_plan((folder / "plan.json").read_bytes(), "plan.json")


def _plan(this: Round, _steps: Steps) -> dict[str, Any]:
    if this.plan is None:
        raise DataError("the round has no plan yet", hint="Begin it again with its options.")
    live = open_bundle(this.request.live)
    with replacing(this.folder / LIVE) as new:
        shutil.copyfile(this.request.live, new)
    plan = this.plan.model_copy(update={"live": live.manifest.identity, "live_digest": live.digest})
    with replacing(this.folder / "plan.json") as new:
        new.write_bytes(plan.content())
    return {"plan": plan.digest, "version": this.request.version or _next(live, this.room)}


def _next(live: Bundle, room: Room | None) -> str:
    """The live version with a higher minor number that nobody has."""
    taken = room.versions(live.manifest.name) if room is not None else frozenset[str]()
    numbers = live.manifest.version.split(".")
    if len(numbers) < 2 or not all(number.isdigit() for number in numbers[:2]):
        raise DataError(
            "the live version has no minor number", got=live.manifest.version, hint="Name one with --version."
        )
    minor = int(numbers[1]) + 1
    while f"{numbers[0]}.{minor}.0" in taken:
        minor += 1
    return f"{numbers[0]}.{minor}.0"


def _snapshot(this: Round, steps: Steps) -> dict[str, Any]:
    if this.request.is_folder:
        return {"folders": [this.request.source], "lockable": 1}
    if this.room is None:
        raise DataError(
            "there is no reading room to take a snapshot from",
            expected="a folder of a snapshot, or --store",
            got=this.request.source or "nothing",
        )
    names = this.room.snapshots(this.request, steps.fresh("snapshot"))
    folder = steps.settle("snapshot")
    return {"folders": [str(folder / name) for name in names], "lockable": int(bool(this.request.source))}


def _sets(this: Round, steps: Steps) -> dict[str, Any]:
    new, live = _new(this, steps), open_bundle(this.folder / LIVE)
    old = old_data(this.request, live)
    trained = of_bundle(live)
    lock = lock_of(this.folder, this.request, this.room)
    sets = divide(new, old, trained, lock, this.request.seed, this.request.local_test)
    keep_lock(this.folder, this.request, this.room, sets.lock)
    made = write_dataset(steps.fresh("dataset"), new, old, sets, this.request.share)
    steps.settle("dataset")
    cautions = [] if trained.complete or old is not None else ["live_training_unknown"]
    cautions += ["opinions"] if this.request.since else []
    cautions += [] if old is not None else ["no_old_data"]
    return {
        "names": {LOCAL: made.local, OLD: made.old},
        "trained": made.counts,
        "share": made.share,
        "barred": dict(sets.barred),
        "digests": new.digests,
        "learnt": [*sets.new["train"], *sets.new["val"]],
        "cautions": cautions,
    }


def _new(this: Round, steps: Steps) -> New:
    left = _left(steps, "snapshot")
    folders = [Path(name) for name in left["folders"]]
    lockable = {folder: number < left["lockable"] for number, folder in enumerate(folders)}
    return read_new(lockable, this.request.rename)


def _recipes(this: Round) -> list[tuple[Recipe, list[str]]]:
    split = load_split(this.folder / "dataset" / "split.json")
    return recipes_of(this.request, open_bundle(this.folder / LIVE), split.group)


def _weights(this: Round, _steps: Steps) -> dict[str, Any]:
    live, table = open_bundle(this.folder / LIVE), read("listed", this.folder / "dataset")
    return {
        "start": [prepare_start(this.folder, this.request, live, recipe, table) for recipe, _ in _recipes(this)]
    }  # fmt: skip


def _train(this: Round, _steps: Steps) -> dict[str, Any]:
    kept = {}
    for recipe, settings in _recipes(this):
        run = train_network(this.folder, this.request, recipe, settings, this.options)
        kept[recipe.name] = run.kept()
    return {"kept": kept}


def _export(this: Round, steps: Steps) -> dict[str, Any]:
    sets = _left(steps, "sets")
    sources = {image: sets["digests"][image] for image in sets["learnt"]}
    recipes = [recipe for recipe, _ in _recipes(this)]
    version = _left(steps, "plan")["version"]
    live = open_bundle(this.folder / LIVE)
    made = export_candidate(
        this.folder, live, plan_of(this.folder), version, recipes, sources, this.options, this.look
    )  # fmt: skip
    return {"name": made.manifest.name, "identity": made.manifest.identity, "digest": made.digest}


def _gate(this: Round, steps: Steps) -> dict[str, Any]:
    candidate = candidate_file(this.folder, _left(steps, "export")["name"])
    classifiers = [recipe for recipe, _ in _recipes(this) if recipe.detection is None]
    if not classifiers:  # a gate looks through a classifier
        return {"gated": False}
    live = open_bundle(this.folder / LIVE)
    gated = gate_candidate(candidate, live, classifiers[0], this.folder / "dataset", this.request.seed, this.options)
    return {"gated": gated}


def _compare(this: Round, steps: Steps) -> dict[str, Any]:
    sets, exported = _left(steps, "sets"), _left(steps, "export")
    recipes = [recipe for recipe, _ in _recipes(this)]
    candidate, live = candidate_file(this.folder, exported["name"]), this.folder / LIVE
    facts = Facts(
        sets["names"],
        sets["trained"],
        sets["share"],
        sets["barred"],
        tuple(str(one["from"]) for one in _left(steps, "weights")["start"]),
        _began(this.folder, recipes),
        tuple(sets["cautions"]),
    )
    found = compare_bundles(
        this.folder,
        (reopened(this.folder, exported["name"]), candidate),
        (open_bundle(live), live),
        plan_of(this.folder),
        recipes[0],
        facts,
        this.options.track,
    )
    write_text(this.folder / PAGE, comparison_page(found, reopened(this.folder, exported["name"])))
    write_text(this.folder / COMPARISON, found.model_dump_json(indent=1) + "\n")
    return {"candidate": found.candidate}


def _began(folder: Path, recipes: list[Recipe]) -> datetime:
    return began(folder, recipes)


def _register(this: Round, steps: Steps) -> dict[str, Any]:
    if this.room is None:
        return {"registered": False}
    name = _left(steps, "export")["name"]
    this.room.register(this.request, candidate_file(this.folder, name), this.folder / COMPARISON)
    return {"registered": True}


def candidate_file(folder: Path, name: str) -> Path:
    """The candidate's file."""
    return folder / f"{name}.osteon"


def _left(steps: Steps, name: str) -> Mapping[str, Any]:
    found = steps.done(name)
    if found is None:
        raise DataError(f"the step {name} is not done")
    return found
