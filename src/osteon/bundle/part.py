"""What several parts of the manifest are made of."""

from __future__ import annotations

from osteon.core.part import Part


class CodedConcept(Part):
    """A SNOMED CT code for a label."""

    value: str
    meaning: str
    scheme: str = "SCT"


class Label(Part):
    """One output of the network.

    Attributes:
        name: the word that readings use.
        code: its coded concept, or None where SNOMED CT has none.
        positive: whether this label counts as a fracture in the study's call.
    """

    name: str
    code: CodedConcept | None
    positive: bool
