"""The model of capacity: its queues against the formulas of M/M/c, its page against its evidence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scripts.capacity_queue import (
    Station,
    arrivals_of_day,
    departures,
    erlang_c,
    erlang_wait_quantile,
    simulate,
)
from scripts.capacity_words import markdown

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT / "docs" / "evidence"


def test_erlang_c_is_that_of_one_server_and_of_a_table() -> None:
    assert erlang_c(0.8, 1) == pytest.approx(0.8)  # M/M/1: the load
    assert erlang_c(2.0, 3) == pytest.approx(4 / 9)  # by hand: (8/6)·3 / (1 + 2 + 2 + (8/6)·3)
    with pytest.raises(ValueError, match="no steady state"):
        erlang_c(3.0, 3)


@pytest.mark.parametrize(("servers", "busy"), [(1, 0.7), (4, 0.8), (20, 0.9)])
def test_a_station_is_the_queue_of_the_formula(servers: int, busy: float) -> None:
    generator, count, service = np.random.default_rng(servers), 200_000, 0.2
    load = servers * busy
    arrivals = np.cumsum(generator.exponential(service / load, count))
    _, waits = departures(arrivals, Station("work", servers, generator.exponential(service, count)))
    waits = waits[count // 10 :]
    waiting = erlang_c(load, servers)
    assert float((waits > 0).mean()) == pytest.approx(waiting, rel=0.05)
    assert float(waits.mean()) == pytest.approx(waiting * service / (servers - load), rel=0.15)
    wanted = erlang_wait_quantile(load, servers, service, 0.95)
    assert float(np.quantile(waits, 0.95)) == pytest.approx(wanted, rel=0.15)


def test_first_come_is_first_served_and_a_delay_has_no_queue() -> None:
    arrivals = np.array([0.0, 0.0, 1.0])
    done = simulate(arrivals, [Station("quiet", 0, np.full(3, 5.0)), Station("work", 1, np.array([2.0, 2.0, 1.0]))])
    assert done.total.tolist() == [7.0, 9.0, 9.0]
    assert done.waited["work"].tolist() == [0.0, 2.0, 3.0]
    assert done.busy == {"work": pytest.approx(5 / 3600)}


def test_a_day_has_its_curve() -> None:
    came = arrivals_of_day(48_000, [1] * 12 + [3] * 12, np.random.default_rng(1))
    assert len(came) == pytest.approx(48_000, rel=0.02)
    assert (came < 43_200).mean() == pytest.approx(0.25, abs=0.01)
    assert (np.diff(came) >= 0).all()


def test_the_page_is_that_of_the_evidence_and_of_the_measured_times() -> None:
    made = json.loads((EVIDENCE / "capacity.json").read_text("utf-8"))
    times = json.loads((EVIDENCE / "service-times.json").read_text("utf-8"))
    assert (ROOT / "docs" / "speed-capacity.md").read_text("utf-8") == markdown(made)
    assert made["service_times"] == {name: times[name] for name in made["service_times"]}
    rate = made["archive"]["images_s"] * made["archive"]["core_s_an_image"]
    assert made["archive"]["cores"] == pytest.approx(rate / 0.9, abs=1)


def test_more_studies_need_more_workers(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    command = [sys.executable, ROOT / "scripts" / "capacity.py", "--studies", "60000", "--days", "1", "--target", "33"]
    subprocess.run([*command, "--archive", "1e5", "--out", str(out)], check=True, capture_output=True)
    days: list[dict[str, Any]] = [*json.loads(out.read_text())["serving"].values()]
    assert all(day["seconds"]["p95"][0] <= 33 and day["breaks"]["factor"] > 1 for day in days)
    workers = [day["servers"]["workers"] for day in days]
    assert workers[0] < workers[3]
    assert workers[1] <= workers[2]
