"""Tables of the simulated year, from ``docs/evidence/year.json``, which ``python scripts/year`` wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from evidence import full, table

YEAR: Final = Path(__file__).parent / "evidence" / "year.json"

_ARMS: Final = (("nothing done", "nothing"), ("200 at random", "random"), ("200 uncertain", "uncertain"))
_FIGURES: Final = ("auroc", "sensitivity", "specificity")
_HEAD: Final = ("AUROC", "sensitivity at *doubt*", "specificity at *doubt*")


def before_and_after(year: Mapping[str, Any]) -> str:
    """Figures of the three networks on both sets of people, of the first seed."""
    made: list[str] = []
    for who in ("children", "adults"):
        rows = [
            (label, *(full(year, f"{who}.{arm}.{figure}") for figure in (*_FIGURES, "read"))) for label, arm in _ARMS
        ]
        made.append(table((who, *_HEAD, "read"), rows))
    return "\n\n".join(made)


def changes(year: Mapping[str, Any]) -> str:
    """What the candidates change, paired, of the first seed."""
    rows = [
        (label, *(full(year, f"{name}.{figure}.change") for figure in _FIGURES))
        for label, name in (
            ("children: random, less nothing", "children.random"),
            ("children: uncertain, less nothing", "children.uncertain"),
            ("children: uncertain, less random", "children.uncertain_against_random"),
            ("adults: random, less nothing", "adults.random"),
            ("adults: uncertain, less nothing", "adults.uncertain"),
            ("shadow: random, less live, against readers", "shadow.random"),
            ("shadow: uncertain, less live, against readers", "shadow.uncertain"),
        )
    ]
    return table(("change", *_HEAD), rows)


def over_seeds(year: Mapping[str, Any]) -> str:
    """Mean, least and greatest over the seeds."""
    seeds = year["seeds"]
    rows = [
        (f"{who}, {label}", *(full(seeds, f"{who}.{arm}.{figure}") for figure in _FIGURES))
        for who in ("children", "adults")
        for label, arm in _ARMS
    ]
    return table(("network", *_HEAD), rows)


def each_seed(year: Mapping[str, Any]) -> str:
    """What happened in the year of each seed."""
    rows = [
        (
            str(one["seed"]), str(one["alarms"]), str(one["first_alarm"]), str(one["alarms_without_the_site"]),
            *(f"{one[f'{arm}.held']} of {one['required']}" for arm in ("random", "uncertain")),
            one["promoted"] or "neither", str(one["kills"]), str(one["lost"]), str(one["read_twice"]), str(one["seconds"]),
        )
        for one in year["seeds"]["years"]
    ]  # fmt: skip
    head = (
        "seed", "alarms", "first on day", "without the site", "requirements held, random", "uncertain", "promoted",
        "kills of the server", "studies lost", "read twice", "seconds",
    )  # fmt: skip
    return table(head, rows)


def generate(folder: Path) -> None:
    """Write the tables, a file each."""
    year = json.loads(YEAR.read_text(encoding="utf-8"))
    for part in (before_and_after, changes, over_seeds, each_seed):
        (folder / f"year_{part.__name__}.md").write_text(part(year) + "\n", encoding="utf-8")
