"""Sentences on what a promotion requires, and on what was compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Values = Mapping[str, str | float | int]

SETS: Final = {"local": "the locked local test set", "old": "the old test set"}

FIGURES: Final = {
    "auroc": "AUROC",
    "doubt.sensitivity": "sensitivity with doubt as a call",
    "doubt.specificity": "specificity with doubt as a call",
    "definite.sensitivity": "sensitivity of definite calls",
    "definite.specificity": "specificity of definite calls",
    "definite.accuracy": "share of right definite calls",
    "read": "share of images that are read",
    "shadow.called": "share of studies that are called",
    "shadow.abstained": "share of studies that are not read",
    "shadow.right": "share of studies that are called as readers do",
    "shadow.sensitivity": "sensitivity against readers",
    "shadow.specificity": "specificity against readers",
    "shadow.auroc": "AUROC against readers",
    "mean.auroc": "mean AUROC on corrupted images",
}

CAUTIONS: Final = {
    "live_training_unknown": "The live bundle does not list all that it was trained on: it may have seen images of the local "
    "test set, which would make it look better than it is.",
    "opinions": "Some new images have the opinion of a reader who had seen what the live bundle says.",
    "no_old_data": "There are no data of before: whether something was forgotten cannot be measured.",
}

STARTS: Final = {
    "run": "the weights of the live bundle's run",
    "graph network": "the weights in the live bundle's graph",
    "integer graph network": "the weights in the live bundle's graph, which are rounded to 8-bit integers",
    "graph backbone": "the weights of the backbone in the live bundle's graph; others have no names there",
    "integer graph backbone": "the weights of the backbone in the live bundle's graph, rounded to 8-bit integers; others have no "
    "names there",
    "recipe": "the start of its recipe, since the live bundle's weights could not be taken back",
}

BARRED: Final = {
    "new_trained_before": "decided images that the live bundle, or one before it, was trained on: never locked for testing",
    "locked_trained_before": "locked images that it was trained on: left out of the local test set",
    "new_shows_a_test_image": "decided images that are, or show, a test image: not trained on",
    "old_shows_a_locked_image": "old training images that are, or show, a locked image: not trained on",
    "old_test_trained_before": "old test images that are, or show, an image that either bundle was trained on: left out of the "
    "old test set",
}


def figure_words(name: str) -> str:
    """A figure in words."""
    return FIGURES.get(name, name)


def check_words(code: str, values: Values, *, passed: bool) -> str:
    """A requirement and whether it holds, in words."""
    made = {
        "no_comparison": lambda: "A comparison with the live bundle is kept with it",
        "other_candidate": lambda: "The comparison is of this bundle",
        "other_live": lambda: f"It was compared with the bundle that reads now ({values['compared']})",
        "plan_kept": lambda: "The plan in the bundle is that of the comparison",
        "plan_first": lambda: f"The plan ({values['written']}) is older than the training ({values['began']})",
        "same_task": lambda: "It has all labels and networks of the live bundle",
        "gate": lambda: (
            "It has a gate against images that are no radiograph of an indicated part, as the live bundle has"
        ),
        "set_measured": lambda: f"Measured on {SETS[str(values['set'])]}",
        "not_inferior": lambda: f"{_on(values)}: at most {values['margin']} worse; {_difference(values)}",
        "superior": lambda: f"{_on(values)}: better, as claimed; {_difference(values)}",
        "subgroup": lambda: (
            f"{_on(values)}, {values.get('attribute')} {values.get('value')}: not worse; {_difference(values)}"
        ),
        "subgroups": lambda: (
            f"No group of {SETS[str(values['set'])]} is worse off: {values['groups']} groups of {values['minimum']} images or "
            f"more, {values['small']} smaller ones not looked at"
        ),
        "robust": lambda: f"Corrupted images: at most {values['margin']} worse; {_difference(values)}",
        "time": lambda: f"Time for an image: {_factor(values)}",
        "memory": lambda: f"Memory: {_factor(values)}",
    }
    return f"{'yes' if passed else 'NO'}: {made[code]()}"


def _on(values: Values) -> str:
    figure = figure_words(str(values.get("figure", "")))
    return f"{figure[:1].upper()}{figure[1:]} on {SETS[str(values['set'])]}"


def _difference(values: Values) -> str:
    if "difference" not in values:
        return "it could not be measured"
    said = f"difference {float(values['difference']):+.3f}"
    if "low" not in values:
        return f"{said}, without an interval"
    return f"{said} ({float(values['low']):+.3f} to {float(values['high']):+.3f})"


def _factor(values: Values) -> str:
    if "factor" not in values:
        return "it could not be measured"
    return f"{float(values['factor']):.2f} times that of the live bundle, {float(values['limit']):.2f} allowed"
