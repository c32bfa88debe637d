"""What a comparison leaves in its folder: ``compare.json``, ``compare.html`` and ``plots/``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from osteon.evaluation.binary.comparison import Comparison
from osteon.evaluation.compare.compare import Compared
from osteon.evaluation.compare.page import cautions, render_comparison
from osteon.evaluation.compare.plots import comparison_plots
from osteon.evaluation.compare.seeds import SeedSummary
from osteon.evaluation.drawing.files import write_plots
from osteon.stats.ranks import Ranks


def comparison_record(compared: Compared, command: str = "", boxes: Sequence[Comparison] = ()) -> dict[str, Any]:
    """Everything that was found, as JSON holds it.

    Args:
        compared: images.
        command: that makes this comparison again.
        boxes: differences between detectors.
    """
    aligned, cases = compared.aligned, compared.aligned.cases
    return {
        "command": command,
        "cases": {
            "n": len(cases),
            "positive": int((cases.label == 1).sum()),
            "clusters": len(np.unique(cases.cluster)),
            "left_out": dict(aligned.left_out),
            "incomplete": aligned.incomplete,
        },
        "systems": [
            {
                "name": system.name,
                "sources": list(system.sources),
                "seeds": len(system.runs),
                "thresholds": [dict(points) for points in system.points],
                "figures": {name: summary_record(one) for name, one in compared.figures[system.name].items()},
            }
            for system in aligned.systems
        ],
        "reference": compared.reference,
        "operating_points": list(aligned.points),
        "differences": [_pair(one) for one in compared.pairs],
        **({"boxes": [_pair(one) for one in boxes]} if boxes else {}),
        "tests": compared.tests,
        "ranks": None if compared.ranks is None else _ranks(compared.ranks),
        "cautions": cautions(compared),
        "resamples": compared.settings.resamples,
        "seed": compared.settings.seed,
        "level": compared.settings.level,
    }


def summary_record(one: SeedSummary) -> dict[str, Any]:
    """One figure over seeds, as JSON holds it."""
    return {
        "mean": one.mean,
        "sd": one.sd,
        "values": list(one.values),
        "over_seeds": None if one.over_seeds is None else one.over_seeds.model_dump(),
        "interval": None if one.interval is None else one.interval.model_dump(),
        "n": one.n,
    }


def write_comparison(
    compared: Compared,
    out: Path,
    *,
    title: str = "Comparison",
    command: str = "",
    boxes: Sequence[Comparison] = (),
) -> None:
    """Write ``compare.json``, ``compare.html``, and the plots as PNG and SVG.

    Raises:
        OSError: the folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    content = json.dumps(comparison_record(compared, command, boxes), indent=1, ensure_ascii=False, allow_nan=False)
    (out / "compare.json").write_text(content + "\n", encoding="utf-8")
    vectors = write_plots(comparison_plots(compared), out / "plots")
    shown = render_comparison(compared, vectors, title=title, command=command, boxes=boxes)
    (out / "compare.html").write_text(shown, encoding="utf-8")


def _pair(one: Comparison) -> dict[str, Any]:
    test = one.test
    return {
        "first": one.first,
        "second": one.second,
        "figure": one.figure,
        "values": list(one.values),
        "difference": one.difference.model_dump(),
        **{name: other.model_dump() for name, other in one.others.items()},
        "test": None
        if test is None
        else {"name": test.name, "p": test.p, "holm": test.adjusted, "details": dict(test.details)},
    }


def _ranks(ranks: Ranks) -> dict[str, Any]:
    return {
        "figure": ranks.figure,
        "kind": ranks.kind,
        "blocks": list(ranks.blocks),
        "systems": list(ranks.systems),
        "scores": ranks.scores.tolist(),
        "mean_ranks": ranks.mean_ranks.tolist(),
        "friedman": {"chi_squared": ranks.chi_squared, "p": ranks.p, "f": ranks.f, "f_p": ranks.f_p},
        "critical_difference": ranks.critical_difference,
        "nemenyi_p": ranks.pairwise.tolist(),
        "alike": [list(group) for group in ranks.alike],
    }
