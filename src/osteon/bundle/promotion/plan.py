"""What a candidate must show, fixed before it is trained."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from osteon.core.errors import DataError
from osteon.core.part import Part

PLAN: Final = "plan.json"
"""Part of a candidate's bundle: the plan that it was trained under."""

LOCAL: Final = "local"
"""The locked test set of a place."""

OLD: Final = "old"
"""The test set that the live bundle was measured on."""

FIGURES: Final = (
    "auroc",
    "doubt.sensitivity",
    "doubt.specificity",
    "definite.sensitivity",
    "definite.specificity",
    "read",
)
"""Figures that a margin or a claim can be of; ``read`` is the share of the images that were read at all."""

MARGINS: Final = {"auroc": 0.05, "doubt.sensitivity": 0.1, "definite.specificity": 0.1, "read": 0.1}
CONDITIONS: Final = ("rotation.10", "blur.0.4", "noise.1000", "jpeg.30", "exposure.-1", "exposure.1", "inversion.1")
SUBGROUPS: Final = ("sex", "age_band", "view", "body_part", "source")

Share = Annotated[float, Field(gt=0, lt=1)]


class Plan(Part):
    """What is fixed before the training.

    Attributes:
        version: of this record.
        written: when, UTC.
        live: identity of the bundle that is to be replaced.
        live_digest: of it.
        seed: of the locked test set, the training and the resamples.
        margins: the largest loss that counts as none, by figure on both test sets, or by ``SET.FIGURE``.
        claims: ``SET.FIGURE`` that the candidate is to be better in.
        subgroups: attributes whose values are looked at one by one.
        minimum: images of a subgroup from which it is looked at.
        subgroup_margin: largest loss of AUROC, and of right calls, in a subgroup as measured.
        slower: factor of time for an image that is allowed.
        larger: factor of memory that is allowed.
        robustness_margin: largest loss of the mean AUROC over ``conditions``.
        conditions: ``CORRUPTION.LEVEL`` of ``osteon evaluate --robustness``.
        robustness_images: of the test sets that are corrupted, at most.
        level: of confidence.
        resamples: of the bootstrap over patients and studies.
    """

    version: int = 1
    written: datetime
    live: str
    live_digest: str
    seed: int = 0
    margins: dict[str, Share] = Field(default_factory=lambda: dict(MARGINS))
    claims: tuple[str, ...] = ()
    subgroups: tuple[str, ...] = SUBGROUPS
    minimum: Annotated[int, Field(ge=5)] = 20
    subgroup_margin: Share = 0.1
    slower: Annotated[float, Field(ge=1)] = 1.25
    larger: Annotated[float, Field(ge=1)] = 1.25
    robustness_margin: Share = 0.05
    conditions: tuple[str, ...] = CONDITIONS
    robustness_images: Annotated[int, Field(ge=10)] = 60
    level: Share = 0.95
    resamples: Annotated[int, Field(ge=100)] = 2000

    @model_validator(mode="after")
    def _known(self) -> Self:
        allowed = {f"{name}.{figure}" for name in (LOCAL, OLD) for figure in FIGURES}
        strange = [name for name in self.margins if name not in FIGURES and name not in allowed]
        strange += [name for name in self.claims if name not in allowed]
        if strange:
            raise ValueError(f"{strange[0]} is no figure of a plan: {', '.join(FIGURES)}, claims with local. or old.")
        if not self.margins:
            raise ValueError("a plan has at least one margin")
        return self

    def margins_of(self, test_set: str) -> dict[str, float]:
        """The margins of a test set, by figure."""
        own = {name.removeprefix(f"{test_set}."): value for name, value in self.margins.items() if name not in FIGURES}
        own = {name: value for name, value in own.items() if name in FIGURES}
        return {name: value for name, value in self.margins.items() if name in FIGURES} | own

    def requires_as(self, other: Plan) -> bool:
        """Whether another plan requires the same, of whichever bundle and whenever written."""
        apart = {"written", "live", "live_digest"}
        return self.model_dump(exclude=apart) == other.model_dump(exclude=apart)

    def content(self) -> bytes:
        """As it is kept, in the folder of the round and in the bundle."""
        return (self.model_dump_json(indent=1) + "\n").encode()

    @property
    def digest(self) -> str:
        """SHA-256 of ``content``."""
        return hashlib.sha256(self.content()).hexdigest()


def parse_plan(content: bytes, name: str) -> Plan:
    """A plan from the bytes of its file.

    Raises:
        DataError: it is none.
    """
    try:
        return Plan.model_validate_json(content)
    except ValueError as error:
        raise DataError(
            f"{name} is no plan", expected="plan.json as `osteon improve` writes it", got=_first(error)
        ) from error


def _first(error: ValueError) -> str:
    return " ".join(str(error).split())[:200]
