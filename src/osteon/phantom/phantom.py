"""The record of a phantom: a radiograph and its truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from osteon.core.geometry import Box
from osteon.core.labels import BodyPart, Laterality, Sex, View
from osteon.core.records import Pixels, Radiograph


@dataclass(frozen=True)
class TrueFinding:
    """A simulated finding, as this view shows it.

    Attributes:
        label: class.
        box: in pixels of the image.
        mask: (H, W), its projection within the image.
        visible: whether the view shows it at all.
        contrast: greatest change of the logarithmic signal that it causes.
        numbers: measurements of the finding, in mm and degrees.
    """

    label: str
    box: Box
    mask: NDArray[np.bool_]
    visible: bool
    contrast: float
    numbers: Mapping[str, float | str] = field(default_factory=dict[str, "float | str"])


@dataclass(frozen=True)
class Phantom:
    """A simulated radiograph.

    Attributes:
        pixels: float32 (H, W) in [0, 1], bone bright.
        kind: ``forearm``, ``elbow``, ``hand`` or ``spine``.
        seed: reproduces the phantom; both views of a seed show the same patient.
        view: projection.
        body_part: region.
        laterality: side, None for the spine.
        age: years.
        sex: of the patient.
        spacing: size of a pixel, mm.
        finding: class of the case: ``normal`` or one of `osteon.phantom.simulate.FINDINGS`.
        findings: of the case, visible in this view or only in the other.
        cast: the limb is in a cast.
        hardware: the limb contains metal.
    """

    pixels: Pixels
    kind: str
    seed: int
    view: View
    body_part: BodyPart
    laterality: Laterality | None
    age: float
    sex: Sex
    spacing: float
    finding: str
    findings: tuple[TrueFinding, ...]
    cast: bool
    hardware: bool

    def visible(self) -> tuple[TrueFinding, ...]:
        """The findings that this view shows."""
        return tuple(finding for finding in self.findings if finding.visible)

    def radiograph(self) -> Radiograph:
        """The image as a `Radiograph`."""
        return Radiograph(
            self.pixels,
            source=f"<phantom {self.kind} {self.seed} {self.view}>",
            spacing=(self.spacing, self.spacing),
            view=self.view,
            laterality=self.laterality,
            body_part=self.body_part,
            age=self.age,
            sex=self.sex,
        )
