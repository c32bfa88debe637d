"""No number of a recipe changes unseen: each stands in ``snapshots/<paper>.json`` and is compared with what runs.

The first recipe of a paper is there whole, as is one of another kind; of the others what differs from it. Prose is left out.
A change that is meant is written down with ``make snapshots``, and its difference is read before it is committed.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, Final

import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.learning.recipe import AnyRecipe, Paper, Recipe
from osteon.learning.recipes import PAPERS
from osteon.learning.runs.overrides import apply, leaves

FOLDER: Final = Path(__file__).parent / "snapshots"
RENEW: Final = "OSTEON_RENEW_SNAPSHOTS"
PROSE: Final = (
    "summary",
    "source",
    "unstated",
    "deviations",
    "indicated.intended_use",
    "indicated.not_for",
    "indicated.limits",
)
ABSENT: Final = "(absent)"
"""A leaf of the first recipe that another has not."""

NOTE: Final = re.compile(r"claims\.\d+\.(note|table|kind)")
"""What is said of a claim, and how and where it is shown."""

END: Final = re.compile(r"claims\.\d+\.(low|high)")
"""Of an interval, which few claims have."""

HOW: Final = (
    "Numbers of recipes differ from tests/learning/snapshots:\n{}\n"
    "If that is meant: run `make snapshots`, read `git diff tests/learning/snapshots`, and commit it with the change."
)


def numbers(recipe: AnyRecipe) -> dict[str, Any]:
    """Every leaf of a recipe that may move a result or stands in a table, as plain JSON values."""
    # A record without fields is a leaf, too: what it is stands in its kind.
    found = {
        key: one
        for key, one in leaves(recipe).items()
        if key not in PROSE
        and not NOTE.fullmatch(key)
        and not is_dataclass(one)
        and (one is not None or not END.fullmatch(key))
    }
    found["kind"] = type(recipe).__name__
    if isinstance(recipe, Recipe):
        kinds = {"architecture": recipe.architecture, "schedule": recipe.schedule}
        found |= {f"{key}.kind": type(value).__name__ for key, value in kinds.items()}
    return json.loads(json.dumps(dict(sorted(found.items()))))


def taken(paper: Paper) -> dict[str, Any]:
    """What stands in the file of a paper."""
    first = numbers(paper.variants[0])
    recipes: dict[str, Any] = {paper.variants[0].name: first}
    for recipe in paper.variants[1:]:
        own = numbers(recipe)
        keys = sorted({*first, *own})
        recipes[recipe.name] = (
            {key: own.get(key, ABSENT) for key in keys if own.get(key, ABSENT) != first.get(key, ABSENT)}
            if isinstance(recipe, Recipe)
            else own
        )
    budgets = {one.name: asdict(one) for one in paper.budgets}
    for one in budgets.values():
        one["changes"] = [{"variants": change["variants"], "settings": change["settings"]} for change in one["changes"]]
    return json.loads(json.dumps({"recipes": recipes, "budgets": budgets}))


def differences(kept: Any, now: Any, where: str) -> list[str]:
    """Each value that differs, with its place."""
    if isinstance(kept, dict) and isinstance(now, dict):
        return [
            line
            for key in dict.fromkeys((*kept, *now))
            for line in differences(kept.get(key, ABSENT), now.get(key, ABSENT), f"{where} {key}")
        ]
    return [] if kept == now else [f"  {where}: {json.dumps(kept)} is now {json.dumps(now)}"]


CONTENT: Final = {paper.name: taken(paper) for paper in PAPERS}


@pytest.mark.parametrize("name", CONTENT)
def test_all_numbers_are_as_they_were(name: str) -> None:
    path, now = FOLDER / f"{name}.json", CONTENT[name]
    if os.environ.get(RENEW):
        path.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    found = differences(kept, now, name)
    assert not found, HOW.format("\n".join(found[:20] + (["  ..."] if len(found) > 20 else [])))


def test_every_file_is_of_a_paper() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == CONTENT.keys()


@pytest.mark.parametrize(
    "setting",
    [
        "optimizer.lr=0.123",
        "phases.0.epochs=77",
        "augmentation.jpeg=33",
        "split.kept=other",
        "loss.l2=0.5",
        "seeds=[9]",
    ],
)
def test_a_change_is_seen_and_named(setting: str) -> None:
    recipe = PAPERS[0].variants[0]
    key = setting.partition("=")[0]
    (line,) = differences(numbers(recipe), numbers(apply(recipe, [setting])), recipe.name)
    assert key in line


def test_a_change_of_words_is_not() -> None:
    recipe = PAPERS[0].variants[0]
    assert numbers(apply(recipe, ["summary=Other words."])) == numbers(recipe)
