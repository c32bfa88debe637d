"""Simulate a year in which another site joins: alarm, annotation, improvement, shadow, and whether it may be promoted.

    python scripts/year OUT [--seed 0] [--workers 2]

Everything is simulated: patients (phantoms of elbows), a detector, readers. The loop is the real one: training, export, the
deployed inference pipeline, the watch, `osteon improve`, the registry and its gate. What is in OUT already is not made again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from people import Person, people
from report import write_report
from rounds import decided, first, improve, open_store, opinion, shadow_and_promote, write_dataset
from scores import compare
from watching import DAYS, HOME_A_DAY, JOINS, SITE_A_DAY, Seen, alarms, draw, follow, read, weekly

from osteon.bundle.archive import open_bundle

ANNOTATED: Final = 200
SENSITIVITY, SPECIFICITY = 0.93, 0.97
"""Of a simulated reader."""
SHADOW_DAYS: Final = 28
POOLS: Final = {
    "train": (200, False, 0.5),
    "val": (60, False, 0.5),
    "test": (100, False, 0.5),
    "home": (120, False, 0.3),
    "site": (400, True, 0.3),
    "hidden": (150, True, 0.5),
}
"""People, whether of the other site, and the share of fractures among them."""
ARMS: Final = {"random": "1.1.0", "uncertain": "1.2.0"}


def chosen(arm: str, seen: Seen, threshold: float, random: np.random.Generator) -> NDArray[np.int64]:
    """Which studies of the other site are annotated: at random, or those nearest to the threshold of doubt."""
    if arm == "random":
        return np.sort(random.permutation(len(seen.probability))[:ANNOTATED])
    logit = np.log(np.clip(seen.probability, 1e-6, 1 - 1e-6) / np.clip(1 - seen.probability, 1e-6, 1))
    gap = np.abs(logit - np.log(threshold / (1 - threshold)))
    return np.sort(
        np.argsort(np.where(np.isnan(gap), -1.0, gap), kind="stable")[:ANNOTATED]
    )  # what it did not read first


def say(began: float, words: str) -> None:
    """Print what is done and after how many seconds."""
    print(f"{time.monotonic() - began:.0f} s: {words}", file=sys.stderr, flush=True)


def simulate(out: Path, seed: int, workers: int) -> dict[str, Any]:
    """One year; its figures."""
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    pools: dict[str, list[Person]] = {
        name: people(out / name, count, 100 * seed + number + 1, children=children, share=share, workers=workers)
        for number, (name, (count, children, share)) in enumerate(POOLS.items())
    }
    dataset = write_dataset(out / "dataset", {part: pools[part] for part in ("train", "val", "test")})
    say(began, "people")
    live = first(out, dataset, seed)
    say(began, "live")
    seen = {name: read(live, pools[name]) for name in ("home", "site", "hidden", "test")}
    random = np.random.default_rng([seed, 11])
    year = draw(len(pools["home"]), len(pools["site"]), random)
    found, quiet = (follow(seen["home"], seen["site"], year, random, joins=joins) for joins in (True, False))
    threshold = open_bundle(live).manifest.operating_points.doubt.threshold
    says = {one.digest: opinion(one, random, SENSITIVITY, SPECIFICITY) for one in pools["site"]}
    say(began, f"watched, {len(found.alarms)} alarms")
    store = open_store(out / "store", live)
    ready = JOINS + int(np.ceil(len(pools["site"]) / SITE_A_DAY))
    content: dict[str, Any] = {
        "synthetic": True,
        "command": f"python scripts/year OUT --seed {seed}",
        "seed": seed,
        "pools": {name: {"people": count, "fractures": share} for name, (count, _, share) in POOLS.items()},
        "year": {"days": DAYS, "joins": JOINS, "adults_a_day": HOME_A_DAY, "children_a_day": SITE_A_DAY},
        "readers": {"sensitivity": SENSITIVITY, "specificity": SPECIFICITY, "annotated": ANNOTATED},
        "alarms": alarms(found),
        "alarms_without_the_site": len(quiet.alarms),
        "weeks": weekly(found),
        "annotated_day": ready,
        "decided_day": ready + SHADOW_DAYS,
        "arms": {},
    }
    readings = {"nothing": {name: seen[name] for name in ("hidden", "test", "site")}}
    for arm, version in ARMS.items():
        picked = chosen(arm, seen["site"], threshold, np.random.default_rng([seed, 12]))
        members = [pools["site"][index] for index in picked]
        snapshot = decided(members, says, out / f"snapshot-{arm}")
        candidate = improve(snapshot, out / f"round-{arm}", out, store, version, seed)
        say(began, arm)
        readings[arm] = {name: read(candidate, pools[name]) for name in ("hidden", "test", "site")}
        rest = np.setdiff1d(np.arange(len(pools["site"])), picked)
        content["arms"][arm] = {
            "fractures": sum(one.fracture for one in members),
            "wrong_labels": sum(says[one.digest] != one.fracture for one in members),
            "not_read": int((~seen["site"].read[picked]).sum()),
            **shadow_and_promote(store, version, out / f"round-{arm}", promote=arm == "uncertain"),
            "shadow": compare(pools["site"], seen["site"], readings[arm]["site"], rest, says),
        }
    content["sets"] = {
        label: {
            "nothing": compare(pools[name], readings["nothing"][name], readings["nothing"][name]),
            **{arm: compare(pools[name], readings["nothing"][name], readings[arm][name]) for arm in ARMS},
            "uncertain_against_random": compare(pools[name], readings["random"][name], readings["uncertain"][name]),
        }
        for label, name in (("children", "hidden"), ("adults", "test"))
    }
    content |= flat(content)
    content["seconds"] = round(time.monotonic() - began)
    return content


def flat(content: dict[str, Any]) -> dict[str, Any]:
    """The figures under names that a page can refer to, such as ``children.random.auroc.change``."""
    made: dict[str, Any] = {}
    arms = dict(content["sets"])
    arms |= {"shadow": {arm: one["shadow"] for arm, one in content["arms"].items()}}
    for label, sets in arms.items():
        for arm, figures in sets.items():
            for name, one in figures.items():
                if isinstance(one, dict):
                    made[f"{label}.{arm}.{name}"] = {key: one[key] for key in ("value", "low", "high")}
                    if "difference" in one:
                        made[f"{label}.{arm}.{name}.change"] = {
                            key: one["difference"][key] for key in ("value", "low", "high")
                        }
    return made


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    content = simulate(given.out, given.seed, given.workers)
    (given.out / "year.json").write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
    write_report(content, given.out)


if __name__ == "__main__":
    main()
