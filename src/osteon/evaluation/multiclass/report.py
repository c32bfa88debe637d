"""The classes in the report: figures of each, averages, curves, and the confusion matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.core.labels import UNKNOWN
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.spread import proportion, reason_against, with_counts
from osteon.evaluation.html.section import Plot, Section
from osteon.evaluation.multiclass.metrics import FIGURES, OF_MEANS, PerClass, WrongCalls, called, confusion
from osteon.evaluation.multiclass.plots import class_curves, confusion_plot
from osteon.evaluation.predictions.classes import Classes
from osteon.evaluation.predictions.pooling import Pooling, pooled
from osteon.evaluation.predictions.predictions import Predictions, Texts
from osteon.html.parts import box, cell, figure_cell, heading, paragraph, row, table
from osteon.stats.bootstrap import defined, figure, replicate
from osteon.stats.operating import youden
from osteon.stats.statistic import Joint

SHARES: Final = {"recall": "sensitivity", "specificity": "specificity", "precision": "ppv"}
"""Proportions among the figures of a class, by their names among those of calls."""

HEADS = ("AUROC", "Average precision", "Precision", "Recall", "Specificity", "F1", "Balanced accuracy")


def class_section(
    predictions: Predictions,
    settings: Settings,
    *,
    pooling: Pooling = "max",
    validation: Classes | None = None,
) -> Section | None:
    """Figures of the classes per image and, where studies hold several images, per study; None without classes.

    Args:
        predictions: all rows.
        settings: of the intervals.
        pooling: of the images of a study.
        validation: on which the thresholds of classes that do not exclude each other are fixed (Youden's index); by
            default 0.5.

    Raises:
        DataError: there is only one cluster.
    """
    if predictions.classes is None or not predictions.classes.usable().any():
        return None
    usable = predictions.select(predictions.classes.usable())
    whole = usable.classes
    if whole is None:
        return None
    classes, dropped = known_classes(whole)
    if classes is None:
        return None
    thresholds = class_thresholds(classes, validation)
    figures = _measured(usable, classes, thresholds, settings, "classes")
    studies = pooled(usable, pooling)
    if len(studies) < len(usable) and studies.classes is not None and studies.classes.usable().any():
        kept = studies.select(studies.classes.usable())
        if kept.classes is not None:
            figures |= _measured(kept, _only(kept.classes, classes.names), thresholds, settings, "study.classes")
    plots = {name: Plot(drawing, _CAPTIONS[name]) for name, drawing in class_curves(classes).items()}
    if classes.exclusive:
        cells = confusion(classes.truth, called(classes), np.ones((1, len(classes))))[0]
        drawing = confusion_plot(cells, classes.names, classes.names, "Confusion matrix")
        plots["classes_confusion"] = Plot(
            drawing, "Images by true class (rows) and predicted class (columns); the shade is the share of the row."
        )
    intro = _intro(classes, thresholds, validation, dropped)
    return Section(
        title="Classes",
        content=paragraph(intro) + box(_table(classes, figures), "scroll"),
        plots=plots,
        figures=figures,
        after="" if not any(name.startswith("study.") for name in figures) else _per_study(classes, figures),
        card=_card(classes, figures),
    )


_CAPTIONS = {
    "classes_roc": "Each class against all others, with its AUROC.",
    "classes_precision_recall": "Each class against all others, with its average precision.",
}


def known_classes(classes: Classes) -> tuple[Classes | None, tuple[str, ...]]:
    """The classes with known labels, and the names of the others; None where fewer than two remain."""
    known = (classes.truth != UNKNOWN).any(axis=0)
    dropped = tuple(name for name, there in zip(classes.names, known.tolist(), strict=True) if not there)
    names = tuple(name for name in classes.names if name not in dropped)
    return (None if len(names) < 2 else _only(classes, names)), dropped


def _only(classes: Classes, names: Sequence[str]) -> Classes:
    columns = [classes.names.index(name) for name in names]
    return Classes(tuple(names), classes.truth[:, columns], classes.probability[:, columns], classes.exclusive)


def class_thresholds(classes: Classes, validation: Classes | None) -> tuple[float, ...] | None:
    """Youden's threshold of each class on validation predictions, 0.5 where it has none; None for exclusive classes."""
    if classes.exclusive:
        return None
    found: list[float] = []
    for name in classes.names:
        at = 0.5
        if validation is not None and name in validation.names:
            i = validation.names.index(name)
            rows = validation.read & (validation.truth[:, i] != UNKNOWN)
            truth = validation.truth[rows, i]
            if 0 < truth.sum() < len(truth):
                at = youden(truth, validation.probability[rows, i]).threshold
        found.append(at)
    return tuple(found)


def _measured(
    rows: Predictions, classes: Classes, thresholds: Sequence[float] | None, settings: Settings, prefix: str
) -> dict[str, Estimate]:
    try:
        statistic = PerClass(classes, thresholds)
    except DataError:
        return {}
    replicates = replicate(
        Joint([statistic, WrongCalls(classes, thresholds)]),
        clusters=rows.cluster,
        resamples=settings.resamples,
        seed=settings.seed,
    )
    found = {name: figure(replicates, name, level=settings.level) for name in defined(replicates)}
    calls = called(classes, thresholds)
    few: dict[str, str] = {}
    for i, name in enumerate(classes.names):
        known = classes.truth[:, i] != UNKNOWN
        truth, clusters = classes.truth[known, i] == 1, rows.cluster[known]
        groups = {name: len(np.unique(clusters[truth])), "other classes": len(np.unique(clusters[~truth]))}
        few[name] = reason_against(groups)
        found |= _shares(found, name, truth, calls[known, i], clusters, settings.level)
    for name in ("accuracy", "exact_match"):
        if name in found:
            right = round(found[name].value * len(rows))
            found[name] = proportion(found[name], right, len(rows), rows.cluster, settings.level)
    # An average over the classes is no surer than its least sure class.
    of_means = next((few[name] for i, name in enumerate(classes.names) if few[name] and _holds(classes, i)), "")
    every = reason_against({"cases": len(np.unique(rows.cluster))})
    for name, estimate in found.items():
        group, _, last = name.rpartition(".")
        own = name in ("accuracy", "exact_match") or (group in few and last in SHARES)
        reason = few.get(group, every if name == "kappa" else of_means)
        if reason and not own:
            found[name] = estimate.without_interval(reason)
    return {f"{prefix}.{name}": estimate for name, estimate in found.items()}


def _shares(
    figures: Mapping[str, Estimate], name: str, truth: np.ndarray, calls: np.ndarray, clusters: Texts, level: float
) -> dict[str, Estimate]:
    """The proportions among the figures of a class, with Wilson's interval where the bootstrap has none to give."""
    own = {call: figures[f"{name}.{share}"] for share, call in SHARES.items() if f"{name}.{share}" in figures}
    counted = with_counts(own, "", truth, calls, clusters, level)
    return {f"{name}.{share}": counted[call] for share, call in SHARES.items() if call in counted}


def _holds(classes: Classes, i: int) -> bool:
    """Whether there are cases of a class."""
    return bool((classes.truth[:, i] == 1).any())


def _intro(
    classes: Classes, thresholds: Sequence[float] | None, validation: Classes | None, dropped: Sequence[str]
) -> str:
    intro = f"{len(classes.names)} classes on {len(classes):,} images, each against all others. "
    if thresholds is None:
        intro += "They exclude each other: the class of the highest probability is predicted. "
    elif validation is None:
        intro += (
            "They do not exclude each other: a class is predicted at a probability of 0.5, as there are no validation "
            "predictions. "
        )
    else:
        intro += (
            "They do not exclude each other: a class is predicted at Youden's threshold on validation predictions. "
        )
    intro += "Macro is the plain mean over classes, weighted the mean by their number of images."
    calls = called(classes, thresholds)
    alone = [name for i, name in enumerate(classes.names) if calls[:, i].any() and not (classes.truth[:, i] == 1).any()]
    if alone:
        intro += (
            f" No image is of {', '.join(alone)}, but some are predicted as such: this counts as 0 in macro precision, recall "
            "and F1."
        )
    if dropped:
        intro += f" No label is known for {', '.join(dropped)}: left out."
    return intro


def _table(classes: Classes, figures: Mapping[str, Estimate], prefix: str = "classes") -> str:
    rows: list[str] = []
    groups = [(name, f"{int((classes.truth[:, i] == 1).sum()):,}") for i, name in enumerate(classes.names)]
    for name, count in (*groups, ("macro", ""), ("weighted", "")):
        cells = [figure_cell(figures.get(f"{prefix}.{name}.{one}"), stacked=True) for one in FIGURES]
        rows.append(row([cell(name, "group"), cell(count, "n"), *cells]))
    overall = [
        row([cell(words), figure_cell(figures.get(f"{prefix}.{key}"))])
        for key, words in (
            ("accuracy", "accuracy"),
            ("balanced_accuracy", "balanced accuracy (mean recall)"),
            ("kappa", "Cohen's kappa"),
            (OF_MEANS, "F1 of macro precision and recall"),
            ("exact_match", "all classes of the image correct"),
        )
        if f"{prefix}.{key}" in figures
    ]
    each = table(("class", "images", *HEADS), rows, caption="Each class against the others")
    return each + box(table(("all classes", ""), overall, caption="All classes together"), "wide")


def _per_study(classes: Classes, figures: Mapping[str, Estimate]) -> str:
    return heading("Per study") + box(_table(classes, figures, "study.classes"), "scroll")


def _card(classes: Classes, figures: Mapping[str, Estimate]) -> str:
    def short(key: str) -> str:
        estimate = figures.get(key)
        return "–" if estimate is None else f"{estimate.value:.3f} ({estimate.between})"

    lines = ["| class | images | AUROC | precision | recall | F1 |", "|---|---|---|---|---|---|"]
    for i, name in enumerate((*classes.names, "macro", "weighted")):
        count = f"{int((classes.truth[:, i] == 1).sum()):,}" if i < len(classes.names) else ""
        cells = [short(f"classes.{name}.{name_of_figure}") for name_of_figure in ("auroc", "precision", "recall", "f1")]
        lines.append(f"| {name} | {count} | {' | '.join(cells)} |")
    return "\n".join(lines)
