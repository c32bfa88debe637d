"""Tables of claims: the same words in every rendering, and nothing passed over."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.evaluation.claims.cells import cell_grid, layout_of
from osteon.evaluation.claims.claims import (
    Cases,
    Claims,
    Entry,
    Kind,
    Ours,
    compare_claims,
    measured,
)
from osteon.evaluation.claims.page import claims_document, claims_markdown, claims_section
from osteon.evaluation.claims.record import claims_record, write_claims_json
from osteon.evaluation.claims.terminal import claims_rich
from osteon.evaluation.compare.seeds import summary


@dataclass(frozen=True)
class Stated:
    """What a recipe holds."""

    metric: str
    value: float | None
    spread: float | None
    where: str
    low: float | None = None
    high: float | None = None
    note: str = ""
    kind: Kind = "share"


STATED = (
    Stated("classification.auroc", 0.9, None, "Table 2"),
    Stated("classification.doubt.sensitivity", 0.8, 0.01, "IV.B"),
    Stated("classification.macro_f1", 0.7, None, "Table 3"),
)
FIGURES = {
    "classification.auroc": Estimate(value=0.912, low=0.88, high=0.94, method="m", n=100),
    "classification.doubt.sensitivity": summary([0.7, 0.72, 0.74], n=100),
}
REAL = Cases("FracAtlas, test part", 409, 73)
PHANTOM = Cases("phantoms", 40, 20, simulated=True)


def table(data: Cases = REAL) -> Claims:
    return Claims("a | b", "Somebody <2025>", compare_claims(STATED, FIGURES, data=data, command="osteon evaluate x"))


def grid() -> Claims:
    entries = tuple(
        one
        for variant, data in (("vgg16", REAL), ("urfnet", PHANTOM))
        for one in compare_claims(STATED, FIGURES, data=data, command="osteon reproduce x", variant=variant)
    )
    return Claims("Table 2", "Paper", entries, ("One seed each.",))


def test_every_claim_has_a_line_and_ours_or_a_reason() -> None:
    first, second, third = table().entries
    assert first.difference == pytest.approx(0.012)
    assert second.ours is not None
    assert (second.ours.sd, second.ours.seeds) == (pytest.approx(0.02), 3)
    assert third.ours is None
    assert "no figure of this name" in third.why
    assert cell_grid(table()).texts == (
        ("AUROC", "0.900", "Table 2", "0.912 (0.880 to 0.940)", "+0.012", str(REAL), "osteon evaluate x"),
        (
            "Sensitivity, doubt",
            "0.800 ± 0.010",
            "IV.B",
            "0.720 ± 0.020 (3 seeds)",
            "−0.080",
            str(REAL),
            "osteon evaluate x",
        ),
        (
            "Macro f1",
            "0.700",
            "Table 3",
            "not measured: the evaluation has no figure of this name",
            "–",
            "",
            "osteon evaluate x",
        ),
    )
    assert str(REAL) == "FracAtlas, test part: 409 images, 73 positive"


def test_markdown_is_a_table_and_marks_simulated_data() -> None:
    plain, marked = claims_markdown(table()), claims_markdown(table(PHANTOM))
    assert "SYNTHETIC" not in plain
    assert marked.count("**SYNTHETIC**, phantoms: 40 images, 20 positive") == 2
    assert "- SYNTHETIC: measured on simulated radiographs" in marked
    lines = [line for line in marked.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in lines} == {8}
    assert "| `osteon evaluate x` |" in lines[2]
    assert lines[0].startswith("| figure | paper | where | ours | difference | data | command |")


def test_html_is_escaped_and_alone() -> None:
    page = claims_document([table(PHANTOM), grid()], "Claims")
    assert "Somebody &lt;2025&gt;" in page
    assert '<b class="warn">SYNTHETIC</b>' in page
    assert "not measured" in page
    assert 'src="http' not in page
    assert '<th colspan="3" scope="colgroup" class="n">AUROC</th>' in claims_section(grid()).content


def test_a_papers_own_table() -> None:
    assert layout_of(table()) == "lines"
    assert layout_of(grid()) == "grid"
    words = cell_grid(grid())
    assert [one[0] for one in words.texts] == ["vgg16", "urfnet"]
    assert len(words.head) == 2 + 3 * 3
    assert words.texts[1][1].startswith("SYNTHETIC, phantoms")
    assert "`osteon reproduce x`" in claims_markdown(grid())
    assert cell_grid(grid(), "lines").head[0] == "variant"


@pytest.mark.parametrize("claims", [table(), grid(), table(PHANTOM)])
def test_console_shows_all_words(claims: Claims) -> None:
    stream = io.StringIO()
    Console(file=stream, width=300).print(claims_rich(claims))
    shown = stream.getvalue()
    for word in ("0.912", "(0.880 to 0.940)", "not measured", claims.title, "$ osteon"):
        assert word in shown
    assert ("SYNTHETIC" in shown) == claims.simulated


@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit_a_terminal_with_every_number_whole(width: int) -> None:
    printed = replace(STATED[0], low=0.871, high=0.919, note="Compared by cases.")
    entries = compare_claims(
        (printed, *STATED[1:]), FIGURES, data=PHANTOM, command="c", variant="a_variant_with_a_name"
    )
    count = Entry("", 12562.0, None, "Table 2", None, "it is a count", REAL, "", label="Boxes", unit="", note="Of all.")
    stream = io.StringIO()
    Console(file=stream, width=width).print(claims_rich(Claims("t", "s", (*entries, count)), "lines"))
    shown = stream.getvalue()
    assert max(map(len, shown.splitlines())) <= width
    for word in (
        "0.900",
        "(0.871 to 0.919)",
        "0.912",
        "(0.880 to 0.940)",
        "0.720 ± 0.020",
        "−0.080",
        "12,562",
        "SYNTHETIC",
    ):
        assert word in shown
    said = " ".join(shown.split())
    assert "it is a count" in said
    assert "Compared by cases." in said
    assert "Boxes: Of all." in said


def test_an_interval_of_the_paper_is_in_every_rendering() -> None:
    printed = replace(STATED[0], low=0.871, high=0.919)
    made = Claims("t", "s", compare_claims((printed,), FIGURES, data=REAL, command="c"))
    assert cell_grid(made).texts[0][1] == "0.900 (0.871 to 0.919)"
    entry = claims_record(made)["entries"][0]
    assert (entry["paper_low"], entry["paper_high"]) == (0.871, 0.919)


def test_json_holds_everything(tmp_path: Path) -> None:
    write_claims_json([table(PHANTOM)], tmp_path / "claims.json")
    (found,) = json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))
    assert found == claims_record(table(PHANTOM))
    assert found["entries"][2]["ours"] is None
    assert found["entries"][0]["data"]["simulated"] is True
    assert found["entries"][1]["difference"] == pytest.approx(-0.08)


def test_an_entry_is_whole() -> None:
    with pytest.raises(DataError, match="half filled"):
        Entry("x", 0.5, None, "", None, "", REAL, "c")
    with pytest.raises(DataError, match="half filled"):
        Entry("x", 0.5, None, "", Ours(0.5), "because", REAL, "c")
    unstated = Entry("x.y", None, None, "", measured(FIGURES["classification.auroc"]), "", REAL, "c")
    assert unstated.difference is None
    assert cell_grid(Claims("t", "s", (unstated,))).texts[0][1] == "–"


def test_no_command_and_no_evaluation() -> None:
    entries = compare_claims(STATED, {}, data=Cases(""), command="", why="no evaluation was named")
    assert all(one.ours is None and one.why == "no evaluation was named" for one in entries)
    assert claims_markdown(Claims("t", "s", entries)).count("not measured: no evaluation was named") == 3
