"""What several simulated years have in common, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any, Final

ARMS: Final = ("nothing", "random", "uncertain")
FIGURES: Final = ("auroc", "sensitivity", "specificity")


def over_seeds(years: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Figures of each year, and their mean, least and greatest over the years, which differ in patients and trainings.

    Args:
        years: what ``simulate`` gave for each seed.

    Returns:
        ``years``: a row for each; ``children.random.auroc`` and the like, and ``children.random.auroc.change`` from doing
        nothing, each with ``value`` (mean), ``low`` and ``high`` (least and greatest).
    """
    rows = [
        {
            "seed": year["seed"],
            "seconds": year["seconds"],
            "alarms": len(year["alarms"]),
            "first_alarm": min((one["day"] for one in year["alarms"]), default=None),
            "alarms_without_the_site": year["alarms_without_the_site"],
            "kills": year["shadow"]["kills"],
            "lost": year["shadow"]["lost"],
            "read_twice": year["shadow"]["read_twice"],
            **{f"{arm}.held": one["held"] for arm, one in year["arms"].items()},
            "required": next(iter(year["arms"].values()))["required"],
            **{f"{arm}.inferior_by_default": one["inferior_by_default"] for arm, one in year["arms"].items()},
            "promoted": next((arm for arm, one in year["arms"].items() if one["promoted"]), None),
        }
        for year in years
    ]
    made: dict[str, Any] = {"years": rows}
    for label in ("children", "adults"):
        for arm in ARMS:
            for figure in FIGURES:
                found = [year["sets"][label][arm][figure]["value"] for year in years]
                without = [year["sets"][label]["nothing"][figure]["value"] for year in years]
                made[f"{label}.{arm}.{figure}"] = _spread(found)
                if arm != "nothing":
                    changes = [after - before for after, before in zip(found, without, strict=True)]
                    made[f"{label}.{arm}.{figure}.change"] = _spread(changes)
    return made


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"value": fmean(values), "low": min(values), "high": max(values)}
