"""Simulate a year in which another site joins: alarm, annotation, improvement, shadow, promotion and its taking back.

    python scripts/year OUT [--seed 1 2 3] [--workers 2]

Everything is simulated: patients (phantoms of elbows), a detector, readers. The loop is the real one: training from ImageNet
weights, export, the deployed inference pipeline, the watch, `osteon improve`, a server that is killed meanwhile,
the registry and its gate. What is in OUT already is not made again; each seed has a folder of its own.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

sys.path.append(str(Path(__file__).resolve().parents[1]))  # the processes of a reading room

import numpy as np
from numpy.typing import NDArray
from people import Person, people
from report import write_report
from room import Room, promote_and_take_back, weeks_in_shadow
from rounds import decided, first, improve, lock, may_read, open_store, opinion, put_in_shadow, write_dataset
from scores import compare
from seeds import over_seeds
from watching import DAYS, HOME_A_DAY, JOINS, SITE_A_DAY, Seen, alarms, draw, follow, read, weekly

from osteon.bundle.archive import open_bundle

ANNOTATED: Final = 200
SENSITIVITY, SPECIFICITY = 0.93, 0.97
"""Of a simulated reader."""
SHADOW_DAYS: Final = 28
IN_SHADOW: Final = 224
"""Children of these days; who is left of the pool comes while the candidate is promoted."""
KILLS: Final = 6
"""Of the server meanwhile, and of promotions."""
POOLS: Final = {
    "train": (400, False, 0.5),
    "val": (100, False, 0.5),
    "test": (200, False, 0.5),
    "home": (120, False, 0.3),
    "site": (400, True, 0.3),
    "hidden": (150, True, 0.5),
    "later": (240, True, 0.3),
    "locked": (300, True, 0.3),
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
    says = {
        one.digest: opinion(one, random, SENSITIVITY, SPECIFICITY)
        for name in ("site", "later", "locked")
        for one in pools[name]
    }
    say(began, f"watched, {len(found.alarms)} alarms")
    store = open_store(out / "store", live)
    ready = JOINS + int(np.ceil(len(pools["site"]) / SITE_A_DAY))
    content: dict[str, Any] = {
        "synthetic": True,
        "seed": seed,
        "pools": {name: {"people": count, "fractures": share} for name, (count, _, share) in POOLS.items()},
        "year": {"days": DAYS, "joins": JOINS, "adults_a_day": HOME_A_DAY, "children_a_day": SITE_A_DAY},
        "readers": {"sensitivity": SENSITIVITY, "specificity": SPECIFICITY, "annotated": ANNOTATED},
        "threshold": threshold,
        "alarms": alarms(found),
        "alarms_without_the_site": len(quiet.alarms),
        "weeks": weekly(found),
        "annotated_day": ready,
        "decided_day": ready + SHADOW_DAYS,
        "arms": {},
    }
    readings = {"nothing": {name: seen[name] for name in ("hidden", "test")}}
    picked = {arm: chosen(arm, seen["site"], threshold, np.random.default_rng([seed, 12])) for arm in ARMS}

    # A test set of what readers happened to look at says nothing of the site: this one is drawn at random, before.
    locked = lock(decided(pools["locked"], says, out / "snapshot-locked"), out, store, seed)
    test = [person for person in pools["locked"] if person.digest in locked]

    def round_of(arm: str) -> Path:
        members = [pools["site"][index] for index in picked[arm]]
        snapshot = decided([*members, *test], says, out / f"snapshot-{arm}")
        return improve(snapshot, out / f"round-{arm}", out, store, ARMS[arm], seed)

    with ThreadPoolExecutor(workers) as pool:
        candidates = dict(zip(ARMS, pool.map(round_of, ARMS), strict=True))
    say(began, "improved twice")
    for arm, candidate in candidates.items():
        readings[arm] = {name: read(candidate, pools[name]) for name in ("hidden", "test")}
        content["arms"][arm] = {
            "fractures": sum(pools["site"][index].fracture for index in picked[arm]),
            "wrong_labels": sum(says[one.digest] != one.fracture for one in (pools["site"][at] for at in picked[arm])),
            "not_read": int((~seen["site"].read[picked[arm]]).sum()),
            **may_read(out / f"round-{arm}"),
        }
    content["locked"] = {"people": len(test), "fractures": sum(one.fracture for one in test)}
    identities = {arm: put_in_shadow(store, version) for arm, version in ARMS.items()}
    with Room(store, live) as room:
        weeks = weeks_in_shadow(room, pools["later"][:IN_SHADOW], says, tuple(identities.values()), KILLS)
        for arm, identity in identities.items():
            content["arms"][arm]["shadow"] = weeks["compared"].pop(identity)
        content["shadow"] = weeks
        say(began, f"in shadow, {weeks['kills']} kills")
        best = best_of(content["arms"])
        for arm in ARMS:
            content["arms"][arm]["promoted"] = arm == best
        if best is not None:
            content["promotion"] = promote_and_take_back(
                room, identities[best], pools["later"][IN_SHADOW:], KILLS, np.random.default_rng([seed, 13])
            )
            say(began, f"{best}: promoted, taken back, promoted")
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


def best_of(arms: dict[str, Any]) -> str | None:
    """Of the candidates that may read, the one that calls most studies as readers do in shadow; None where none may."""
    right = {
        arm: next(figure["candidate"] for figure in one["shadow"]["figures"] if figure["figure"] == "right")
        for arm, one in arms.items()
        if one["held"] == one["required"]
    }
    return max(right, key=lambda arm: right[arm], default=None)


def flat(content: dict[str, Any]) -> dict[str, Any]:
    """The figures under names that a page can refer to, such as ``children.random.auroc.change``."""
    made: dict[str, Any] = {}
    for label, sets in content["sets"].items():
        for arm, figures in sets.items():
            for name, one in figures.items():
                if isinstance(one, dict):
                    made[f"{label}.{arm}.{name}"] = {key: one[key] for key in ("value", "low", "high")}
                    if "difference" in one:
                        made[f"{label}.{arm}.{name}.change"] = _ends(one["difference"])
    for arm, one in content["arms"].items():
        for figure in one["shadow"]["figures"]:
            made[f"shadow.{arm}.{figure['figure']}.change"] = _ends(figure["difference"])
    return made


def _ends(one: dict[str, Any]) -> dict[str, float]:
    return {key: one[key] for key in ("value", "low", "high")}


def main() -> None:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, nargs="+", default=[1], help="a year for each; the page shows the first")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    years = [simulate(given.out / f"seed-{seed}", seed, given.workers) for seed in given.seed]
    content = {**years[0], "command": " ".join(["python scripts/year OUT --seed", *map(str, given.seed)])}
    content["seeds"] = over_seeds(years)
    (given.out / "year.json").write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")
    write_report(content, given.out)


if __name__ == "__main__":
    main()
