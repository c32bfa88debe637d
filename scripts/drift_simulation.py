"""Simulate years of a reading room: false alarms of quiet ones, and how soon known changes are found.

    python scripts/drift_simulation.py pool FRACATLAS pool.json          (minutes: every image is read in five versions)
    python scripts/drift_simulation.py years pool.json docs/evidence/drift.json docs/drift-delays.svg

The pool holds observations of validation and test images of FracAtlas, read by the shipped bundle as they are and with known
changes; ages and sexes are drawn from a made-up adult population, since FracAtlas states none. A year draws studies of the
pool with replacement. All of it is synthetic: real years are not independent draws.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.monitoring.fields import BY_NAME
from osteon.monitoring.freeze import freeze
from osteon.monitoring.observation import Observation
from osteon.monitoring.streams import Stream, streams_of
from osteon.monitoring.watch import Rule, named, no_change_range
from osteon.stats.drift.changes import ChangeProcess
from osteon.stats.intervals import wilson

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
IMAGES: Final = 400
A_DAY: Final = 40.0
REFERENCE: Final = 1000
DAYS: Final = 365
BEGIN: Final = 100
"""Day of the change."""
PART: Final = 0.2
"""Share of studies that change where one room of several does."""

Grey = NDArray[np.uint8]


def detector(image: Grey) -> Grey:
    """Another detector: a steeper curve, a little blur, more noise, pixels a quarter smaller."""
    rows, columns = image.shape
    larger = cv2.resize(image, (round(columns * 1.25), round(rows * 1.25)), interpolation=cv2.INTER_CUBIC)
    curve = (larger.astype(np.float32) / 255.0) ** 1.3
    noise = np.random.default_rng(rows * columns).normal(0.0, 0.02, curve.shape)
    return np.clip(cv2.GaussianBlur(curve, (0, 0), 0.8) * 255.0 + noise * 255.0, 0, 255).astype(np.uint8)


def marker(image: Grey) -> Grey:
    """A bright letter burned into a corner."""
    made = image.copy()
    size = max(1.0, min(image.shape) / 250)
    cv2.putText(made, "R", (round(8 * size), round(34 * size)), cv2.FONT_HERSHEY_SIMPLEX, size, 255, round(3 * size))
    return made


VERSIONS: Final[dict[str, tuple[Callable[[Grey], Grey], int]]] = {
    "as it is": (lambda image: image, 95),
    "detector replaced": (detector, 95),
    "JPEG quality 20": (lambda image: image, 20),
    "inverted": (lambda image: 255 - image, 95),
    "marker burned in": (marker, 95),
}
"""How each version is made, and its JPEG quality; all are written anew, so that each differs from the first in one thing."""


def make_pool(root: Path, target: Path) -> None:
    """Read the images."""
    from osteon.bundle.archive import open_bundle
    from osteon.inference.engine import InferenceEngine
    from osteon.inference.stream import read_study_files
    from osteon.inference.studies import Study
    from osteon.monitoring.observe import observe

    bundle = open_bundle("fracatlas")
    split = json.loads(bundle.parts["split.json"])
    held = set(held_out(split))
    rows = [row for row in csv.DictReader((root / "dataset.csv").open()) if row["image_id"] in held]
    generator = np.random.default_rng(1)
    chosen = [rows[index] for index in sorted(generator.permutation(len(rows))[:IMAGES])]
    engine = InferenceEngine(bundle, threads=1)
    pool: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for row in chosen:
            file = next((root / "images").rglob(row["image_id"]))
            image = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
            if image is None:
                continue
            age, sex = float(np.clip(generator.normal(48, 18), 18, 95)), "FM"[int(generator.integers(2))]
            entry: dict[str, Any] = {
                "fracture": row["fractured"] == "1",
                "child": float(generator.uniform(1, 15)),
                "versions": {},
            }
            for name, (change, quality) in VERSIONS.items():
                path = Path(folder) / "image.jpg"
                cv2.imwrite(str(path), change(image), [cv2.IMWRITE_JPEG_QUALITY, quality])
                reading = read_study_files(engine, Study((path,))).reading
                if reading is not None:
                    seen = observe(reading, NOW)
                    entry["versions"][name] = {
                        "categories": dict(seen.categories) | {"sex": sex},
                        "quantities": dict(seen.quantities) | {"age": round(age, 1)},
                    }
            pool.append(entry)
            print(len(pool), end="\r", file=sys.stderr)
    target.write_text(json.dumps({"bundle": bundle.manifest.identity, "pool": pool}))


def held_out(split: dict[str, Any]) -> list[str]:
    """Names of the images that the network was not trained on."""
    parts = split.get("splits", split.get("parts", split))
    return [Path(name).name for part in ("val", "test") for name in parts[part]]


def observations(pool: list[dict[str, Any]], version: str, *, children: bool = False) -> list[Observation]:
    """The pool in one version."""
    made: list[Observation] = []
    for entry in pool:
        seen = entry["versions"][version]
        quantities = seen["quantities"] | ({"age": entry["child"]} if children else {})
        made.append(Observation(NOW, "fracatlas", seen["categories"], quantities))
    return made


def membership(streams: tuple[Stream, ...], seen: list[Observation]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Whether each stream counts each member of the pool, and whether it says anything of it: (pool, streams) each."""
    counted = [[stream.counts(one) for stream in streams] for one in seen]
    return np.array([[one is True for one in row] for row in counted], float), np.array(
        [[one is not None for one in row] for row in counted], float
    )


class Daily:
    """The tests of CheXstray: each day by itself against the reference, for each quantity and category.

    Args:
        base: the pool as it is.
        drawn: how often the reference holds each member of it.
    """

    def __init__(self, base: list[Observation], drawn: NDArray[np.int64]) -> None:
        self._reference = [base[index] for index in np.repeat(np.arange(len(base)), drawn)]
        self.fields = sorted({name for one in base for name in (*one.quantities, *one.categories)})

    def p_values(self, seen: list[Observation], draws: NDArray[np.int64]) -> NDArray[np.float64]:
        """P of each field on each day, (days, fields).

        Args:
            seen: a pool.
            draws: how often each day holds each member, (days, pool).
        """
        return np.stack([self._field(name, seen, draws) for name in self.fields], axis=1)

    def _field(self, name: str, seen: list[Observation], draws: NDArray[np.int64]) -> NDArray[np.float64]:
        if BY_NAME[name].quantity:
            return self._ks(name, seen, draws)
        return self._chi_square(name, seen, draws)

    def _ks(self, name: str, seen: list[Observation], draws: NDArray[np.int64]) -> NDArray[np.float64]:
        from scipy.stats import kstwobign

        reference = np.sort([one.quantities[name] for one in self._reference if name in one.quantities])
        there = np.array([name in one.quantities for one in seen])
        values = np.array([one.quantities.get(name, 0.0) for one in seen])[there]
        if not len(reference) or not len(values):
            return np.ones(len(draws))
        order = np.argsort(values, kind="stable")
        counts = draws[:, there][:, order]
        of = counts.sum(axis=1, keepdims=True)
        today = np.cumsum(counts, axis=1) / np.maximum(of, 1)
        ends = np.append(values[order][1:] != values[order][:-1], True)  # ties: only behind the last of equal values
        after = np.searchsorted(reference, values[order], "right") / len(reference)
        before = np.searchsorted(reference, values[order], "left") / len(reference)
        starts = np.append(True, ends[:-1])
        earlier = np.concatenate([np.zeros((len(draws), 1)), today[:, :-1]], axis=1)
        apart = np.maximum(np.abs(today - after)[:, ends].max(axis=1), np.abs(earlier - before)[:, starts].max(axis=1))
        scale = np.sqrt(len(reference) * of[:, 0] / (len(reference) + of[:, 0]))
        return np.where(of[:, 0] > 0, kstwobign.sf(scale * apart), 1.0)

    def _chi_square(self, name: str, seen: list[Observation], draws: NDArray[np.int64]) -> NDArray[np.float64]:
        from scipy.special import chdtrc

        values = sorted({str(one.categories.get(name)) for one in (*self._reference, *seen)})
        of_reference = np.array(
            [sum(str(one.categories.get(name)) == value for one in self._reference) for value in values]
        )
        today = np.stack(
            [draws @ np.array([str(one.categories.get(name)) == value for one in seen], float) for value in values],
            axis=1,
        )
        n, m = today.sum(axis=1, keepdims=True), of_reference.sum()
        together = today + of_reference
        expected, expected_reference = together * n / (n + m), together * m / (n + m)
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = np.nan_to_num((today - expected) ** 2 / expected) + np.nan_to_num(
                (of_reference - expected_reference) ** 2 / expected_reference
            )
        freedom = np.maximum((together > 0).sum(axis=1) - 1, 1)
        return np.where(len(values) > 1, chdtrc(freedom, parts.sum(axis=1)), 1.0)


METHODS: Final = ("Osteon", "daily, p < 0.05", "daily, Bonferroni over tests", "daily, Bonferroni over tests and days")


def first_alarms(
    base: list[Observation],
    later: list[Observation] | None,
    weights: NDArray[np.float64] | None,
    generator: np.random.Generator,
    *,
    daily: bool,
) -> tuple[list[int | None], int]:
    """The day of the first alarm of each method in one year, None where there is none, and the number of streams.

    Args:
        base: the pool as it is.
        later: the pool from day ``BEGIN`` on; None for a quiet year.
        weights: of the members of ``later``; None for equal ones.
        generator: of chance.
        daily: whether to look with the daily tests too.
    """
    equal = np.full(len(base), 1 / len(base))
    drawn = generator.multinomial(REFERENCE, equal)
    reference = freeze(
        [base[index] for index in np.repeat(np.arange(len(base)), drawn)], data="simulated", made="2026-01-01"
    )
    streams = streams_of(reference)
    sizes = generator.poisson(A_DAY, DAYS)
    change = DAYS if later is None else BEGIN
    parts = [(0, base, generator.multinomial(sizes[:change], equal))]
    if later is not None:
        shares = np.full(len(later), 1 / len(later)) if weights is None else weights
        parts.append((change, later, generator.multinomial(sizes[change:], shares)))
    rule = Rule()
    low, high = no_change_range([one.hits for one in streams], [one.cases for one in streams], rule)
    process, evidence = ChangeProcess(low, high, DAYS), np.empty((DAYS, len(streams)))
    for begin, seen, draws in parts:
        member, says = membership(streams, seen)
        hits, cases = draws @ member, draws @ says
        for day in range(len(draws)):
            evidence[begin + day] = process.add(hits[day], cases[day])
    found = [_first(named(evidence, rule).any(axis=1))]
    if daily:
        tests = Daily(base, drawn)
        p = np.concatenate([tests.p_values(seen, draws) for _, seen, draws in parts])
        count = p.shape[1]
        found += [_first((p < limit).any(axis=1)) for limit in (0.05, 0.05 / count, 0.05 / count / DAYS)]
    return found, len(streams)


def _first(days: NDArray[np.bool_]) -> int | None:
    return int(np.argmax(days)) if days.any() else None


def changes(pool: list[dict[str, Any]]) -> dict[str, tuple[list[Observation], NDArray[np.float64] | None]]:
    """Pools after each change, and the weights of their members."""
    base = observations(pool, "as it is")
    fracture = np.array([entry["fracture"] for entry in pool])
    share = float(fracture.mean())

    def more(target: float) -> NDArray[np.float64]:
        return np.where(fracture, target / fracture.sum(), (1 - target) / (~fracture).sum())

    changed = {name: observations(pool, name) for name in VERSIONS if name != "as it is"}
    changed["children only"] = observations(pool, "as it is", children=True)
    made: dict[str, tuple[list[Observation], NDArray[np.float64] | None]] = {}
    for name, later in changed.items():
        made[f"{name}, all studies"] = (later, None)
        mixed = np.repeat([1 - PART, PART], [len(base), len(later)])
        made[f"{name}, {PART:.0%} of studies".replace("%", " %")] = ([*base, *later], mixed / mixed.sum())
    made["20 % more fractures"] = (base, more(1.2 * share))
    made["20 points more fractures"] = (base, more(share + 0.2))
    return made


def simulate(source: Path, target: Path, plot: Path, quiet_years: int = 1000, years: int = 200) -> None:
    """Simulate, and write figures and curves."""
    content = json.loads(source.read_text())
    pool = [entry for entry in content["pool"] if len(entry["versions"]) == len(VERSIONS)]
    base = observations(pool, "as it is")
    generator = np.random.default_rng(2)
    quiet = [first_alarms(base, None, None, generator, daily=True) for _ in range(quiet_years)]
    report: dict[str, Any] = {
        "synthetic": True,
        "command": "python scripts/drift_simulation.py years pool.json docs/evidence/drift.json docs/drift-delays.svg",
        "bundle": content["bundle"],
        "pool": len(pool),
        "fractures in the pool": round(float(np.mean([entry["fracture"] for entry in pool])), 4),
        "studies a day": A_DAY,
        "studies of the reference": REFERENCE,
        "streams": sorted({streams for _, streams in quiet}),
        "level": Rule().level,
        "tolerance": Rule().tolerance,
        "quiet": {
            "years": quiet_years,
            "any false alarm": {
                method: wilson(sum(found[index] is not None for found, _ in quiet), quiet_years).model_dump()
                for index, method in enumerate(METHODS)
            },
        },
        "changes": {},
    }
    print(report["quiet"], file=sys.stderr)
    curves: dict[str, list[float]] = {}
    for name, (later, weights) in changes(pool).items():
        found = [first_alarms(base, later, weights, generator, daily=True)[0] for _ in range(years)]
        report["changes"][name] = {"years": years}
        for index, method in enumerate(METHODS):
            days = [one[index] for one in found]
            delays = np.array([day - BEGIN + 1 for day in days if day is not None and day >= BEGIN])
            early = sum(day is not None and day < BEGIN for day in days)
            entry: dict[str, Any] = {"alarm before the change": early, "found": len(delays)}
            if len(delays):
                entry |= {"median days": float(np.median(delays)), "90 % within days": float(np.quantile(delays, 0.9))}
            report["changes"][name][method] = entry
            if not index and "all studies" not in name:
                curves[name] = [float((delays <= day).sum() / years) for day in range(61)]
        print(name, report["changes"][name], file=sys.stderr)
    report["curves"] = curves
    target.write_text(json.dumps(report, indent=1) + "\n")
    draw(curves, plot)


def draw(curves: dict[str, list[float]], plot: Path) -> None:
    """Share of simulated years in which each change was found, by day."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "osteon"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for name, values in curves.items():
        axes.step(range(len(values)), values, where="post", label=name)
    axes.set(
        xlabel=f"days since the change ({A_DAY:g} studies a day)", ylabel="share of years with an alarm", ylim=(0, 1.02)
    )
    axes.legend(fontsize=8)
    axes.set_title("Simulated: how soon a change is found", fontsize=10)
    figure.savefig(plot, metadata={"Date": None, "Creator": None})


def main(arguments: list[str]) -> None:
    """Do what is asked for."""
    if arguments[:1] == ["pool"]:
        make_pool(Path(arguments[1]), Path(arguments[2]))
    elif arguments[:1] == ["years"]:
        simulate(*map(Path, arguments[1:4]), *(map(int, arguments[4:6])))
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
