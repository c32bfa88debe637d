"""Columns of refusals and of notes. Earlier versions stored sentences in them, which are understood too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from osteon.core.codes.note import Note
from osteon.core.codes.refusal import Refusal
from osteon.core.wording.stored import stored_note, stored_refusals


class Refusals(TypeDecorator[tuple[Refusal, ...]]):
    """Refusals as JSON in a column of text, empty where there is none."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[Refusal] | None, dialect: Dialect) -> str:
        """To the database."""
        del dialect
        return json.dumps([refusal.to_json() for refusal in value]) if value else ""

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Refusal, ...]:
        """From the database."""
        del dialect
        if not value:
            return ()
        if not value.startswith("["):
            return stored_refusals(value)
        return tuple(Refusal.from_json(record) for record in json.loads(value))


class Notes(TypeDecorator[tuple[Note, ...]]):
    """Notes as JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Sequence[Note] | None, dialect: Dialect) -> list[dict[str, Any]]:
        """To the database."""
        del dialect
        return [note.to_json() for note in value or ()]

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Note, ...]:
        """From the database."""
        del dialect
        return restore_notes(value or ())


def restore_notes(records: Sequence[Any]) -> tuple[Note, ...]:
    """Notes of JSON: records, or sentences that an earlier version stored."""
    return tuple(stored_note(record) if isinstance(record, str) else Note.from_json(record) for record in records)
