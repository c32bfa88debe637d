"""What the bundle's data looked like when it was released: what later data are compared with.

Histograms of quantities of studies, how often each value of a category occurs, and mean and covariance of the network's
features. No study, no identifier and no value that fewer than ``RARE`` studies have can be told from it.
"""

from __future__ import annotations

import os
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from osteon.bundle.archive import Bundle, write_bundle
from osteon.bundle.catalogue import locate_reference
from osteon.core.errors import BundleError
from osteon.core.part import Part

REFERENCE: Final = "reference.json"
"""The part of the archive; bundles without it are read as before, and this part changes no reading."""

RARE: Final = 5
"""Values of a category that fewer studies have are counted together."""

Count = Annotated[int, Field(ge=0)]


class QuantityReference(Part):
    """A histogram.

    Attributes:
        cuts: rising; a study whose value is above cut i - 1 and not above cut i counts in bin i.
        counts: one more than cuts.
        missing: studies without this quantity.
        lowest: no study had less.
        highest: no study had more.
    """

    cuts: tuple[float, ...]
    counts: tuple[Count, ...]
    missing: Count
    lowest: float
    highest: float

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (
            len(self.counts) != len(self.cuts) + 1
            or list(self.cuts) != sorted(set(self.cuts))
            or self.lowest > self.highest
        ):
            raise ValueError("expected rising cuts, one count more than cuts, and lowest <= highest")
        return self


class CategoryReference(Part):
    """Studies by value.

    Attributes:
        counts: by value.
        rare: studies with a value that few have.
        missing: studies without one.
    """

    counts: dict[str, Count]
    rare: Count
    missing: Count


Row = tuple[float, ...]


class FeatureReference(Part):
    """Two moments of the features of the classifier's backbone, averaged over places; d of them, k principal directions.

    Attributes:
        images: that they are of.
        mean: (d,).
        scale: standard deviation of each, (d,).
        directions: in features less mean by scale, (k, d).
        covariance: along them, (k, k).
    """

    images: Annotated[int, Field(ge=20)]
    mean: Row
    scale: Row
    directions: tuple[Row, ...]
    covariance: tuple[Row, ...]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        width, kept = len(self.mean), len(self.directions)
        shapes = [len(self.scale) == width, *(len(row) == width for row in self.directions)]
        shapes += [len(self.covariance) == kept, *(len(row) == kept for row in self.covariance)]
        if not all(shapes) or not kept or any(value <= 0 for value in self.scale):
            raise ValueError("expected mean and scale of d features, k directions of d, and a covariance of k by k")
        return self


class Reference(Part):
    """``reference.json``.

    Attributes:
        schema_version: of this part.
        bundle: ``name@version`` whose readings the outputs are of.
        data: what the studies are, in words.
        made: UTC date, ISO 8601.
        studies: number of studies.
        quantities: by name, see ``osteon.monitoring.fields``.
        categories: by name, likewise.
        features: of the network; None where they were not measured. A reference without is read by older versions, too.
    """

    schema_version: Literal[1] = 1
    bundle: str
    data: str
    made: str
    studies: Annotated[int, Field(ge=1)]
    quantities: dict[str, QuantityReference]
    categories: dict[str, CategoryReference]
    features: FeatureReference | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        sums = {name: sum(one.counts) + one.missing for name, one in self.quantities.items()}
        sums |= {name: sum(one.counts.values()) + one.rare + one.missing for name, one in self.categories.items()}
        wrong = [name for name, total in sums.items() if total != self.studies]
        if wrong:
            raise ValueError(f"the counts of {wrong[0]} are not those of {self.studies} studies")
        return self


def reference_of(bundle: Bundle) -> Reference | None:
    """The reference of a bundle; None where it has none.

    Raises:
        BundleError: it is damaged, or of a newer schema.
    """
    content = bundle.parts.get(REFERENCE)
    return None if content is None else parse_reference(content, f"{bundle.manifest.identity}, {REFERENCE}")


def shipped_reference(identity: str) -> Reference | None:
    """The reference that comes with a shipped bundle; None where there is none of that name and version.

    It lies beside the bundle: in it, it would change the hash that the bundle's evaluation names.

    Args:
        identity: ``name@version``.

    Raises:
        BundleError: it is damaged.
    """
    path = locate_reference(identity.partition("@")[0])
    if path is None:
        return None
    found = parse_reference(path.read_bytes(), path.name)
    return found if found.bundle == identity else None


def parse_reference(content: bytes, name: str) -> Reference:
    """A reference from its JSON.

    Raises:
        BundleError: it is none, or of a newer schema.
    """
    try:
        return Reference.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the whole"
        raise BundleError(
            f"{name} is no reference that this version reads: {place}",
            got=first["msg"],
            hint="Make it anew, or update osteon.",
        ) from error


def add_reference(bundle: Bundle, reference: Reference, path: str | os.PathLike[str]) -> Bundle:
    """Write a bundle with a reference.

    Networks, thresholds and version stay as they are, byte for byte: it reads as before. Only the hash of ``bundle.json``
    changes, since that lists the part.

    Raises:
        BundleError: the reference is of readings of another bundle, or the file cannot be written.
    """
    if reference.bundle != bundle.manifest.identity:
        raise BundleError(
            "a reference belongs to the bundle whose readings it is of",
            expected=bundle.manifest.identity,
            got=reference.bundle,
        )
    return write_bundle(path, bundle.manifest, {**bundle.parts, REFERENCE: reference_content(reference)})


def reference_content(reference: Reference) -> bytes:
    """The part of the archive."""
    if reference.features is None:
        return (reference.model_dump_json(indent=1, exclude={"features"}) + "\n").encode()
    return (reference.model_dump_json() + "\n").encode()  # a line: they are thousands of numbers
