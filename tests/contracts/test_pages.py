"""Every path and link that a page names exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
FOLDERS = "src|tests|docs|web|scripts|benchmarks|fuzz|samples|containers|cloud"
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
PATH = re.compile(rf"(?<![\w/.<-])(?:{FOLDERS})/[\w./<>-]*")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
PLACEHOLDER = re.compile(r"[A-Z]{2,}\.|<\w+>")
"""A part of a path that stands for any name, as in ``NAME.py``: its folder must exist."""


def paths(text: str) -> Iterator[Path]:
    """Paths from the root within code, up to the first placeholder."""
    for code in CODE.findall(text):
        for path in PATH.findall(code):
            parts = path.rstrip(".").split("/")
            known = next((at for at, part in enumerate(parts) if PLACEHOLDER.match(part)), len(parts))
            yield Path(*parts[:known])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_exist(page: Path) -> None:
    assert [path for path in paths(page.read_text("utf-8")) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = LINK.findall(CODE.sub("", page.read_text("utf-8")))
    made = [target for target in targets if not target.startswith("generated/")]
    assert [target for target in made if not (page.parent / target).exists()] == []


def test_paths_are_found() -> None:
    found = {path.as_posix() for page in PAGES for path in paths(page.read_text("utf-8"))}
    assert {"src/osteon/data/datasets", "tests/contracts/conftest.py", "fuzz/upload.py", "web/src/app.tsx"} <= found
