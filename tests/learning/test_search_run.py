"""A search trains on phantoms, stops poor trials, survives a kill, and writes what it found."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
optuna = pytest.importorskip("optuna", reason="needs osteon[search]")

from optuna.study import Study
from optuna.trial import TrialState, create_trial

from osteon.core.errors import DataError, OsteonError
from osteon.learning.recipe import Phantoms
from osteon.learning.recipes import find, paper
from osteon.learning.reproduce.planning.plan import budget
from osteon.learning.reproduce.planning.source import Source, phantoms
from osteon.learning.runs.begin import begin
from osteon.learning.search.conduct import TrialProgress, conduct
from osteon.learning.search.page import SYNTHETIC
from osteon.learning.search.plan import Search, prepared, space_of
from osteon.learning.search.result import best, found
from osteon.learning.search.space import grid
from osteon.learning.search.standing import WORKER, original, standing
from osteon.learning.search.store import local, open_study
from osteon.learning.search.trial import Watch
from osteon.learning.search.worker import work
from osteon.learning.search.write import write
from osteon.learning.train import TrainerOptions, train

pytestmark = [
    pytest.mark.learn,
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning"),  # Lightning calls what PyTorch has renamed
]

TINY = (
    "preprocessing.height=32",
    "preprocessing.width=32",
    "cache_side=32",
    "indicated.minimum_side=16",
    "architecture.width=0.35",
    "sampling.batch_size=8",
    "phases.0.epochs=1",
    "phases.1.epochs=2",
)
SPACE = ("optimizer.lr+optimizer.head_lr=0.01,0.001", "loss.l2=0.1,0.001")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """A few small elbows."""
    wanted = Phantoms(kind="elbow", layout="elbow", cases=24, size=64, seed=1, hidden=0.0)
    return phantoms(wanted, tmp_path_factory.mktemp("search") / "data", workers=1)


def plan(source: Source, out: Path, *ranges: str, trials: int = 4, grid_of: bool = True, prune: bool = False) -> Search:
    chosen = budget(paper("mobilenet_elbow"), "full")
    recipe, settings = prepared(find("mobilenet_elbow"), chosen, TINY)
    dimensions, words = space_of(recipe, ranges or SPACE, [])
    out.mkdir(exist_ok=True)
    return Search(
        recipe=recipe,
        settings=settings,
        dimensions=dimensions,
        space=words,
        source=source,
        sampler="grid" if grid_of else "tpe",
        prune=prune,
        seed=0,
        trials=trials,
        out=out,
        storage=local(out),
        cache=source.root.parent / "cache",
        threads=1,
        beat=1,
        command="osteon search mobilenet_elbow",
    )


def test_trains_each_point_writes_what_it_found_and_goes_on(source: Source, tmp_path: Path) -> None:
    search = plan(source, tmp_path, trials=2)
    work(search, open_study(search))
    first = standing(open_study(search).get_trials()).ended
    assert [one.state for one in first] == [TrialState.COMPLETE] * 2
    # The same search with more trials adds to them; with the same number it has nothing to do.
    more = replace(search, trials=3)
    for _ in range(2):
        work(more, open_study(more))
    study = open_study(more)
    ended = standing(study.get_trials()).ended
    assert [one.number for one in ended] == [0, 1, 2]
    assert len({tuple(one.params.values()) for one in ended}) == 3
    assert all(list(one.intermediate_values) == [0, 1, 2] for one in ended)  # epochs of both phases
    made = found(more, study)
    write(made)
    assert made.best is not None
    record = json.loads((tmp_path / "best.json").read_text())
    assert (record["simulated"], record["part"], record["metric"]) == (True, "val", "val_accuracy")
    assert record["value"] == max(one.value for one in ended)
    assert record["trials"] == {"complete": 3, "stopped early": 0, "failed": 0}
    page = (tmp_path / "report.html").read_text()
    for words in (SYNTHETIC, "Best settings", "osteon train mobilenet_elbow", "loss.l2"):
        assert words in page
    rows = list(csv.DictReader((tmp_path / "trials.csv").read_text().splitlines()))
    assert len(rows) == 3
    assert float(rows[0]["val_accuracy"]) == record["value"]
    assert rows[0]["optimizer.lr"] == rows[0]["optimizer.head_lr"]
    for name in ("history", "slices", "epochs"):
        assert (tmp_path / "plots" / f"{name}.svg").is_file()
        assert (tmp_path / "plots" / f"{name}.png").is_file()
    # The printed command trains the same network again.
    settings = [word for word in record["train"].split() if "=" in word]
    recipe, _ = prepared(find("mobilenet_elbow"), budget(paper("mobilenet_elbow"), "full"), settings)
    run = begin(recipe, settings, record["seed"], source.root, tmp_path / "again", resume=False)
    around = TrainerOptions(cache=more.cache, track=lambda items, _what, _many: items, progress=False, threads=1)
    done = train(run, around).phase_done("fine-tuning")
    assert done is not None
    assert done["val_accuracy"] == record["value"]


def test_no_trial_reads_the_test_part(source: Source, tmp_path: Path) -> None:
    """Films of the test part may be anything: nothing changes where they cannot be read."""
    import shutil

    copy = tmp_path / "data"
    shutil.copytree(source.root, copy)
    for path in (copy / "test").rglob("*.jp*g"):
        path.write_bytes(b"")
    search = plan(source, tmp_path / "whole", trials=1)
    study = open_study(search)
    work(search, study)
    blind = replace(plan(replace(source, root=copy), tmp_path / "blind", trials=1), cache=tmp_path / "cache")
    other = open_study(blind)
    work(blind, other)
    assert study.trials[0].value == other.trials[0].value


def test_a_poor_trial_is_stopped_early(source: Source, tmp_path: Path) -> None:
    """Four trials better than any can be stand before it."""
    search = plan(source, tmp_path, trials=6, grid_of=False, prune=True)
    study = open_study(search)
    for _ in range(4):
        study.add_trial(
            create_trial(state=TrialState.COMPLETE, value=1.1, intermediate_values=dict.fromkeys(range(3), 1.1))
        )
    work(search, study)
    stopped = [one for one in study.trials if one.state == TrialState.PRUNED]
    assert [len(one.intermediate_values) for one in stopped] == [1, 1]
    folder = search.folder(original(stopped[0]))
    assert not list(folder.rglob("*.ckpt"))
    assert not (folder / "weights.safetensors").exists()
    assert best(study) is not None
    whole = replace(plan(source, tmp_path, trials=1, grid_of=False, prune=False), out=tmp_path / "whole")
    work(whole, open_study(whole))
    assert open_study(whole).trials[0].state == TrialState.COMPLETE


def test_what_no_point_can_mend_ends_the_search_and_leaves_the_trial(source: Source, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    search = plan(replace(source, root=tmp_path / "empty"), tmp_path / "out")
    study = open_study(search)
    for _ in range(5):
        with pytest.raises(DataError):
            work(search, study)
    now = standing(study.get_trials())
    assert not now.ended
    assert [original(one) for one in now.waiting] == [0]


def test_a_point_that_bursts_fails_alone(source: Source, tmp_path: Path) -> None:
    search = plan(source, tmp_path, "optimizer.lr+optimizer.head_lr=1e30,1e-3", trials=2)
    study = open_study(search)
    work(search, study)
    states = {one.params[search.dimensions[0].name]: one.state for one in study.trials}
    assert states[1e-3] == TrialState.COMPLETE
    assert len(standing(study.get_trials()).ended) == 2
    write(found(search, study))


def test_epochs_count_through_the_phases_and_are_told_once(source: Source, tmp_path: Path) -> None:
    search = plan(source, tmp_path)
    study = open_study(search)
    seen: list[int] = []

    def one(trial: optuna.Trial) -> float:
        recipe = search.recipe
        watch = Watch(trial, recipe, [0])
        run = begin(recipe, (), 0, source.root, tmp_path / "run", resume=False)
        nothing = TrainerOptions(search.cache, lambda items, _what, _many: items, False, 1, (watch,))
        train(run, nothing)
        seen.extend(study.trials[trial.number].intermediate_values)
        return 0.0

    study.optimize(one, n_trials=1)
    assert seen == [1, 2]


@pytest.mark.slow
def test_two_workers_share_a_grid(source: Source, tmp_path: Path) -> None:
    search = plan(source, tmp_path, trials=4)
    steps: list[TrialProgress] = []
    study = conduct(search, 2, steps.append)
    ended = standing(study.get_trials()).ended
    assert Counter(tuple(one.params.values()) for one in ended) == dict.fromkeys(
        [tuple(point.values()) for point in grid(search.dimensions)], 1
    )
    assert {one.state for one in ended} == {TrialState.COMPLETE}
    assert len({one.user_attrs[WORKER][1] for one in ended}) == 2
    assert [step.number for step in steps] == [1, 2, 3, 4]
    # The weights of the best are kept, and no others.
    kept = [int(path.parent.name) for path in tmp_path.glob("trials/*/weights.safetensors")]
    chosen = best(study)
    assert chosen is not None
    assert kept == [original(chosen)]


@pytest.mark.slow
def test_workers_pass_on_what_they_die_of(source: Source, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    search = plan(replace(source, root=tmp_path / "empty"), tmp_path / "out")
    with pytest.raises(OsteonError, match="folders of classes"):
        conduct(search, 1, lambda _step: None)


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["worker", "all"])
def test_goes_on_after_a_kill_without_loss(victim: str, source: Source, tmp_path: Path) -> None:
    """A worker is killed in the middle of a trial, or everything is and the same command is given again."""
    whole = plan(source, tmp_path / "whole", trials=2)
    work(whole, open_study(whole))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "osteon.cli", "search", "mobilenet_elbow", "--data", str(source.root)]
    command += ["--out", str(out), "--sampler", "grid", "--trials", "2", "--no-prune", "--threads", "1"]
    command += [word for setting in TINY for word in ("--set", setting)]
    command += [word for one in SPACE for word in ("--space", one)]
    process = subprocess.Popen(command, env=os.environ | {"MALLOC_TOP_PAD_": "131072"})
    checkpoint = out / "trials" / "0000" / "phases" / "frozen" / "last.ckpt"
    deadline = time.monotonic() + 1500
    while not checkpoint.is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert checkpoint.is_file()
    study = _study(out)
    worker = study.trials[0].user_attrs[WORKER][1]
    if victim == "worker":
        os.kill(worker, signal.SIGKILL)
        assert process.wait(1500) == 0
    else:
        process.send_signal(signal.SIGKILL)
        process.wait()
        _wait_for_the_end_of(worker)
        assert standing(study.get_trials()).running
        assert subprocess.run(command, check=False).returncode == 0
    ended = standing(study.get_trials()).ended
    # What was lost comes first, under a number of its own, and then the trial that was never begun.
    assert [(one.number, original(one)) for one in ended] == [(1, 0), (2, 2)]
    again = ended[0]
    assert sorted(again.intermediate_values) == [0, 1, 2]
    # The run went on from its checkpoint, and ends as the one that was not killed.
    assert (out / "trials" / "0000" / "logs" / "csv" / "frozen" / "metrics.csv").is_file()
    assert again.value == open_study(whole).trials[0].value
    assert (out / "report.html").is_file()


def _study(out: Path) -> Study:
    name = json.loads((out / "study.json").read_text())["study"]
    return optuna.load_study(study_name=name, storage=local(out))


def _wait_for_the_end_of(process: int) -> None:
    """A worker ends with the process that started it, a moment later."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("the worker lives on")
