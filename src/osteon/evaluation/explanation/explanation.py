"""Heat maps put to the test: do they point at the fracture, does the probability hang on it, do they need the weights?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.bundle.archive import Bundle
from osteon.core.estimate import Estimate
from osteon.core.labels import Call
from osteon.data.table.table import Table
from osteon.evaluation.binary.averages import averages
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.explanation.annotated import AnnotatedImage, look, with_places
from osteon.evaluation.explanation.perturbation import ORDERS, Curves, Fill, area, perturb
from osteon.evaluation.explanation.randomisation import layers
from osteon.evaluation.explanation.report import explanation_section
from osteon.evaluation.explanation.sanity import Sanity, check_weights
from osteon.evaluation.html.section import Section, Track
from osteon.evaluation.inference.sampling import drawn, in_order, radiograph
from osteon.evaluation.predictions.predictions import Predictions
from osteon.html.parts import paragraph
from osteon.inference.networks.session import Network
from osteon.stats.checks import Floats

CALLS: Final = (Call.FRACTURE, Call.DOUBT, Call.NO_FRACTURE)
SIZES: Final = ("small", "middle", "large")
"""Thirds of the images by the share that their boxes cover."""


@dataclass(frozen=True)
class Explanation:
    """The analysis behind ``osteon evaluate --explain``.

    Attributes:
        images: at most so many positive images, chosen at random, are perturbed and read with shuffled weights.
        jobs: images at the same time.
        seed: of the drawing, the shuffled orders and the shuffled weights.
        draws: shufflings of the weights at each step.
        fill: what takes the place of deleted pixels.
    """

    images: int = 100
    jobs: int = 1
    seed: int = 0
    draws: int = 3
    fill: Fill = "blur"

    def __call__(
        self, bundle: Bundle, table: Table, root: Path, predictions: Predictions, track: Track, settings: Settings
    ) -> Section:
        """Measure it; see :class:`~osteon.evaluation.html.section.Analysis`.

        Raises:
            DataError: onnx is not installed.
            InputError: an image cannot be read any more.
        """
        maps = bundle.manifest.maps
        if maps is None:
            return Section("Explanations", paragraph("The bundle gives no heat maps: there is nothing to test."))
        # Asked first, so that a missing package is noticed before minutes of work.
        layers(bundle.graph, maps)
        annotated = look(bundle, table, root, predictions, track, self.jobs)
        candidates = predictions.read & (predictions.label == 1)
        rows = drawn(candidates, self.images, self.seed)
        if len(rows) < 2:
            return Section("Explanations", paragraph("Fewer than two positive images were read: nothing was tested."))
        images = [table.images[row] for row in rows.tolist()]
        curves = self._perturbed(bundle, root, images, track)
        sanity = check_weights(bundle, root, images, track, draws=self.draws, seed=self.seed, jobs=self.jobs)
        clusters = predictions.cluster
        figures = (
            pointing_figures(annotated, clusters, settings)
            | perturbation_figures(curves, clusters[rows], settings)
            | ({} if sanity is None else sanity_figures(sanity, clusters[rows], settings))
        )
        left = len(with_places(bundle.manifest, table, predictions)) - len(annotated)
        return explanation_section(figures, annotated, curves, sanity, clusters[rows], settings, self.fill, left)

    def _perturbed(self, bundle: Bundle, root: Path, images: Sequence[str], track: Track) -> list[Curves]:
        network = Network(bundle, 1)
        manifest = bundle.manifest

        def work(thing: tuple[int, str]) -> Curves:
            number, image = thing
            pixels = radiograph(root, image).pixels
            return perturb(network, manifest, pixels, fill=self.fill, seed=self.seed + number)

        done: Iterable[Curves] = track(
            in_order(work, enumerate(images), self.jobs), "deleting and inserting", len(images)
        )
        return list(done)


def pointing_figures(
    annotated: Sequence[AnnotatedImage], clusters: ArrayLike, settings: Settings
) -> dict[str, Estimate]:
    """Pointing game and energy of all images, by call, and by size of the boxes.

    Names: ``explanation.pointing.hit``, ``explanation.energy.inside``, ``explanation.call.doubt.pointing.hit``,
    ``explanation.box.small.energy.inside`` and so on.

    Args:
        annotated: images with map and boxes.
        clusters: of every row of the table.
        settings: of the intervals.
    """
    found: dict[str, Estimate] = {}
    own = np.asarray(clusters)
    for name, rows in groups(annotated).items():
        part = [annotated[row] for row in rows.tolist()]
        if part:
            of = averages(_columns(part), own[[one.row for one in part]], settings)
            found |= {f"explanation.{name}{key}": figure for key, figure in of.items()}
    return found


def groups(annotated: Sequence[AnnotatedImage]) -> dict[str, NDArray[np.int64]]:
    """Which images are taken together, by the prefix of their figures; ``""`` is all of them."""
    found = {"": np.arange(len(annotated))}
    for call in CALLS:
        name = call.value.replace(" ", "_")
        found[f"call.{name}."] = np.flatnonzero([one.call is call for one in annotated])
    order = np.argsort([one.found.chance for one in annotated], kind="stable")
    for name, rows in zip(SIZES, np.array_split(order, len(SIZES)), strict=True):
        found[f"box.{name}."] = np.sort(rows)
    return found


def _columns(part: Sequence[AnnotatedImage]) -> dict[str, ArrayLike]:
    values = np.array([one.found for one in part], np.float64)
    hit, near, chance, chance_near, centre, centre_near, energy = values.T
    return {
        "pointing.hit": hit,
        "pointing.chance": chance,
        "pointing.centre": centre,
        "pointing.gain": hit - chance,
        "pointing.hit_near": near,
        "pointing.chance_near": chance_near,
        "pointing.centre_near": centre_near,
        "pointing.gain_near": near - chance_near,
        "energy.inside": energy,
        "energy.chance": chance,
        "energy.gain": energy - chance,
    }


def perturbation_figures(curves: Sequence[Curves], clusters: ArrayLike, settings: Settings) -> dict[str, Estimate]:
    """Areas under the curves, and by how much the map's order is better than the others; a gain above 0 is better."""
    columns: dict[str, ArrayLike] = {}
    for kind, sign in (("deletion", -1.0), ("insertion", 1.0)):
        areas: Mapping[str, Floats] = {
            order: np.array([area(getattr(one, kind)[order]) for one in curves]) for order in ORDERS
        }
        columns |= {f"explanation.{kind}.{order}": values for order, values in areas.items()}
        for other in ORDERS[1:]:
            columns[f"explanation.{kind}.gain_over_{other}"] = sign * (areas["map"] - areas[other])
    return averages(columns, clusters, settings)


def sanity_figures(sanity: Sanity, clusters: ArrayLike, settings: Settings) -> dict[str, Estimate]:
    """Similarity to the trained maps by number of shuffled layers, and of unrelated trained maps."""
    columns: dict[str, ArrayLike] = {}
    for word, by_count in (("rank", sanity.rank), ("ssim", sanity.structure)):
        columns |= {f"explanation.randomised.{count}.{word}": values for count, values in by_count.items()}
    columns["explanation.randomised.unrelated.rank"], columns["explanation.randomised.unrelated.ssim"] = (
        sanity.unrelated
    )
    return averages(columns, clusters, settings)
