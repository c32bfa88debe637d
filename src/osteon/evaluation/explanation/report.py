"""What the report says of heat maps that were put to the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from numpy.typing import ArrayLike

from osteon.core.estimate import Estimate
from osteon.core.labels import Call
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.explanation.annotated import AnnotatedImage
from osteon.evaluation.explanation.perturbation import Curves, Fill
from osteon.evaluation.explanation.plots import GROUPS, perturbation_plot, pointing_plot, sanity_plot
from osteon.evaluation.explanation.sanity import Sanity
from osteon.evaluation.html.section import Picture, Plot, Section
from osteon.html.parts import box, cell, figure_cell, joined, paragraph, row, table

SHOWN: Final = 3
"""Pictures of each kind."""

_FILLS: Final[Mapping[Fill, str]] = {"blur": "a blurred image", "mean": "the image's mean grey"}

_CAPTIONS: Final = {
    "deletion": "The most important pixels are taken away first: the lower the curve, the better. The axis is a root.",
    "insertion": "The most important pixels are given back first: the higher, the better. The axis is a root.",
}


def explanation_section(
    figures: Mapping[str, Estimate],
    annotated: Sequence[AnnotatedImage],
    curves: Sequence[Curves],
    sanity: Sanity | None,
    clusters: ArrayLike,
    settings: Settings,
    fill: Fill,
    left: int,
) -> Section:
    """The section on heat maps.

    Args:
        figures: of all three tests.
        annotated: images with map and boxes.
        curves: of the images that were perturbed.
        sanity: None where the map depends on no weights.
        clusters: of the images that were perturbed.
        settings: of the intervals.
        fill: what took the place of deleted pixels.
        left: images with boxes that gave no map.
    """
    parts = [_pointing(figures, annotated, left), _perturbation(figures, curves, fill), _sanity(figures, sanity)]
    plots: dict[str, Plot] = {}
    if any(name.startswith(("explanation.pointing", "explanation.energy")) for name in figures):
        plots["explanation_pointing"] = Plot(
            pointing_plot(figures),
            "Images by the bundle's call, and by thirds of the share that their boxes cover; their numbers beside.",
        )
    for kind in ("deletion", "insertion"):
        plots[f"explanation_{kind}"] = Plot(perturbation_plot(curves, kind, clusters, settings), _CAPTIONS[kind])
    if sanity is not None:
        plots["explanation_randomised"] = Plot(
            sanity_plot(figures, sorted(sanity.rank)),
            "Dashed: how like the maps of two different images are. A map that needs the weights falls to that level.",
        )
    return Section(
        title="Explanations",
        content=joined(*parts),
        plots=plots,
        pictures=_pictures(annotated),
        figures=figures,
        card=_card(figures),
    )


def _pointing(figures: Mapping[str, Estimate], annotated: Sequence[AnnotatedImage], left: int) -> str:
    if not annotated:
        return paragraph("No positive image has boxes: whether maps point at the right place cannot be told.")
    keys = {
        "pointing.hit": "maximum in a box",
        "pointing.chance": "by chance",
        "pointing.centre": "middle of the image",
        "pointing.hit_near": "in or near a box",
        "pointing.chance_near": "by chance",
        "energy.inside": "energy inside boxes",
        "energy.chance": "even map",
    }
    rows = [
        row(
            [cell(words), cell(f"{_count(figures, prefix):,}", "n")]
            + [figure_cell(figures.get(f"explanation.{prefix}{key}"), stacked=True) for key in keys]
        )
        for prefix, words in GROUPS.items()
        if any(f"explanation.{prefix}{key}" in figures for key in keys)
    ]
    words = (
        f"{len(annotated):,} positive images with boxes. Pointing game: does the highest point of the map lie in a box, or "
        "at most 3 % of the image's longer side beside one (15 pixels of 500, as in Zhang et al. 2018)? Energy: the "
        "share of the map's sum inside the boxes (Wang et al. 2020). Chance is the share of the image that the boxes "
        "cover. Boxes of small, middle and large images are thirds by that share."
    )
    if left:
        words += f" {left:,} images with boxes gave no map and are not counted."
    return paragraph(words) + box(
        table(("images", "n", *keys.values()), rows, caption="Pointing game and energy"), "scroll"
    )


def _count(figures: Mapping[str, Estimate], prefix: str) -> int:
    found = [
        one.n
        for name, one in figures.items()
        if name.startswith((f"explanation.{prefix}pointing", f"explanation.{prefix}energy"))
    ]
    return max(found, default=0)


def _perturbation(figures: Mapping[str, Estimate], curves: Sequence[Curves], fill: Fill) -> str:
    rows: list[str] = []
    for kind, better in (("deletion", "lower is better"), ("insertion", "higher is better")):
        names = ("map", "shuffled", "centre")
        gains = ("gain_over_shuffled", "gain_over_centre")
        cells = [figure_cell(figures.get(f"explanation.{kind}.{name}"), stacked=True) for name in names]
        cells += [figure_cell(figures.get(f"explanation.{kind}.{name}"), signed=True, stacked=True) for name in gains]
        rows.append(row([cell(f"{kind}, area; {better}"), *cells]))
    head = ("", "by the map", "map shuffled", "from the middle", "better than shuffled", "better than middle")
    words = (
        f"Deletion and insertion (Petsiuk et al. 2018) on {len(curves):,} positive images, called or not: pixels of the "
        f"network's input are replaced by {_FILLS[fill]}, or given back to it, the most important first. An order that "
        "knows nothing of the image is beside it; gains above 0 speak for the map. The shuffled map leaves a patchwork "
        "whose edges may raise the probability by themselves; the order from the middle does not."
    )
    return paragraph(words) + box(table(head, rows, caption="Deletion and insertion"), "scroll")


def _sanity(figures: Mapping[str, Estimate], sanity: Sanity | None) -> str:
    if sanity is None:
        return paragraph("The map depends on no trained weights of the graph: shuffling them would test nothing.")
    rows = [
        row(
            [
                cell(words),
                figure_cell(figures.get(f"explanation.randomised.{name}.rank")),
                figure_cell(figures.get(f"explanation.randomised.{name}.ssim")),
            ]
        )
        for name, words in [
            *((str(count), f"{count} of {sanity.layers} layers shuffled") for count in sorted(sanity.rank)),
            ("unrelated", "trained maps of two images"),
        ]
    ]
    words = (
        "Sanity check (Adebayo et al. 2018): weights are shuffled layer by layer from the output on; the map must "
        "become another. Absolute rank correlation and SSIM with the trained map of the same image."
    )
    if sanity.failed:
        words += f" {sanity.failed} shuffled networks gave no number and are left out."
    return paragraph(words) + box(
        table(("", "rank correlation", "SSIM"), rows, caption="Maps of networks with shuffled weights"), "wide"
    )


def _pictures(annotated: Sequence[AnnotatedImage]) -> tuple[Picture, ...]:
    """Called images whose map missed, the least energy first, and those with the most energy inside."""
    called = [one for one in annotated if one.call is not Call.NO_FRACTURE]
    missed = sorted((one for one in called if not one.found.near), key=lambda one: one.found.energy)[:SHOWN]
    hits = sorted((one for one in called if one.found.hit), key=lambda one: -one.found.energy)[:SHOWN]
    return tuple(
        Picture(one.jpeg, f"{word}: {one.call.value}, {100 * one.found.energy:.0f} % of the map's energy in the box")
        for word, chosen in (("hit", hits), ("missed", missed))
        for one in chosen
    )


def _card(figures: Mapping[str, Estimate]) -> str:
    names = {
        "explanation.pointing.hit": "maximum of the map in a box",
        "explanation.pointing.hit_near": "in or near a box",
        "explanation.pointing.chance": "share of the image that boxes cover",
        "explanation.energy.inside": "energy inside boxes",
        "explanation.deletion.gain_over_shuffled": "deletion, better than the shuffled map by",
        "explanation.insertion.gain_over_shuffled": "insertion, better than the shuffled map by",
    }
    lines = ["| heat maps of positive images | value | interval | n |", "|---|---|---|---|"]
    for name, words in names.items():
        one = figures.get(name)
        if one is not None:
            lines.append(f"| {words} | {one.value:.3f} | {one.between} | {one.n:,} |")
    return "\n".join(lines) if len(lines) > 2 else ""
