"""What a bundle's card says of its use and limits, from the data that it was trained on.

A recipe's own words are of the dataset that it was written for. Where a run learnt from a user's own data, or from another
dataset, none of them may stand on the card: they are made from the table instead.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from osteon.core.labels import BodyPart
from osteon.data.datasets import find as find_dataset
from osteon.data.table.table import Table
from osteon.learning.inputs.coverage import counts
from osteon.learning.inputs.load_cases import Parts
from osteon.learning.recipe import Indicated, Recipe
from osteon.learning.recipes import find_network as find_recipe
from osteon.learning.runs.overrides import apply
from osteon.learning.runs.run import Run

SMALL: Final = 30
"""Positive or negative validation cases below which thresholds and calibration are called rough on the card."""

SENTENCES: Final = ("intended_use", "not_for", "limits")
"""Fields of ``Indicated`` that are prose and not a number or a code."""

NO_DEVICE: Final = "Decisions on patients: it was never tried in a clinic and is no medical device."


def described(run: Run, parts: Parts) -> Run:
    """The run with the summary and the indications for its card.

    Where the run was trained on the recipe's own dataset, the sentences are those of the recipe as it is today, and every
    limit (regions, ages, sizes, novelty) is the run's own: an export never changes what the run was made with. Where it was
    trained on other data, both are made from these. What the user set with ``--set`` stays.
    """
    recipe = run.recipe
    origin = find_recipe(recipe.name)
    if recipe.dataset == origin.dataset and find_dataset(recipe.dataset).card.access != "own":
        free = [name for name in SENTENCES if not {"indicated", f"indicated.{name}"} & run.settings.keys()]
        today = {name: getattr(origin.indicated, name) for name in free}
        summary = recipe.summary if "summary" in run.settings else origin.summary
        worded = replace(recipe, summary=summary, indicated=replace(recipe.indicated, **today))
    else:
        own = replace(recipe, summary=_summary(recipe), indicated=_indicated(recipe, parts))
        stated = {key: value for key, value in run.settings.items() if key.split(".")[0] in ("indicated", "summary")}
        settings = [f"{key}={value}" for key, value in stated.items()]
        worded = apply(own, settings)
    limits = (*worded.indicated.limits, *_of_validation(parts, recipe))
    return replace(run, recipe=replace(worded, indicated=replace(worded.indicated, limits=limits)))


def _summary(recipe: Recipe) -> str:
    findings = _and([label.replace("_", " ") for label in recipe.task.labels])
    title = find_dataset(recipe.dataset).card.title
    does = "draws boxes round" if recipe.detection is not None else "tells images by"
    return f"The network of the recipe {recipe.name}, trained on the owner's data ({title}): it {does} {findings}."


def _indicated(recipe: Recipe, parts: Parts) -> Indicated:
    table = parts.table.select([*parts.train.images, *parts.val.images])
    findings = _and([label.replace("_", " ") for label in recipe.task.positive])
    regions, ages = _regions(table), table.frame["age"].drop_nulls()
    low, high = (float(np.floor(ages.min())), float(np.ceil(ages.max()) + 1)) if _whole(table, "age") else (0.0, 120.0)  # pyright: ignore[reportArgumentType,reportCallIssue] - of a column of floats
    return Indicated(
        body_parts=regions or tuple(BodyPart),
        minimum_age=low,
        maximum_age=min(high, 150.0),
        minimum_side=recipe.indicated.minimum_side,
        novelty_share=recipe.indicated.novelty_share,
        intended_use=f"Research on {findings} in radiographs like those that it was trained on.",
        not_for=(
            NO_DEVICE,
            "Images of other regions, ages, devices or hospitals than those of the training data, until it was measured there.",
        ),
        limits=_limits(table, parts, regions),
    )


def _limits(table: Table, parts: Parts, regions: tuple[BodyPart, ...]) -> tuple[str, ...]:
    """What the table says, and does not say, of its images."""
    width, height = (int(np.median(table.frame[name].to_numpy())) for name in ("width", "height"))
    found = [
        (
            f"It learnt from {len(parts.train):,} cases, of {width} x {height} pixels in the median; how it does on images of "
            "other sizes, devices and populations is not measured."
        ),
        "Labels are those of the dataset's owner; how they were made is not known here, and what was missed counts as absent.",
    ]
    if table.frame["patient"].null_count() == len(table):
        found.append(
            "The data name no patients: images of one patient may lie in training and test. "
            + ("Near duplicates are kept in one part." if "cluster" in parts.split.group else "")
        )
    elif table.frame["patient"].null_count():
        found.append(
            "The data name the patient of some images only: images of one patient may lie in training and test."
        )
    unknown = [
        word
        for name, word in (("age", "ages"), ("sex", "sexes"), ("body_part", "body regions"))
        if not _whole(table, name)
    ]
    if unknown:
        found.append(f"The data do not say all {_and(unknown)}: figures by them cannot be had.")
    if not regions:
        found.append("No image is refused for its body region, since the data do not say which they show.")
    return tuple(line.strip() for line in found)


def _of_validation(parts: Parts, recipe: Recipe) -> tuple[str, ...]:
    """A caution where thresholds and calibration rest on few cases."""
    found = counts(parts.val)
    if recipe.task.assumes_fracture or min(found.positive, found.negative) >= SMALL:
        return ()
    return (
        (
            f"Thresholds and calibration rest on {found.positive} positive and {found.negative} negative validation cases "
            "only: they may be far off."
        ),
    )


def _regions(table: Table) -> tuple[BodyPart, ...]:
    """The body regions of the images, where all are known."""
    if not _whole(table, "body_part"):
        return ()
    there = set(table.frame["body_part"].cast(pl.String).to_list())
    return tuple(part for part in BodyPart if str(part) in there)


def _whole(table: Table, column: str) -> bool:
    return len(table) > 0 and table.frame[column].null_count() == 0


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
