"""All pages come from one base template; what they are given is escaped, and people can use them in any way."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

import osteon
from osteon.core.estimate import Estimate
from osteon.html.numbers import number
from osteon.html.parts import (
    DocumentSection,
    bold,
    box,
    bullets,
    caution,
    cell,
    document,
    figure_cell,
    heading_row,
    joined,
    lines,
    paragraph,
    picture,
    row,
    table,
)
from osteon.html.templating import STYLE, environment

ROOT = Path(osteon.__file__).parent
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.jinja"))
HOSTILE = "<script>alert('x')</script>"


def page() -> str:
    """A page with each part in it, made of hostile text."""
    figure = Estimate(value=0.5, low=0.4, high=0.6, method="m", n=9)
    rows = [heading_row(HOSTILE, 2), row([cell(HOSTILE), figure_cell(figure)])]
    return document(
        HOSTILE,
        [
            DocumentSection(
                "Figures & <more>",
                joined(
                    HOSTILE,
                    paragraph(joined(HOSTILE, bold(HOSTILE))),
                    box(table((HOSTILE, "value"), rows, caption=HOSTILE), "scroll"),
                    bullets([HOSTILE]),
                    picture(b"x", "image/png", HOSTILE, f'" onerror="{HOSTILE}'),
                    lines(HOSTILE, HOSTILE),
                ),
            ),
            DocumentSection("Empty", ""),
        ],
        subtitle=HOSTILE,
        lead=caution(HOSTILE, [HOSTILE]),
        contents=True,
    )


class Elements(HTMLParser):
    """Start tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag."""
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element of a name."""
        return [attributes for name, attributes in self.found if name == tag]


def test_templates_and_the_stylesheet_are_package_data() -> None:
    assert {name.split("/")[0] for name in TEMPLATES} >= {"html", "outputs", "data"}
    package = files("osteon")
    for name in (*TEMPLATES, "html/templates/style.css"):
        assert package.joinpath(*name.split("/")).read_text("utf-8"), name


def test_the_wheel_holds_them() -> None:
    wheel = pytest.importorskip("hatchling.builders.wheel")
    builder = wheel.WheelBuilder(str(ROOT.parent.parent))
    held = {file.distribution_path for file in builder.recurse_included_files()}
    assert held >= {f"osteon/{name}" for name in (*TEMPLATES, "html/templates/style.css")}


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_page_extends_the_base_template(name: str) -> None:
    source, _, _ = environment().loader.get_source(environment(), name)  # pyright: ignore[reportOptionalMemberAccess]
    environment().compile(source)
    if name.endswith(("/base.html.jinja", "/parts.html.jinja")):
        return
    assert source.startswith('{% extends "html/templates/base.html.jinja" %}')
    assert "<style" not in source
    assert " style=" not in source
    assert "|safe" not in source


def test_no_module_writes_a_page_by_hand() -> None:
    pages = [
        path
        for path in ROOT.rglob("*.py")
        if re.search(r"<style|</head>|</body>|</html>", path.read_text(), re.IGNORECASE)
    ]
    assert pages == [ROOT / "clinic" / "server" / "page.py"]  # the notice in place of a page that was not built


def test_text_is_escaped_and_parts_are_not_escaped_again() -> None:
    text = page()
    elements = Elements(text)
    assert "<script" not in text
    assert elements.all("img")[0].keys() == {"alt", "src"}
    assert text.count("&lt;script&gt;") >= 12
    assert "&amp;lt;" not in text
    assert "Empty" not in text


def test_pages_are_accessible() -> None:
    elements = Elements(page())
    assert elements.all("html") == [{"lang": "en"}]
    assert len(elements.all("h1")) == len(elements.all("main")) == len(elements.all("footer")) == 1
    assert len(elements.all("table")) == len(elements.all("caption"))
    assert all(attributes["scope"] for attributes in elements.all("th"))
    assert all(attributes["alt"] for attributes in elements.all("img"))
    ids = [attributes["id"] for attributes in elements.all("section")]
    assert ids == [str(attributes["href"])[1:] for attributes in elements.all("a")] == ["figures-more"]
    assert [attributes["tabindex"] for attributes in elements.all("div") if attributes.get("class") == "scroll"] == [
        "0"
    ]


def test_the_stylesheet_is_for_dark_and_light_screens_and_for_paper() -> None:
    assert "prefers-color-scheme: dark" in STYLE
    assert "@media print" in STYLE
    assert page().count("<style>") == 1
    used = set(re.findall(r"var\((--[a-z-]+)\)", STYLE))
    assert used <= set(re.findall(r"(--[a-z-]+):", STYLE))


@pytest.mark.parametrize(
    ("value", "signed", "words"),
    [(0.5, False, "0.500"), (-0.5, False, "−0.500"), (0.25, True, "+0.250"), (-0.0001, True, "0.000")],
)
def test_numbers(value: float, signed: bool, words: str) -> None:
    assert number(value, signed=signed) == words
