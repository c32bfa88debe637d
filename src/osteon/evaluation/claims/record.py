"""Tables of claims as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from osteon.evaluation.claims.claims import Claims, Entry


def claims_record(table: Claims) -> dict[str, Any]:
    """The table as JSON holds it."""
    return {
        "title": table.title,
        "source": table.source,
        "notes": list(table.all_notes),
        "entries": [_entry(entry) for entry in table.entries],
    }


def write_claims_json(tables: Sequence[Claims], path: Path) -> None:
    """Write several tables to one file.

    Raises:
        OSError: it cannot be written.
    """
    content = json.dumps([claims_record(table) for table in tables], indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(content + "\n", encoding="utf-8")


def _entry(entry: Entry) -> dict[str, Any]:
    ours = entry.ours
    return {
        "variant": entry.variant,
        "metric": entry.metric,
        "label": entry.label or None,
        "kind": entry.kind,
        "unit": entry.unit or None,
        "paper": entry.paper,
        "paper_sd": entry.paper_sd,
        "paper_low": entry.paper_low,
        "paper_high": entry.paper_high,
        "note": entry.note or None,
        "where": entry.where,
        "ours": None
        if ours is None
        else {
            "value": ours.value,
            "sd": ours.sd,
            "low": ours.low,
            "high": ours.high,
            "method": ours.method,
            "seeds": ours.seeds,
            "n": ours.n,
        },
        "difference": entry.difference,
        "why_not": entry.why or None,
        "data": {
            "name": entry.data.name,
            "images": entry.data.images,
            "positive": entry.data.positive,
            "simulated": entry.data.simulated,
        },
        "command": entry.command,
    }
