"""Something stands behind every figure of a page: evidence that is compared, or the command that makes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.page_figures import Block, blocks, including, stated

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT / "docs" / "evidence"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *(path for path in sorted(EVIDENCE.glob("*.md")) if path.name != "fracatlas.md"),
]
"""Every page but the card, which test_evidence.py compares with the bundle as a whole."""


def evidence(name: str) -> dict[str, Any]:
    """Figures by key: of ``figures.json``, of the ledger by ``VERSION/figure``, or all numbers of another JSON file."""
    path = EVIDENCE / name
    if path.suffix == ".jsonl":
        entries = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        return {
            f"{entry['system'].partition('@')[2]}/{figure}": dict(zip(("value", "low", "high"), ends, strict=True))
            for entry in reversed(entries)  # the first look at a version counts
            for figure, ends in entry["figures"].items()
        }
    return json.loads(path.read_text("utf-8"))


def numbers(content: object) -> set[str]:
    """All numbers in JSON, as a page writes them."""
    if isinstance(content, bool) or content is None or isinstance(content, str):
        return set()
    if isinstance(content, (int, float)):
        return {f"{content:.3f}"}
    values = content.values() if isinstance(content, dict) else content
    return {number for value in values for number in numbers(value)}  # pyright: ignore[reportUnknownVariableType,reportGeneralTypeIssues]


def missing(block: Block) -> list[str]:
    """What a block with a marker should state and does not, and what it states and should not."""
    allowed: set[str] = set()
    wanted: list[str] = []
    figures: dict[str, Any] = {}
    for word in block.evidence:
        if word.endswith((".json", ".jsonl")):
            figures = evidence(word)
        elif word == "*":
            allowed |= numbers(figures)
        elif word not in figures:
            wanted.append(f"no such figure: {word}")
        else:
            wanted.append(stated(figures[word])[0])
            allowed |= set(stated(figures[word]))
    shown = set(block.exact)
    absent = [value for value in wanted if value not in shown]
    return [*(f"not stated: {value}" for value in absent), *(f"not in the evidence: {one}" for one in shown - allowed)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_figure_is_covered(page: Path) -> None:
    others = [other.read_text("utf-8") for other in PAGES if other != page]
    commands = [command for other in others for command in including(other, page.name)]
    found = blocks(page.read_text("utf-8"), commands)
    bare = [f"line {one.line}: {', '.join(one.figures)}" for one in found if not one.covered]
    assert bare == [], (
        "figures without evidence: name their command in the section, or put <!-- figures: FILE KEY ... --> or "
        "<!-- not measured: WHY --> before the block (tests/contracts/page_figures.py)"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_marked_figures_are_those_of_the_evidence(page: Path) -> None:
    wrong = {
        f"line {block.line}": found
        for block in blocks(page.read_text("utf-8"))
        if block.evidence and (found := missing(block))
    }
    assert wrong == {}


def test_some_figures_of_each_main_page_are_compared() -> None:
    for name, least in (("docs/detection.md", 8), ("docs/findings.md", 10), ("docs/evaluate.md", 4)):
        compared = [block for block in blocks((ROOT / name).read_text("utf-8")) if block.evidence]
        assert sum(len(block.exact) for block in compared) >= least, name


PAGE = """# A page

{comment}
The AUROC is 0.961 (0.936 to 0.981), 1.5 times that of version 1.3.0.

## Another section

{end}
"""


def written(comment: str = "", end: str = "") -> list[Block]:
    return list(blocks(PAGE.format(comment=comment, end=end)))


def test_figures_are_found_and_need_something_behind_them() -> None:
    (block,) = (one for one in written() if one.figures)
    assert block.figures == ["0.961", "0.936", "0.981", "1.5 times"]
    assert block.line == 4
    assert not block.covered
    assert not any(one.covered for one in written(end="`osteon evaluate x`") if one.figures)
    for comment in ("`osteon evaluate x`", "<!-- not measured: a definition -->", "<!-- figures: fracatlas.json x -->"):
        assert all(one.covered for one in written(comment)), comment
    assert [one.figures for one in blocks("`0.961` and [x](a/0.961.md) and\n\n```\n0.961 5 %\n```\n")] == [[]]


def test_a_wrong_figure_in_a_marked_block_is_found() -> None:
    figures = evidence("fracatlas.json")
    key = "classification.auroc"
    value, low, high = stated(figures[key])
    right = f"<!-- figures: fracatlas.json {key} -->\nThe AUROC is {value} ({low} to {high})."
    assert [missing(block) for block in blocks(right)] == [[]]
    for wrong in (right.replace(value, "0.123"), right + " And 0.124.", right.replace(key, "classification.aurocs")):
        (found,) = (missing(block) for block in blocks(wrong))
        assert found
