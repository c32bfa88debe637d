"""Runs are spread over a real Ray cluster of this machine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")
pytest.importorskip("ray", reason="needs osteon[cluster]")

from osteon.bundle.archive import open_bundle
from osteon.cluster import check_shared, cluster, share, spread
from osteon.core.errors import OsteonError
from osteon.learning.recipe import Budget, Change, Phantoms
from osteon.learning.recipes import paper
from osteon.learning.reproduce.jobs.cluster_jobs import run_on_cluster
from osteon.learning.reproduce.jobs.queue import RunProgress
from osteon.learning.reproduce.planning.plan import plan
from osteon.learning.reproduce.planning.source import phantoms

pytestmark = [
    pytest.mark.learn,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # Ray's own, of sockets and of what it will rename
]

TINY = Budget(
    name="small",
    variants=("mobilenetv2_100",),
    seeds=(0, 1),
    phantoms=Phantoms(kind="forearm", layout="pediurf", cases=30, size=128, seed=1, hidden=0.0),
    changes=(
        Change(
            variants=(),
            settings=(
                "preprocessing.height=64", "preprocessing.width=64", "cache_side=64", "indicated.minimum_side=32",
                "architecture.model=mobilenetv2_035", "phases.0.epochs=1", "sampling.batch_size=8",
            ),
            why="A test.",
        ),
    ),
    minutes=None,
    resamples=200,
)  # fmt: skip


def half(number: int) -> float:
    """Half of an even number."""
    if number % 2:
        raise OsteonError("this number is odd", got=str(number))
    return number / 2


def test_runs_are_spread_and_their_failures_told(tmp_path: Path) -> None:
    source = phantoms(TINY.phantoms, tmp_path / "data", workers=1)
    works = plan(paper("pediurf"), TINY, source, tmp_path / "out")
    lost = replace(works[0], name="resnet18", folder=tmp_path / "out" / "runs" / "lost", data=tmp_path / "nowhere")
    steps: list[RunProgress] = []
    with cluster("local"):
        machines = check_shared([tmp_path / "out", source.root])
        assert machines == 1
        assert share(1).cpus >= 1
        with pytest.raises(OsteonError, match="does not see"):
            check_shared([tmp_path / "out", tmp_path / "nowhere"])
        found = dict(spread(half, (2, 3, 8), share(2)))
        assert (found[2], found[8]) == (1.0, 4.0)
        assert "odd" in str(found[3])
        failures = run_on_cluster((*works, lost), 2, machines, lambda work: f"make {work.name}", steps.append)
    assert [one.work.name for one in failures] == ["resnet18"]
    assert len(steps) == 3
    for work in works:
        assert open_bundle(str(work.bundle)).manifest.provenance.recipe == work.recipe.name
        assert json.loads(work.done.read_text())["selection"] == "val_accuracy"
        assert (work.folder / "log.txt").is_file()


def test_an_address_without_a_cluster() -> None:
    with pytest.raises(OsteonError, match="no Ray cluster"), cluster("auto"):
        pass
