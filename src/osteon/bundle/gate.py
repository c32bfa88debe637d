"""What the manifest says of the gate: what an image must look like for the bundle's answer to be given."""

from __future__ import annotations

from osteon.core.labels import BodyPart
from osteon.core.part import Part, Probability


class GateLimit(Part):
    """A limit of one of the gate's outputs; an image above it is refused.

    Attributes:
        maximum: log odds, as the graph gives them.
        rule: how it was chosen, and on what.
        sensitivity: share of the images that are to be refused that lie above, among those that chose the limit or were held
            out while the gate was fitted; the rule says which.
        refused: share of the indicated radiographs that lie above, each judged by a gate that was fitted without it.
    """

    maximum: float
    rule: str
    sensitivity: Probability
    refused: Probability


class Gate(Part):
    """The gate of a bundle: an output of the classifier's graph, computed from features that it has anyway.

    Attributes:
        output: float32 (N, 2): the log odds that an image is no bone radiograph, and that a bone radiograph shows one of
            ``other_parts`` and none of the indicated parts.
        not_radiograph: the limit of the first.
        other_part: the limit of the second, applied where neither the file nor its sender states the body part; None where
            the parts are not told apart.
        other_parts: what the second was fitted to.
        fitted_on: what it learnt from, in a sentence or two.
    """

    output: str = "gate"
    not_radiograph: GateLimit
    other_part: GateLimit | None = None
    other_parts: tuple[BodyPart, ...] = ()
    fitted_on: str
