"""What reporting guidelines ask for, and where an evaluation answers it: CLAIM 2024 and TRIPOD+AI, in our own words.

CLAIM: Tejani et al., Radiol. Artif. Intell. 6:e240300 (2024). TRIPOD+AI: Collins et al., BMJ 385:e078378 (2024).
"""

from __future__ import annotations

from collections.abc import Mapping

from osteon.bundle.manifest import Manifest
from osteon.core.estimate import Estimate
from osteon.evaluation.report.result import Evaluation


def checklist(manifest: Manifest | None, evaluation: Evaluation) -> tuple[tuple[str, str], ...]:
    """Topics, each with where it is answered; empty where it is not.

    Args:
        manifest: of the bundle that was evaluated; None for predictions of another system.
        evaluation: of it.
    """
    figures = evaluation.figures
    groups = sorted({group.attribute.replace("_", " ") for group in evaluation.groups})
    named = any("auroc_delong" in name for name in figures)
    return (
        *(_of_bundle(manifest) if manifest else _unknown()),
        ("Reference standard: who labelled, and how readers differed", ""),
        ("Demographics and disease spectrum of the test cases", "Subgroups" if groups else ""),
        ("Performance with measures of uncertainty", _performance(figures)),
        ("Several ways to an interval", "Discrimination" if named else ""),
        ("Operating points fixed before the test", "Calls at the operating points" if evaluation.points else ""),
        ("Calibration", "Calibration and use" if "calibration.brier" in figures else ""),
        ("Clinical usefulness", "Decision curve" if "calibration.brier" in figures else ""),
        ("Fairness: figures in subgroups", ", ".join(groups)),
        ("Failures analysed", "Worst errors first" if manifest and evaluation.points else ""),
        ("Explanations tested", "Explanations" if _any(figures, "explanation.") else ""),
        ("Robustness and sensitivity analysis", "Robustness" if _any(figures, "robustness.") else ""),
        ("Cases left out, and why", "Data and system"),
        ("Test on data from another hospital", ""),
        ("Comparison with readers or with another system", ""),
        ("Registration and protocol", ""),
        ("Funding and interests", ""),
    )


def _performance(figures: Mapping[str, Estimate]) -> str:
    places = {
        "Discrimination, Calls": "classification.",
        "Classes": "classes.",
        "Detection": "detection.",
    }
    return ", ".join(words for words, prefix in places.items() if _any(figures, prefix))


def _any(figures: Mapping[str, Estimate], prefix: str) -> bool:
    return any(name.startswith(prefix) for name in figures)


def _of_bundle(manifest: Manifest) -> tuple[tuple[str, str], ...]:
    graph = manifest.graph
    files = " and ".join(one.file for one in (graph, manifest.detector) if one is not None)
    return (
        ("Intended use and users", manifest.indication.intended_use),
        ("Who should not use it", "; ".join(manifest.indication.not_for)),
        ("Sources of data", "; ".join(f"{data.name} ({data.licence})" for data in manifest.training_data)),
        ("Preprocessing", _preprocessing(manifest)),
        (
            "Division of the data, and the level at which it is disjoint",
            "; ".join(data.split for data in manifest.training_data),
        ),
        ("Sample sizes", "; ".join(_sizes(data.images) for data in manifest.training_data)),
        ("Model: architecture, inputs, outputs", f"recipe {manifest.provenance.recipe}; {files} in the bundle"),
        ("Initial weights", manifest.provenance.weights),
        ("Training and selection", manifest.provenance.selection),
        ("Software", ", ".join(f"{name} {version}" for name, version in manifest.provenance.libraries.items())),
        ("Explanation of single readings", (graph.map_method or "") if graph is not None and graph.maps else ""),
        ("Model and licence available", manifest.licence),
    )


def _unknown() -> tuple[tuple[str, str], ...]:
    topics = (
        "Intended use and users",
        "Sources of data",
        "Preprocessing",
        "Division of the data",
        "Model",
        "Training",
        "Software",
    )
    return tuple((topic, "") for topic in topics)


def _preprocessing(manifest: Manifest) -> str:
    how = manifest.preprocessing
    return (
        f"{how.height} x {how.width} pixels, {how.fit}, {how.channels} channel(s), mean {how.mean:g}, std {how.std:g}"
    )


def _sizes(images: dict[str, int]) -> str:
    return ", ".join(f"{part} {count:,}" for part, count in images.items())
