"""Recipes as older versions stored them: the keys that have been renamed since.

Runs keep their recipe as JSON in ``run.json``, and the settings that were given with ``--set``; both are read through here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

RENAMED: Final[Mapping[str, str]] = {
    "films": "images",
    "architecture.resting": "frozen_stages",
    "architecture.still_norms": "freeze_batch_norm",
    "architecture.drawn": "rpn_batch_size",
    "architecture.overlap": "rpn_nms_iou",
    "architecture.looked": "roi_batch_size",
    "architecture.looked_share": "roi_positive_fraction",
    "architecture.looked_matched": "roi_fg_iou",
    "detection.rest": "other_label",
    "detection.film": "image_label",
    "detection.rule.most": "max_detections",
    "detection.rule.overlap": "nms_iou",
    "detection.rule.least": "score_threshold",
}
"""Stored keys with their place in the recipe, and what the last part of each is called today."""


def current(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A stored recipe with the keys of today."""
    return _renamed(recipe, RENAMED, "")


def current_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Stored settings, each a key and the text of its value, with the keys of today."""
    return {current_key(key): _value(key, text) for key, text in settings.items()}


def current_key(key: str) -> str:
    """A dotted key of a leaf with the names of today."""
    parts = key.split(".")
    return ".".join(RENAMED.get(".".join(parts[: index + 1]), part) for index, part in enumerate(parts))


def _renamed(record: Mapping[str, Any], names: Mapping[str, str], prefix: str) -> dict[str, Any]:
    return {
        names.get(f"{prefix}{key}", key): (
            _renamed(value, names, f"{prefix}{key}.") if isinstance(value, Mapping) else value
        )
        for key, value in record.items()
    }


def _value(key: str, text: str) -> str:
    """The text of a value; a whole record is JSON, whose keys may be old, too."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return json.dumps(_renamed(value, RENAMED, f"{key}.")) if isinstance(value, dict) else text
