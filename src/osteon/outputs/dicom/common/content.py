"""Items of the content tree of structured reports and key object notes (PS3.3 section C.17.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydicom.dataset import Dataset
from pydicom.valuerep import DSfloat

from osteon.core.labels import Code

CONTAINS: Final = "CONTAINS"
PROPERTY: Final = "HAS PROPERTIES"
MODIFIER: Final = "HAS CONCEPT MOD"
CONTEXT: Final = "HAS OBS CONTEXT"
ACQUISITION: Final = "HAS ACQ CONTEXT"
SELECTED: Final = "SELECTED FROM"


def coded(concept: Code) -> Dataset:
    """An item of a code sequence (PS3.3 table 8.8-1)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = concept.value, concept.scheme, concept.meaning
    return item


def container(name: Code, children: Sequence[Dataset], template: str = "", relationship: str = CONTAINS) -> Dataset:
    """A container.

    Args:
        name: its concept.
        children: its items, in order.
        template: the TID that it keeps to.
        relationship: to the item that holds it; empty for a root.
    """
    item = _item("CONTAINER", relationship, name, children)
    item.ContinuityOfContent = "SEPARATE"
    if template:
        stated = Dataset()
        stated.MappingResource, stated.TemplateIdentifier = "DCMR", template
        item.ContentTemplateSequence = [stated]
    return item


def code(relationship: str, name: Code, value: Code, children: Sequence[Dataset] = ()) -> Dataset:
    """A coded value."""
    item = _item("CODE", relationship, name, children)
    item.ConceptCodeSequence = [coded(value)]
    return item


def text(relationship: str, name: Code, value: str, children: Sequence[Dataset] = ()) -> Dataset:
    """A text."""
    item = _item("TEXT", relationship, name, children)
    item.TextValue = value
    return item


def number(relationship: str, name: Code, value: float, unit: Code) -> Dataset:
    """A number with its unit, to nine significant digits."""
    measured = Dataset()
    measured.NumericValue = DSfloat(float(f"{value:.9g}"), auto_format=True)
    measured.MeasurementUnitsCodeSequence = [coded(unit)]
    item = _item("NUM", relationship, name, ())
    item.MeasuredValueSequence = [measured]
    return item


def uid(relationship: str, name: Code, value: str) -> Dataset:
    """A UID."""
    item = _item("UIDREF", relationship, name, ())
    item.UID = value
    return item


def person(relationship: str, name: Code, value: str) -> Dataset:
    """A person's name."""
    item = _item("PNAME", relationship, name, ())
    item.PersonName = value
    return item


def image(relationship: str, name: Code, reference: Dataset, children: Sequence[Dataset] = ()) -> Dataset:
    """A reference to an image."""
    item = _item("IMAGE", relationship, name, children)
    item.ReferencedSOPSequence = [reference]
    return item


def polyline(relationship: str, name: Code, points: Sequence[float], children: Sequence[Dataset]) -> Dataset:
    """A line in an image.

    Args:
        relationship: to the item that holds it.
        name: its concept.
        points: columns and rows in turn, in pixels from the outer corner of the first one (section C.18.6.1).
        children: the image that it lies in.
    """
    item = _item("SCOORD", relationship, name, children)
    item.GraphicType, item.GraphicData = "POLYLINE", list(points)
    return item


def _item(value_type: str, relationship: str, name: Code, children: Sequence[Dataset]) -> Dataset:
    item = Dataset()
    if relationship:
        item.RelationshipType = relationship
    item.ValueType = value_type
    item.ConceptNameCodeSequence = [coded(name)]
    if children:
        item.ContentSequence = list(children)
    return item
