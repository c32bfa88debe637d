"""A paper is reproduced from phantoms to tables, goes on after a kill, and reports what failed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.bundle.archive import open_bundle
from osteon.core.errors import RecipeError
from osteon.data.datasets import read
from osteon.learning.bundling.test_labels import with_truth
from osteon.learning.recipe import Budget, Change, Paper, Phantoms, Recipe
from osteon.learning.recipes import PAPERS, paper
from osteon.learning.reproduce.jobs.queue import FailedRun, RunProgress, run_all
from osteon.learning.reproduce.planning.plan import Work, budget, changed, expected_minutes, plan, short, variants
from osteon.learning.reproduce.planning.source import RECORD, Source, phantoms
from osteon.learning.reproduce.report.sheet import Sheet
from osteon.learning.reproduce.report.write import write_report
from osteon.learning.reproduce.reproduce import sheet
from osteon.learning.runs.identity import numbers_of
from osteon.learning.runs.overrides import apply

pytestmark = [
    pytest.mark.learn,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # torch.onnx, of its own making
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

PEDIURF = paper("pediurf")

TINY = Budget(
    name="small",
    variants=("urfnet", "mobilenetv2_100"),
    seeds=(0,),
    phantoms=Phantoms(kind="forearm", layout="pediurf", cases=30, size=128, seed=1, hidden=0.4),
    changes=(
        Change(
            variants=(),
            settings=(
                "preprocessing.height=64", "preprocessing.width=64", "cache_side=64", "indicated.minimum_side=32",
                "architecture.model=mobilenetv2_035", "phases.0.epochs=2", "sampling.batch_size=8",
            ),
            why="A test.",
        ),
    ),
    resamples=200,
    minutes=10.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Tiny forearms."""
    return phantoms(TINY.phantoms, tmp_path_factory.mktemp("reproduce") / "data", workers=1)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the reproduction that the tests share."""
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="module")
def works(source: Source, out: Path) -> tuple[Work, ...]:
    """Two runs and one that cannot succeed."""
    whole = plan(PEDIURF, TINY, source, out)
    lost = replace(whole[1], name="resnet18", folder=out / "runs" / "lost", data=out / "nowhere")
    return (*whole, lost)


@pytest.fixture(scope="module")
def steps() -> list[RunProgress]:
    """What was context of the runs."""
    return []


@pytest.fixture(scope="module")
def failures(works: tuple[Work, ...], steps: list[RunProgress]) -> tuple[FailedRun, ...]:
    """Do them."""
    return run_all(works, 1, lambda work: f"osteon reproduce pediurf --only {work.name}", steps.append)


@pytest.fixture(scope="module")
def made(works: tuple[Work, ...], failures: tuple[FailedRun, ...], source: Source, out: Path) -> Sheet:
    """The report, written."""
    found = sheet(PEDIURF, TINY, source, works, failures, out, command="osteon reproduce pediurf", root="osteon")
    write_report(found)
    return found


@pytest.mark.slow
def test_every_run_ends_in_a_bundle_and_an_evaluation(works: tuple[Work, ...], made: Sheet) -> None:
    for work in works[:2]:
        manifest = open_bundle(str(work.bundle)).manifest
        assert manifest.provenance.recipe == work.recipe.name
        assert manifest.provenance.settings["phases.0.epochs"] == "2"
        assert len(manifest.views) == (2 if work.name == "urfnet" else 0)
        assert (work.evaluation / "report.html").is_file()
        assert json.loads(work.done.read_text())["selection"] == "val_accuracy"
    urfnet, baseline = made.found
    # Every case is answered, as papers measure: studies of the test part, or their films.
    assert (urfnet.cases, baseline.cases) == (7, 14)
    for variant in made.found:
        classes = variant.runs[0].predictions.classes
        assert classes is not None
        assert np.isfinite(classes.probability).all()


@pytest.mark.slow
def test_one_failure_is_told_and_does_not_stop_the_others(
    failures: tuple[FailedRun, ...], steps: list[RunProgress], made: Sheet, out: Path
) -> None:
    assert [one.work.name for one in failures] == ["resnet18"]
    assert [step.number for step in steps] == [1, 2, 3]
    assert steps[0].following is not None
    assert steps[0].remaining is not None
    assert "failed" in (out / "report.md").read_text()
    assert json.loads((out / "report.json").read_text())["failures"][0]["variant"] == "resnet18"
    assert made.failures == failures


@pytest.mark.slow
def test_tables_hold_the_paper_s_numbers_and_ours(made: Sheet, out: Path) -> None:
    entries = {(one.variant, one.metric): one for table in made.tables for one in table.entries}
    for recipe in PEDIURF.variants:
        for claim in recipe.claims:
            one = entries[short(PEDIURF, recipe), claim.metric]
            assert (one.paper, one.paper_sd) == (claim.value, claim.spread)
    ours = entries["urfnet", "classes.accuracy"]
    assert ours.ours is not None
    assert ours.data.simulated
    assert ours.command.endswith("--only urfnet")
    figures = json.loads((made.found[0].runs[0].work.evaluation / "figures.json").read_text())
    assert ours.ours.value == pytest.approx(figures["study.classes.accuracy"]["value"])
    assert entries["vgg16", "classes.accuracy"].why == "it was not run here"
    assert "failed" in entries["resnet18", "classes.accuracy"].why
    for name in ("curves_urfnet", "curves_mobilenetv2_100"):
        assert made.plots[name].caption.endswith("SYNTHETIC data.")
        assert b"<svg" in (out / "plots" / f"{name}.svg").read_bytes()
    for name in ("report.html", "report.md"):
        text = (out / name).read_text()
        assert "SYNTHETIC" in text
        assert "0.935" in text  # URFNet's accuracy in Table 2
        assert "phases.0.epochs" in text  # what the budget changes


@pytest.mark.slow
def test_compares_the_variants_that_ran(made: Sheet) -> None:
    asked = {one.contrast.question: one for one in made.answers}
    first = made.answers[0]
    assert first.best == "mobilenetv2_100"
    assert {pair.figure for pair in first.pairs} >= {"classes.accuracy"}
    accuracy = next(pair for pair in first.pairs if pair.figure == "classes.accuracy")
    assert accuracy.test is not None
    assert accuracy.difference.value == pytest.approx(accuracy.values[0] - accuracy.values[1])
    ends = accuracy.difference.ends
    if ends is None:  # after two epochs both may say the same of every case
        assert accuracy.difference.value == 0
    else:
        assert ends[0] <= accuracy.difference.value <= ends[1]
    assert any("no finished run" in one.why for one in asked.values())
    gap = first.pairs[0].difference.ends
    if gap is None:
        assert first.verdict == "not decided: there is no interval"
    else:
        context = "yes" if gap[0] > 0 else "no, less" if gap[1] < 0 else "not decided: the interval holds 0"
        assert first.verdict == context
    assert made.answers[-1].verdict.startswith("not answered")


@pytest.mark.slow
def test_what_is_done_is_left_as_it_is(works: tuple[Work, ...], failures: tuple[FailedRun, ...]) -> None:
    stamps = [work.done.stat().st_mtime_ns for work in works[:2]]
    steps: list[RunProgress] = []
    assert not run_all(works[:2], 2, lambda _work: "", steps.append)
    assert [step.seconds for step in steps] == [None, None]
    assert [work.done.stat().st_mtime_ns for work in works[:2]] == stamps
    assert failures


SCRIPT = """
from pathlib import Path
from pydantic import TypeAdapter
from osteon.learning.recipe import Budget
from osteon.learning.recipes import paper
from osteon.learning.reproduce.jobs.queue import run_all
from osteon.learning.reproduce.planning.plan import plan
from osteon.learning.reproduce.planning.source import given
if __name__ == "__main__":
    tiny = TypeAdapter(Budget).validate_json(Path({budget!r}).read_text())
    works = plan(paper("pediurf"), tiny, given(Path({data!r})), Path({out!r}))
    run_all(works, 1, lambda work: "", lambda step: None)
"""


@pytest.mark.slow
def test_goes_on_after_each_kill(source: Source, works: tuple[Work, ...], made: Sheet, tmp_path: Path) -> None:
    """One run is done; the next is killed while it trains, again before it is exported, and before it is measured."""
    out = tmp_path / "out"
    mine = plan(PEDIURF, TINY, source, out)
    shutil.copytree(works[0].folder, mine[0].folder)
    (tmp_path / "budget.json").write_text(json.dumps(asdict(TINY)))
    script = tmp_path / "script.py"
    names = {"budget": str(tmp_path / "budget.json"), "data": str(source.root), "out": str(out)}
    script.write_text(SCRIPT.format(**names))
    stamp = mine[0].bundle.stat().st_mtime_ns
    stages = (mine[1].run / "phases" / "all" / "last.ckpt", mine[1].run / "weights.safetensors", mine[1].bundle)
    for sign in stages:
        _kill_at(sign, [sys.executable, str(script)])
        assert not mine[1].done.is_file()
        _wait_for_the_end_of_writing(mine[1].run)
    kept = stages[2].stat().st_mtime_ns
    assert not run_all(mine, 1, lambda _work: "", lambda _step: None)
    assert mine[0].bundle.stat().st_mtime_ns == stamp
    assert stages[2].stat().st_mtime_ns == kept  # what was whole is not made again
    for work, whole in zip(mine, works, strict=False):
        # As if nothing had happened: the run that was killed measures what the run that was not measures.
        assert _figures(work) == _figures(whole)
    assert made


def _kill_at(sign: Path, command: list[str]) -> None:
    """Start a command and kill it when a file appears that was not there."""
    assert not sign.exists()
    process = subprocess.Popen(command, env=os.environ | {"MALLOC_TOP_PAD_": "131072"})
    deadline = time.monotonic() + 400
    while not sign.is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert sign.is_file()


def _wait_for_the_end_of_writing(folder: Path) -> None:
    """The process of the pool ends with the one that started it, a moment later."""
    still = 0
    seen: dict[Path, int] = {}
    while still < 5:
        now = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
        still, seen = (still + 1, now) if now == seen else (0, now)
        time.sleep(0.2)


def _figures(work: Work) -> dict[str, object]:
    return json.loads((work.evaluation / "figures.json").read_text())


def test_wrong_names_are_errors(source: Source, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="urfnet"):
        variants(PEDIURF, ["urfnett"])
    with pytest.raises(RecipeError, match="full"):
        budget(PEDIURF, "large")
    with pytest.raises(RecipeError, match="pediurf"):
        paper("pedurf")
    strange = replace(TINY, changes=(Change(variants=(), settings=("optimizer.speed=1",), why=""),))
    with pytest.raises(RecipeError, match="speed"):
        plan(PEDIURF, strange, source, tmp_path)


def test_the_key_follows_what_moves_the_result(source: Source, tmp_path: Path) -> None:
    def key(chosen: Budget, cases: Source = source) -> str:
        return plan(PEDIURF, chosen, cases, tmp_path)[0].folder.name

    assert key(TINY) == key(TINY)
    assert key(replace(TINY, resamples=100)) != key(TINY)
    more = Change(variants=("urfnet",), settings=("optimizer.lr=0.1",), why="")
    assert key(replace(TINY, changes=(*TINY.changes, more))) != key(TINY)
    assert key(TINY, replace(source, digest="another")) != key(TINY)


def test_the_key_does_not_follow_prose_and_claims_nor_fields_that_earlier_runs_lack(
    source: Source, tmp_path: Path
) -> None:
    def key(of: Paper) -> str:
        return plan(of, TINY, source, tmp_path)[0].folder.name

    first, *others = PEDIURF.variants
    assert isinstance(first, Recipe)
    worded = replace(first, summary="Other words.", unstated=(), deviations=("One more.",), claims=first.claims[:1])
    assert key(replace(PEDIURF, variants=(worded, *others))) == key(PEDIURF)
    clipped = replace(first, optimizer=replace(first.optimizer, clip_by="value"))
    assert key(replace(PEDIURF, variants=(clipped, *others))) != key(PEDIURF)
    assert {"clip", "clip_by"} & numbers_of(first)["optimizer"].keys() == {"clip"}
    assert numbers_of(clipped)["optimizer"]["clip_by"] == "value"
    assert {"lists", "unlisted"} & numbers_of(first)["split"].keys() == set()


def test_an_ensemble_is_put_together_from_the_runs_of_its_members(source: Source, tmp_path: Path) -> None:
    spine = paper("vindr_spinexr")
    works = plan(spine, budget(spine, "small"), source, tmp_path, only=["ensemble"])
    assert [work.name for work in works] == ["densenet121", "densenet169", "densenet201", "ensemble"]
    assert works[3].members == tuple(work.folder for work in works[:3])


@pytest.mark.parametrize("one", PAPERS, ids=lambda one: one.name)
def test_budgets_fit_their_recipes_and_full_changes_nothing(one: Paper) -> None:
    names = {short(one, recipe) for recipe in one.variants}
    assert {chosen.name for chosen in one.budgets} == {"small", "full"}
    for chosen in one.budgets:
        assert set(chosen.variants) <= names
        for change in chosen.changes:
            assert change.why
            for recipe in one.variants:
                name = short(one, recipe)
                if name in (chosen.variants or names) and name in (change.variants or names):
                    assert changed(recipe, apply(recipe, change.settings))
    assert not budget(one, "full").changes
    assert not budget(one, "full").seeds
    for contrast in one.contrasts:
        assert {contrast.first, *contrast.others} <= names


def test_a_share_of_fractures_is_seen_in_one_view_only(source: Source) -> None:
    truth = json.loads((source.root / "truth.json").read_text())
    cases: dict[str, list[bool]] = {}
    for image in truth["images"]:
        cases.setdefault(image["case"], []).append(any(one["visible"] for one in image["findings"]))
    single = sum(sum(views) == 1 for views in cases.values())
    assert single >= 12  # of 30 cases, as many were asked for
    assert sum(sum(views) == 2 for views in cases.values()) >= 6
    assert all(map(any, cases.values()))
    again = phantoms(TINY.phantoms, source.root, workers=1)
    assert again.digest == source.digest


def test_phantoms_that_were_left_half_made_are_made_anew(source: Source, tmp_path: Path) -> None:
    half = tmp_path / "data"
    shutil.copytree(source.root, half)
    (half / RECORD).unlink()
    shutil.rmtree(half / "test")
    assert phantoms(TINY.phantoms, half, workers=1).digest == source.digest


def test_the_expected_minutes_are_those_of_what_is_left(source: Source, tmp_path: Path) -> None:
    works = plan(PEDIURF, TINY, source, tmp_path)
    assert expected_minutes(PEDIURF, TINY, source, tmp_path, works) == TINY.minutes
    works[0].folder.mkdir(parents=True)
    works[0].done.write_text("{}")
    assert expected_minutes(PEDIURF, TINY, source, tmp_path, works) == pytest.approx(5.0)
    assert expected_minutes(PEDIURF, replace(TINY, minutes=None), source, tmp_path, works) is None


def test_truth_of_the_question_and_of_classes(source: Source) -> None:
    table = read("pediurf", source.root)
    urfnet = PEDIURF.variants[0]
    shown, label = with_truth(table, urfnet)
    # All are fractures: there is nothing to tell by yes and no.
    assert (shown.label(label) == -1).all()
    front = next(recipe for recipe in PEDIURF.variants if recipe.name == "pediurf/front")
    shown, _ = with_truth(table, front)
    assert len(shown) == len(table) / 2
    asked: Recipe = replace(urfnet, task=replace(urfnet.task, positive=("proximal", "midshaft")))
    shown, label = with_truth(table, asked)
    assert (shown.label(label) == 1 - table.label("distal")).all()
