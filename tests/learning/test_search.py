"""Spaces fit their recipes, every point of a grid is tried once by however many workers, and a lost trial comes back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
optuna = pytest.importorskip("optuna", reason="needs osteon[search]")

from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.study import Study
from optuna.trial import TrialState, create_trial

from osteon.core.errors import RecipeError, StoreError
from osteon.learning.recipe import Choices, Range, Recipe
from osteon.learning.recipes import PAPERS, RECIPES, find
from osteon.learning.reproduce.planning.source import Source
from osteon.learning.runs.overrides import apply
from osteon.learning.search.plan import Search, claim, space_of
from osteon.learning.search.result import found, ranked
from osteon.learning.search.space import fitted, grid, own_point, parse, settings, suggest, without
from osteon.learning.search.standing import (
    AGAIN,
    PROBLEM,
    TRIES,
    WORKER,
    bring_back,
    hand_back,
    original,
    rank,
    recover_dead,
    standing,
    this_machine,
)
from osteon.learning.search.store import local, open_study, shown

pytestmark = pytest.mark.learn

ELBOW = find("mobilenet_elbow")


def plan(out: Path, *ranges: str, sampler: str = "grid", trials: int = 100, prune: bool = False) -> Search:
    dimensions, words = space_of(ELBOW, ranges, [])
    return Search(
        recipe=ELBOW,
        settings=(),
        dimensions=dimensions,
        space=words,
        source=Source(out, simulated=True, digest="", words="nothing"),
        sampler="grid" if sampler == "grid" else "tpe",
        prune=prune,
        seed=0,
        trials=trials,
        out=out,
        storage=local(out),
        cache=out,
        threads=1,
        beat=1,
        command="osteon search",
    )


def do(study: Study, search: Search, trials: int) -> list[tuple[object, ...]]:
    """Trials of a search whose figure is a formula."""
    points: list[tuple[object, ...]] = []

    def one(trial: optuna.Trial) -> float:
        point = suggest(trial, search.dimensions)
        points.append(tuple(point.values()))
        return -abs(float(next(iter(point.values()))) - 0.3)  # type: ignore[arg-type]

    study.optimize(one, n_trials=trials)
    return points


# Spaces


def test_the_paper_s_table_is_the_space_of_its_recipes() -> None:
    dimensions, words = space_of(ELBOW, [], [])
    assert "Table III" in words
    points = grid(dimensions)
    assert len(points) == 4 * 3 * 3 * 3 * 3 * 4
    assert own_point(ELBOW, dimensions) in points  # the paper's optimum is its recipe
    assert "head_lr" in dimensions[0].name
    assert settings(dimensions, points[0])[:3] == (
        "optimizer.lr=0.1",
        "optimizer.head_lr=0.1",
        "sampling.batch_size=32",
    )


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_every_recipe_has_a_space_whose_every_corner_fits(recipe: Recipe) -> None:
    dimensions, _ = space_of(recipe, [], [])
    points = grid(dimensions)
    for point in (points[0], points[-1], points[len(points) // 2]):
        apply(recipe, settings(dimensions, point))


def test_spaces_of_papers_are_of_leaves_that_all_their_recipes_have() -> None:
    for paper in PAPERS:
        for recipe in paper.variants if paper.space else ():
            assert fitted(recipe, paper.space.axes, [])


def test_reads_ranges() -> None:
    assert parse("optimizer.lr=log:1e-5:1e-2") == Range(("optimizer.lr",), 1e-5, 1e-2, log=True, points=5)
    assert parse("a+b=linear:0:0.5:3") == Range(("a", "b"), 0.0, 0.5, log=False, points=3)
    assert parse("architecture.width=0.35,0.5,1.0") == Choices(("architecture.width",), (0.35, 0.5, 1.0))
    assert parse("optimizer.name=adam, adamw") == Choices(("optimizer.name",), ("adam", "adamw"))
    assert parse("averaging=null,0.99") == Choices(("averaging",), (None, 0.99))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("optimizer.lr", "cannot read the range"),
        ("optimizer.lr=", "cannot read the range"),
        ("=1,2", "cannot read the range"),
        ("optimizer.lr=log:1e-2", "cannot read the range"),
        ("optimizer.lr=log:a:b", "cannot read the range"),
        ("optimizer.lr=log:1e-2:1e-5", "is empty.*the lower first"),
        ("optimizer.lr=log:0:1", "no logarithm"),
        ("optimizer.lr=linear:0:nan", "is empty"),
        ("optimizer.lr=linear:0:1:1", "too few points"),
        ("optimizer.lr=cubic:0:1", "unknown scale 'cubic'"),
        ("optimizer.lr=1e-3,0.001", "names a value twice"),
        ("optimizer.speed=1,2", "no setting 'optimizer.speed'"),
        ("optimizer.speed=linear:1:2", "no setting 'optimizer.speed'"),
        ("optimizer.name=linear:1:2", "wrong type"),
        ("optimizer=linear:1:2", "optimizer"),
        ("sampling.batch_size=16.5,32", "wrong type"),
        ("sampling.batch_size=linear:16.5:32", "wrong type"),
        ("images.together=true,false", "images"),
    ],
)
def test_ill_ranges_are_errors_that_say_why(text: str, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        space_of(ELBOW, [text], [])


def test_ranges_become_distributions_and_points() -> None:
    rate, batch = fitted(ELBOW, [parse("optimizer.lr=log:1e-5:1e-2:4"), parse("sampling.batch_size=log:16:64:3")], [])
    assert rate.distribution == FloatDistribution(1e-5, 1e-2, log=True)
    assert rate.grid == pytest.approx((1e-5, 1e-4, 1e-3, 1e-2))
    assert batch.distribution == IntDistribution(16, 64, log=True)
    assert batch.grid == (16, 32, 64)
    (width,) = fitted(ELBOW, [parse("architecture.width=0.35,1.0")], [])
    assert width.distribution == CategoricalDistribution((0.35, 1.0))


def test_what_is_set_is_not_searched() -> None:
    dimensions, words = space_of(ELBOW, [], ["architecture.width", "optimizer.head_lr"])
    assert next(one.name for one in dimensions) == "optimizer.lr"
    assert "architecture.width" not in {one.name for one in dimensions}
    assert "without optimizer.head_lr, architecture.width" in words
    with pytest.raises(RecipeError, match="both set and searched"):
        space_of(ELBOW, ["optimizer.lr=1,2"], ["optimizer.lr"])
    with pytest.raises(RecipeError, match="searched twice"):
        space_of(ELBOW, ["optimizer.lr=1,2", "optimizer.head_lr+optimizer.lr=1,2"], [])
    assert without([parse("loss.l2=1,2")], ["loss.l2"]) == ()


# Trials


def test_a_grid_is_tried_once_the_recipe_s_own_point_first_and_a_search_that_stops_goes_on(tmp_path: Path) -> None:
    search = plan(tmp_path, "architecture.dropout_first=0.3,0.5,0.7", "loss.l2=0.1,0.01")
    points = [point for _ in range(3) for point in do(open_study(search), search, 2)]
    assert points[0] == (0.7, 0.01)
    assert Counter(points) == dict.fromkeys([(a, b) for a in (0.3, 0.5, 0.7) for b in (0.1, 0.01)], 1)


@pytest.mark.long
def test_tpe_is_repeated_exactly_also_after_a_stop(tmp_path: Path) -> None:
    ranges = ("architecture.dropout_first=linear:0:0.7", "loss.l2=log:1e-4:1e-1")
    (tmp_path / "whole").mkdir()
    (tmp_path / "parts").mkdir()
    whole = plan(tmp_path / "whole", *ranges, sampler="tpe")
    parts = plan(tmp_path / "parts", *ranges, sampler="tpe")
    points = do(open_study(whole), whole, 16)
    assert points[0] == (0.7, 0.01)
    assert [point for _ in range(4) for point in do(open_study(parts), parts, 4)] == points
    other = replace(whole, seed=1)
    assert do(open_study(other), other, 3)[1:] != points[1:3]


SCRIPT = """
import sys, time
from pathlib import Path
sys.path.insert(0, {folder!r})
from test_search import plan
from osteon.learning.search.space import suggest
from osteon.learning.search.standing import standing
from osteon.learning.search.store import open_study

search = plan(Path({out!r}), *{ranges!r})
study = open_study(search)
Path({out!r}, sys.argv[1]).touch()
while not all(Path({out!r}, name).exists() for name in "01"):
    time.sleep(0.01)
while standing(study.get_trials(deepcopy=False)).taken < {size}:
    study.optimize(lambda trial: len(suggest(trial, search.dimensions)), n_trials=1)
"""


@pytest.mark.slow
def test_two_processes_over_one_database_never_try_a_point_twice(tmp_path: Path) -> None:
    ranges = ("architecture.dropout_first=0.1,0.2,0.3,0.4,0.5,0.6", "loss.l2=0.1,0.01,0.001,0.0001")
    search = plan(tmp_path, *ranges)
    study = open_study(search)
    for number in range(3):  # three that were lost, so that both also reach for trials that wait
        study.add_trial(create_trial(state=TrialState.FAIL))
        hand_back(study, study.trials[number])
    script = SCRIPT.format(folder=str(Path(__file__).parent), out=str(tmp_path), ranges=ranges, size=24)
    both = [subprocess.Popen([sys.executable, "-c", script, name]) for name in "01"]
    assert [one.wait(500) for one in both] == [0, 0]
    ended = standing(study.get_trials()).ended
    points = Counter(tuple(one.params.values()) for one in ended)
    # At the very end both may begin a trial; a worker hands back what is too many, the loop above does not.
    once = [point for point, count in points.items() if count == 1]
    assert len(points) == 24
    assert len(once) == 24 or len(ended) == 25


def test_a_lost_trial_keeps_its_point_its_epochs_and_its_name(tmp_path: Path) -> None:
    search = plan(tmp_path, "architecture.dropout_first=linear:0:0.7", sampler="tpe")
    study = open_study(search)
    (one,) = search.dimensions
    for process, value in ((_dead(), 0.25), (os.getpid(), 0.5)):
        study.add_trial(
            create_trial(
                state=TrialState.RUNNING,
                params={one.name: value},
                distributions={one.name: one.distribution},
                intermediate_values={0: 0.5},
                user_attrs={WORKER: [this_machine(), process]},
            )
        )
    recover_dead(study)
    recover_dead(study)
    now = standing(study.get_trials())
    assert (len(now.ended), len(now.running), len(now.waiting)) == (0, 1, 1)
    lost = now.waiting[0]
    assert (lost.number, original(lost), lost.intermediate_values) == (2, 0, {0: 0.5})
    assert lost.user_attrs == {AGAIN: [0]}
    assert rank(study.get_trials(), lost) == 0
    again, fresh = do(study, search, 2)
    assert again == (0.25,)
    assert fresh not in ((0.25,), (0.5,))
    now = standing(study.get_trials())
    assert [original(trial) for trial in now.ended] == [0, 3]
    assert rank(study.get_trials(), now.ended[1]) == 2
    assert now.taken == 3


@pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")  # no worker is meant to live here
def test_a_trial_that_kills_its_workers_is_given_up(tmp_path: Path) -> None:
    study = open_study(plan(tmp_path, "loss.l2=0.1,0.01"))
    study.add_trial(create_trial(state=TrialState.FAIL))
    bring_back(study, study.trials[0])
    for _ in range(TRIES):
        (waiting,) = standing(study.get_trials()).waiting
        study.tell(study.ask().number, state=TrialState.FAIL)
        bring_back(study, study.trials[waiting.number])
    now = standing(study.get_trials())
    assert not now.waiting
    assert [original(one) for one in now.ended] == [0]


def test_a_trial_that_gets_on_between_its_losses_is_never_given_up(tmp_path: Path) -> None:
    study = open_study(plan(tmp_path, "loss.l2=0.1,0.01"))
    for number in range(2 * TRIES):
        epochs = dict.fromkeys(range(number), 0.5)
        again = {AGAIN: list(range(number))} if number else {}
        study.add_trial(create_trial(state=TrialState.FAIL, intermediate_values=epochs, user_attrs=again))
    bring_back(study, study.trials[-1])
    (waiting,) = standing(study.get_trials()).waiting
    assert original(waiting) == 0


def _dead() -> int:
    """Number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


# What was found


def test_ranks_complete_trials_before_those_that_were_stopped_and_those_that_failed(tmp_path: Path) -> None:
    search = plan(tmp_path, "loss.l2=0.1,0.01,0.001,0.0001,0.00001", "architecture.dropout_first=0.3,0.5,0.7")
    study = open_study(search)
    do(study, search, 10)
    study.add_trial(create_trial(state=TrialState.PRUNED, intermediate_values={0: 9.0, 1: 8.0}))
    study.add_trial(create_trial(state=TrialState.FAIL, user_attrs={PROBLEM: "it burst"}))
    made = found(search, study)
    values = [one.value for one in made.complete]
    assert values == sorted(values, reverse=True)
    assert [one.state.name for one in made.trials[-2:]] == ["PRUNED", "FAIL"]
    assert made.best is not None
    assert made.best.number == ranked(study)[0].number
    assert sum(made.importances.values()) == pytest.approx(1)
    assert next(iter(made.importances)) == "loss.l2"  # the other does not enter the formula
    assert made.words == "10 complete, 1 stopped early, 1 failed"


def test_a_folder_holds_one_search(tmp_path: Path) -> None:
    search = plan(tmp_path, "loss.l2=0.1,0.01")
    claim(search)
    claim(replace(search, trials=200, threads=2))
    with pytest.raises(RecipeError, match=r"another search; it differs in seed.*--out"):
        claim(replace(search, seed=1))


def test_a_search_goes_on_whatever_its_recipe_says_in_prose(tmp_path: Path) -> None:
    """Its numbers alone make it another search, also those beside the prose."""
    search = plan(tmp_path, "loss.l2=0.1,0.01")
    claim(search)
    do(open_study(search), search, 1)
    about = replace(ELBOW.indicated, intended_use="for elbows", not_for=("knees",), limits=("few cases",))
    reworded = replace(search, recipe=replace(ELBOW, summary="another sentence", unstated=(), indicated=about))
    assert reworded.former_name != search.former_name
    claim(reworded)
    assert len(open_study(reworded).get_trials()) == 1
    other = replace(ELBOW.indicated, minimum_side=ELBOW.indicated.minimum_side + 1)
    with pytest.raises(RecipeError, match="another search"):
        claim(replace(search, recipe=replace(ELBOW, indicated=other)))


def test_a_search_of_an_earlier_version_goes_on(tmp_path: Path) -> None:
    """Its key counts prose, too."""
    search = plan(tmp_path, "loss.l2=0.1,0.01")
    claim(search)
    record = tmp_path / "study.json"
    record.write_text(record.read_text().replace(search.name, search.former_name))
    optuna.create_study(storage=search.storage, study_name=search.former_name, direction="maximize")
    do(open_study(search), search, 1)
    claim(search)
    assert optuna.get_all_study_names(search.storage) == [search.former_name]
    assert len(open_study(search).get_trials()) == 1


def test_storage_is_a_url_and_its_password_is_not_shown(tmp_path: Path) -> None:
    assert "secret" not in shown("postgresql://me:secret@host/searches")
    with pytest.raises(StoreError, match="not a URL"):
        shown("host/searches")
    with pytest.raises(StoreError, match="cannot be opened"):
        open_study(replace(plan(tmp_path, "loss.l2=0.1,0.01"), storage="sqlite:////nowhere/at/all/study.db"))
