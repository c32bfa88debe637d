"""COCO JSON: images, categories and annotations with boxes ``[x, y, width, height]`` and polygons in pixels.

Format: https://cocodataset.org/#format-data (object detection).
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.data.case import LabelledBox


class CocoImage(BaseModel):
    """One image of a COCO file."""

    model_config = ConfigDict(extra="ignore")

    id: int
    width: int
    height: int
    file_name: str


class CocoCategory(BaseModel):
    """One category of a COCO file."""

    model_config = ConfigDict(extra="ignore")

    id: int
    name: str


def _polygons_only(value: Any) -> Any:
    return value if isinstance(value, list) else []


class CocoAnnotation(BaseModel):
    """One annotation; masks in run lengths (crowds) are not read, their boxes are."""

    model_config = ConfigDict(extra="ignore")

    image_id: int
    category_id: int
    bbox: tuple[float, float, float, float]
    segmentation: Annotated[list[list[float]], BeforeValidator(_polygons_only)] = []
    reader: str = ""

    @property
    def box(self) -> Box:
        """The box with corners instead of a size."""
        x, y, width, height = self.bbox
        return Box(x, y, x + width, y + height)


class Coco(BaseModel):
    """A COCO file."""

    model_config = ConfigDict(extra="ignore")

    images: list[CocoImage]
    annotations: list[CocoAnnotation] = []
    categories: list[CocoCategory] = []

    @cached_property
    def labels(self) -> dict[str, int]:
        """Number of each category by its label: its name in lower case with underscores."""
        return {slug(category.name): category.id for category in self.categories}

    @cached_property
    def _marked(self) -> dict[int, list[LabelledBox]]:
        names = {number: label for label, number in self.labels.items()}
        found: dict[int, list[LabelledBox]] = {}
        for one in self.annotations:
            label = names.get(one.category_id, f"category_{one.category_id}")
            polygons = tuple(tuple(points) for points in one.segmentation)
            found.setdefault(one.image_id, []).append(LabelledBox(one.box, label, one.reader, polygons))
        return found

    def boxes_of(self, image: int) -> list[LabelledBox]:
        """Boxes of the image of that id."""
        return self._marked.get(image, [])


def slug(name: str) -> str:
    """A label's name: lower case, everything but letters and digits as one underscore."""
    return "_".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split()) or "unnamed"


def read_coco(path: Path) -> Coco:
    """Read a COCO file.

    Raises:
        DataError: it is no JSON or has not COCO's fields.
    """
    try:
        return Coco.model_validate(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise DataError(f"cannot read {path.name} as COCO JSON", expected="images, annotations, categories") from error
