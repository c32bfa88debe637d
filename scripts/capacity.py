"""What many studies a day, and an archive in a month, need: cores, memory, storage, money, and what breaks first.

    python scripts/capacity.py --out docs/evidence/capacity.json --markdown docs/speed-capacity.md
    python scripts/capacity.py --studies 20000 --quiet 10 --core-hour 0.03

Service times are those of docs/evidence/service-times.json (``benchmarks/service_times.py``); how many images a study has, how
studies spread over the day, and prices are assumptions that options change. A day is simulated study by study: receiving, quiet
time, database, workers, delivery to the archive, each with its queue (``capacity_queue.py``).
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from capacity_load import Assumed, Drawn, draw, shares
from capacity_queue import Passed, Seconds, Station, simulate
from capacity_words import markdown

ROOT: Final = Path(__file__).parents[1]
TIMES: Final = ROOT / "docs" / "evidence" / "service-times.json"
DAY: Final = 86_400
BUSY: Final = 0.7
"""Share of its time that a station may work in its busiest hour, workers aside, whose number follows from the target."""


@dataclass(frozen=True)
class Servers:
    """How many of each part there are."""

    receive: int
    database: int
    workers: int
    deliver: int


def passed(drawn: Drawn, servers: Servers, assumed: Assumed) -> Passed:
    """A day through all parts."""
    return simulate(drawn.arrivals, _stations(drawn, servers, assumed))


def _stations(drawn: Drawn, servers: Servers, assumed: Assumed) -> list[Station]:
    count = len(drawn.arrivals)
    return [
        Station("receive", servers.receive, drawn.receive),
        Station("quiet", 0, np.full(count, assumed.quiet)),
        Station("database", servers.database, drawn.database),
        Station("workers", servers.workers, drawn.work),
        Station("deliver", servers.deliver, np.full(count, assumed.delivery)),
    ]


def needed(drawn: Drawn, assumed: Assumed) -> Servers:
    """The fewest servers that reach the target, two of each at least: one may fail."""
    hours = (drawn.arrivals // 3600).astype(int)

    def enough(service: Seconds) -> int:
        return max(2, math.ceil(np.bincount(hours, weights=service).max() / 3600 / BUSY))

    servers = Servers(enough(drawn.receive), enough(drawn.database), 1, enough(np.full(len(hours), assumed.delivery)))
    done = simulate(drawn.arrivals, _stations(drawn, servers, assumed)[:3])
    before = drawn.arrivals + done.total

    def late(workers: int) -> bool:
        ways = _stations(drawn, replace(servers, workers=workers), assumed)[3:]
        total = done.total + simulate(before, ways).total
        return float(np.quantile(total, 0.95)) > assumed.target

    low, high = 1, enough(drawn.work)
    while late(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if late(middle) else (low, middle)
    return replace(servers, workers=high)


def breaking(assumed: Assumed, times: Mapping[str, Any], servers: Servers) -> dict[str, Any]:
    """How much more may come before the target is missed, and which queue is the longest then."""

    def ran(factor: float) -> Passed:
        load = replace(assumed, studies=assumed.studies * factor)
        return passed(draw(load, times, assumed.seed), servers, assumed)

    low, high = 1.0, 1.5
    while (found := ran(high)).quantile(0.95) <= assumed.target:
        low, high = high, high * 1.5
    while high / low > 1.05:
        middle = (low * high) ** 0.5
        done = ran(middle)
        if done.quantile(0.95) > assumed.target:
            high, found = middle, done
        else:
            low = middle
    waits = {name: float(np.quantile(wait, 0.95)) for name, wait in found.waited.items()}
    first = max(waits, key=waits.__getitem__)
    return {"factor": round(high, 2), "part": first, "waits_p95_s": round(waits[first], 1)}


def serving(assumed: Assumed, times: Mapping[str, Any]) -> dict[str, Any]:
    """What a day's studies need."""
    days = [draw(assumed, times, assumed.seed + day) for day in range(assumed.days)]
    servers = needed(days[0], assumed)
    ran = [passed(day, servers, assumed) for day in days]
    while max(one.quantile(0.95) for one in ran) > assumed.target:  # enough for the first day, not for another one
        servers = replace(servers, workers=servers.workers + 1)
        ran = [passed(day, servers, assumed) for day in days]
    half = passed(days[0], replace(servers, workers=servers.workers // 2), assumed)
    hours = (days[0].arrivals // 3600).astype(int)
    by_hour = np.ceil(np.bincount(hours, weights=days[0].work, minlength=24) / 3600 / BUSY)
    cores = servers.receive + servers.database + servers.workers
    memory = (
        servers.workers * times["worker_memory_bytes"] / 2**30 + 0.25 * servers.receive + 0.5 * servers.database + 1
    )
    images = assumed.studies * _mean_images(assumed)
    stored = images * sum(
        share * (times["kinds"][name]["store_bytes"] + times["kinds"][name]["database_bytes"])
        for name, share in zip(assumed.kinds, shares(assumed.kinds), strict=True)
    )
    peak_share = max(assumed.curve) / sum(assumed.curve)
    kept = stored * assumed.kept_days / 1e12
    compute = 24 * 30 * (cores * assumed.core_hour + memory * assumed.gib_hour)
    scaled = 24 * 30 * ((cores - servers.workers) * assumed.core_hour + memory * assumed.gib_hour) + (
        30 * float(by_hour.sum()) * assumed.core_hour
    )
    return {
        "servers": asdict(servers),
        "busy": {name: round(max(one.busy[name] for one in ran), 3) for name in ran[0].busy},
        "seconds": {
            name: [round(float(value), 2) for value in _middle([one.quantile(share) for one in ran])]
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        },
        "half_of_workers_p95_s": round(half.quantile(0.95), 1),
        "cores": cores,
        "memory_gib": round(memory, 1),
        "stored_a_day_tb": round(stored / 1e12, 3),
        "kept_tb": round(kept, 1),
        "network_mbit_s": round(8 * stored * peak_share / 3600 / 1e6),
        "money_a_month": {
            "compute": round(compute),
            "compute_workers_by_hour": round(scaled),
            "storage": round(kept * assumed.tb_month),
        },
        "breaks": breaking(assumed, times, servers),
    }


def _mean_images(assumed: Assumed) -> float:
    return float(np.dot(list(assumed.images), shares(assumed.images)))


def _middle(values: list[float]) -> tuple[float, float, float]:
    return float(np.median(values)), min(values), max(values)


def archive(assumed: Assumed, times: Mapping[str, Any], part: int = 1000) -> dict[str, Any]:
    """What an archive in 30 days needs; the number of cores is checked by simulating a part of it."""
    parts = dict(zip(assumed.kinds, shares(assumed.kinds), strict=True))
    mean = sum(share * float(np.mean(times["kinds"][name]["reading_cpu_s"])) for name, share in parts.items())
    size = sum(share * times["kinds"][name]["file_bytes"] for name, share in parts.items())
    rate = assumed.archive / (30 * DAY)
    cores = math.ceil(rate * mean / 0.9)
    count = max(1, round(assumed.archive / part))
    generator = np.random.default_rng(assumed.seed)
    service = np.concatenate(
        [generator.choice(times["kinds"][name]["reading_cpu_s"], round(count * share)) for name, share in parts.items()]
    )
    generator.shuffle(service)
    arrivals = np.arange(len(service)) / rate
    done = simulate(arrivals, [Station("actors", cores, service)])
    end = float((arrivals + done.total).max())
    memory = cores * times["worker_memory_bytes"] / 2**30
    return {
        "images_s": round(rate, 2),
        "core_s_an_image": round(mean, 4),
        "cores": cores,
        "simulated_images": len(service),
        "simulated_days_for_all": round(end * part / DAY, 2),
        "memory_gib": round(memory, 1),
        "read_mb_s": round(rate * size / 1e6),
        "read_tb": round(assumed.archive * size / 1e12, 1),
        "table_gb": round(assumed.archive * assumed.table_row / 1e9, 1),
        "money": {
            "compute": round(30 * 24 * (cores * assumed.core_hour + memory * assumed.gib_hour)),
            "storage_of_the_table_a_month": round(assumed.archive * assumed.table_row / 1e12 * assumed.tb_month, 2),
        },
    }


def report(assumed: Assumed, times: Mapping[str, Any]) -> dict[str, Any]:
    """All figures, as they are written to the evidence: a tenth of the load, the load, slow reading, and ten times the load."""
    slower = json.loads(json.dumps(times))
    for cost in slower["kinds"].values():
        cost["worker_cpu_s"] *= 2
        cost["reading_cpu_s"] = [2 * value for value in cost["reading_cpu_s"]]
    load = assumed.studies
    return {
        "synthetic": True,
        "command": "python scripts/capacity.py --out docs/evidence/capacity.json --markdown docs/speed-capacity.md",
        "service_times": {name: times[name] for name in ("command", "made", "machine", "data", "bundle")},
        "assumed": asdict(assumed),
        "serving": {
            f"{load / 10:,.0f}": serving(replace(assumed, studies=load / 10), times),
            f"{load:,.0f}": serving(assumed, times),
            f"{load:,.0f}, reading twice as slow": serving(replace(assumed, days=1), slower),
            f"{load * 10:,.0f}": serving(replace(assumed, studies=load * 10, days=1), times),
        },
        "archive": archive(assumed, times),
    }


def main() -> None:
    """Simulate and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    base = Assumed()
    for name in ("studies", "quiet", "target", "delivery", "kept_days", "archive", "core_hour", "gib_hour", "tb_month"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=float, default=getattr(base, name))
    parser.add_argument("--days", type=int, default=base.days, help="simulated")
    parser.add_argument("--seed", type=int, default=base.seed)
    parser.add_argument("--times", type=Path, default=TIMES, help="what benchmarks/service_times.py wrote")
    parser.add_argument("--out", type=Path, help="JSON file")
    parser.add_argument("--markdown", type=Path)
    given = vars(parser.parse_args())
    times, out, page = (given.pop(name) for name in ("times", "out", "markdown"))
    made = report(replace(base, **given), json.loads(times.read_text("utf-8")))
    if out:
        out.write_text(json.dumps(made, indent=1) + "\n")
    if page:
        page.write_text(markdown(json.loads(json.dumps(made))))
    print(markdown(json.loads(json.dumps(made))))


if __name__ == "__main__":
    main()
