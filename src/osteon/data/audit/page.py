"""The audit as an HTML page with thumbnails, as one self-contained file."""

from __future__ import annotations

import io
from collections import Counter
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image

from osteon.core.errors import InputError
from osteon.data.audit import HEADINGS, Audit, Problem
from osteon.data.audit.forest_plot import forest
from osteon.data.files.names import as_path
from osteon.data.files.preview import fragment, preview
from osteon.data.table.card import DatasetCard
from osteon.html.templating import data_url, render

SHOWN: Final = 12
"""Problems of one kind, and images of one problem, that are shown with images; all are counted and listed."""

LISTED: Final = 500
"""Problems of one kind that are listed by name; more would make the page unusable."""

THUMBNAIL: Final = 150
SEVERITIES: Final = {
    "error": "invalidates training or a result",
    "warning": "may invalidate it",
    "note": "for information",
}
"""What each severity means."""


class _Group(NamedTuple):
    """Problems of one kind."""

    severity: str
    id: str
    title: str
    problems: list[Problem]


def write_page(path: Path, found: Audit, card: DatasetCard, root: Path) -> None:
    """Write the report of an audit.

    Args:
        path: the HTML file.
        found: what was found.
        card: of the dataset.
        root: folder of the images, for the thumbnails.
    """
    groups = [
        _Group(severity, f"{severity}-{kind}", HEADINGS[kind], list(problems))
        for (severity, kind), problems in groupby(found.problems, key=lambda one: (one.severity, one.kind))
    ]
    page = render(
        "data/audit/audit.html.jinja",
        title=f"Audit of {card.title}",
        subtitle=f"{card.about} Licence: {card.licence}.",
        images=found.images,
        counts=Counter(one.severity for one in found.problems),
        severities=SEVERITIES,
        groups=groups,
        plot=forest(found.shortcuts) if found.shortcuts else None,
        caveats=card.caveats,
        thumbnail=partial(_thumbnail, root),
        shown=SHOWN,
        listed=LISTED,
    )
    path.write_text(page, "utf-8")


def _thumbnail(root: Path, name: str) -> str:
    """A small JPEG as an address that holds it, of a truncated file what is left; empty where nothing can be decoded."""
    try:
        data = as_path(root, name).read_bytes()
        try:
            picture = preview(data, THUMBNAIL)
        except InputError:
            picture = fragment(data, THUMBNAIL)
    except OSError:
        return ""
    if picture is None:
        return ""
    small = Image.fromarray(picture)
    small.thumbnail((THUMBNAIL * 2, THUMBNAIL))
    out = io.BytesIO()
    small.save(out, "JPEG", quality=80)
    return data_url(out.getvalue(), "image/jpeg")
