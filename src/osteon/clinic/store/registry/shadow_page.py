"""Shadow against live against readers, as an HTML page."""

from __future__ import annotations

from osteon.bundle.promotion.page import figures_table
from osteon.clinic.store.registry.shadows import Comparison
from osteon.core.wording.promotion import figure_words
from osteon.html import parts
from osteon.html.parts import DocumentSection

_OF_ALL = ("called", "abstained")


def shadow_page(found: Comparison, identity: str) -> str:
    """The page of a comparison of shadow readings with live ones."""
    every = [one for one in found.figures if one.figure in _OF_ALL]
    judged = [one for one in found.figures if one.figure not in _OF_ALL]
    counts = f"{found.studies:,} studies were read by both, {found.failed:,} could not be read in shadow."
    changed = [f"live {before}, shadow {after}: {count:,}" for before, after, count in found.calls if before != after]
    sections = [
        DocumentSection(
            "Both on all studies",
            parts.joined(
                parts.paragraph(counts),
                figures_table(every, "All studies that both read", lambda name: figure_words(f"shadow.{name}"), "shadow"),
                parts.paragraph("Calls that differ:" if changed else "Both make the same call of every study."),
                parts.bullets(changed),
            ),
        ),
        DocumentSection("Beside readers", _judged(found, figures_table(
            judged, "Studies with a reader's answer", lambda name: figure_words(f"shadow.{name}"), "shadow"
        ))),
    ]  # fmt: skip
    return parts.document(f"{identity} in shadow", sections, subtitle="beside the live bundle, on the same files")


def _judged(found: Comparison, table: str) -> str:
    if not found.judged:
        return parts.paragraph("No reader has answered yet.")
    words = (
        f"Readers answered for {found.judged:,} studies. They had seen what the live bundle says, which makes it look "
        "better than it is beside the bundle in shadow. Doubt counts as a fracture."
    )
    return parts.joined(parts.paragraph(words), table)
