"""Parts of a page: paragraphs, tables, pictures. Text that they are given is escaped; what they return is not again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from markupsafe import Markup

from osteon.core.estimate import Estimate
from osteon.html.numbers import interval, number
from osteon.html.templating import data_url, environment, render

NOTHING = Markup()


class DocumentSection(NamedTuple):
    """A section of a page.

    Attributes:
        title: its heading.
        content: made of parts; a section without content is left out.
    """

    title: str
    content: str

    @property
    def id(self) -> str:
        """Of the element."""
        return "-".join("".join(letter if letter.isalnum() else " " for letter in self.title.lower()).split())


def document(
    title: str, sections: Iterable[DocumentSection], *, subtitle: str = "", lead: str = "", contents: bool = False
) -> str:
    """A whole page of sections.

    Args:
        title: of the page, and its first heading.
        sections: in order; those without content are left out.
        subtitle: below the title.
        lead: parts that stand before the sections.
        contents: whether to link the sections first.
    """
    shown = [section for section in sections if section.content]
    return render(
        "html/templates/sections.html.jinja",
        title=title,
        subtitle=subtitle,
        lead=lead,
        sections=shown,
        contents=contents,
    )


@cache
def _macros() -> Any:
    return environment().get_template("html/templates/parts.html.jinja").module


def joined(*parts: str) -> Markup:
    """Parts one after the other."""
    return NOTHING.join(parts)


def lines(*parts: str) -> Markup:
    """Parts below each other."""
    return Markup("<br>").join(parts)


def paragraph(content: str, kind: str = "") -> Markup:
    """A paragraph; ``kind`` is a class of the stylesheet, here and below."""
    return _macros().paragraph(content, kind)


def heading(content: str) -> Markup:
    """A heading within a section."""
    return _macros().heading(content)


def code(content: str) -> Markup:
    """A command or a name of a file."""
    return _macros().code(content)


def bold(content: str, kind: str = "") -> Markup:
    """Words that stand out."""
    return _macros().bold(content, kind)


def span(content: str, kind: str) -> Markup:
    """Words in a style."""
    return _macros().span(content, kind)


def link(content: str, address: str) -> Markup:
    """A link."""
    return _macros().link(content, address)


def box(content: str, kind: str) -> Markup:
    """A block in a style."""
    return _macros().box(content, kind)


def caution(title: str, lines: Sequence[str] = ()) -> Markup:
    """What must be read first."""
    return _macros().caution(title, lines)


def bullets(lines: Iterable[str]) -> Markup:
    """A list."""
    return _macros().bullets(list(lines))


def cell(content: str, kind: str = "") -> Markup:
    """A cell of a table."""
    return _macros().cell(content, kind)


def figure_cell(figure: Estimate | None, *, signed: bool = False, stacked: bool = False) -> Markup:
    """A cell with a figure and its interval, beside or below it; a dash where there is none."""
    if figure is None:
        return cell("–", "n")
    return _macros().figure_cell(number(figure.value, signed=signed), interval(figure), stacked)


def stacked_cell(value: str, below: str) -> Markup:
    """A cell with a value, and something smaller below it."""
    return _macros().figure_cell(value, below, True)


def row(cells: Iterable[str], kind: str = "") -> Markup:
    """A row of cells."""
    return _macros().row(list(cells), kind)


def heading_row(content: str, columns: int) -> Markup:
    """A row that is a heading for those below it, as wide as the table."""
    return _macros().heading_row(content, columns)


def table(
    head: Sequence[str],
    rows: Iterable[str],
    kind: str = "",
    *,
    caption: str,
    numbers: Sequence[bool] = (),
    spans: Sequence[tuple[str, int]] = (),
) -> Markup:
    """A table.

    Args:
        head: headings of the columns; empty for none.
        rows: made by ``row``.
        kind: class of the stylesheet.
        caption: what the table shows.
        numbers: which columns hold numbers; all but the first where it is empty.
        spans: headings above the headings, with how many columns each is for.
    """
    columns = numbers or [index > 0 for index in range(len(head))]
    return _macros().table(head, list(rows), kind, caption, columns, spans)


def picture(content: bytes, media_type: str, caption: str, alt: str) -> Markup:
    """A picture within the page, with its caption."""
    return _macros().picture(data_url(content, media_type), alt, caption)


def card(name: str, value: str, lines: Sequence[str]) -> Markup:
    """A key figure with what belongs to it."""
    return _macros().card(name, value, lines)
