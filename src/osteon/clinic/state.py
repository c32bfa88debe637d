"""Where a study is on its way."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a study is on its way; jobs have the same words."""

    QUEUED = "queued"
    READING = "reading"
    DONE = "done"
    FAILED = "failed"


class Cause(StrEnum):
    """Why there is a version of an examination."""

    RECEIVED = "received"
    IMAGES = "images"
    BUNDLE = "bundle"
