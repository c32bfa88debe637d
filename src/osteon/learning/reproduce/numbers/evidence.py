"""Figures of finished reproductions that come with Osteon: the ``report.json`` of each paper, as it was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import osteon
from osteon.core.errors import DataError
from osteon.evaluation.claims.claims import Cases, Ours

PACKAGED: Final = Path(__file__).parent / "reports"
"""Where a wheel has them."""

CLONE: Final = Path(osteon.__file__).parents[2] / "docs" / "evidence" / "reproduce"
"""Where a clone has them."""

WHOLE: Final = "-table"
"""After the paper's name: the report of its whole table, of the budget ``table``."""


@dataclass(frozen=True)
class Found:
    """A measured figure of a recipe.

    Attributes:
        ours: the figure.
        data: that it was measured on.
        command: that measures it.
    """

    ours: Ours
    data: Cases
    command: str


def evidence_of(paper: str, folder: Path | None = None) -> dict[tuple[str, str], Found]:
    """Figures of a paper's recipes by short name and figure; none where no report is at hand.

    Where a report of the whole table is at hand its figures are taken, so that all rows were trained alike.

    Args:
        paper: its name.
        folder: of the reports; None takes those that come with Osteon.

    Raises:
        DataError: a report is damaged.
    """
    where = folder or (PACKAGED if PACKAGED.is_dir() else CLONE)
    found: dict[tuple[str, str], Found] = {}
    for name in (f"{paper}.json", f"{paper}{WHOLE}.json"):
        if (where / name).is_file():
            found |= _figures(where / name)
    return found


def _figures(path: Path) -> dict[tuple[str, str], Found]:
    """The figures of one report.

    Raises:
        DataError: it is damaged.
    """
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        return {
            (entry["variant"], entry["metric"]): _found(entry, report["data"])
            for table in report["tables"]
            for entry in table["entries"]
            if entry["ours"] is not None
        }
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"the report {path.name} is damaged", expected="report.json of osteon reproduce", got=str(error)
        ) from error


def _found(entry: Mapping[str, Any], source: str) -> Found:
    ours, data = entry["ours"], entry["data"]
    name = f"{source}, {data['name']}"
    cases = Cases(name, data["images"], data["positive"], data["simulated"])
    return Found(Ours(**ours), cases, entry["command"])
